//! A server of the binary's, and requests to it byte by byte: what no polite client would send, too.

pub(crate) mod service;

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::ExitStatus;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::Instant;

use crate::program::patience::PATIENCE;
use crate::program::{Program, Running};

/// A running server; killed with the value. All that it says is searched, and what no test asked for is passed over.
pub(crate) struct Server {
    running: Option<Running>,
    lines: Receiver<(Stream, Vec<u8>)>,
    /// Held for each line that is read.
    reading: Arc<Mutex<()>>,
    seen: Vec<String>,
    /// How many of those lines a test has asked for or passed over.
    passed: usize,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

#[derive(Debug, Clone, Copy)]
enum Stream {
    Output,
    Error,
}

impl Server {
    /// Starts the binary and waits for the line in which it says `http://ADDRESS`.
    pub(crate) fn start(program: &mut Program) -> Self {
        let mut server = Self::begin(program);
        let line = server.says("http://");
        let rest = line.split("http://").nth(1).unwrap();
        let end = rest.find(|c: char| c != '.' && c != ':' && !c.is_ascii_digit());
        server.address = rest[..end.unwrap_or(rest.len())].parse().unwrap();
        // Tokens are minted meanwhile: what it says of that may come before this line or after it.
        server.passed = 0;
        server
    }

    /// Starts the binary, which goes on until it is stopped, and need not be a server.
    pub(crate) fn begin(program: &mut Program) -> Self {
        let mut running = program.spawn();
        let (send, lines) = channel();
        let streams: [(Stream, Box<dyn Read + Send>); 2] = [
            (Stream::Output, Box::new(running.stdout.take().unwrap())),
            (Stream::Error, Box::new(running.stderr.take().unwrap())),
        ];
        let reading = Arc::new(Mutex::new(()));
        for (stream, from) in streams {
            let (send, reading) = (send.clone(), Arc::clone(&reading));
            thread::spawn(move || {
                let mut from = BufReader::new(from);
                let mut line = Vec::new();
                while from.read_until(b'\n', &mut line).is_ok_and(|n| n > 0) {
                    drop(reading.lock());
                    if send.send((stream, std::mem::take(&mut line))).is_err() {
                        break;
                    }
                }
            });
        }
        Self {
            running: Some(running),
            lines,
            reading,
            seen: Vec::new(),
            passed: 0,
            stdout: Vec::new(),
            stderr: Vec::new(),
            address: ([127, 0, 0, 1], 0).into(),
        }
    }

    /// Keeps a line for the search, and for the test, if it asked for such lines.
    fn hears(&mut self, (stream, line): (Stream, Vec<u8>)) {
        let asked = self.running().asked();
        let wanted = matches!(stream, Stream::Output) || asked.wants(&line);
        match stream {
            Stream::Output => &mut self.stdout,
            Stream::Error => &mut self.stderr,
        }
        .extend(&line);
        if wanted {
            let line = String::from_utf8(line).expect("it speaks UTF-8");
            self.seen
                .push(line.trim_end_matches(['\r', '\n']).to_owned());
        }
    }

    fn running(&self) -> &Running {
        self.running.as_ref().unwrap()
    }

    /// The next line that holds these words; lines before it are passed over.
    pub(crate) fn says(&mut self, words: &str) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            while let Some(line) = self.seen.get(self.passed) {
                self.passed += 1;
                if line.contains(words) {
                    return line.clone();
                }
            }
            let left = end.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) => self.hears(line),
                Err(error) => panic!(
                    "it never said {words:?} ({error}):\n{}",
                    self.seen.join("\n")
                ),
            }
        }
    }

    /// Everything that it has said.
    pub(crate) fn said(&mut self) -> String {
        while let Ok(line) = self.lines.try_recv() {
            self.hears(line);
        }
        self.passed = self.seen.len();
        self.seen.join("\n")
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.running().id()
    }

    /// Interrupts it, and waits for its end: the exit code, and everything that it said.
    pub(crate) fn stop(self) -> (i32, String) {
        self.signal(rustix::process::Signal::INT);
        self.ended()
    }

    /// Waits for its end: the exit code, and everything that it said.
    pub(crate) fn ended(mut self) -> (i32, String) {
        let status = self.end().expect("it runs");
        (
            status.code().expect("it ends by itself"),
            self.seen.join("\n"),
        )
    }

    /// Reads nothing of what it says for as long as the value lives.
    pub(crate) fn pause(&self) -> MutexGuard<'_, ()> {
        self.reading.lock().unwrap()
    }

    /// Hears it out, and searches what it has left behind.
    fn end(&mut self) -> Option<ExitStatus> {
        while let Ok(line) = self.lines.recv() {
            self.hears(line);
        }
        let running = self.running.take()?;
        Some(running.end_with(&self.stdout, &self.stderr))
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let id = rustix::process::Pid::from_child(self.running());
        rustix::process::kill_process(id, signal).unwrap();
    }

    /// Whether it still runs.
    pub(crate) fn is_running(&mut self) -> bool {
        self.running.as_mut().unwrap().try_wait().unwrap().is_none()
    }

    /// A connection to it.
    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// Its answer to a GET.
    pub(crate) fn get(&self, path: &str) -> Reply {
        self.ask("GET", path, &[])
    }

    /// Its answer to a request with these header fields; `host` is among them, or the right one.
    pub(crate) fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Reply {
        ask(self.address, method, path, headers)
    }

    /// Its answer to these bytes, when it closes the connection.
    pub(crate) fn raw(&self, request: &[u8]) -> Reply {
        send(self.address, request)
    }
}

/// A server's answer to a request with these header fields; `host` is among them, or its address.
pub(crate) fn ask(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
) -> Reply {
    let mut head = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\n");
    if !headers.iter().any(|(name, _)| *name == "host") {
        let _ = write!(head, "host: {address}\r\n");
    }
    for (name, value) in headers {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    send(address, format!("{head}\r\n").as_bytes())
}

fn send(address: SocketAddr, request: &[u8]) -> Reply {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    // Who refuses a request early may close before all of it is there.
    let _ = stream.write_all(request);
    Reply::read(stream)
}

impl Drop for Server {
    fn drop(&mut self) {
        // A test that fails already says why; then the process alone is ended.
        if let Some(running) = &mut self.running
            && !thread::panicking()
        {
            let _ = running.kill();
            self.end();
        }
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    /// Reads up to the end of the connection; what was cut off on the way counts as far as it came.
    pub(crate) fn read(mut stream: impl Read) -> Self {
        let mut bytes = Vec::new();
        let mut buffer = [0; 16 * 1024];
        while let Ok(n @ 1..) = stream.read(&mut buffer) {
            bytes.extend_from_slice(&buffer[..n]);
        }
        let end = bytes
            .windows(4)
            .position(|window| window == b"\r\n\r\n")
            .unwrap_or(bytes.len());
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let mut lines = head.split("\r\n");
        let status = lines
            .next()
            .unwrap()
            .split(' ')
            .nth(1)
            .map_or(0, |status| status.parse().unwrap());
        let field = |line: &str| {
            let (name, value) = line.split_once(':').unwrap();
            (name.to_ascii_lowercase(), value.trim().to_owned())
        };
        Self {
            status,
            headers: lines.map(field).collect(),
            body: bytes.get(end + 4..).unwrap_or_default().to_vec(),
        }
    }

    /// A header field; empty where it is missing.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .iter()
            .find(|(n, _)| n == name)
            .map_or("", |(_, value)| value)
    }

    /// The body as text.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }
}
