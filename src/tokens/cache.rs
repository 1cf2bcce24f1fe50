//! Minted tokens, kept for the next run in a folder of the user's own.

use std::fmt;
use std::fs::{self, DirBuilder, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use etcetera::BaseStrategy as _;
use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;

use crate::api::OperatorToken;
use crate::settings::{Operator, Organization};

/// The ending of a cached token's file name.
const SUFFIX: &str = ".json";

/// What runs hold while they mint.
const LOCK: &str = "lock";

/// Longer than any file with a token, in bytes.
const LONGEST: u64 = 64 << 10;

/// The folder of cached tokens. Displays as its path.
#[derive(Debug)]
pub struct Cache {
    folder: PathBuf,
}

/// What a token is for. The company's credential has no part in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    api: String,
    /// Its name in `chathub.toml`: two names of one organization have a token each.
    name: String,
    organization: u64,
    /// The operator's id or name; none: the first active one.
    operator: Option<String>,
}

impl Key {
    /// Of an organization of this name in the configuration, at the API of this address.
    #[must_use]
    pub fn new(api: &str, name: &str, organization: &Organization) -> Self {
        let operator = organization
            .operator
            .as_ref()
            .map(|operator| match operator {
                Operator::Id(id) => id.to_string(),
                Operator::Name(name) => format!("\"{name}\""),
            });
        Self {
            api: api.to_owned(),
            name: name.to_owned(),
            organization: organization.id,
            operator,
        }
    }

    fn file_name(&self) -> String {
        let mut hash = Sha256::new();
        let operator = self.operator.as_deref().unwrap_or_default();
        for part in [
            &self.api,
            &self.name,
            &self.organization.to_string(),
            operator,
        ] {
            hash.update(part.len().to_le_bytes());
            hash.update(part);
        }
        // Half of it is plenty to tell a handful of keys apart.
        let half = &hash.finalize()[..16];
        URL_SAFE_NO_PAD.encode(half) + SUFFIX
    }
}

/// What a file holds.
#[derive(Serialize, Deserialize)]
struct Entry {
    key: Key,
    token: String,
    expires_at: Timestamp,
}

impl Cache {
    /// The cache of the user who runs this: `chathub/tokens` in `XDG_CACHE_HOME` or `~/.cache`, or where the system
    /// keeps such things. None where the user has no home.
    #[must_use]
    pub fn of_user() -> Option<Self> {
        let folder = etcetera::choose_base_strategy().ok()?.cache_dir();
        // A relative one would lead into the working folder.
        folder.is_absolute().then(|| Self {
            folder: folder.join("chathub").join("tokens"),
        })
    }

    /// Such a folder anywhere else.
    #[must_use]
    pub fn at(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Keeps a token, in a folder that is made if need be.
    ///
    /// # Errors
    ///
    /// Those of the file system.
    pub fn keep(&self, key: &Key, token: &OperatorToken) -> io::Result<()> {
        self.make_folder()?;
        self.put(key, token)
    }

    /// Whether it lies in a site, where it would be published.
    pub(super) fn is_inside(&self, site: &Path) -> bool {
        let there = self
            .folder
            .ancestors()
            .find_map(|folder| fs::canonicalize(folder).ok());
        match (there, fs::canonicalize(site)) {
            (Some(there), Ok(site)) => there.starts_with(site),
            _ => false,
        }
    }

    /// Whether it lies in a folder because that is the home of the user who runs this, as some builds have it. Where
    /// `XDG_CACHE_HOME` says so, that is somebody's decision.
    pub(super) fn strays_into(&self, folder: &Path) -> bool {
        let named = std::env::var_os("XDG_CACHE_HOME").is_some_and(|named| !named.is_empty());
        !named && self.is_inside(folder)
    }

    /// Takes the cache for this process until the file is dropped, after the process that has it now. Makes the folder.
    pub(super) fn lock(&self) -> io::Result<File> {
        self.make_folder()?;
        let file = own()
            .write(true)
            .create(true)
            .truncate(false)
            .open(self.folder.join(LOCK))?;
        if !file.metadata()?.is_file() {
            return Err(io::Error::other("the lock is not a regular file"));
        }
        file.lock()?;
        Ok(file)
    }

    /// A token that is valid for longer than `min_ttl` from now. A file that others own or could read, or that is not as it was
    /// written, counts for nothing.
    #[must_use]
    pub fn get(&self, key: &Key, min_ttl: Duration) -> Option<OperatorToken> {
        let file = own()
            .read(true)
            .open(self.folder.join(key.file_name()))
            .ok()?;
        if !is_private(&file) {
            return None;
        }
        let entry: Entry = serde_json::from_reader(file.take(LONGEST)).ok()?;
        let left = entry.expires_at.duration_since(Timestamp::now());
        let enough = left > SignedDuration::try_from(min_ttl).unwrap_or(SignedDuration::MAX);
        (entry.key == *key && enough)
            .then(|| OperatorToken::new(entry.token.into(), entry.expires_at))
    }

    /// Keeps a token; a reader sees the old file or the new one.
    pub(super) fn put(&self, key: &Key, token: &OperatorToken) -> io::Result<()> {
        // Readable by the user alone from the beginning.
        let mut file = NamedTempFile::new_in(&self.folder)?;
        let entry = Entry {
            key: key.clone(),
            token: token.secret().expose_secret().to_owned(),
            expires_at: token.expires_at(),
        };
        file.write_all(serde_json::to_string(&entry)?.as_bytes())?;
        file.persist(self.folder.join(key.file_name()))?;
        Ok(())
    }

    /// Deletes every cached token, and what killed runs have left; how many tokens there were.
    pub fn clear(&self) -> io::Result<usize> {
        match fs::symlink_metadata(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
            _ => {}
        }
        // Looks at the folder first: what a link leads to is not ours to empty.
        let _lock = self.lock()?;
        let entries = fs::read_dir(&self.folder)?;
        let mut tokens = 0;
        for entry in entries {
            let entry = entry?;
            if entry.file_name() == LOCK {
                continue;
            }
            fs::remove_file(entry.path())?;
            tokens += usize::from(entry.file_name().to_string_lossy().ends_with(SUFFIX));
        }
        Ok(tokens)
    }

    #[cfg(unix)]
    fn make_folder(&self) -> io::Result<()> {
        use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.folder)?;
        if fs::symlink_metadata(&self.folder)?.is_symlink() {
            return Err(io::Error::other(
                "it is a symbolic link, which could lead anywhere; replace it by a folder",
            ));
        }
        // It may have been there; and this fails where it is another user's. By its handle, so that it is the folder itself.
        let folder = own().read(true).open(&self.folder)?;
        folder.set_permissions(fs::Permissions::from_mode(0o700))
    }

    #[cfg(not(unix))]
    fn make_folder(&self) -> io::Result<()> {
        DirBuilder::new().recursive(true).create(&self.folder)
    }
}

impl fmt::Display for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.folder.display().fmt(f)
    }
}

/// Opens what is in its place, not what a link leads to, and never waits for the other end of a pipe; new files are readable by
/// the user alone.
fn own() -> fs::OpenOptions {
    let mut options = File::options();
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt as _;
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
        options.mode(0o600).custom_flags(flags.bits().cast_signed());
    }
    options
}

#[cfg(unix)]
fn is_private(file: &File) -> bool {
    // What the group and everybody else may do.
    const OTHERS: u32 = 0o077;
    use std::os::unix::fs::MetadataExt as _;
    let user = rustix::process::geteuid().as_raw();
    file.metadata().is_ok_and(|metadata| {
        metadata.is_file() && metadata.uid() == user && metadata.mode() & OTHERS == 0
    })
}

#[cfg(not(unix))]
fn is_private(file: &File) -> bool {
    file.metadata().is_ok_and(|metadata| metadata.is_file())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use super::*;
    use crate::settings::FileLine;

    fn cache() -> (tempfile::TempDir, Cache) {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache {
            folder: folder.path().join("chathub/tokens"),
        };
        (folder, cache)
    }

    fn key(api: &str, name: &str, id: u64, operator: Option<Operator>) -> Key {
        let place = FileLine {
            file: Arc::from("chathub.toml"),
            line: 1,
        };
        let organization = Organization {
            id,
            operator,
            place,
            ..Organization::default()
        };
        Key::new(api, name, &organization)
    }

    fn token(text: &str, minutes: i64) -> OperatorToken {
        let expires_at = Timestamp::now() + SignedDuration::from_mins(minutes);
        OperatorToken::new(text.into(), expires_at)
    }

    #[test]
    fn every_part_of_the_key_counts() {
        let (_folder, cache) = cache();
        let _lock = cache.lock().unwrap();
        let keys = [
            key("https://a", "sales", 24, None),
            key("https://b", "sales", 24, None),
            key("https://a", "sale", 24, None),
            key("https://a", "sales", 6, None),
            key("https://a", "sales", 24, Some(Operator::Id(1))),
            key(
                "https://a",
                "sales",
                24,
                Some(Operator::Name("1".to_owned())),
            ),
        ];
        for (n, key) in keys.iter().enumerate() {
            assert!(cache.get(key, Duration::ZERO).is_none());
            cache.put(key, &token(&n.to_string(), 60)).unwrap();
        }
        for (n, key) in keys.iter().enumerate() {
            let found = cache.get(key, Duration::ZERO).unwrap();
            assert_eq!(found.secret().expose_secret(), n.to_string());
        }
    }

    #[test]
    fn tokens_that_expire_too_soon_are_not_taken() {
        let (_folder, cache) = cache();
        let _lock = cache.lock().unwrap();
        let key = key("https://a", "sales", 24, None);
        cache.put(&key, &token("x", 60)).unwrap();
        assert!(cache.get(&key, Duration::from_mins(59)).is_some());
        assert!(cache.get(&key, Duration::from_hours(1)).is_none());
        cache.put(&key, &token("x", -1)).unwrap();
        assert!(cache.get(&key, Duration::ZERO).is_none());
    }

    #[test]
    fn a_file_that_is_not_as_it_was_written_counts_for_nothing() {
        let (_folder, cache) = cache();
        let _lock = cache.lock().unwrap();
        let ours = key("https://a", "sales", 24, None);
        let other = key("https://a", "support", 6, None);
        cache.put(&ours, &token("x", 60)).unwrap();
        let file = |key: &Key| cache.folder.join(key.file_name());
        fs::copy(file(&ours), file(&other)).unwrap();
        assert!(cache.get(&other, Duration::ZERO).is_none());
        for content in ["", "{", "{\"token\":1}"] {
            fs::write(file(&ours), content).unwrap();
            assert!(cache.get(&ours, Duration::ZERO).is_none());
        }
    }

    #[cfg(unix)]
    #[test]
    fn only_the_user_can_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let (_folder, cache) = cache();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        fs::create_dir_all(&cache.folder).unwrap();
        fs::set_permissions(&cache.folder, fs::Permissions::from_mode(0o755)).unwrap();
        let _lock = cache.lock().unwrap();
        assert_eq!(mode(&cache.folder), 0o700);
        let key = key("https://a", "sales", 24, None);
        cache.put(&key, &token("x", 60)).unwrap();
        let file = cache.folder.join(key.file_name());
        assert_eq!(mode(&file), 0o600);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(cache.get(&key, Duration::ZERO).is_none());
    }

    #[test]
    fn clearing_counts_tokens_and_leaves_nothing() {
        let (_folder, cache) = cache();
        assert_eq!(cache.clear().unwrap(), 0);
        let lock = cache.lock().unwrap();
        for id in 0..3 {
            let key = key("https://a", "sales", id, None);
            cache.put(&key, &token("x", 60)).unwrap();
        }
        fs::write(cache.folder.join(".tmpLeft"), "x").unwrap();
        drop(lock);
        assert_eq!(cache.clear().unwrap(), 3);
        assert_eq!(fs::read_dir(&cache.folder).unwrap().count(), 1);
    }
}
