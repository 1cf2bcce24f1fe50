//! Asking a run to stop, and stopping in the middle of what takes long.

use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// Asks a run to stop after the pages in hand; work on one of them that takes long is given up.
#[derive(Debug, Default)]
pub struct Cancel(AtomicBool);

/// Why work was given up: the run is to stop.
#[derive(Debug, thiserror::Error)]
#[error("the run was interrupted")]
struct Stopped;

impl Cancel {
    /// Asks.
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether somebody asked.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// An error once somebody has asked.
    ///
    /// # Errors
    ///
    /// That the run is to stop.
    pub fn check(&self) -> io::Result<()> {
        if self.is_set() { Err(stop()) } else { Ok(()) }
    }
}

/// Says that work was given up because the run is to stop. It is not of the kind `Interrupted`, on which readers and writers try
/// again.
pub(crate) fn stop() -> io::Error {
    io::Error::other(Stopped)
}

/// Whether it says that work was given up because the run is to stop.
pub(crate) fn is_stop(error: &io::Error) -> bool {
    matches!(error.get_ref(), Some(why) if why.is::<Stopped>())
}

/// Reads or writes until the run is to stop, and a piece at a time, so that it asks often.
pub(super) struct Until<'a, T> {
    pub(super) cancel: &'a Cancel,
    pub(super) inner: T,
}

/// What a compressor at its slowest takes in within a small part of a second.
pub(super) const PIECE: usize = 32 << 10;

impl<T: Read> Read for Until<'_, T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.cancel.check()?;
        let piece = buffer.len().min(PIECE);
        self.inner.read(&mut buffer[..piece])
    }
}

impl<T: Write> Write for Until<'_, T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.cancel.check()?;
        self.inner.write(&bytes[..bytes.len().min(PIECE)])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
