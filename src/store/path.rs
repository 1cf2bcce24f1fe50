//! Page paths: where a file is in its site, the same on every platform.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::PathBuf;

/// The path of a file relative to its site, with `/` between folders on every platform. It is the file's name to
/// rules and reports; files are opened by their real path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct PagePath(Vec<u8>);

impl PagePath {
    /// The path of an entry of the folder that this is the path of; the site's own path is the empty one.
    #[must_use]
    pub fn join(&self, name: &OsStr) -> Self {
        let mut path = self.0.clone();
        if !path.is_empty() {
            path.push(b'/');
        }
        path.extend_from_slice(name.as_encoded_bytes());
        Self(path)
    }

    /// A path that was put together.
    #[must_use]
    pub fn from_bytes(path: Vec<u8>) -> Self {
        Self(path)
    }

    /// The path's bytes; on Unix, what the file system has.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The path as this platform writes it, relative to the site.
    #[must_use]
    pub fn to_path(&self) -> PathBuf {
        #[cfg(unix)]
        {
            use std::os::unix::ffi::OsStrExt;
            PathBuf::from(OsStr::from_bytes(&self.0))
        }
        #[cfg(not(unix))]
        {
            String::from_utf8_lossy(&self.0).split('/').collect()
        }
    }

    /// A file's own name.
    #[must_use]
    pub fn file_name(&self) -> OsString {
        let path = self.to_path();
        path.file_name().unwrap_or_default().to_owned()
    }

    /// The path of the folder that a file is in.
    #[must_use]
    pub fn parent(&self) -> Self {
        let end = memchr::memrchr(b'/', &self.0).unwrap_or(0);
        Self(self.0[..end].to_vec())
    }
}

impl From<&str> for PagePath {
    fn from(path: &str) -> Self {
        Self(path.as_bytes().to_vec())
    }
}

/// Bytes that are not UTF-8 as `\xNN`, so that two paths never look the same and nothing is lost.
impl fmt::Display for PagePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            f.write_str(chunk.valid())?;
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02X}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joins_with_slashes_and_shows_what_is_not_text() {
        let path = PagePath::default()
            .join(OsStr::new("shop"))
            .join(OsStr::new("index.html"));
        assert_eq!(path.to_string(), "shop/index.html");
        assert_eq!(path.parent().to_string(), "shop");
        assert_eq!(
            PagePath(b"caf\xE9.html".to_vec()).to_string(),
            "caf\\xE9.html"
        );
    }
}
