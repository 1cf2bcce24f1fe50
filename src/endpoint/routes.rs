//! What is answered at which path.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{ConnectInfo, Query, State};
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, DATE, RETRY_AFTER};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use governor::DefaultDirectRateLimiter;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tower_http::cors::CorsLayer;

use super::access::{Authentication, Origins, Verdict};
use super::client::{Proxies, RateLimit};
use super::keeper::{Keeper, Nothing};
use super::lease;
use super::metrics::Metrics;

/// Where pages ask.
pub const TOKEN: &str = "/api/chathub/token";

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// The endpoint, as its routes see it.
pub(super) struct Desk {
    pub(super) keeper: Keeper,
    pub(super) origins: Origins,
    pub(super) proxies: Proxies,
    pub(super) authentication: Authentication,
    pub(super) limit: Option<RateLimit>,
    /// How often it may log that a request was refused.
    pub(super) complaints: DefaultDirectRateLimiter,
    /// The organization of requests that name none.
    pub(super) default: Option<String>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) places: Arc<Semaphore>,
    /// How many places there are.
    pub(super) most: usize,
}

/// Why a request gets no token.
enum Refusal {
    Forbidden(&'static str),
    TooMany(u64),
    Unauthorized,
    Undecided(String),
    Unknown,
    Unavailable(u64),
}

#[derive(Deserialize)]
struct Asked {
    org: Option<String>,
}

pub(super) fn routes(desk: Desk) -> Router {
    let origins: Vec<HeaderValue> = desk
        .origins
        .0
        .iter()
        .filter_map(|origin| origin.parse().ok())
        .collect();
    let not_allowed = async || failure(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed");
    let mut token = Router::new()
        .route(TOKEN, get(token))
        .method_not_allowed_fallback(not_allowed);
    if !origins.is_empty() {
        token = token.layer(
            CorsLayer::new()
                .allow_origin(origins)
                .allow_methods([Method::GET])
                .allow_headers([AUTHORIZATION])
                .allow_credentials(true)
                .expose_headers([DATE, RETRY_AFTER]),
        );
    }
    Router::new()
        .route("/healthz", get(health))
        .route("/metrics", get(metrics))
        .method_not_allowed_fallback(not_allowed)
        .merge(token)
        .fallback(async || failure(StatusCode::NOT_FOUND, "Not found"))
        .with_state(Arc::new(desk))
}

async fn token(
    State(desk): State<Arc<Desk>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Parts,
) -> Response {
    let reply = match desk.serve(peer, &request).await {
        Ok(body) => ([(CONTENT_TYPE, JSON), (CACHE_CONTROL, NO_STORE)], body).into_response(),
        Err(refusal) => {
            desk.complain(&refusal);
            refusal.into_response()
        }
    };
    desk.metrics.answered(reply.status().as_u16());
    tracing::debug!(client = %desk.proxies.client(peer.ip(), &request.headers), status = reply.status().as_u16(), "token asked for");
    reply
}

impl Desk {
    /// Logs what whoever runs the server should know of; of very many such requests a few, so that nobody can fill the log.
    /// The metrics count them all.
    fn complain(&self, refusal: &Refusal) {
        match refusal {
            Refusal::Forbidden(why) if self.complaints.check().is_ok() => {
                tracing::warn!(why, "request refused");
            }
            Refusal::Undecided(why) if self.complaints.check().is_ok() => {
                tracing::warn!(error = why, "the authentication service does not answer");
            }
            _ => {}
        }
    }

    async fn serve(&self, peer: SocketAddr, request: &Parts) -> Result<Bytes, Refusal> {
        let headers = &request.headers;
        if let Some(why) = self.origins.objection(headers) {
            return Err(Refusal::Forbidden(why));
        }
        let client = self.proxies.client(peer.ip(), headers);
        if let Some(limit) = &self.limit {
            limit.check(client).map_err(Refusal::TooMany)?;
        }
        let trusted = self.proxies.trusts(peer.ip());
        match self
            .authentication
            .judge(headers, &request.uri, client, trusted)
            .await
        {
            Verdict::Yes => {}
            Verdict::No => return Err(Refusal::Unauthorized),
            Verdict::Unknown(why) => return Err(Refusal::Undecided(why)),
        }
        let asked = match request.uri.query() {
            None => None,
            Some(_) => {
                Query::<Asked>::try_from_uri(&request.uri)
                    .map_err(|_| Refusal::Unknown)?
                    .0
                    .org
            }
        };
        let organization = asked
            .as_ref()
            .or(self.default.as_ref())
            .ok_or(Refusal::Unknown)?;
        self.keeper
            .reply(organization)
            .await
            .map_err(|nothing| match nothing {
                Nothing::Unknown => Refusal::Unknown,
                Nothing::Unavailable(seconds) => Refusal::Unavailable(seconds),
            })
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let later = |status, error, seconds: u64| {
            let mut reply = failure(status, error);
            reply
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from(seconds));
            reply
        };
        match self {
            Self::Forbidden(_) => failure(StatusCode::FORBIDDEN, "Forbidden"),
            Self::TooMany(seconds) => {
                later(StatusCode::TOO_MANY_REQUESTS, "Too many requests", seconds)
            }
            Self::Unauthorized => failure(StatusCode::UNAUTHORIZED, "Unauthorized"),
            Self::Undecided(_) => later(
                StatusCode::SERVICE_UNAVAILABLE,
                "Authentication is not available",
                5,
            ),
            Self::Unknown => failure(StatusCode::NOT_FOUND, "Unknown organization"),
            Self::Unavailable(seconds) => later(
                StatusCode::SERVICE_UNAVAILABLE,
                "No token is available",
                seconds,
            ),
        }
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

/// 200 while every organization has a valid token, else 503; with the state of each.
async fn health(State(desk): State<Arc<Desk>>) -> Response {
    let mut organizations = serde_json::Map::new();
    let mut well = true;
    for (name, state) in desk.keeper.states() {
        well &= state != lease::State::Expired;
        organizations.insert(name.to_owned(), Value::from(state.name()));
    }
    let (status, word) = if well {
        (StatusCode::OK, "ok")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "degraded")
    };
    let body = Json(json!({ "status": word, "organizations": organizations }));
    (status, [(CACHE_CONTROL, NO_STORE)], body).into_response()
}

async fn metrics(State(desk): State<Arc<Desk>>) -> Response {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    let text = desk.metrics.text(&desk.places, desk.most);
    (
        [
            (CONTENT_TYPE, HeaderValue::from_static(kind)),
            (CACHE_CONTROL, NO_STORE),
        ],
        text,
    )
        .into_response()
}
