//! The least that an axum server can do: the reply of `chathub endpoint`, always the same bytes, with nothing looked at.
//! What `cargo xtask load` measures the endpoint against.
//!
//! Takes an address to listen on, and the body from standard input; says where it listens.

use std::io::Read as _;

use axum::Router;
use axum::body::Bytes;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::routing::get;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = std::env::args().nth(1).ok_or("usage: bare ADDRESS <BODY")?;
    let mut body = Vec::new();
    std::io::stdin().read_to_end(&mut body)?;
    let body = Bytes::from(body);
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (CACHE_CONTROL, "no-store"),
    ];
    let app = Router::new().route("/api/chathub/token", get(async move || (headers, body)));
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("listening on {}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}
