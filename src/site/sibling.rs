//! Compressed copies beside a page, which servers send in its place: they have to say the same.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use super::cancel::Cancel;
use super::manner::Manner;

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

    /// The extension that a copy's name has behind the page's, dot included.
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

    /// The path of the copy of a file.
    #[must_use]
    pub fn path(self, page: &Path) -> PathBuf {
        let mut path = page.as_os_str().to_owned();
        path.push(self.extension());
        path.into()
    }

    /// Compresses as one does for files that are compressed once and sent often.
    pub fn compress(self, bytes: &[u8], out: &mut dyn Write) -> io::Result<()> {
        Manner::best(self).compress(bytes, out, &Cancel::default())
    }

    /// Decodes what is in a file.
    fn decoder(self, file: File) -> io::Result<Box<dyn Read>> {
        let file = BufReader::new(file);
        Ok(match self {
            Self::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(file)),
            Self::Brotli => Box::new(brotli::Decompressor::new(file, 1 << 16)),
            Self::Zstandard => Box::new(zstd::stream::read::Decoder::with_buffer(file)?),
        })
    }
}

/// A copy that lies beside a page.
#[derive(Debug, Clone)]
pub struct Sibling {
    /// How it is coded.
    pub coding: Coding,
    /// Where it is.
    pub file: PathBuf,
}

impl Sibling {
    /// What it decodes to. One that decodes to more than `most` bytes, or to nothing sensible, is an error.
    pub fn decoded(&self, most: usize) -> io::Result<Vec<u8>> {
        let decoder = self.coding.decoder(File::open(&self.file)?)?;
        let mut bytes = Vec::new();
        decoder.take(most as u64 + 1).read_to_end(&mut bytes)?;
        if bytes.len() > most {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        Ok(bytes)
    }

    /// Whether it decodes to just these bytes. A copy that cannot be decoded does not.
    pub fn says(&self, bytes: &[u8]) -> io::Result<bool> {
        let decoder = self.coding.decoder(File::open(&self.file)?);
        Ok(decoder.is_ok_and(|decoder| same(decoder, bytes)))
    }
}

/// Compares while reading, so that a copy that decodes to far more than its page takes no memory.
fn same(mut decoded: impl Read, mut bytes: &[u8]) -> bool {
    let mut buffer = vec![0; 1 << 16];
    loop {
        match decoded.read(&mut buffer) {
            Ok(0) => return bytes.is_empty(),
            Ok(n) => match bytes.strip_prefix(&buffer[..n]) {
                Some(rest) => bytes = rest,
                None => return false,
            },
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_coding_says_what_it_was_given_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let page = b"<!doctype html><p>hello hello hello</p>".repeat(50);
        for coding in Coding::ALL {
            let file = coding.path(&folder.path().join("index.html"));
            coding
                .compress(&page, &mut File::create(&file).unwrap())
                .unwrap();
            assert_eq!(Coding::of(file.file_name().unwrap()), Some(coding));
            let sibling = Sibling { coding, file };
            assert!(sibling.says(&page).unwrap());
            assert!(!sibling.says(&page[1..]).unwrap());
            assert!(!sibling.says(&page[..9]).unwrap());
            std::fs::write(&sibling.file, b"not compressed").unwrap();
            assert!(!sibling.says(&page).unwrap());
        }
    }
}
