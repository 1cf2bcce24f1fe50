//! The one place that decides what a broken pipe means.

use std::io::{self, ErrorKind, Write};

/// A writer that swallows everything once the reader has gone.
///
/// `chathub verify | head` is not a failure: the reader has what it wanted, and the exit code still says how the run
/// went. Every other error is passed on.
pub(super) struct Pipe<W> {
    /// None: the reader has gone.
    inner: Option<W>,
}

impl<W: Write> Pipe<W> {
    pub(super) fn new(inner: W) -> Self {
        Self { inner: Some(inner) }
    }

    /// Does `work` on the writer; `gone` is the result when nobody reads any more.
    fn attempt<T>(&mut self, gone: T, work: impl FnOnce(&mut W) -> io::Result<T>) -> io::Result<T> {
        let Some(inner) = &mut self.inner else {
            return Ok(gone);
        };
        match work(inner) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.inner = None;
                Ok(gone)
            }
            result => result,
        }
    }
}

impl<W: Write> Write for Pipe<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.attempt(bytes.len(), |inner| inner.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.attempt((), Write::flush)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    struct Failing(ErrorKind, usize);

    impl Write for Failing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            self.1 += 1;
            assert_eq!(self.1, 1, "written to after an error");
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Err(self.0.into())
        }
    }

    #[test]
    fn a_reader_that_went_away_is_no_error_and_is_not_written_to_again() {
        let mut pipe = Pipe::new(Failing(ErrorKind::BrokenPipe, 0));
        for _ in 0..3 {
            pipe.write_all(b"page").unwrap();
            pipe.flush().unwrap();
        }
    }

    #[test]
    fn other_errors_are_returned() {
        let mut pipe = Pipe::new(Failing(ErrorKind::StorageFull, 0));
        assert_eq!(
            pipe.write_all(b"page").unwrap_err().kind(),
            ErrorKind::StorageFull
        );
        assert_eq!(pipe.flush().unwrap_err().kind(), ErrorKind::StorageFull);
    }
}
