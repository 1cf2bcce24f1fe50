//! A web server that answers as a test says, and remembers what it was asked.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};

use crate::http::service::{listen, next_head};

/// What the server does about a request.
pub(crate) enum Answer {
    /// It sends these bytes, and closes the connection.
    Bytes(Vec<u8>),
    /// It keeps the connection open and sends nothing until whoever asked is gone.
    Silence,
}

/// An answer of this status, with these fields, one a line, and this body.
pub(crate) fn reply(status: &str, fields: &str, body: impl AsRef<[u8]>) -> Answer {
    let body = body.as_ref();
    let mut bytes = format!("HTTP/1.1 {status}\r\n").into_bytes();
    for field in fields.lines().filter(|field| !field.is_empty()) {
        bytes.extend_from_slice(format!("{field}\r\n").as_bytes());
    }
    let end = format!(
        "Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    bytes.extend_from_slice(end.as_bytes());
    bytes.extend_from_slice(body);
    Answer::Bytes(bytes)
}

/// A right answer of this type.
pub(crate) fn ok(kind: &str, body: impl AsRef<[u8]>) -> Answer {
    reply("200 OK", &format!("Content-Type: {kind}"), body)
}

pub(crate) fn not_found() -> Answer {
    reply("404 Not Found", "Content-Type: text/plain", "not here")
}

/// What a static host sends for a path of this folder.
pub(crate) fn file(folder: &Path, path: &str) -> Answer {
    let path = path.split('?').next().unwrap();
    let mut file = folder.join(path.trim_start_matches('/'));
    if file.is_dir() {
        if !path.ends_with('/') {
            return reply("301 Moved Permanently", &format!("Location: {path}/"), "");
        }
        file.push("index.html");
    }
    let kind = match file.extension().and_then(|extension| extension.to_str()) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("xml") => "application/xml",
        Some("xhtml") => "application/xhtml+xml",
        Some("html") => "text/html; charset=utf-8",
        _ => "text/plain",
    };
    match fs::read(file) {
        Ok(content) => ok(kind, content),
        Err(_) => not_found(),
    }
}

/// A running server.
pub(crate) struct Host {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Host {
    /// Answers every request with what `answer` makes of its path and its whole head.
    pub(crate) fn start(answer: impl Fn(&str, &str) -> Answer + Send + Sync + 'static) -> Self {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&asked);
        let address = listen(move |stream| serve(stream, &seen, &answer));
        Self { address, asked }
    }

    /// Serves a folder as it is at the moment, but for what `other` answers.
    pub(crate) fn of(
        folder: &Path,
        other: impl Fn(&str) -> Option<Answer> + Send + Sync + 'static,
    ) -> Self {
        let folder = folder.to_owned();
        Self::start(move |path, _| other(path).unwrap_or_else(|| file(&folder, path)))
    }

    /// The address of the site.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// The address of a page.
    pub(crate) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url())
    }

    /// The paths that were asked for so far.
    pub(crate) fn asked(&self) -> Vec<String> {
        let heads = self.asked.lock().unwrap();
        let path = |head: &String| head.split(' ').nth(1).unwrap().to_owned();
        heads.iter().map(path).collect()
    }

    /// The heads of those requests.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn serve(
    mut stream: TcpStream,
    seen: &Mutex<Vec<String>>,
    answer: &(dyn Fn(&str, &str) -> Answer + Send + Sync),
) {
    let Some(head) = next_head(&mut stream) else {
        return;
    };
    let path = head.split(' ').nth(1).unwrap().to_owned();
    seen.lock().unwrap().push(head.clone());
    match answer(&path, &head) {
        Answer::Bytes(bytes) => {
            // Whoever asked may have heard enough.
            let _ = stream.write_all(&bytes);
        }
        Answer::Silence => while matches!(stream.read(&mut [0; 4096]), Ok(1..)) {},
    }
}
