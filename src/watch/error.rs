//! Why the system does not say what changes.

use notify::ErrorKind;

/// EMFILE
const TOO_MANY_FILES: i32 = 24;

/// Why the system does not say what changes.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// It watches no more folders.
    #[error("the system's limit of watched folders is reached")]
    Folders,
    /// It lets no more programs watch.
    #[error("the system's limit of watching programs is reached")]
    Programs,
    /// Something else.
    #[error("the system does not report changes: {0}")]
    Else(#[source] notify::Error),
}

impl From<notify::Error> for WatchError {
    fn from(error: notify::Error) -> Self {
        match &error.kind {
            ErrorKind::MaxFilesWatch => Self::Folders,
            ErrorKind::Io(io) if io.raw_os_error() == Some(TOO_MANY_FILES) => Self::Programs,
            _ => Self::Else(error),
        }
    }
}

impl WatchError {
    /// What to do about it, if that is known.
    #[must_use]
    pub fn remedy(&self) -> Option<&'static str> {
        match self {
            Self::Folders => Some("sudo sysctl fs.inotify.max_user_watches=1048576"),
            Self::Programs => Some("sudo sysctl fs.inotify.max_user_instances=1024"),
            Self::Else(_) => None,
        }
    }
}
