//! How the stand-in fails when it is told to.

use super::state::Recorded;
use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt as _, stream};
use tokio::sync::watch;

/// One way to fail, once.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// This status, with these words.
    Status(u16, String),
    /// 429 with this `Retry-After`.
    Busy(String),
    /// The right answer, once the test lets go (see [`Hold`]).
    Held(Held),
    /// The head of a right answer, then the connection is cut.
    Cut,
    /// The head of a right answer, and nothing more until the test lets go.
    Stalled(Held),
    /// The connection is cut before anything is answered.
    Hang,
    /// 200, but this body of this content type.
    Body(&'static str, String),
    /// A redirect (307) to there.
    Redirect(String),
    /// This status, and as its words what was sent, credentials and all.
    Echo(u16),
}

/// A held request's end of a [`Hold`].
#[derive(Debug, Clone)]
pub(crate) struct Held(watch::Receiver<bool>);

/// Holds answers back until it is dropped.
#[derive(Debug)]
pub(crate) struct Hold(watch::Sender<bool>);

impl Hold {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(false))
    }

    /// The next answer is held; one fault for each of them.
    pub(crate) fn fault(&self) -> Fault {
        Fault::Held(Held(self.0.subscribe()))
    }

    /// The next answer begins, and its end is held.
    pub(crate) fn stalled(&self) -> Fault {
        Fault::Stalled(Held(self.0.subscribe()))
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.0.send_replace(true);
    }
}

impl Fault {
    /// 500 without words.
    pub(crate) fn error() -> Self {
        Self::Status(500, String::new())
    }

    /// The answer; none where the right one is to follow.
    pub(super) async fn answer(self, request: &Recorded) -> Option<Response> {
        let status = |code| StatusCode::from_u16(code).unwrap();
        let header = |text: &str| HeaderValue::from_str(text).unwrap();
        Some(match self {
            Self::Status(code, words) => (status(code), words).into_response(),
            Self::Busy(after) => (
                StatusCode::TOO_MANY_REQUESTS,
                [(RETRY_AFTER, header(&after))],
            )
                .into_response(),
            Self::Held(Held(mut released)) => {
                // With the hold gone, nobody waits for the answer any more.
                let _ = released.wait_for(|released| *released).await;
                return None;
            }
            Self::Echo(code) => (status(code), request.words()).into_response(),
            Self::Stalled(Held(mut released)) => {
                let rest = async move {
                    let _ = released.wait_for(|released| *released).await;
                    Err(std::io::Error::other("cut"))
                };
                let parts = stream::once(async { Ok("\"eyJ") }).chain(stream::once(rest));
                Body::from_stream(parts).into_response()
            }
            Self::Cut => cut("\"eyJ"),
            Self::Hang => cut(""),
            Self::Body(kind, text) => ([(CONTENT_TYPE, header(kind))], text).into_response(),
            Self::Redirect(to) => {
                (StatusCode::TEMPORARY_REDIRECT, [(LOCATION, header(&to))]).into_response()
            }
        })
    }
}

/// A body that begins so and then fails, upon which the connection is closed.
fn cut(start: &'static str) -> Response {
    let start = (!start.is_empty()).then_some(Ok(start));
    let parts = start.into_iter().chain([Err(std::io::Error::other("cut"))]);
    // Each part has a turn of its own, so that the first reaches the wire.
    let parts = stream::iter(parts).then(|part| async {
        tokio::task::yield_now().await;
        part
    });
    Body::from_stream(parts).into_response()
}
