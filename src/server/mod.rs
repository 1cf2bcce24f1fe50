//! An HTTP/1.1 server on listening sockets, with the limits that a public one needs: how many connections, how large
//! and how slow a request may be, how long a reply may go unread, and an orderly end.

mod listen;
mod peer;
mod signals;
mod slots;

pub use listen::{Bound, Listener, bind, handed_over};
pub use peer::Peer;
pub use signals::Signals;
pub use slots::Slots;

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use axum::Router;
use axum::extract::{ConnectInfo, Request};
use axum::http::HeaderValue;
use axum::http::header::CONNECTION;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use listen::Accepted;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt;

/// What is served. Another one can take its place at any time; requests under way keep the one that they came to.
pub type App = Arc<ArcSwap<Router>>;

/// An [`App`] of these routes.
#[must_use]
pub fn app(routes: Router) -> App {
    Arc::new(ArcSwap::from_pointee(routes))
}

/// What one client may take.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Connections at a time.
    pub places: Arc<Slots>,
    /// How long a client may take to send a request's head, and how long it may keep a connection without one.
    pub head_time: Duration,
    /// How long a reply may wait for a client that does not read.
    pub write_time: Duration,
    /// How long requests under way may still take when the server is to end.
    pub grace: Duration,
}

/// The longest head of a request, in bytes; longer ones are answered by 431.
const HEAD_BYTES: usize = 16 * 1024;
/// The most header fields of a request.
const HEAD_FIELDS: usize = 64;
const CLOSE: HeaderValue = HeaderValue::from_static("close");
/// How long a connection on which nothing has been asked so far may still ask when the server is to end.
const LAST_WORD: Duration = Duration::from_secs(2);
/// How long one that has been served before may: what is on its way already.
const ON_ITS_WAY: Duration = Duration::from_millis(100);

/// Serves `app` until `stop` holds true, then answers who has connected by then. From that moment on each connection ends
/// with its next reply, which says so. Handlers find their client as `ConnectInfo<Peer>`.
pub async fn serve(listener: Listener, app: App, limits: Limits, mut stop: watch::Receiver<bool>) {
    let (connections, open) = watch::channel(());
    let server = Server {
        app,
        limits: limits.clone(),
        http: http(&limits),
        stop: stop.clone(),
        open,
    };
    loop {
        let accepted = tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => break,
            accepted = accept(&listener, &limits.places) => accepted,
        };
        server.begin(accepted);
    }
    // Those that the system has accepted, and that waited for a place perhaps, are still served.
    let rest = async {
        while let Some(accepted) = listen::waiting(&listener, &limits.places).await {
            server.begin(accepted);
        }
        drop(listener);
        drop(server);
        connections.closed().await;
    };
    let _ = timeout(limits.grace, rest).await;
}

fn http(limits: &Limits) -> http1::Builder {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.head_time)
        .max_buf_size(HEAD_BYTES)
        .max_headers(HEAD_FIELDS);
    http
}

/// The next connection, once there is a place for it.
async fn accept(listener: &Listener, places: &Arc<Slots>) -> Accepted {
    let mut pause = listen::Pause::default();
    loop {
        let free = places.free().await;
        match listener.accept().await {
            Ok((stream, peer)) => {
                pause = listen::Pause::default();
                if let Some(place) = free.take(peer) {
                    return Accepted {
                        stream,
                        peer,
                        place,
                    };
                }
            }
            Err(error) => pause.after(&error).await,
        }
    }
}

/// What connections share.
struct Server {
    app: App,
    limits: Limits,
    http: http1::Builder,
    /// Whether the server is to end.
    stop: watch::Receiver<bool>,
    /// Held by each connection as long as it is open.
    open: watch::Receiver<()>,
}

impl Server {
    /// Serves a connection on a task of its own.
    fn begin(&self, accepted: Accepted) {
        let Accepted {
            stream,
            peer,
            place,
        } = accepted;
        let app = Arc::clone(&self.app);
        // Whether anything has been asked on it.
        let used = Arc::new(AtomicBool::new(false));
        let service = {
            let (used, stop) = (Arc::clone(&used), self.stop.clone());
            service_fn(move |mut request: Request<Incoming>| {
                used.store(true, Ordering::Relaxed);
                request.extensions_mut().insert(ConnectInfo(peer));
                let app = Router::clone(&app.load());
                let stop = stop.clone();
                async move {
                    let mut reply = app.oneshot(request).await.unwrap_or_else(never);
                    if *stop.borrow() {
                        reply.headers_mut().insert(CONNECTION, CLOSE);
                    }
                    Ok::<_, Infallible>(reply)
                }
            })
        };
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(self.limits.write_time));
        let connection = self
            .http
            .serve_connection(TokioIo::new(Box::pin(stream)), service);
        let (mut stop, open) = (self.stop.clone(), self.open.clone());
        tokio::spawn(async move {
            tokio::pin!(connection);
            tokio::select! {
                biased;
                // A client that breaks off, or sends what is not HTTP, concerns nobody else.
                _ = connection.as_mut() => {}
                () = last_word(&mut stop, &used) => {
                    connection.as_mut().graceful_shutdown();
                    let _ = connection.await;
                }
            }
            drop(place);
            drop(open);
        });
    }
}

/// Comes true when a connection on which nothing is under way may be closed because the server ends.
async fn last_word(stop: &mut watch::Receiver<bool>, used: &AtomicBool) {
    let _ = stop.wait_for(|stop| *stop).await;
    let mut waited = Duration::ZERO;
    while !used.load(Ordering::Relaxed) && waited < LAST_WORD {
        sleep(ON_ITS_WAY).await;
        waited += ON_ITS_WAY;
    }
    sleep(ON_ITS_WAY).await;
}

fn never<T>(never: Infallible) -> T {
    match never {}
}
