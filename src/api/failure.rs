//! Why a request failed, from what the HTTP library says about it.

use std::error::Error;
use std::io;
use std::iter;
use std::time::Duration;

use super::call::Call;
use super::error::ApiError;
use crate::redact;

/// Redirects that are followed on the API's own origin.
pub(super) const MOST_REDIRECTS: usize = 5;

/// For the connection alone.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// What the HTTP library says about a proxy's 407; its type is not public.
const PROXY_WANTS_LOGIN: &str = "proxy authorization required";

/// How long a connection may take of the time that a request has: less, so that the two can be told apart.
pub(crate) fn connect_timeout(time: Duration) -> Duration {
    CONNECT_TIMEOUT.min(time / 2)
}

/// What took too long, of a request that had this time; none if something else is wrong.
pub(crate) fn too_slow(error: &reqwest::Error, time: Duration) -> Option<String> {
    error.is_timeout().then(|| {
        if error.is_connect() {
            format!("no connection within {:?}", connect_timeout(time))
        } else if error.is_body() || error.is_decode() {
            format!("the answer began and did not end within {time:?}")
        } else {
            format!("connected, but no answer within {time:?}")
        }
    })
}

/// The error of a call that had this time.
pub(super) fn failed(call: Call, error: &reqwest::Error, time: Duration) -> ApiError {
    if let Some(why) = too_slow(error, time) {
        if error.is_connect() {
            let unsent = true;
            ApiError::Network { call, why, unsent }
        } else {
            ApiError::TimedOut { call, why }
        }
    } else if error.is_redirect() {
        ApiError::Shape {
            call,
            found: format!("more than {MOST_REDIRECTS} redirects"),
        }
    } else if causes(error).any(is_distrust) {
        ApiError::Untrusted {
            call,
            why: innermost(error),
        }
    } else if error.is_connect() && innermost(error).ends_with(PROXY_WANTS_LOGIN) {
        ApiError::Proxy { call }
    } else {
        ApiError::Network {
            call,
            why: innermost(error),
            unsent: error.is_connect(),
        }
    }
}

/// What happened, from the innermost cause: the outer ones say that a request failed, and where to.
pub(crate) fn innermost(error: &reqwest::Error) -> String {
    let words = causes(error).last().map(ToString::to_string);
    let words = words.unwrap_or_else(|| "the request could not be made".to_owned());
    redact::mask(&words)
}

/// What caused an error, from the outside in. The error itself only says that a request failed, and names its address.
fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    iter::successors(error.source(), |&cause| cause.source())
}

/// Whether TLS could not be agreed on, as where the server's certificate is of an unknown authority.
fn is_distrust(mut cause: &(dyn Error + 'static)) -> bool {
    // An I/O error does not name the error inside it as its source, but that one's source.
    while let Some(inside) = cause
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref)
    {
        cause = inside;
    }
    cause.is::<rustls::Error>()
}
