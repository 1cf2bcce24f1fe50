//! Versions of files.

use std::fs::Metadata;
use std::io;
use std::time::{Duration, SystemTime};

/// A file's content.
#[derive(Debug)]
pub struct Content {
    /// All of it.
    pub bytes: Vec<u8>,
    /// The version that it is of.
    pub version: Version,
}

/// Identifies a version of a file, and holds what a successor keeps of it.
#[derive(Debug, Clone)]
pub struct Version {
    pub(super) stamp: Stamp,
    /// Mode and owner, where there are such.
    metadata: Option<Metadata>,
}

/// Differs between two versions of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    inode: Option<(u64, u64)>,
}

impl Stamp {
    pub(super) fn of(metadata: &Metadata) -> Self {
        #[cfg(unix)]
        let inode = {
            use std::os::unix::fs::MetadataExt;
            Some((metadata.dev(), metadata.ino()))
        };
        #[cfg(not(unix))]
        let inode = None;
        Self {
            length: metadata.len(),
            modified: metadata.modified().ok(),
            inode,
        }
    }
}

impl Version {
    /// Of a file.
    pub(super) fn of(metadata: Metadata) -> Self {
        Self {
            stamp: Stamp::of(&metadata),
            metadata: Some(metadata),
        }
    }

    /// The one with this number.
    pub(crate) fn numbered(number: u64) -> Self {
        Self {
            stamp: Stamp {
                length: 0,
                modified: None,
                inode: Some((0, number)),
            },
            metadata: None,
        }
    }

    /// Whether the file was last written less than this long ago, as far as its store and the clock tell.
    #[must_use]
    pub fn is_younger_than(&self, age: Duration) -> bool {
        let modified = self.stamp.modified.map(|modified| modified.elapsed());
        matches!(modified, Some(Ok(elapsed)) if elapsed < age)
    }

    pub(super) fn metadata(&self) -> io::Result<&Metadata> {
        let metadata = self.metadata.as_ref();
        metadata.ok_or_else(|| io::Error::other("its version is one of another store"))
    }
}
