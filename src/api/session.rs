//! The company's credential as all calls share it: the one that is used, whether the API has refused it, and where another one
//! may come from.

use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::call::Call;
use super::credentials::{Credentials, CredentialsError};
use super::error::ApiError;
use super::reply::{self, read};
use super::retry::persist;
use super::transport::{Request, Transport};
use crate::settings::Api;

/// How often the sources are looked at again while what they gave is refused: reading one may run a program.
const BETWEEN_LOOKS: Duration = Duration::from_secs(10);
/// How long nothing is asked where the API refuses every token that it hands out itself.
const SUSPENSION: Duration = Duration::from_mins(1);

/// The one state of the credentials, however many tasks make calls.
pub(super) struct Session {
    /// Where the credentials came from; none if the code that made the client gave them.
    source: Option<Api>,
    state: Mutex<State>,
}

struct State {
    credentials: Arc<Credentials>,
    /// What they are called in messages.
    origin: Option<Arc<str>>,
    /// The company token that login and password were exchanged for.
    company: Option<SecretString>,
    refusal: Option<Refusal>,
    /// When the sources were last looked at.
    looked: Option<Instant>,
}

/// The API does not take the credentials.
struct Refusal {
    error: ApiError,
    /// Until when nothing is asked; none: until the credentials are others.
    until: Option<Instant>,
}

impl Session {
    pub(super) fn new(credentials: Credentials, source: Option<&Api>) -> Self {
        let origin = source.map(|api| credentials.origin(api).into());
        Self {
            source: source.cloned(),
            state: Mutex::new(State {
                credentials: Arc::new(credentials),
                origin,
                company: None,
                refusal: None,
                looked: None,
            }),
        }
    }

    /// Whether these are the credentials of now, from the same sources, and not refused. No, where that cannot be told at once.
    #[cfg(feature = "endpoint")]
    pub(super) fn is_for(&self, api: &Api, credentials: &Credentials) -> bool {
        let state = self.state.try_lock();
        let is_same =
            state.is_ok_and(|state| state.refusal.is_none() && *state.credentials == *credentials);
        is_same && self.source.as_ref() == Some(api)
    }

    /// The credentials of now.
    pub(super) async fn credentials(&self) -> Arc<Credentials> {
        Arc::clone(&self.state.lock().await.credentials)
    }

    /// The company token. Of several tasks that want one, one asks for it.
    pub(super) async fn token(&self, transport: &Transport) -> Result<SecretString, ApiError> {
        let mut state = self.state.lock().await;
        if let Some(refusal) = &state.refusal {
            let over = refusal.until.is_some_and(|until| until <= Instant::now());
            let error = refusal.error.clone();
            if !over && !self.look_again(&mut state).await {
                return Err(error);
            }
            state.refusal = None;
        }
        self.current(&mut state, transport).await
    }

    /// Another company token than this one, which the API has refused with that error; or the error, if there is none.
    pub(super) async fn another(
        &self,
        refused: &SecretString,
        error: ApiError,
        transport: &Transport,
    ) -> Result<SecretString, ApiError> {
        let mut state = self.state.lock().await;
        let is_other = |token: &SecretString| token.expose_secret() != refused.expose_secret();
        let held = match &*state.credentials {
            Credentials::CompanyToken(token) => Some(token),
            Credentials::Login { .. } => state.company.as_ref(),
        };
        if let Some(token) = held.filter(|token| is_other(token)) {
            return Ok(token.clone());
        }
        state.company = None;
        let is_final = matches!(&*state.credentials, Credentials::CompanyToken(_));
        if is_final && !self.look_again(&mut state).await {
            return Err(refuse(&mut state, error, None));
        }
        self.current(&mut state, transport).await
    }

    /// The API refuses even a token that it has just handed out: nobody asks for a while.
    pub(super) async fn suspend(&self, error: ApiError) -> ApiError {
        let mut state = self.state.lock().await;
        state.company = None;
        refuse(&mut state, error, Some(Instant::now() + SUSPENSION))
    }

    /// The token that the credentials give, in exchange if need be. A refused login is looked up once more, since it may have
    /// been replaced, and is final then.
    async fn current(
        &self,
        state: &mut State,
        transport: &Transport,
    ) -> Result<SecretString, ApiError> {
        let mut tried_again = false;
        loop {
            if let Credentials::CompanyToken(token) = &*state.credentials {
                return Ok(token.clone());
            }
            if let Some(token) = &state.company {
                return Ok(token.clone());
            }
            match log_in(transport, &state.credentials).await {
                Ok(token) => {
                    state.company = Some(token.clone());
                    return Ok(token);
                }
                Err(error) if !error.is_refused_login() => return Err(error),
                Err(error) => {
                    if tried_again || !self.look_again(state).await {
                        return Err(refuse(state, error, None));
                    }
                    tried_again = true;
                }
            }
        }
    }

    /// Reads the credentials again; whether they are others now.
    async fn look_again(&self, state: &mut State) -> bool {
        let Some(api) = self.source.clone() else {
            return false;
        };
        let early = |looked: Instant| looked.elapsed() < BETWEEN_LOOKS;
        if state.refusal.is_some() && state.looked.is_some_and(early) {
            return false;
        }
        state.looked = Some(Instant::now());
        let found = find(api.clone()).await;
        let credentials = match found {
            Ok(Some(credentials)) if credentials != *state.credentials => credentials,
            Ok(_) => return false,
            Err(error) => {
                tracing::warn!("the credentials cannot be read again: {error}");
                return false;
            }
        };
        let origin = credentials.origin(&api);
        tracing::info!("other credentials are taken from {origin}");
        state.origin = Some(origin.into());
        state.credentials = Arc::new(credentials);
        state.company = None;
        state.refusal = None;
        true
    }
}

/// Exchanges login and password for a company token.
async fn log_in(
    transport: &Transport,
    credentials: &Credentials,
) -> Result<SecretString, ApiError> {
    let (login, password) = match credentials {
        Credentials::CompanyToken(token) => return Ok(token.clone()),
        Credentials::Login { login, password } => (login, password),
    };
    let call = Call::CompanyToken;
    let body = json!({ "login": login.expose_secret(), "password": password.expose_secret() });
    let request = Request {
        call,
        query: None,
        json: Some(&body),
        token: None,
    };
    let text = persist(call, || {
        transport.send(&request, |text| credentials.mask(text, None))
    })
    .await?;
    read(call, reply::token(&text))
}

/// Keeps it in mind, with the source that is to blame.
fn refuse(state: &mut State, error: ApiError, until: Option<Instant>) -> ApiError {
    let error = error.blaming(state.origin.as_deref());
    state.refusal = Some(Refusal {
        error: error.clone(),
        until,
    });
    error
}

/// Looks for credentials without holding up other tasks; a caller that stops waiting stops the program that gives them.
async fn find(api: Api) -> Result<Option<Credentials>, CredentialsError> {
    crate::secret::in_background(move |stopped| Credentials::find_unless(&api, stopped))
        .await
        .unwrap_or(Ok(None))
}
