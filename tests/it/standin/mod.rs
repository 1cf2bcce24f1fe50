//! A stand-in for the ChatHub API: a real HTTP server on loopback that answers as the vendor documents, hands out
//! signed tokens, can be told to fail in every way that matters, and remembers what it was asked.

mod fault;
mod routes;
mod state;
mod token;

pub(crate) use fault::{Fault, Hold};
pub(crate) use state::{COMPANY_TOKEN, LOGIN, Operator, PASSWORD, Recorded};

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

use tokio::net::TcpListener;
use tokio::sync::oneshot;

use state::State;

/// A running stand-in; it stops with the value.
pub(crate) struct StandIn {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl StandIn {
    /// Starts one on a free port of loopback.
    pub(crate) fn start() -> Self {
        let state = Arc::new(Mutex::new(State::new()));
        let (stop, stopped) = oneshot::channel();
        let (ready, address) = std::sync::mpsc::channel();
        let shared = Arc::clone(&state);
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async move {
                let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
                ready.send(listener.local_addr().unwrap()).unwrap();
                let server = axum::serve(listener, routes::router(shared));
                // Connections that are kept open or slow do not hold it up.
                tokio::select! {
                    result = server => result.unwrap(),
                    _ = stopped => {}
                }
            });
        });
        Self {
            address: address.recv().unwrap(),
            state,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// Its address, as `[api] url` takes it.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The same, for connections.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it knows and remembers.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// The next requests whose path or query ends so fail, in this order; then it answers rightly again.
    pub(crate) fn fail(&self, end: &str, faults: impl IntoIterator<Item = Fault>) {
        let mut state = self.state();
        let faults = faults.into_iter().map(|fault| (end.to_owned(), fault));
        state.faults.extend(faults);
    }

    /// The requests so far, as `POST /api/operator/get-token`.
    pub(crate) fn calls(&self) -> Vec<String> {
        let state = self.state();
        state.requests.iter().map(Recorded::call).collect()
    }

    /// How many requests so far have a path that ends so.
    pub(crate) fn count(&self, path: &str) -> usize {
        let calls = self.calls();
        calls.iter().filter(|call| call.ends_with(path)).count()
    }

    /// Every token that it handed out, and the company's credentials: what must not turn up anywhere.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let state = self.state();
        let fixed = [COMPANY_TOKEN, PASSWORD].map(str::to_owned);
        let tokens = state.logins.iter().chain(&state.minted).cloned();
        fixed.into_iter().chain(tokens).collect()
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
