//! The client.

use std::fmt;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::call::Call;
use super::credentials::Credentials;
use super::error::ApiError;
use super::reply::{self, read};
use super::retry::persist;
use super::session::Session;
use super::transport::{Request, Transport};
use super::types::{NewOperator, Operator, OperatorToken, Organization, Status, Validity};
use crate::settings::Api;
use crate::token::{Judge, LONGEST_LIFETIME, Unfit};

/// The most operators that one call may add.
const BATCH: usize = 100;

/// A client of the ChatHub API.
///
/// Every call waits for its turn (a second between calls that hand out tokens, five calls a second), and is tried up
/// to four times when the API is busy, in trouble or out of reach. Errors are [`ApiError`]s, which say what to do.
///
/// # Examples
///
/// ```no_run
/// use chathub::internal::api::{Client, Credentials};
/// use chathub::internal::settings::Api;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let api = Api::default();
/// let credentials = Credentials::find(&api)?.ok_or("no credentials")?;
/// let client = Client::new(&api, credentials)?;
/// for organization in client.organizations().await? {
///     println!("{} {}", organization.id, organization.name);
/// }
/// # Ok(())
/// # }
/// ```
pub struct Client {
    transport: Transport,
    session: Session,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

impl Client {
    /// A client for the API at `api.url`. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`ApiError::Address`] unless the address is https, or http on a loopback host; [`ApiError::Setup`].
    pub fn new(api: &Api, credentials: Credentials) -> Result<Self, ApiError> {
        Ok(Self {
            transport: Transport::new(&api.url, api.header, api.timeout)?,
            session: Session::new(credentials, None),
        })
    }

    /// The same with credentials that [`Credentials::find`] has found: when the API refuses them, they are looked for again, and
    /// messages say where they are from.
    ///
    /// # Errors
    ///
    /// As of [`new`](Self::new).
    pub fn following(api: &Api, credentials: Credentials) -> Result<Self, ApiError> {
        Ok(Self {
            session: Session::new(credentials, Some(api)),
            ..Self::new(api, Credentials::CompanyToken(SecretString::default()))?
        })
    }

    /// Whether it [follows](Self::following) these credentials at this API, and the API has not refused them.
    #[cfg(feature = "endpoint")]
    pub(crate) fn is_for(&self, api: &Api, credentials: &Credentials) -> bool {
        self.session.is_for(api, credentials)
    }

    /// The company's organizations.
    pub async fn organizations(&self) -> Result<Vec<Organization>, ApiError> {
        let text = self.call(Call::Organizations, None, None).await?;
        read(Call::Organizations, reply::json(&text))
    }

    /// The operators of an organization, whatever their status.
    pub async fn operators(&self, organization: u64) -> Result<Vec<Operator>, ApiError> {
        let query = Some(("organizationId", organization));
        let text = self.call(Call::Operators, query, None).await?;
        read(Call::Operators, reply::operators(&text))
    }

    /// A new token for an operator. It is valid until `expires_at`, 24 hours ahead at most.
    ///
    /// # Errors
    ///
    /// [`ApiError::Lifetime`], before anything is sent, if it would live longer.
    pub async fn mint(
        &self,
        operator: u64,
        expires_at: Timestamp,
    ) -> Result<OperatorToken, ApiError> {
        // A day by either clock: the caller may know ours alone.
        let now = self.now().max(Timestamp::now());
        let lifetime = expires_at.duration_since(now);
        if lifetime > SignedDuration::try_from(LONGEST_LIFETIME).unwrap_or_default() {
            return Err(ApiError::Lifetime);
        }
        // Where the API's clock is behind ours, a day by ours is more than a day by its own.
        let expires_at = expires_at.min(self.expiry(LONGEST_LIFETIME));
        let body = json!({ "id": operator, "expiresAt": reply::time(expires_at) });
        let text = self.call(Call::OperatorToken, None, Some(body)).await?;
        read(
            Call::OperatorToken,
            operator_token(&text, expires_at, self.now()),
        )
    }

    /// What the API says about an operator token.
    pub async fn validate(&self, token: &SecretString) -> Result<Validity, ApiError> {
        let body = json!({ "token": token.expose_secret() });
        let text = self.call(Call::Validate, None, Some(body)).await?;
        let validity = read(Call::Validate, reply::validity(&text))?;
        let credentials = self.session.credentials().await;
        Ok(match validity {
            // The words could repeat the token.
            Validity::Invalid { error } => Validity::Invalid {
                error: reply::line(&credentials.mask(&error, Some(token))),
            },
            valid @ Validity::Valid { .. } => valid,
        })
    }

    /// Adds operators, a hundred a call, and gives those that were added. A name that is there already is added again:
    /// look at [`operators`](Self::operators) first. A call that may have had an effect is not repeated.
    pub async fn synchronize(&self, operators: &[NewOperator]) -> Result<Vec<Operator>, ApiError> {
        let mut added: Vec<Operator> = Vec::new();
        for batch in operators.chunks(BATCH) {
            let text = self
                .call(Call::Synchronize, None, Some(json!(batch)))
                .await?;
            let mut these = read(Call::Synchronize, reply::json(&text))?;
            added.append(&mut these);
        }
        Ok(added)
    }

    /// Changes an operator's status.
    ///
    /// The vendor does not document the body of this call. It is sent `{"id": …, "status": …}`, with the id as in
    /// `get-token` and the number as in the list of operators.
    pub async fn set_status(&self, operator: u64, status: Status) -> Result<(), ApiError> {
        let body = json!({ "id": operator, "status": i64::from(status) });
        self.call(Call::Status, None, Some(body)).await.map(drop)
    }

    /// Makes a call with the company token. If the API refuses it, another one is asked for, once: from the login, or from where
    /// the credentials come from.
    async fn call(
        &self,
        call: Call,
        query: Option<(&'static str, u64)>,
        json: Option<Value>,
    ) -> Result<String, ApiError> {
        let attempt = async |token: &SecretString| {
            let credentials = self.session.credentials().await;
            let request = Request {
                call,
                query,
                json: json.as_ref(),
                token: Some(token),
            };
            persist(call, || {
                self.transport
                    .send(&request, |text| credentials.mask(text, Some(token)))
            })
            .await
        };
        let token = self.session.token(&self.transport).await?;
        match attempt(&token).await {
            Err(error) if error.is_unauthorized() => {
                let token = self.session.another(&token, error, &self.transport).await?;
                match attempt(&token).await {
                    Err(error) if error.is_unauthorized() => Err(self.session.suspend(error).await),
                    result => result,
                }
            }
            result => result,
        }
    }

    /// The time by the API's clock, as far as its replies have told it.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.transport.clock.now()
    }

    /// What a time of the API's is by our clock.
    #[must_use]
    pub fn by_our_clock(&self, at: Timestamp) -> Timestamp {
        self.transport.clock.ours(at)
    }

    /// When a token is to expire that shall live this long: as long as the API allows, at most.
    pub(super) fn expiry(&self, lifetime: Duration) -> Timestamp {
        self.transport.clock.expiry(lifetime)
    }
}

/// A minted token, if it may be given out. It says itself when it expires; if not, that was asked for.
fn operator_token(text: &str, asked: Timestamp, now: Timestamp) -> Result<OperatorToken, String> {
    let secret = reply::token(text)?;
    let expires_at = match Judge::at(now.as_second()).judge(secret.expose_secret()) {
        Ok(seconds) => Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX),
        Err(Unfit::NoExpiry) => asked,
        Err(Unfit::Malformed(why)) => return Err(format!("a token that cannot work: {why}")),
        Err(why @ Unfit::Development) => return Err(format!("a token of no use: {why}")),
        Err(Unfit::Expired(_) | Unfit::ExpiresSoon { .. }) => {
            return Err(
                "a token that has expired already (is this machine's clock right?)".to_owned(),
            );
        }
        Err(Unfit::NotYet(_)) => {
            return Err(
                "a token that does not work yet (is this machine's clock right?)".to_owned(),
            );
        }
        Err(Unfit::TooLong(_)) => {
            return Err("a token that claims to live longer than 24 hours".to_owned());
        }
    };
    Ok(OperatorToken::new(secret, expires_at))
}
