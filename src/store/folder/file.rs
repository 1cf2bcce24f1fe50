//! Reading a page's file, and putting a new one in its place.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Metadata};
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use tempfile::{Builder, NamedTempFile};

use super::keep::{Like, Role, adopt, keep, times};
use crate::store::error::WriteError;
use crate::store::version::{Content, Stamp, Version};
use crate::store::{Staged, Writes};

/// How the names of our temporary files begin and end, by which the next run knows those of a killed one.
pub const LEFTOVER_PREFIX: &str = ".chathub-";
/// See [`LEFTOVER_PREFIX`].
pub const LEFTOVER_SUFFIX: &str = ".tmp";

/// Marks the temporary files of this process, which the walk may meet while they are being written.
static RUN: LazyLock<String> = LazyLock::new(|| {
    let random = RandomState::new().build_hasher().finish();
    format!("{LEFTOVER_PREFIX}{random:016x}-")
});

/// Whose temporary file is at a name, if it is one of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Temporary {
    /// This process is at work on it.
    InUse,
    /// A killed run left it behind.
    Leftover,
}

/// Tells temporary files by their names, of which only the whole form is ours: `.chathub-`, the run's 16 hexadecimal digits,
/// `-`, six letters and digits, `.tmp`.
pub(super) fn temporary(name: &OsStr) -> Option<Temporary> {
    let name = name.to_str()?;
    let random = name
        .strip_prefix(LEFTOVER_PREFIX)?
        .strip_suffix(LEFTOVER_SUFFIX)?;
    let (run, file) = random.split_once('-')?;
    let ours = run.len() == 16
        && run.bytes().all(|b| b.is_ascii_hexdigit())
        && file.len() == 6
        && file.bytes().all(|b| b.is_ascii_alphanumeric());
    ours.then(|| {
        if name.starts_with(RUN.as_str()) {
            Temporary::InUse
        } else {
            Temporary::Leftover
        }
    })
}

/// Reads a whole file of whatever folder.
///
/// # Errors
///
/// If it is not there, not a regular file, or cannot be read.
pub fn read_file(path: &Path) -> io::Result<Content> {
    let mut file = open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "it is not a regular file",
        ));
    }
    let bytes = content(&mut file, usize::try_from(metadata.len()).unwrap_or(0))?;
    let version = Version::of(metadata);
    Ok(Content { bytes, version })
}

/// All of a file, whose length is known as far as the file system tells the truth: in as few calls as it takes.
/// `read_to_end` alone would ask for the length once more.
fn content(file: &mut File, length: usize) -> io::Result<Vec<u8>> {
    // A length that is made up must not be able to take all memory. With room for one byte more, the end shows in the same call.
    let mut bytes = vec![0; length.min(MOST_AT_ONCE) + 1];
    let mut read = 0;
    while read < bytes.len() {
        match some(file, &mut bytes[read..])? {
            0 => break,
            more => read += more,
        }
        if read == length && length > 0 {
            break;
        }
    }
    let is_full = read == bytes.len();
    bytes.truncate(read);
    if is_full {
        file.read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// How much of a file is read at once, in bytes.
const MOST_AT_ONCE: usize = 16 << 20;

fn some(file: &mut File, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match file.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}

/// A file that turns into a FIFO between listing and opening must not block the run.
pub(in crate::store) fn open(path: &Path) -> io::Result<File> {
    let mut options = fs::OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
    }
    options.open(path)
}

/// A new version of a file, complete but not yet in its place. Dropped, it leaves nothing behind.
#[derive(Debug)]
pub(in crate::store) struct StagedFile {
    file: NamedTempFile,
    target: PathBuf,
    /// The first attribute that a copy goes without.
    pub(in crate::store) lost: Option<OsString>,
}

/// Writes what will become `target`, into the same folder.
pub(in crate::store) fn stage(
    target: &Path,
    like: Like<'_>,
    write: Writes<'_>,
) -> Result<StagedFile, WriteError> {
    let folder = target.parent().unwrap_or(Path::new("."));
    let mut builder = Builder::new();
    builder
        .prefix(RUN.as_str())
        .rand_bytes(6)
        .suffix(LEFTOVER_SUFFIX);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = like.metadata.permissions().mode() & 0o777;
        builder.permissions(fs::Permissions::from_mode(mode));
    }
    let mut file = builder
        .tempfile_in(folder)
        .map_err(without_path)
        .map_err(WriteError::while_("cannot create a file beside it"))?;
    write(file.as_file_mut()).map_err(WriteError::while_("cannot write its new version"))?;
    if like.role == Role::Companion {
        adopt(file.as_file(), folder);
    }
    let lost = keep(file.as_file(), like)?;
    Ok(StagedFile {
        file,
        target: target.to_owned(),
        lost,
    })
}

/// The system's own error: the name of a file that was to be there for a moment says nothing to anybody, and makes every
/// page's reason another one.
fn without_path(error: io::Error) -> io::Error {
    match error.to_string().rsplit_once(" at path ") {
        Some((why, _)) => io::Error::new(error.kind(), why),
        None => error,
    }
}

impl StagedFile {
    /// Gives it the time of the file that it is a copy of.
    pub(in crate::store) fn dated(self, like: &Metadata) -> Result<Self, WriteError> {
        let set = self.file.as_file().set_times(times(like));
        set.map_err(WriteError::while_("cannot set its time"))?;
        Ok(self)
    }

    /// Puts it where there is no file yet.
    pub(in crate::store) fn commit_new(self) -> Result<(), WriteError> {
        let put = self.file.persist_noclobber(&self.target);
        put.map_err(|e| WriteError::Io {
            doing: "cannot put it in its place",
            source: match e.error.kind() {
                io::ErrorKind::AlreadyExists => taken(),
                _ => e.error,
            },
        })?;
        Ok(())
    }
}

impl Staged for StagedFile {
    fn commit(self: Box<Self>, seen: Option<&Version>) -> Result<(), WriteError> {
        check(&self.target, seen)?;
        let put = self.file.persist(&self.target);
        put.map_err(|e| WriteError::Io {
            doing: "cannot replace it",
            source: e.error,
        })?;
        Ok(())
    }
}

/// Makes sure that a file is still the version that was seen.
pub(super) fn check(file: &Path, seen: Option<&Version>) -> Result<(), WriteError> {
    let Some(seen) = seen else {
        return Ok(());
    };
    let now = fs::metadata(file).map_err(WriteError::while_("cannot look at it again"))?;
    if Stamp::of(&now) == seen.stamp {
        Ok(())
    } else {
        Err(WriteError::Changed)
    }
}

/// Why a file of a copy has no place. What the copy holds already under its name can only be another file of the site.
pub(in crate::store) fn taken() -> io::Error {
    io::Error::new(
        io::ErrorKind::AlreadyExists,
        "another file of the site has this name already in the copy, whose file system does not tell apart capitals and \
         small letters",
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::io::Write as _;

    use super::*;

    #[test]
    fn reads_all_whatever_the_file_system_says_of_its_length() {
        let mut file = tempfile::tempfile().unwrap();
        for size in [0, 1, 31, 32, 33, 5_000, MOST_AT_ONCE + 100] {
            let written: Vec<u8> = (0..=250).cycle().take(size).collect();
            file.set_len(0).unwrap();
            std::io::Seek::rewind(&mut file).unwrap();
            file.write_all(&written).unwrap();
            for length in [0, 1, size / 2, size, size + 1, usize::MAX] {
                std::io::Seek::rewind(&mut file).unwrap();
                assert!(
                    content(&mut file, length).unwrap() == written,
                    "{size} as {length}"
                );
            }
        }
    }
}
