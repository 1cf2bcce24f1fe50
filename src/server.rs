//! An HTTP/1.1 server on a listening socket, with the limits that a public one needs: how many connections, how large
//! and how slow a request's head may be, and an orderly end.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tower::ServiceExt;

/// What one client may take.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Connections at a time; further ones wait in the system's queue. Its free permits are the free places.
    pub connections: Arc<Semaphore>,
    /// How long a client may take to send a request's head, and how long it may keep a connection without one.
    pub head_time: Duration,
    /// How long requests under way may still take when the server is to end.
    pub grace: Duration,
}

/// The longest head of a request, in bytes; longer ones are answered by 431.
const HEAD_BYTES: usize = 16 * 1024;
/// The most header fields of a request.
const HEAD_FIELDS: usize = 64;

/// Serves `app` until `stop` comes true, then finishes the requests under way. Handlers find their client's address
/// as [`ConnectInfo`].
pub async fn serve(listener: TcpListener, app: Router, limits: Limits, stop: impl Future) {
    let connections = GracefulShutdown::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.head_time)
        .max_buf_size(HEAD_BYTES)
        .max_headers(HEAD_FIELDS);
    tokio::pin!(stop);
    loop {
        let (stream, peer, place) = tokio::select! {
            biased;
            _ = &mut stop => break,
            accepted = accept(&listener, &limits.connections) => match accepted {
                Some(accepted) => accepted,
                None => break,
            },
        };
        // Replies are small and whole: waiting for more to send only delays them.
        let _ = stream.set_nodelay(true);
        let app = app.clone();
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            let app = app.clone();
            async move { Ok::<_, Infallible>(app.oneshot(request).await.unwrap_or_else(never)) }
        });
        let connection = http.serve_connection(TokioIo::new(stream), service);
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            // A client that breaks off, or sends what is no HTTP, concerns nobody else.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    let _ = timeout(limits.grace, connections.shutdown()).await;
}

fn never<T>(never: Infallible) -> T {
    match never {}
}

/// The next connection, once there is a place for it; none when there will never be one.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return Some((stream, peer, place)),
            Err(error) if is_of_one_client(&error) => {}
            // Such as no file descriptors left: others have to end first.
            Err(_) => sleep(Duration::from_millis(100)).await,
        }
    }
}

fn is_of_one_client(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}

/// Comes true when the user or the system asks the program to end: Ctrl-C, or SIGTERM where there is such a thing.
pub async fn asked_to_end() {
    let interrupt = async {
        // Where no handler can be set, the signal ends the process by itself.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let terminate = async {
            match signal(SignalKind::terminate()) {
                Ok(mut signal) => drop(signal.recv().await),
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            () = interrupt => {}
            () = terminate => {}
        }
    }
    #[cfg(not(unix))]
    interrupt.await;
}
