//! Compressed copies beside a page, which servers send in its place: they have to say the same.

use std::ffi::{OsStr, OsString};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use super::cancel::{Cancel, PIECE, Until};

/// A content coding in which a copy is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// `.gz`
    Gzip,
    /// `.br`
    Brotli,
    /// `.zst`
    Zstandard,
}

impl Coding {
    /// All of them, by extension.
    pub const ALL: [Self; 3] = [Self::Brotli, Self::Gzip, Self::Zstandard];

    /// The extension that a copy's name has after the page's, dot included.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Gzip => ".gz",
            Self::Brotli => ".br",
            Self::Zstandard => ".zst",
        }
    }

    /// The coding of a file of this name, if it is a compressed one.
    #[must_use]
    pub fn of(name: &OsStr) -> Option<Self> {
        Self::ALL.into_iter().find(|coding| {
            name.as_encoded_bytes()
                .ends_with(coding.extension().as_bytes())
        })
    }

    /// The name of the copy of a file.
    #[must_use]
    pub fn sibling_name(self, page: &OsStr) -> OsString {
        let mut name = page.to_owned();
        name.push(self.extension());
        name
    }

    /// The name of the file that a file of this name is the copy of.
    #[must_use]
    pub fn page_name(self, sibling: &OsStr) -> &OsStr {
        let stem = Path::new(sibling).file_stem();
        stem.unwrap_or(sibling)
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Brotli => "Brotli",
            Self::Zstandard => "Zstandard",
        }
    }

    /// The path of the copy of a file.
    #[must_use]
    pub fn path(self, page: &Path) -> PathBuf {
        let mut path = page.as_os_str().to_owned();
        path.push(self.extension());
        path.into()
    }

    /// What a copy decodes to. One that decodes to more than `most` bytes, or to nothing sensible, is an error.
    pub fn decoded(self, copy: impl Read, most: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let decoder = self.decoder(copy)?;
        decoder.take(most as u64 + 1).read_to_end(&mut bytes)?;
        if bytes.len() > most {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        Ok(bytes)
    }

    /// Whether a copy decodes to just these bytes. One that cannot be decoded does not.
    pub fn says(self, copy: impl Read, bytes: &[u8], cancel: &Cancel) -> io::Result<bool> {
        let inner = copy;
        // A decoder may read much before it gives anything.
        match self.decoder(Until { cancel, inner }) {
            Ok(decoder) => same(decoder, bytes, cancel),
            Err(_) => cancel.check().map(|()| false),
        }
    }

    /// What is in a file, decoded while it is read, until the run is to stop.
    ///
    /// # Errors
    ///
    /// If a decoder cannot be made.
    pub fn reader<'a>(
        self,
        file: impl Read + 'a,
        cancel: &'a Cancel,
    ) -> io::Result<Box<dyn Read + 'a>> {
        self.decoder(Until {
            cancel,
            inner: file,
        })
    }

    /// Decodes what is in a file.
    fn decoder<'a>(self, file: impl Read + 'a) -> io::Result<Box<dyn Read + 'a>> {
        let file = BufReader::new(file);
        Ok(match self {
            Self::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(file)),
            Self::Brotli => Box::new(brotli::Decompressor::new(file, 1 << 16)),
            Self::Zstandard => Box::new(zstd::stream::read::Decoder::with_buffer(file)?),
        })
    }
}

/// Compares while reading, so that a copy that decodes to far more than its page takes no memory.
fn same(decoded: impl Read, mut bytes: &[u8], cancel: &Cancel) -> io::Result<bool> {
    let inner = decoded;
    let mut decoded = Until { cancel, inner };
    let mut buffer = vec![0; PIECE];
    loop {
        match decoded.read(&mut buffer) {
            Ok(0) => return Ok(bytes.is_empty()),
            Ok(n) => match bytes.strip_prefix(&buffer[..n]) {
                Some(rest) => bytes = rest,
                None => return Ok(false),
            },
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return cancel.check().map(|()| false),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_coding_says_what_it_was_given_and_nothing_else() {
        let page = b"<!doctype html><p>hello hello hello</p>".repeat(50);
        for coding in Coding::ALL {
            let name = coding.path(Path::new("index.html"));
            assert_eq!(Coding::of(name.file_name().unwrap()), Some(coding));
            let mut copy = Vec::new();
            coding.compress(&page, &mut copy).unwrap();
            let says =
                |copy: &[u8], page: &[u8]| coding.says(copy, page, &Cancel::default()).unwrap();
            assert!(says(&copy, &page));
            assert!(!says(&copy, &page[1..]));
            assert!(!says(&copy, &page[..9]));
            assert!(!says(b"not compressed", &page));
        }
    }

    /// Asks to stop while it is read for the second time, and counts.
    struct Asking<'a> {
        cancel: &'a Cancel,
        reads: usize,
        page: &'a [u8],
    }

    impl Read for &mut Asking<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.reads += 1;
            if self.reads == 2 {
                self.cancel.set();
            }
            self.page.read(buffer)
        }
    }

    #[test]
    fn a_copy_is_read_no_further_once_the_run_is_to_stop() {
        let page = vec![b'x'; 10 * PIECE];
        let cancel = Cancel::default();
        let mut asking = Asking {
            cancel: &cancel,
            reads: 0,
            page: &page,
        };
        let error = same(&mut asking, &page, &cancel).unwrap_err();
        assert!(crate::store::is_stop(&error));
        assert_eq!(asking.reads, 2);
        // Where the decoder asks for more itself: nothing comes out of members that are empty.
        for coding in Coding::ALL {
            let mut copy = Vec::new();
            coding.compress(&page, &mut copy).unwrap();
            let error = coding.says(&*copy, &page, &cancel).unwrap_err();
            assert!(crate::store::is_stop(&error));
        }
    }
}
