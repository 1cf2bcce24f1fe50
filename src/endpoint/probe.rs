//! What `chathub endpoint --check` asks beside minting: whether the API can be reached and what its clock says, and what visitors
//! would get.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::header::{DATE, HOST, ORIGIN};
use axum::http::{HeaderName, Request};
use jiff::{SignedDuration, Timestamp};
use tower::ServiceExt as _;

use super::forward::Verdict;
use super::forward::{Forward, Visitor, words};
use super::identify::Ids;
use super::issuer::{Issuer, Shared};
use super::metrics::Metrics;
use super::rejection_log::RejectionLog;
use super::renewer::{Failure, Fresh, Mint};
use super::{EndpointError, routes};
use crate::api::{built, connect_timeout, date, http_client};
use crate::server::Peer;
use crate::settings::Config;

/// How long the API may take to say what time it is.
const PATIENCE: Duration = Duration::from_secs(10);

/// How far the API's clock is ahead of ours; none if it does not say. The error says why it cannot be reached.
pub async fn clock(url: &str) -> Result<Option<SignedDuration>, String> {
    let told = |error: reqwest::Error| words(&error, PATIENCE);
    let client = http_client(url.starts_with("http:"))
        .connect_timeout(connect_timeout(PATIENCE))
        .timeout(PATIENCE)
        .redirect(reqwest::redirect::Policy::none());
    let reply = built(client)?.get(url).send().await.map_err(told)?;
    // Any answer will do: nothing was asked.
    let said = reply.headers().get(DATE);
    let said = said.and_then(|said| date(said.to_str().ok()?));
    Ok(said.map(|said| said.duration_since(Timestamp::now())))
}

/// What a visitor would get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Who asks, in words.
    pub visitor: String,
    /// The status of the answer.
    pub status: u16,
}

/// Mints nothing: what visitors get otherwise is looked at.
struct Nobody;

impl Mint for Nobody {
    async fn mint(&self, _: &str) -> Result<Fresh, Failure> {
        std::future::pending().await
    }

    fn takes_turns(&self, _: &str) -> bool {
        false
    }
}

/// What the endpoint would answer to visitors of each origin and to others, whatever tokens there are: 503 stands for a token
/// that is not there yet.
pub async fn answers(config: &Config) -> Result<Vec<Answer>, EndpointError> {
    let shared = Arc::new(Shared {
        metrics: Arc::new(Metrics::default()),
        rejection_log: RejectionLog::default(),
        ids: Ids::default(),
    });
    // An organization that there is not is answered after all that is looked at here, and at once.
    let path = format!("{}?org=", super::issuer::path(config));
    let mut config = config.clone();
    config.endpoint.rate_limit = 0;
    let config = &config;
    let issuer = Arc::new(Issuer::open(config, &Arc::new(Nobody), &shared, None)?);
    let app = routes::routes(&issuer, false);
    let peer = config.endpoint.trusted_proxies.first();
    let peer = peer.map_or(Peer::Local, |network| Peer::At((network.addr(), 0).into()));
    let user = config.endpoint.auth_header.as_deref();
    let mut visitors: Vec<(String, Vec<(HeaderName, String)>)> = Vec::new();
    let host_of = |origin: &str| origin.split("://").nth(1).unwrap_or_default().to_owned();
    let origins = &config.endpoint.origins;
    let first = origins
        .first()
        .map_or("localhost".to_owned(), |origin| host_of(origin));
    for origin in origins {
        let fields = vec![(HOST, host_of(origin)), (ORIGIN, origin.clone())];
        visitors.push((format!("a page of {origin}"), fields));
    }
    visitors.push((
        "a page of the endpoint's own host".to_owned(),
        vec![(HOST, first.clone())],
    ));
    let stranger = "https://another-site.example".to_owned();
    visitors.push((
        "a page of another site".to_owned(),
        vec![(HOST, first), (ORIGIN, stranger)],
    ));
    let mut answers = Vec::new();
    for (visitor, fields) in visitors {
        let mut kinds = vec![(visitor.clone(), None)];
        if let Some(header) = user {
            kinds = vec![
                (format!("{visitor}, without a user"), None),
                (format!("{visitor}, with a user in {header}"), Some(header)),
            ];
        }
        for (visitor, header) in kinds {
            let mut request = Request::builder().uri(&path);
            for (name, value) in &fields {
                request = request.header(name, value);
            }
            if let Some(header) = header {
                request = request.header(header, "chathub-check");
            }
            let Ok(mut request) = request.body(Body::empty()) else {
                continue;
            };
            request.extensions_mut().insert(ConnectInfo(peer));
            let reply = app.clone().oneshot(request).await;
            let status = reply.map_or(0, |reply| reply.status().as_u16());
            // What is past everything else finds no organization of no name.
            let status = if status == 404 { 200 } else { status };
            answers.push(Answer { visitor, status });
        }
    }
    Ok(answers)
}

/// What the authentication service says about a visitor without any session; none if there is none to ask.
pub async fn stranger(config: &Config) -> Result<Option<Result<bool, String>>, EndpointError> {
    let Some(url) = &config.endpoint.forward_auth else {
        return Ok(None);
    };
    let service = Forward::new(url)?;
    let origin = config
        .endpoint
        .origins
        .first()
        .map_or("http://localhost", String::as_str);
    let (scheme, host) = origin.split_once("://").unwrap_or(("http", "localhost"));
    let request = Request::builder()
        .uri(super::issuer::path(config))
        .header(HOST, host)
        .body(())
        .map_err(|error| EndpointError::Setup(error.to_string()))?;
    let (request, ()) = request.into_parts();
    let visitor = Visitor {
        request: &request,
        address: Peer::Local.ip(),
        scheme,
        request_id: &axum::http::HeaderValue::from_static("chathub-check"),
    };
    Ok(Some(match service.judge(&visitor).await.0 {
        Verdict::Yes => Ok(true),
        Verdict::Unauthorized | Verdict::Forbidden => Ok(false),
        Verdict::Unknown(why, _) => Err(why),
    }))
}
