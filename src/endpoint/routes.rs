//! What is answered at which path.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::body::Bytes;
use axum::extract::{ConnectInfo, Query, Request, State};
use axum::http::header::{
    ACCEPT, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, DATE, HOST, ORIGIN, RETRY_AFTER, SET_COOKIE,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use tower_http::cors::CorsLayer;

use super::access::{Authentication, Objection, user};
use super::client::Who;
use super::forward::Verdict;
use super::forward::Visitor;
use super::identify::{X_REQUEST_ID, trace};
use super::issuer::{Issuer, TOKEN};
use super::lease;
use super::metrics::Outcome;
use super::renewer::Nothing;
use crate::redact;
use crate::server::Peer;

/// What is answered beside it.
pub(super) const ADMIN: [&str; 4] = ["/livez", "/readyz", "/healthz", "/metrics"];

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
/// How long visitors are to wait while nobody can say who they are, in seconds.
const UNDECIDED: u64 = 5;
/// As much of what a client says as the log shows, in characters.
const SHOWN: usize = 200;

/// Why a request gets no token.
enum Refusal {
    Loop,
    Objection(Objection),
    TooMany(u64),
    Unauthorized,
    Forbidden,
    Undecided(String, Option<u64>),
    Unknown(String),
    Unavailable(u64),
}

#[derive(Deserialize)]
struct Asked {
    org: Option<String>,
}

/// A request, and who it comes from.
struct Asking<'a> {
    request: &'a Parts,
    peer: Peer,
    client: IpAddr,
    trusted: bool,
    id: HeaderValue,
}

/// What serves tokens; and all else unless that has a listener of its own.
pub(super) fn routes(issuer: &Arc<Issuer>, with_admin: bool) -> Router {
    let origins = issuer.origins.0.iter();
    let origins: Vec<HeaderValue> = origins.filter_map(|origin| origin.parse().ok()).collect();
    let mut app = Router::new().without_v07_checks().route(TOKEN, get(token));
    if issuer.path != TOKEN {
        app = app.route(&issuer.path, get(token));
    }
    app = app.method_not_allowed_fallback(not_allowed);
    if !origins.is_empty() {
        app = app.layer(
            CorsLayer::new()
                .allow_origin(origins)
                .allow_methods([Method::GET])
                .allow_headers([AUTHORIZATION])
                .allow_credentials(true)
                .expose_headers([DATE, RETRY_AFTER, X_REQUEST_ID]),
        );
    }
    if with_admin {
        app = app.merge(guarded(issuer, answers()));
    }
    app.fallback(not_found).with_state(Arc::clone(issuer))
}

/// What checks and Prometheus ask.
pub(super) fn admin(issuer: &Arc<Issuer>) -> Router {
    guarded(issuer, answers())
        .fallback(not_found)
        .with_state(Arc::clone(issuer))
}

fn answers() -> Router<Arc<Issuer>> {
    Router::new()
        .route("/livez", get(alive))
        .route("/readyz", get(ready))
        .route("/healthz", get(health))
        .route("/metrics", get(metrics))
        .method_not_allowed_fallback(not_allowed)
}

/// Answers no question of ours whether a visitor may have a token: a 200 would be a yes.
fn guarded(issuer: &Arc<Issuer>, routes: Router<Arc<Issuer>>) -> Router<Arc<Issuer>> {
    routes.layer(from_fn_with_state(Arc::clone(issuer), guard))
}

async fn guard(State(issuer): State<Arc<Issuer>>, request: Request, next: Next) -> Response {
    if issuer.is_loop(request.headers()) {
        return Refusal::Loop.into_response();
    }
    next.run(request).await
}

async fn not_allowed() -> Response {
    failure(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed")
}

async fn not_found() -> Response {
    failure(StatusCode::NOT_FOUND, "Not found")
}

async fn token(
    State(issuer): State<Arc<Issuer>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    request: Parts,
) -> Response {
    let begun = Instant::now();
    let headers = &request.headers;
    let trusted = issuer.proxies.trusts(peer);
    let asking = Asking {
        request: &request,
        peer,
        client: issuer.proxies.client(peer, headers),
        trusted,
        id: issuer.shared.ids.of(headers, trusted),
    };
    let mut cookies = Vec::new();
    let mut reply = match issuer.serve(&asking, &mut cookies).await {
        Ok(body) => ([(CONTENT_TYPE, JSON), (CACHE_CONTROL, NO_STORE)], body).into_response(),
        Err(refusal) => {
            issuer.complain(&asking, &refusal);
            refusal.into_response()
        }
    };
    for cookie in cookies {
        reply.headers_mut().append(SET_COOKIE, cookie);
    }
    let status = reply.status().as_u16();
    issuer.shared.metrics.answered(status, begun.elapsed());
    tracing::debug!(
        http.response.status_code = status,
        client.address = %asking.client,
        request.id = asking.id.to_str().unwrap_or_default(),
        "token asked for"
    );
    reply.headers_mut().insert(X_REQUEST_ID, asking.id);
    reply
}

impl Issuer {
    fn is_loop(&self, headers: &HeaderMap) -> bool {
        matches!(&self.authentication, Authentication::Forward(service) if service.is_loop(headers))
    }

    async fn serve(
        &self,
        asking: &Asking<'_>,
        cookies: &mut Vec<HeaderValue>,
    ) -> Result<Bytes, Refusal> {
        let headers = &asking.request.headers;
        if self.is_loop(headers) {
            return Err(Refusal::Loop);
        }
        if let Some(objection) = self.origins.objection(headers) {
            return Err(Refusal::Objection(objection));
        }
        let user = match &self.authentication {
            Authentication::Header(name) if asking.trusted => user(headers, name),
            _ => None,
        };
        if let Some((limit, per_minute)) = &self.limit {
            let who = user.map_or(Who::Client(asking.client), Who::User);
            if user.is_none() {
                self.proxies
                    .look_for_a_proxy(asking.peer, headers, *per_minute);
            }
            limit.check(who).map_err(Refusal::TooMany)?;
        }
        self.authenticate(asking, user.is_some(), cookies).await?;
        let asked = match asking.request.uri.query() {
            None => None,
            Some(_) => {
                Query::<Asked>::try_from_uri(&asking.request.uri)
                    .map_err(|_| Refusal::Unknown(String::new()))?
                    .0
                    .org
            }
        };
        let unknown = || Refusal::Unknown(asked.clone().unwrap_or_default());
        let organization = asked.as_ref().or(self.default.as_ref());
        let organization = organization.ok_or_else(unknown)?;
        let reply = self.renewer.reply(organization).await;
        reply.map_err(|nothing| match nothing {
            Nothing::Unknown => unknown(),
            Nothing::Unavailable(seconds) => Refusal::Unavailable(seconds),
        })
    }

    async fn authenticate(
        &self,
        asking: &Asking<'_>,
        is_named: bool,
        cookies: &mut Vec<HeaderValue>,
    ) -> Result<(), Refusal> {
        let verdict = match &self.authentication {
            Authentication::None => return Ok(()),
            Authentication::Header(_) if is_named => Verdict::Yes,
            Authentication::Header(_) => Verdict::Unauthorized,
            Authentication::Forward(service) => {
                let headers = &asking.request.headers;
                let says = headers.get(X_FORWARDED_PROTO).filter(|_| asking.trusted);
                let visitor = Visitor {
                    request: asking.request,
                    address: asking.client,
                    scheme: self.origins.scheme(headers, says),
                    request_id: &asking.id,
                };
                let (verdict, set) = service.judge(&visitor).await;
                *cookies = set;
                verdict
            }
        };
        let (outcome, answer) = match verdict {
            Verdict::Yes => (Outcome::Granted, Ok(())),
            Verdict::Unauthorized => (Outcome::Denied, Err(Refusal::Unauthorized)),
            Verdict::Forbidden => (Outcome::Denied, Err(Refusal::Forbidden)),
            Verdict::Unknown(why, wait) => (Outcome::Error, Err(Refusal::Undecided(why, wait))),
        };
        self.shared.metrics.authenticated(outcome);
        answer
    }

    /// Logs a refusal with all that the server's administrator needs to tell whose it is.
    fn complain(&self, asking: &Asking<'_>, refusal: &Refusal) {
        let status = refusal.status();
        if matches!(refusal, Refusal::Unavailable(_)) || !self.shared.rejection_log.may_log(status)
        {
            // The attempt to mint that failed has its own line.
            return;
        }
        let headers = &asking.request.headers;
        let header = |name: HeaderName| headers.get(name)?.to_str().ok().map(shown);
        let (trace_id, span_id) = trace(headers).unzip();
        let organization = match refusal {
            Refusal::Unknown(asked) => Some(shown(asked)),
            _ => None,
        };
        macro_rules! line {
            ($level:expr) => {
                tracing::event!(
                    $level,
                    http.response.status_code = status.as_u16(),
                    client.address = %asking.client,
                    http.request.header.origin = header(ORIGIN),
                    server.address = header(HOST),
                    chathub.organization = organization,
                    error.message = refusal.reason(),
                    request.id = asking.id.to_str().unwrap_or_default(),
                    trace_id,
                    span_id,
                    "request refused"
                )
            };
        }
        if matches!(status.as_u16(), 401 | 404 | 429) {
            line!(tracing::Level::INFO);
        } else {
            line!(tracing::Level::WARN);
        }
    }
}

/// What a client says, as the log may show it: not too long, and no token.
fn shown(text: &str) -> String {
    let masked = redact::mask(text);
    masked.chars().take(SHOWN).collect()
}

impl Refusal {
    fn status(&self) -> StatusCode {
        match self {
            Self::Loop => StatusCode::LOOP_DETECTED,
            Self::Objection(_) | Self::Forbidden => StatusCode::FORBIDDEN,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Unknown(_) => StatusCode::NOT_FOUND,
            Self::Undecided(..) | Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Why, for the server's administrator.
    fn reason(&self) -> &str {
        match self {
            Self::Loop => {
                "the authentication service's address leads back here; correct endpoint.forward-auth"
            }
            Self::Objection(objection) => objection.words(),
            Self::Forbidden => "the authentication service says that this user may not",
            Self::TooMany(_) => "more requests than endpoint.rate-limit allows",
            Self::Unauthorized => "nobody is authenticated",
            Self::Undecided(why, _) => why,
            Self::Unknown(_) => "no such organization in the configuration",
            Self::Unavailable(_) => "there is no valid token",
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = self.status();
        let (error, wait) = match self {
            Self::Loop => ("Loop detected", None),
            Self::Objection(_) | Self::Forbidden => ("Forbidden", None),
            Self::TooMany(seconds) => ("Too many requests", Some(seconds)),
            Self::Unauthorized => ("Unauthorized", None),
            Self::Undecided(_, wait) => (
                "Authentication is not available",
                Some(wait.unwrap_or(UNDECIDED)),
            ),
            Self::Unknown(_) => ("Unknown organization", None),
            Self::Unavailable(seconds) => ("No token is available", Some(seconds)),
        };
        let mut reply = failure(status, error);
        if let Some(seconds) = wait {
            let headers = reply.headers_mut();
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        reply
    }
}

fn failure(status: StatusCode, error: &str) -> Response {
    (
        status,
        [(CACHE_CONTROL, NO_STORE)],
        Json(json!({ "error": error })),
    )
        .into_response()
}

/// The program runs, and is not stuck.
async fn alive() -> Response {
    ([(CACHE_CONTROL, NO_STORE)], Json(json!({ "status": "ok" }))).into_response()
}

/// 200 while every organization that has ever had a token has one that is valid, and there is at least one such; else 503.
/// One that is wrong in the configuration takes nobody else's visitors away. `?verbose` gives the state of each.
async fn ready(State(issuer): State<Arc<Issuer>>, request: Parts) -> Response {
    let query = request.uri.query().unwrap_or_default();
    let verbose = query
        .split('&')
        .any(|pair| pair.split('=').next() == Some("verbose"));
    readiness(&issuer, verbose)
}

/// The same, as it was called before there were two.
async fn health(State(issuer): State<Arc<Issuer>>) -> Response {
    readiness(&issuer, true)
}

fn readiness(issuer: &Issuer, verbose: bool) -> Response {
    let mut organizations = serde_json::Map::new();
    let (mut works, mut fails) = (false, false);
    for (name, state, has_worked) in issuer.renewer.states() {
        let is_valid = state != lease::State::Expired;
        works |= is_valid;
        fails |= has_worked && !is_valid;
        organizations.insert(name.to_owned(), Value::from(state.name()));
    }
    let (status, word) = if works && !fails {
        (StatusCode::OK, "ok")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "degraded")
    };
    let mut body = json!({ "status": word });
    if verbose {
        body["organizations"] = Value::Object(organizations);
    }
    (status, [(CACHE_CONTROL, NO_STORE)], Json(body)).into_response()
}

async fn metrics(State(issuer): State<Arc<Issuer>>, headers: HeaderMap) -> Response {
    let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok());
    let (kind, text) = issuer.shared.metrics.text(accept.unwrap_or_default());
    (
        [
            (CONTENT_TYPE, HeaderValue::from_static(kind)),
            (CACHE_CONTROL, NO_STORE),
        ],
        text,
    )
        .into_response()
}
