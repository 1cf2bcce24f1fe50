//! Where a setting comes from: a file with its text, or the name of a variable or flag.

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use super::mask;

/// One origin of settings.
///
/// It keeps the text for excerpts only in its masked form, so nothing that is made of it can leak a secret.
#[derive(Debug)]
pub(super) struct Source {
    /// Weight among the origins: a later one wins.
    pub(super) rank: usize,
    /// The file as shown, or a phrase such as "environment variable `CHATHUB_MODE`".
    pub(super) name: Arc<str>,
    /// Whether `name` is a file whose lines can be shown.
    pub(super) is_file: bool,
    /// The masked text; as long as the original, byte by byte.
    pub(super) masked: String,
    /// What relative paths in it are relative to.
    pub(super) folder: PathBuf,
}

impl Source {
    /// A file, its text without the byte order mark.
    pub(super) fn file(rank: usize, name: &str, text: &str, folder: PathBuf) -> Self {
        Self {
            rank,
            name: name.into(),
            is_file: true,
            masked: mask::mask(text),
            folder,
        }
    }

    /// A variable or a flag.
    pub(super) fn named(rank: usize, name: &str, folder: PathBuf) -> Self {
        Self {
            rank,
            name: name.into(),
            is_file: false,
            masked: String::new(),
            folder,
        }
    }

    /// The line, from 1, of the byte at `offset`.
    fn line(&self, offset: usize) -> usize {
        let before = self.masked.as_bytes().iter().take(offset);
        1 + before.filter(|byte| **byte == b'\n').count()
    }
}

/// A line of a configuration file, for reports. Displays as `chathub.toml:14`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileLine {
    /// The file as it was named, or relative to the working folder when it was discovered.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: usize,
}

impl fmt::Display for FileLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// What one place says about a setting, and a stronger one says otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overruled {
    /// The setting, as in the file.
    pub setting: String,
    /// The place that counts, such as `chathub.toml:3`.
    pub by: String,
    /// The place that does not.
    pub former: String,
}

/// A range of bytes in a source.
#[derive(Debug, Clone)]
pub(super) struct SourceSpan {
    /// The source.
    pub(super) source: Arc<Source>,
    /// The bytes of its text.
    pub(super) span: Range<usize>,
}

impl SourceSpan {
    /// What it is called in sentences: `chathub.toml:3`, or environment variable `CHATHUB_MODE`.
    pub(super) fn name(&self) -> String {
        if self.source.is_file {
            self.place().to_string()
        } else {
            self.source.name.to_string()
        }
    }

    /// The line where the range begins.
    pub(super) fn place(&self) -> FileLine {
        FileLine {
            file: Arc::clone(&self.source.name),
            line: self.source.line(self.span.start),
        }
    }
}

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Located<T> {
    /// The value.
    pub(super) value: T,
    /// Where it stands.
    pub(super) at: SourceSpan,
}
