//! Why something could not be written.

use std::io;

use super::cancel::is_stop;

/// Why a page could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Someone else wrote the page since it was read.
    #[error("it changed while it was being processed; is a generator still running?")]
    Changed,
    /// The file's owner could not be kept.
    #[error(
        "its owner cannot be kept ({0}); run as its owner or as root, or write to another folder with --output"
    )]
    Owner(io::Error),
    /// Its group could not be kept, and matters.
    #[error(
        "its group cannot be kept ({source}), and by its mode {mode:o} the group has rights of its own; run as a member \
         of the group {group} or as root, or write to another folder with --output"
    )]
    Group {
        /// The group.
        group: u32,
        /// The file's mode.
        mode: u32,
        /// The system's reason.
        source: io::Error,
    },
    /// An extended attribute, such as its access control list, could not be kept.
    #[error(
        "its attribute {name} cannot be kept ({source}); run as root, or write to another folder with --output"
    )]
    Attribute {
        /// The attribute's name.
        name: String,
        /// The system's reason.
        source: io::Error,
    },
    /// A compressed copy of the page could not be written, and so the page was not.
    #[error("its copy {extension}: {source}")]
    Copy {
        /// The copy's extension.
        extension: &'static str,
        /// Why.
        source: Box<WriteError>,
    },
    /// The page is in a folder outside the site that a link in it leads to.
    #[error(
        "a link to its folder leads out of the site, and nothing outside the site is written; write to another folder \
         with --output"
    )]
    Outside,
    /// The file system refused.
    #[error("{doing}: {source}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// Its reason.
        source: io::Error,
    },
}

impl WriteError {
    /// Whether it was given up because the run is to stop.
    pub(crate) fn is_stop(&self) -> bool {
        match self {
            Self::Copy { source, .. } => source.is_stop(),
            Self::Io { source, .. } => is_stop(source),
            _ => false,
        }
    }

    /// Says that it is about a compressed copy.
    pub(crate) fn of_copy(self, extension: &'static str) -> Self {
        Self::Copy {
            extension,
            source: Box::new(self),
        }
    }

    /// What was being done when the system refused.
    pub(crate) fn while_(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, source }
    }
}
