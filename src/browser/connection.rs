//! The Chrome DevTools Protocol: messages of JSON, each ended by a zero byte.
//!
//! One thread reads and one writes, so that neither waits for the other where a pipe is full, nor anybody for a browser that hangs.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::store::Cancel;

/// How often it is looked whether the user asked to stop.
const SLICE: Duration = Duration::from_millis(50);

/// What the browser tells.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Message {
    /// Of the call that this is the reply to.
    pub(super) id: Option<u64>,
    /// What happened, where it is not a reply.
    pub(super) method: String,
    pub(super) params: Value,
    /// In which page, frame or worker.
    pub(super) session_id: String,
    pub(super) result: Value,
    pub(super) error: Option<Refusal>,
}

/// Why it does not do what it is asked.
#[derive(Debug, Deserialize)]
pub(super) struct Refusal {
    pub(super) message: String,
}

/// Why a page is not waited for any longer.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The browser is gone.
    Ended,
    /// It has taken too long.
    TooLong,
    /// The user asked to stop.
    Cancelled,
    /// The browser cannot do this.
    Refused(&'static str, String),
}

/// Until when something is waited for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Until<'a> {
    end: Instant,
    cancel: &'a Cancel,
}

impl<'a> Until<'a> {
    pub(super) fn new(time: Duration, cancel: &'a Cancel) -> Self {
        Self {
            end: Instant::now() + time,
            cancel,
        }
    }

    fn slice(&self) -> Result<Duration, Trouble> {
        if self.cancel.is_set() {
            return Err(Trouble::Cancelled);
        }
        match self.end.checked_duration_since(Instant::now()) {
            Some(left) if !left.is_zero() => Ok(left.min(SLICE)),
            _ => Err(Trouble::TooLong),
        }
    }
}

/// The two pipes.
pub(super) struct Connection {
    to: Sender<Vec<u8>>,
    from: Receiver<Message>,
    last: u64,
}

impl Connection {
    pub(super) fn new(
        mut to: impl Write + Send + 'static,
        from: impl Read + Send + 'static,
    ) -> Self {
        let (sender, messages) = channel::<Vec<u8>>();
        thread::spawn(move || {
            for message in messages {
                if to.write_all(&message).is_err() {
                    break;
                }
            }
        });
        let (told, receiver) = channel();
        thread::spawn(move || {
            let mut from = BufReader::with_capacity(1 << 16, from);
            let mut message = Vec::new();
            while from.read_until(0, &mut message).is_ok_and(|read| read > 0) {
                message.pop();
                // What cannot be read is about something that nobody asks about.
                if let Ok(message) = serde_json::from_slice(&message)
                    && told.send(message).is_err()
                {
                    break;
                }
                message.clear();
            }
        });
        Self {
            to: sender,
            from: receiver,
            last: 0,
        }
    }

    /// Asks for something, of the browser where `session` is empty, and tells by which number the reply is known. That the browser is gone is
    /// noticed by who waits for it.
    pub(super) fn send(&mut self, session: &str, method: &str, params: &Value) -> u64 {
        self.last += 1;
        let mut message = json!({ "id": self.last, "method": method, "params": params });
        if !session.is_empty() {
            message["sessionId"] = session.into();
        }
        let mut message = message.to_string().into_bytes();
        message.push(0);
        let _ = self.to.send(message);
        self.last
    }

    /// The next message; none if there is none for as long as `at_most`.
    pub(super) fn receive(
        &self,
        until: Until<'_>,
        at_most: Duration,
    ) -> Result<Option<Message>, Trouble> {
        let start = Instant::now();
        loop {
            let left = at_most.saturating_sub(start.elapsed());
            match self.from.recv_timeout(until.slice()?.min(left)) {
                Ok(message) => return Ok(Some(message)),
                Err(RecvTimeoutError::Disconnected) => return Err(Trouble::Ended),
                Err(RecvTimeoutError::Timeout) if start.elapsed() >= at_most => return Ok(None),
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    /// Asks the browser itself, when no page is open.
    pub(super) fn ask(
        &mut self,
        until: Until<'_>,
        method: &'static str,
        params: &Value,
    ) -> Result<Value, Trouble> {
        let id = self.send("", method, params);
        loop {
            let message = self.receive(until, Duration::MAX)?;
            if let Some(message) = message.filter(|message| message.id == Some(id)) {
                return message.answer(method);
            }
        }
    }
}

impl Message {
    /// The result, if there is one.
    pub(super) fn answer(self, method: &'static str) -> Result<Value, Trouble> {
        match self.error {
            Some(refusal) => Err(Trouble::Refused(method, refusal.message)),
            None => Ok(self.result),
        }
    }
}
