//! A service that answers requests as a test says: it says who a visitor is, for the endpoint or for a proxy in front of it.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What the service does about a request.
pub(crate) enum Answer {
    /// These lines of a head, and no body.
    Head(String),
    /// Nothing: the connection is closed.
    Close,
}

/// An answer without a body, of this status and with more fields, each with its line break.
pub(crate) fn head(status: &str, more: &str) -> Answer {
    Answer::Head(format!(
        "HTTP/1.1 {status}\r\n{more}content-length: 0\r\n\r\n"
    ))
}

type Answers = dyn Fn(&str, usize) -> Answer + Send + Sync;

/// A service on connections that stay open.
pub(crate) struct Service {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Service {
    /// Answers every request with what `answer` makes of its head, in lower case, and its number.
    pub(crate) fn start(answer: impl Fn(&str, usize) -> Answer + Send + Sync + 'static) -> Self {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&asked);
        let address = listen(move |stream| serve(stream, &seen, &answer));
        Self { address, asked }
    }

    /// The heads of the requests so far.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// Hands each connection to a thread of its own, and gives the address.
pub(crate) fn listen(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let serve = Arc::new(serve);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let serve = Arc::clone(&serve);
            thread::spawn(move || serve(stream.unwrap()));
        }
    });
    address
}

/// The head of the next request; none when the connection ends.
pub(crate) fn next_head(stream: &mut TcpStream) -> Option<String> {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    while !request.ends_with(b"\r\n\r\n") {
        match stream.read(&mut buffer) {
            Ok(n @ 1..) => request.extend_from_slice(&buffer[..n]),
            _ => return None,
        }
    }
    Some(String::from_utf8(request).unwrap())
}

fn serve(mut stream: TcpStream, seen: &Mutex<Vec<String>>, answer: &Answers) {
    while let Some(head) = next_head(&mut stream) {
        let request = head.to_ascii_lowercase();
        let number = {
            let mut seen = seen.lock().unwrap();
            seen.push(request.clone());
            seen.len()
        };
        match answer(&request, number) {
            // Whoever asked may have gone.
            Answer::Head(head) if stream.write_all(head.as_bytes()).is_ok() => {}
            Answer::Head(_) | Answer::Close => return,
        }
    }
}
