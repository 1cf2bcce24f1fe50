//! What is answered at which path.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{Query, Request, State};
use axum::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::json;

use super::guard::{Names, guard};
use super::key::{Door, Key, door};
use super::live::{Live, Now};
use super::notice::notice;
use super::path::{Target, resolve};
use super::reply::{self, Asked, FOREVER, NO_STORE, sentence};
use super::site::{Account, Page};
use super::stand_in;
use crate::endpoint::{Nothing, Renewer};
use crate::runtime;
use crate::steps::ROUTES_NAME;
use crate::store::Cancel;
use crate::store::PagePath;
use crate::token::DEVELOPMENT_TOKEN;

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

/// Real tokens, and who may have one.
pub struct Real {
    /// The tokens.
    pub tokens: Renewer,
    /// What lets browsers in.
    pub key: Arc<Key>,
}

/// The preview, as its routes see it.
#[derive(Clone)]
struct App {
    live: Arc<Live>,
    /// Real tokens; none: the development token.
    tokens: Option<Arc<Renewer>>,
    served: Arc<dyn Fn(&Served) + Send + Sync>,
}

/// The routes. `port` is where they are served; `real` has tokens in place of the development token; `served` is notified of each
/// request that was answered.
pub fn routes(
    live: Arc<Live>,
    port: u16,
    real: Option<Real>,
    served: impl Fn(&Served) + Send + Sync + 'static,
) -> Router {
    let to = live.site().base().to_owned();
    let (tokens, key) = real.map(|real| (real.tokens, real.key)).unzip();
    let app = App {
        live,
        tokens: tokens.map(Arc::new),
        served: Arc::new(served),
    };
    let script = |content| {
        get(async move |request: Request| {
            let (asked, _) = request.into_parts();
            reply::script(content, NO_STORE, &Asked::of(&asked))
        })
    };
    let routes = Router::new()
        .route(stand_in::WIDGET, script(stand_in::WIDGET_SOURCE))
        .route(stand_in::CUSTOMER_WIDGET, script(stand_in::WIDGET_SOURCE))
        .route(stand_in::RELOAD, script(stand_in::RELOAD_SOURCE))
        .route(stand_in::EVENTS, get(events))
        .route(stand_in::ACCOUNT, get(account))
        .fallback(rest)
        .with_state(app.clone());
    let routes = match key {
        Some(key) => routes.layer(from_fn_with_state(Door { key, to }, door)),
        None => routes,
    };
    routes
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
    let (request, _) = request.into_parts();
    if !matches!(request.method, Method::GET | Method::HEAD) {
        let mut reply = sentence(StatusCode::METHOD_NOT_ALLOWED, "the preview only shows");
        reply
            .headers_mut()
            .insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return reply;
    }
    let now = app.live.now();
    let path = request.uri.path();
    if path == now.site.endpoint {
        let query = Query::<Whose>::try_from_uri(&request.uri);
        let org = query.ok().and_then(|Query(query)| query.org);
        return match &app.tokens {
            Some(tokens) => live_token(&now, tokens, org).await,
            None => development_token(&now, org),
        };
    }
    let asked = Asked::of(&request);
    let Some(inside) = in_site(&now, path) else {
        let base = now.site.base.clone();
        return if path == "/" || format!("{path}/") == base {
            redirect(&base, None)
        } else {
            elsewhere(&now, &asked)
        };
    };
    if let Some(name) = inside.strip_prefix(&format!("{}/", now.site.config.placeholder.asset_dir))
    {
        if name == ROUTES_NAME {
            return route_file(now, &asked).await;
        }
        for file in &runtime::FILES {
            if name == file.hashed_name() {
                return reply::script(file.content, FOREVER, &asked);
            }
            if file.stable_name == Some(name) {
                return reply::script(file.content, reply::ASK, &asked);
            }
        }
    }
    match resolve(now.site.roots(), inside) {
        Target::File(found) => {
            let name = found.asked.to_path();
            let path = page_path(&now, found.asked, found.real);
            if now.site.is_page(&path) {
                return show(now, path, StatusCode::OK, asked).await;
            }
            match reply::file(&found.file, &name, &asked).await {
                Ok(reply) => reply,
                Err(error) => unreadable(&now, &name.display().to_string(), &error, &asked),
            }
        }
        Target::Folder => redirect(&format!("{path}/"), request.uri.query()),
        Target::Nothing => not_found(now, asked).await,
    }
}

/// A page of ours that loads again when the site changes.
fn say(now: &Now, asked: &Asked, status: StatusCode, title: &str, more: &str) -> Response {
    let reload = stand_in::reload_tag(now.version);
    notice(&asked.headers, status, title, more, &reload)
}

fn elsewhere(now: &Now, asked: &Asked) -> Response {
    let title = "There is nothing here";
    let more = format!(
        "The site is served under {} (placeholder.base-url).",
        now.site.base
    );
    say(now, asked, StatusCode::NOT_FOUND, title, &more)
}

fn gone(now: &Now, asked: &Asked) -> Response {
    let title = "The site's folder is gone";
    let more = format!(
        "There is no folder {} any more. This page loads again when it is back: run the generator.",
        now.site.folder().display()
    );
    say(now, asked, StatusCode::SERVICE_UNAVAILABLE, title, &more)
}

fn unreadable(now: &Now, name: &str, error: &std::io::Error, asked: &Asked) -> Response {
    if now.site.is_gone() {
        return gone(now, asked);
    }
    let title = format!("{name} cannot be read");
    let status = match error.kind() {
        std::io::ErrorKind::NotFound => StatusCode::NOT_FOUND,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    say(now, asked, status, &title, &format!("{error}."))
}

/// What `inject` would write down of the pages' organizations, for routers that render in the browser.
async fn route_file(now: Now, asked: &Asked) -> Response {
    let looked = tokio::task::spawn_blocking(move || now.site.survey(&Cancel::default())).await;
    let routes = looked.ok().and_then(Result::ok).and_then(|s| s.routes);
    let content = routes.map_or_else(|| b"{}".to_vec(), |routes| routes.content);
    reply::json(content, asked)
}

/// The part of a path after the site's base; none where it is not below it.
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

async fn not_found(now: Now, asked: Asked) -> Response {
    let path = lost();
    if now.site.is_gone() {
        return gone(&now, &asked);
    }
    if now.site.is_page(&path) {
        return show(now, path, StatusCode::NOT_FOUND, asked).await;
    }
    let title = "There is nothing here";
    let more = "The site has no such file, and no 404.html.";
    say(&now, &asked, StatusCode::NOT_FOUND, title, more)
}

/// A page as `inject` would make it.
async fn show(now: Now, path: PagePath, status: StatusCode, asked: Asked) -> Response {
    let name = path.to_string();
    let made = tokio::task::spawn_blocking({
        let now = now.clone();
        move || now.site.page(&path, &stand_in::reload_tag(now.version))
    });
    match made.await {
        Ok(Some(Ok(Page { content, account }))) => {
            let mut reply = reply::page(status, name.as_bytes(), content, &asked);
            reply.extensions_mut().insert(account);
            reply
        }
        Ok(Some(Err(error))) => unreadable(&now, &name, &error, &asked),
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
async fn live_token(now: &Now, tokens: &Renewer, org: Option<String>) -> Response {
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
struct Whose {
    org: Option<String>,
}
