//! What is in a file, as text: as it is, decoded, or decompressed. What cannot be read to its end is said to be so.

use std::io::{self, Read};
use std::sync::{Mutex, PoisonError};

use encoding_rs::{Decoder, Encoding};

use super::kind::{Kind, WINDOW};
use super::stream::{Found, Stream};
use crate::redact::Search;
use crate::store::{Cancel, Coding};

/// What a compressed file may decode to, whatever its size.
const MOST_DECODED: u64 = 64 << 20;
/// How many times its size it may decode to past that. JSON and logs come to less; what comes to more is made to.
const MOST_TIMES: u64 = 100;

/// What a search through a file came to.
#[derive(Debug, Default)]
pub struct Scanned {
    /// The secrets, in their order.
    pub found: Vec<Found>,
    /// How many more there are than those.
    pub more: u64,
    /// It is a compressed file: places are in what it decodes to.
    pub is_decoded: bool,
    /// Why it was not read to its end.
    pub unread: Option<String>,
}

/// Buffers that files are read into, one after the other.
#[derive(Debug, Default)]
pub struct Buffers(Mutex<Vec<Vec<u8>>>);

impl Buffers {
    fn take(&self) -> Vec<u8> {
        let mut buffers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        buffers.pop().unwrap_or_default()
    }

    fn give_back(&self, buffer: Vec<u8>) {
        let mut buffers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        buffers.push(buffer);
    }
}

/// What is searched through.
pub struct Source<'a> {
    /// Opens it, and opens it anew.
    pub open: &'a dyn Fn() -> io::Result<Box<dyn Read + 'a>>,
    /// Its size in bytes.
    pub size: u64,
    /// The coding that its name says.
    pub named: Option<Coding>,
}

/// Searches a file for secrets.
///
/// # Errors
///
/// If the run is to stop. Any other trouble is in what it returns.
pub fn scan<'a>(
    source: &'a Source<'a>,
    search: &'a Search,
    buffers: &Buffers,
    cancel: &'a Cancel,
) -> io::Result<Scanned> {
    let mut buffer = buffers.take();
    let scanned = Scan {
        source,
        search,
        cancel,
    }
    .whole(&mut buffer);
    buffers.give_back(buffer);
    cancel.check()?;
    Ok(scanned)
}

struct Scan<'a> {
    source: &'a Source<'a>,
    search: &'a Search,
    cancel: &'a Cancel,
}

impl Scan<'_> {
    fn whole(&self, buffer: &mut Vec<u8>) -> Scanned {
        let mut file = match (self.source.open)() {
            Ok(file) => file,
            Err(error) => return unread(&error),
        };
        let mut stream = Stream::new(self.search, buffer);
        if let Err(error) = stream.fill(&mut *file, WINDOW) {
            return unread(&error);
        }
        let kind = Kind::of(stream.text());
        // Nothing but its name tells of Brotli.
        if self.source.named == Some(Coding::Brotli) {
            let is_text = kind == Kind::Text;
            drop(file);
            let decoded = self.decoded(Coding::Brotli, buffer);
            // A file may have such a name for another reason.
            let is_other = is_text && decoded.unread.is_some();
            return if is_other {
                self.plain(buffer)
            } else {
                decoded
            };
        }
        match kind {
            Kind::Binary => Scanned::default(),
            Kind::Compressed(coding) => {
                drop(file);
                self.decoded(coding, buffer)
            }
            Kind::Utf16(encoding) => {
                let beginning = stream.text().to_vec();
                let inner = beginning.as_slice().chain(file);
                let mut text = Utf16::new(inner, encoding);
                self.run(&mut Stream::new(self.search, buffer), &mut text, |_| Ok(()))
            }
            Kind::Text => self.run(&mut stream, &mut *file, |_| Ok(())),
        }
    }

    /// Searches it as it is.
    fn plain(&self, buffer: &mut Vec<u8>) -> Scanned {
        match (self.source.open)() {
            Ok(mut file) => {
                let mut stream = Stream::new(self.search, buffer);
                self.run(&mut stream, &mut *file, |_| Ok(()))
            }
            Err(error) => unread(&error),
        }
    }

    /// Searches what it decodes to.
    fn decoded(&self, coding: Coding, buffer: &mut Vec<u8>) -> Scanned {
        let file = (self.source.open)();
        let decoder = file.and_then(|file| coding.reader(file, self.cancel));
        let mut decoder = match decoder {
            Ok(decoder) => decoder,
            Err(error) => return unread(&error),
        };
        let mut stream = Stream::new(self.search, buffer);
        let most = MOST_DECODED.max(self.source.size.saturating_mul(MOST_TIMES));
        let beginning = stream.fill(&mut *decoder, WINDOW);
        let scanned = match (beginning, Kind::of(stream.text())) {
            (Ok(_), Kind::Binary | Kind::Compressed(_)) => Scanned::default(),
            (Ok(_), Kind::Utf16(encoding)) => {
                let beginning = stream.text().to_vec();
                let inner = beginning.as_slice().chain(decoder);
                let mut text = Utf16::new(inner, encoding);
                let mut stream = Stream::new(self.search, buffer);
                self.run(&mut stream, &mut text, |read| within(read, most))
            }
            // As far as it can be decoded, it is searched.
            (Ok(_), Kind::Text) => self.run(&mut stream, &mut *decoder, |read| within(read, most)),
            (Err(error), _) => {
                let rest = self.run(&mut stream, &mut io::empty(), |_| Ok(()));
                Scanned {
                    unread: unread(&error).unread,
                    ..rest
                }
            }
        };
        let damaged = |why: String| format!("it is compressed ({}), and {why}", coding.name());
        Scanned {
            is_decoded: true,
            unread: scanned.unread.map(damaged),
            ..scanned
        }
    }

    fn run(
        &self,
        stream: &mut Stream<'_>,
        text: &mut dyn Read,
        goes_on: impl FnMut(u64) -> io::Result<()>,
    ) -> Scanned {
        let ran = stream.run(text, self.cancel, goes_on);
        Scanned {
            found: std::mem::take(&mut stream.found),
            more: stream.more,
            is_decoded: false,
            unread: ran.err().and_then(|error| unread(&error).unread),
        }
    }
}

fn within(read: u64, most: u64) -> io::Result<()> {
    if read <= most {
        return Ok(());
    }
    let (read, times) = (read >> 20, MOST_TIMES);
    Err(io::Error::other(format!(
        "it decodes to more than {times} times its size: what comes after the first {read} MiB was not searched"
    )))
}

fn unread(error: &io::Error) -> Scanned {
    let why = match error.kind() {
        io::ErrorKind::NotFound => "it vanished while it was being searched".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied: it cannot be read".to_owned(),
        io::ErrorKind::UnexpectedEof => "it ends too early".to_owned(),
        io::ErrorKind::Other => error.to_string(),
        _ => format!("it cannot be read to its end: {error}"),
    };
    Scanned {
        unread: Some(why),
        ..Scanned::default()
    }
}

/// UTF-16, read as UTF-8.
struct Utf16<R> {
    inner: R,
    decoder: Decoder,
    /// What has been decoded, up to where it has been handed on.
    decoded: Vec<u8>,
    handed_on: usize,
    is_end: bool,
}

impl<R: Read> Utf16<R> {
    fn new(inner: R, encoding: &'static Encoding) -> Self {
        Self {
            inner,
            decoder: encoding.new_decoder_with_bom_removal(),
            decoded: Vec::new(),
            handed_on: 0,
            is_end: false,
        }
    }
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.handed_on == self.decoded.len() && !self.is_end {
            let mut bytes = [0; WINDOW];
            let read = self.inner.read(&mut bytes)?;
            self.is_end = read == 0;
            // A unit of two bytes is three at most, and what is left of one that was cut is decoded, too.
            self.decoded.resize(2 * WINDOW, 0);
            let (_, _, written, _) =
                self.decoder
                    .decode_to_utf8(&bytes[..read], &mut self.decoded, self.is_end);
            self.decoded.truncate(written);
            self.handed_on = 0;
        }
        let rest = &self.decoded[self.handed_on..];
        let length = rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        self.handed_on += length;
        Ok(length)
    }
}
