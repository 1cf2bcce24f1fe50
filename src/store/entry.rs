//! What a site consists of, as a store lists it.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::coding::Coding;
use super::path::PagePath;

/// What counts as a page.
#[derive(Debug, Clone)]
pub struct ListOptions {
    /// File name extensions of pages, without the dot; compared without regard to case.
    pub extensions: Vec<String>,
    /// Pages in folders whose name begins with a dot are pages, too.
    pub hidden: bool,
    /// Name of the files that carry a folder's own rules.
    pub folder_config: &'static str,
    /// Whether a file of this name may say something about pages, and so has to be known before them.
    pub lists: fn(&OsStr) -> bool,
    /// Whether files that are not pages are wanted as well.
    pub everything: bool,
    /// Whether rules tell paths apart: pages behind a link to a folder are of interest then, though others are handled.
    pub rules: bool,
    /// A folder beside the site that links may lead to.
    pub link_root: Option<PathBuf>,
}

impl ListOptions {
    /// Whether a file of this name is a page.
    pub(super) fn is_page(&self, name: impl AsRef<Path>) -> bool {
        let extension = name.as_ref().extension();
        extension.is_some_and(|e| {
            self.extensions
                .iter()
                .any(|page| e.eq_ignore_ascii_case(page))
        })
    }
}

/// What a store has at a path.
#[derive(Debug)]
pub enum Entry {
    /// A page.
    Page(PageFile),
    /// A link to a page that is listed by another path.
    Alias(Alias),
    /// A page by its name, but not to be touched.
    Skipped(Handle, Skipped),
    /// A folder that cannot be listed, or an entry that vanished.
    Unreadable(PagePath, io::Error),
    /// A temporary file that a killed run left behind.
    Leftover(Handle),
    /// A folder has rules of its own, which hold for what comes next. What carries them need not be a file.
    Rules(Arc<FolderConfig>),
    /// The file that carries a folder's own rules.
    FolderConfig(Arc<FolderConfig>),
    /// A file that may say something about pages, before those of its folder. It is met once more as anything else is.
    List(Handle),
    /// Anything else; only with [`ListOptions::everything`].
    Other(Handle),
}

/// A file in a store.
#[derive(Debug, Clone)]
pub struct Handle {
    /// Its name to rules and reports.
    pub path: PagePath,
    /// Where it really is; behind a symbolic link, the target.
    pub(super) file: PathBuf,
    /// The symbolic link by which the site has it, if there is one.
    pub(super) link: Option<PathBuf>,
    pub(super) reach: Reach,
}

/// How far what is written to a file may reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// It is the site's to write.
    Own,
    /// It is not, and a file may take the place of the link to it.
    Link,
    /// It is outside the site, behind a link to a folder that it is in: it is only read.
    Outside,
}

impl Handle {
    /// A file that is the site's own, by no link.
    pub(crate) fn own(path: PagePath, file: PathBuf) -> Self {
        Self {
            path,
            file,
            link: None,
            reach: Reach::Own,
        }
    }

    /// What its store knows it by.
    #[cfg(feature = "live")]
    pub(crate) fn named(&self) -> &Path {
        &self.file
    }

    /// Where the site has it; its compressed copies are beside that.
    pub(super) fn place(&self) -> &Path {
        self.link.as_deref().unwrap_or(&self.file)
    }

    /// Whether it is the site's own, by no link.
    #[must_use]
    pub fn is_own(&self) -> bool {
        self.reach == Reach::Own && self.link.is_none()
    }

    /// Whether it is a link to what the site has by another path.
    #[must_use]
    pub fn is_elsewhere(&self) -> bool {
        self.reach == Reach::Own && self.link.is_some()
    }

    /// What names the compressed copy beside a page, which may be a link.
    #[must_use]
    pub fn beside(&self, coding: Coding) -> Self {
        let path = [self.path.as_bytes(), coding.extension().as_bytes()].concat();
        Self::own(PagePath::from_bytes(path), coding.path(self.place()))
    }
}

/// A page's file.
#[derive(Debug, Clone)]
pub struct PageFile {
    /// The file.
    pub file: Handle,
    /// The codings of which a compressed copy lies beside it.
    pub siblings: Vec<Coding>,
    /// The rules in force in its folder, other than those of the site.
    pub rules: Option<Arc<FolderConfig>>,
}

/// A rules file that holds in its folder and below.
#[derive(Debug)]
pub struct FolderConfig {
    /// The folder.
    pub folder: PagePath,
    /// The file.
    pub file: Handle,
    /// The one that holds in the folder above.
    pub above: Option<Arc<FolderConfig>>,
}

/// A link to a page that is listed by another path.
#[derive(Debug)]
pub struct Alias {
    /// The page by the link's path, with the copies beside the link.
    pub page: PageFile,
    /// The page's other path.
    pub other: PagePath,
    /// The rules in force in the folder that it is in by that.
    pub other_rules: Option<Arc<FolderConfig>>,
    /// It is behind a link to a folder, and no link itself: the path of the folder that this leads to. `page` has neither its copies
    /// nor the rules of that folder and those below it, which are the same by both paths.
    pub through: Option<PagePath>,
}

/// Why a file that looks like a page is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Skipped {
    /// In a folder whose name begins with a dot.
    #[error("in a hidden folder")]
    Hidden,
    /// A FIFO, socket or device.
    #[error("not a regular file")]
    NotRegular,
    /// A symbolic link to something outside the site.
    #[error("a symbolic link that leaves the site")]
    LeavesSite,
    /// A symbolic link to nothing.
    #[error("a broken symbolic link")]
    Broken,
    /// A compressed page, and the page is not beside it.
    #[error("a compressed page without the page beside it")]
    Alone,
    /// A symbolic link to what the walk meets by itself, or has met.
    #[error("symbolic link to another page")]
    Elsewhere(PagePath),
    /// A symbolic link to a folder whose pages the walk meets by itself, or has met.
    #[error("symbolic link to another folder, by whose path its pages are handled")]
    ElsewhereFolder(PagePath),
}
