//! What the stand-in answers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::{Query, Request, State as Shared};
use axum::http::header::{CONTENT_TYPE, DATE};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};

use super::state::{LOGIN, Recorded, State};

type Known = Shared<Arc<Mutex<State>>>;

/// The API.
pub(super) fn router(state: Arc<Mutex<State>>) -> Router {
    let company = Router::new()
        .route("/api/company/organization", get(organizations))
        .route("/api/operator", get(operators))
        .route("/api/operator/get-token", post(operator_token))
        .route("/api/operator/validate-token", post(validate))
        .route("/api/operator/synchronize", post(synchronize))
        .route("/api/operator/status", post(status))
        .route_layer(middleware::from_fn_with_state(state.clone(), authorize));
    Router::new()
        .route("/api/company/get-token", post(company_token))
        .merge(company)
        .layer(middleware::from_fn_with_state(state.clone(), record))
        .with_state(state)
}

/// Remembers a request, and fails if that is what comes next.
async fn record(Shared(state): Known, request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let text = |value: &axum::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into();
    let headers = head.headers.iter();
    let recorded = Recorded {
        method: head.method.to_string(),
        path: head.uri.to_string(),
        headers: headers.map(|(n, v)| (n.to_string(), text(v))).collect(),
        body: String::from_utf8_lossy(&body).into_owned(),
        at: Instant::now(),
    };
    let fault = {
        let mut state = state.lock().unwrap();
        state.requests.push(recorded.clone());
        state.fault(&head.uri)
    };
    let failed = match fault {
        Some(fault) => fault.answer(&recorded).await,
        None => None,
    };
    let mut response = match failed {
        Some(failed) => failed,
        None => next.run(Request::from_parts(head, body.into())).await,
    };
    let date = state.lock().unwrap().now().strftime("%a, %d %b %Y %T GMT");
    response
        .headers_mut()
        .insert(DATE, date.to_string().parse().unwrap());
    response
}

/// Lets the company's token through, in either header.
async fn authorize(
    Shared(state): Known,
    headers: HeaderMap,
    request: Request,
    next: Next,
) -> Response {
    let value = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let bearer = value("authorization").and_then(|value| value.strip_prefix("Bearer "));
    let token = bearer.or(value("x-authorization-key"));
    let (right, operator) = {
        let state = state.lock().unwrap();
        let is = |known: &String| Some(known.as_str()) == token;
        (state.valid.iter().any(is), state.minted.iter().any(is))
    };
    if right {
        next.run(request).await
    } else if operator {
        problem(403, "An operator token cannot do this")
    } else {
        problem(401, "Authentication failed")
    }
}

fn problem(status: u16, message: &str) -> Response {
    let status = StatusCode::from_u16(status).unwrap();
    (status, axum::Json(json!({ "message": message }))).into_response()
}

fn answer(result: Result<Value, (u16, &str)>) -> Response {
    match result {
        Ok(value) => axum::Json(value).into_response(),
        Err((status, message)) => problem(status, message),
    }
}

/// JSON under the content type that the vendor's samples ask for.
fn plain(value: &Value) -> Response {
    (
        [(CONTENT_TYPE, "text/plain; charset=utf-8")],
        value.to_string(),
    )
        .into_response()
}

fn body(bytes: &Bytes) -> Value {
    serde_json::from_slice(bytes).unwrap_or_default()
}

async fn company_token(Shared(state): Known, bytes: Bytes) -> Response {
    let body = body(&bytes);
    let mut state = state.lock().unwrap();
    if body["login"] != LOGIN || body["password"] != state.password {
        return problem(401, "Wrong login or password");
    }
    let token = state.log_in();
    axum::Json(if state.objects {
        json!({ "token": token, "expiration": "2099-01-01T00:00:00Z" })
    } else {
        token.into()
    })
    .into_response()
}

async fn organizations(Shared(state): Known) -> Response {
    let state = state.lock().unwrap();
    let organizations = state.organizations.iter();
    plain(
        &organizations
            .map(|(id, name)| json!({ "id": id, "name": name }))
            .collect(),
    )
}

async fn operators(Shared(state): Known, Query(query): Query<HashMap<String, u64>>) -> Response {
    let state = state.lock().unwrap();
    let mut organizations = state.organizations.iter();
    let organization = organizations.find(|(id, _)| query.get("organizationId") == Some(id));
    let Some((id, name)) = organization else {
        return problem(404, "Organization not found");
    };
    let operators = state.operators.iter().filter(|o| o.organization == *id);
    let organization = json!({ "id": id, "name": name });
    plain(
        &operators
            .map(|o| {
                json!({ "id": o.id, "name": o.name, "status": o.status, "organization": organization })
            })
            .collect(),
    )
}

async fn operator_token(Shared(state): Known, bytes: Bytes) -> Response {
    let mut state = state.lock().unwrap();
    let token = state.mint(&body(&bytes));
    let objects = state.objects;
    let reply = |token| {
        if objects {
            json!({ "token": token })
        } else {
            json!(token)
        }
    };
    answer(token.map(reply))
}

async fn validate(Shared(state): Known, bytes: Bytes) -> Response {
    let body = body(&bytes);
    let state = state.lock().unwrap();
    answer(Ok(
        state.validate(body["token"].as_str().unwrap_or_default())
    ))
}

async fn synchronize(Shared(state): Known, bytes: Bytes) -> Response {
    answer(state.lock().unwrap().synchronize(&body(&bytes)))
}

async fn status(Shared(state): Known, bytes: Bytes) -> Response {
    let result = state.lock().unwrap().set_status(&body(&bytes));
    answer(result.map(|()| Value::Null))
}
