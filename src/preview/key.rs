//! Who may see a preview that gives real tokens: browsers that have come by the address that was printed. Every user of the
//! machine can connect to it.

use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_TYPE, LOCATION, REFERRER_POLICY, SET_COOKIE, WWW_AUTHENTICATE,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use headers::{Cookie, HeaderMapExt};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq as _;

use super::guard::SEC_FETCH_SITE;
use super::notice::{escape, notice};
use super::reply::NO_STORE;

/// Where a browser gets its cookie; after it comes the secret.
const OPEN: &str = "/.chathub/open/";
/// How long a secret is, in bytes.
const SECRET: usize = 24;

/// What lets browsers in. It is random, and goes with the value.
pub struct Key {
    secret: SecretString,
    /// Lets one browser in: for an address that other users may read, as all can the arguments of programs.
    once: Mutex<Option<SecretString>>,
    /// The cookie's name: browsers give cookies to all ports of a host.
    cookie: String,
}

impl Key {
    /// That of a preview on this port.
    pub fn new(port: u16) -> Result<Self, getrandom::Error> {
        Ok(Self {
            secret: random()?,
            once: Mutex::new(Some(random()?)),
            cookie: format!("chathub-preview-{port}"),
        })
    }

    /// The path that lets in every browser that opens it.
    #[must_use]
    pub fn path(&self) -> String {
        format!("{OPEN}{}", self.secret.expose_secret())
    }

    /// The path that lets in the first browser that opens it.
    #[must_use]
    pub fn path_once(&self) -> String {
        let once = self.once.lock().unwrap_or_else(PoisonError::into_inner);
        once.as_ref().map_or_else(
            || self.path(),
            |once| format!("{OPEN}{}", once.expose_secret()),
        )
    }

    fn opens(&self, given: &str) -> bool {
        if is_same(&self.secret, given) {
            return true;
        }
        let mut once = self.once.lock().unwrap_or_else(PoisonError::into_inner);
        let opens = once.as_ref().is_some_and(|once| is_same(once, given));
        if opens {
            *once = None;
        }
        opens
    }

    fn has(&self, asked: &HeaderMap) -> bool {
        let cookies = asked.typed_get::<Cookie>();
        let given = cookies.as_ref().and_then(|all| all.get(&self.cookie));
        given.is_some_and(|given| is_same(&self.secret, given))
    }

    /// Gives a browser its cookie, and sends it on.
    fn welcome(&self, asked: &HeaderMap, to: &str) -> Response {
        let cookie = format!(
            "{}={}; Path=/; HttpOnly; SameSite=Strict",
            self.cookie,
            self.secret.expose_secret()
        );
        // A browser that comes from elsewhere does not take the cookie along where it is sent on; from a page of ours it does.
        let from_elsewhere = asked
            .get(SEC_FETCH_SITE)
            .is_some_and(|site| site != "none" && site != "same-origin");
        let mut reply = if from_elsewhere {
            let to = escape(to);
            let page = format!(
                "<!doctype html><meta http-equiv=\"refresh\" content=\"0; url={to}\"><a href=\"{to}\">The preview</a>\n"
            );
            ([(CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
        } else {
            (StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response()
        };
        let headers = reply.headers_mut();
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            headers.insert(SET_COOKIE, cookie);
        }
        headers.insert(CACHE_CONTROL, NO_STORE);
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        reply
    }
}

/// The key, and where browsers are sent that have it.
#[derive(Clone)]
pub(super) struct Door {
    pub(super) key: Arc<Key>,
    pub(super) to: String,
}

/// Answers browsers that have the key.
pub(super) async fn door(State(door): State<Door>, request: Request, next: Next) -> Response {
    let asked = request.headers();
    if let Some(given) = request.uri().path().strip_prefix(OPEN)
        && door.key.opens(given)
    {
        return door.key.welcome(asked, &door.to);
    }
    if door.key.has(asked) {
        return next.run(request).await;
    }
    let mut reply = notice(
        asked,
        StatusCode::UNAUTHORIZED,
        "This preview gives real tokens",
        "It answers only browsers that have opened the address that chathub preview --live printed in its terminal. Open that \
         address here once; it is another one after each start.",
        "",
    );
    let scheme = HeaderValue::from_static("Cookie realm=\"chathub preview\"");
    reply.headers_mut().insert(WWW_AUTHENTICATE, scheme);
    reply
}

fn random() -> Result<SecretString, getrandom::Error> {
    let mut bytes = [0; SECRET];
    getrandom::fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes).into())
}

fn is_same(secret: &SecretString, given: &str) -> bool {
    let secret = secret.expose_secret().as_bytes();
    secret.ct_eq(given.as_bytes()).into()
}
