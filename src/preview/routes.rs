//! What is answered at which path.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{Query, Request, State};
use axum::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::json;

use super::guard::{Names, guard};
use super::live::{Live, Now};
use super::path::{Target, resolve};
use super::reply::{self, FOREVER, NO_STORE, sentence};
use super::site::{Account, Page};
use super::stand_in;
use crate::endpoint::{Keeper, Nothing};
use crate::jwt::DEVELOPMENT_TOKEN;
use crate::pipeline::{Cancel, ROUTES_NAME};
use crate::runtime;
use crate::site::PagePath;

/// How long the development token is said to live, in seconds: short enough to watch it being renewed.
const DEVELOPMENT_LIFETIME: i64 = 3600;

/// A request that was answered.
#[derive(Debug)]
pub struct Served {
    /// Its method and path, as they came.
    pub method: Method,
    /// See `method`.
    pub path: String,
    /// The status of the reply.
    pub status: StatusCode,
    /// What there is to say about the page, where it was one.
    pub page: Option<Account>,
    /// How long it took.
    pub elapsed: Duration,
}

/// The preview, as its routes see it.
#[derive(Clone)]
struct App {
    live: Arc<Live>,
    /// Real tokens; none: the development token.
    tokens: Option<Arc<Keeper>>,
    served: Arc<dyn Fn(&Served) + Send + Sync>,
}

/// The routes. `port` is where they are served; `tokens` are real ones, in place of the development token; `served` is
/// told of each request that was answered.
pub fn routes(
    live: Arc<Live>,
    port: u16,
    tokens: Option<Keeper>,
    served: impl Fn(&Served) + Send + Sync + 'static,
) -> Router {
    let app = App {
        live,
        tokens: tokens.map(Arc::new),
        served: Arc::new(served),
    };
    Router::new()
        .route(
            stand_in::WIDGET,
            get(async || reply::script(stand_in::WIDGET_SOURCE, NO_STORE)),
        )
        .route(
            stand_in::RELOAD,
            get(async || reply::script(stand_in::RELOAD_SOURCE, NO_STORE)),
        )
        .route(stand_in::EVENTS, get(events))
        .route(stand_in::ACCOUNT, get(account))
        .fallback(rest)
        .with_state(app.clone())
        .layer(from_fn_with_state(Names::new(port), guard))
        .layer(from_fn_with_state(app, tell))
}

/// Tells of each request.
async fn tell(State(app): State<App>, request: Request, next: Next) -> Response {
    let start = Instant::now();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let mut reply = next.run(request).await;
    let served = Served {
        method,
        path,
        status: reply.status(),
        page: reply.extensions_mut().remove::<Account>(),
        elapsed: start.elapsed(),
    };
    (app.served)(&served);
    reply
}

#[derive(Deserialize)]
struct Since {
    since: u64,
}

async fn events(State(app): State<App>, Query(Since { since }): Query<Since>) -> Response {
    app.live.events(since).into_response()
}

#[derive(Deserialize)]
struct Which {
    /// The path of a page as the browser has it.
    path: String,
}

/// What the stand-in shows of its page.
async fn account(State(app): State<App>, Query(Which { path }): Query<Which>) -> Response {
    let now = app.live.now();
    let page = in_site(&now, &path).map(|path| match resolve(now.site.roots(), path) {
        Target::File(found) => page_path(&now, found.asked, found.real),
        _ => lost(),
    });
    let page = page.and_then(|path| now.site.page(&path, ""));
    let account = page.and_then(Result::ok).map(|page| page.account);
    (
        [(CACHE_CONTROL, NO_STORE)],
        Json(json!({ "account": account, "tokenLifetime": DEVELOPMENT_LIFETIME })),
    )
        .into_response()
}

/// Everything whose address the site decides.
async fn rest(State(app): State<App>, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut reply = sentence(StatusCode::METHOD_NOT_ALLOWED, "the preview only shows");
        reply
            .headers_mut()
            .insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return reply;
    }
    let now = app.live.now();
    let path = request.uri().path();
    if path == now.site.endpoint {
        let asked = Query::<Asked>::try_from_uri(request.uri());
        let org = asked.ok().and_then(|Query(asked)| asked.org);
        return match &app.tokens {
            Some(tokens) => live_token(&now, tokens, org).await,
            None => development_token(&now, org),
        };
    }
    let Some(inside) = in_site(&now, path) else {
        let base = now.site.base.clone();
        return if path == "/" || format!("{path}/") == base {
            redirect(&base, None)
        } else {
            sentence(
                StatusCode::NOT_FOUND,
                &format!("the site is served under {base} (placeholder.base-url)"),
            )
        };
    };
    if let Some(name) = inside.strip_prefix(&format!("{}/", now.site.config.placeholder.asset_dir))
    {
        if name == ROUTES_NAME {
            return route_file(now).await;
        }
        for file in &runtime::FILES {
            if name == file.hashed_name() {
                return reply::script(file.content, FOREVER);
            }
            if file.stable_name == Some(name) {
                return reply::script(file.content, reply::ASK);
            }
        }
    }
    match resolve(now.site.roots(), inside) {
        Target::File(found) => {
            let path = page_path(&now, found.asked, found.real);
            if now.site.is_page(&path) {
                show(now, path, StatusCode::OK, request.headers().clone()).await
            } else {
                reply::file(&found.file, request).await
            }
        }
        Target::Folder => redirect(&format!("{path}/"), request.uri().query()),
        Target::Nothing => not_found(now, request.headers().clone()).await,
    }
}

/// What `inject` would write down of the pages' organizations, for routers that render in the browser.
async fn route_file(now: Now) -> Response {
    let looked = tokio::task::spawn_blocking(move || now.site.survey(&Cancel::default())).await;
    let routes = looked.ok().and_then(Result::ok).and_then(|s| s.routes);
    let content = routes.map_or_else(|| b"{}".to_vec(), |routes| routes.content);
    reply::json(content)
}

/// The part of a path behind the site's base; none where it is not below it.
fn in_site<'p>(now: &Now, path: &'p str) -> Option<&'p str> {
    path.strip_prefix(now.site.base.as_str())
}

/// The page that says that there is none.
fn lost() -> PagePath {
    PagePath::default().join("404.html".as_ref())
}

/// By which of its paths a file is a page: links are followed as `inject` follows them.
fn page_path(now: &Now, asked: PagePath, real: PagePath) -> PagePath {
    if now.site.is_page(&asked) {
        asked
    } else {
        real
    }
}

fn redirect(path: &str, query: Option<&str>) -> Response {
    let to = query.map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
    match HeaderValue::from_str(&to) {
        // Not for good: the folder may be a file after the next build.
        Ok(to) => (
            StatusCode::TEMPORARY_REDIRECT,
            [(LOCATION, to)],
            Body::empty(),
        )
            .into_response(),
        Err(_) => sentence(StatusCode::NOT_FOUND, "there is nothing here"),
    }
}

async fn not_found(now: Now, asked: HeaderMap) -> Response {
    let path = lost();
    if now.site.is_page(&path) {
        return show(now, path, StatusCode::NOT_FOUND, asked).await;
    }
    sentence(
        StatusCode::NOT_FOUND,
        "there is nothing here, and the site has no 404.html",
    )
}

/// A page as `inject` would make it.
async fn show(now: Now, path: PagePath, status: StatusCode, asked: HeaderMap) -> Response {
    let name = path.to_string();
    let made = tokio::task::spawn_blocking(move || {
        now.site.page(&path, &stand_in::reload_tag(now.version))
    });
    match made.await {
        Ok(Some(Ok(Page { content, account }))) => {
            let mut reply = reply::page(status, name.as_bytes(), content, &asked);
            reply.extensions_mut().insert(account);
            reply
        }
        Ok(Some(Err(error))) => sentence(
            StatusCode::INTERNAL_SERVER_ERROR,
            &format!("{name} cannot be read: {error}"),
        ),
        Ok(None) => sentence(StatusCode::NOT_FOUND, "there is nothing here"),
        Err(_) => sentence(
            StatusCode::INTERNAL_SERVER_ERROR,
            "a bug in chathub: please report it with this page",
        ),
    }
}

fn unknown_organization() -> Response {
    let error = json!({ "error": "Unknown organization" });
    (
        StatusCode::NOT_FOUND,
        [(CACHE_CONTROL, NO_STORE)],
        Json(error),
    )
        .into_response()
}

/// What the token endpoint answers without an account.
fn development_token(now: &Now, org: Option<String>) -> Response {
    if org.is_some_and(|name| !now.site.config.organizations.contains_key(&name)) {
        return unknown_organization();
    }
    let expires = Timestamp::now() + SignedDuration::from_secs(DEVELOPMENT_LIFETIME);
    let expires = expires.strftime("%FT%TZ").to_string();
    let token = json!({ "token": DEVELOPMENT_TOKEN, "expiresAt": expires });
    ([(CACHE_CONTROL, NO_STORE)], Json(token)).into_response()
}

/// What it answers with one.
async fn live_token(now: &Now, tokens: &Keeper, org: Option<String>) -> Response {
    let Some(name) = org.as_deref().or(now.site.config.unnamed_organization()) else {
        return unknown_organization();
    };
    match tokens.reply(name).await {
        Ok(body) => {
            let json = HeaderValue::from_static("application/json");
            ([(CONTENT_TYPE, json), (CACHE_CONTROL, NO_STORE)], body).into_response()
        }
        Err(Nothing::Unknown) => unknown_organization(),
        Err(Nothing::Unavailable(seconds)) => {
            let headers = [
                (RETRY_AFTER, HeaderValue::from(seconds)),
                (CACHE_CONTROL, NO_STORE),
            ];
            let error = json!({ "error": "No token is available" });
            (StatusCode::SERVICE_UNAVAILABLE, headers, Json(error)).into_response()
        }
    }
}

#[derive(Deserialize)]
struct Asked {
    org: Option<String>,
}
