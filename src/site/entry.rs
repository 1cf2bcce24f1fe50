//! What the walk comes across.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::file::PageFile;
use super::path::PagePath;

/// What counts as a page.
#[derive(Debug, Clone)]
pub struct WalkOptions {
    /// File name extensions of pages, without the dot; compared without regard to case.
    pub extensions: Vec<String>,
    /// Pages in folders whose name begins with a dot are pages, too.
    pub hidden: bool,
    /// Name of the files that carry a folder's own rules.
    pub folder_config: &'static str,
    /// Whether files that are no pages are wanted as well.
    pub everything: bool,
    /// A folder beside the site that links may lead to.
    pub link_root: Option<PathBuf>,
}

/// What the walk comes across. `F` is what a folder means to its pages, such as the rules in force there.
#[derive(Debug)]
pub enum Entry<F> {
    /// A page, with its folder's meaning.
    Page(PageFile, Arc<F>),
    /// A link to a page that the walk takes up by another path.
    Alias(Alias<F>),
    /// A page by its name, but not to be touched.
    Skipped(PagePath, PathBuf, Skipped),
    /// A folder that cannot be listed, or an entry that vanished.
    Unreadable(PagePath, io::Error),
    /// A temporary file that a killed run left behind.
    Leftover(PathBuf),
    /// A folder's own rules.
    FolderConfig(PagePath, PathBuf),
    /// Anything else; only with [`WalkOptions::everything`].
    Other(PagePath, PathBuf),
}

/// A link to a page that the walk takes up by another path.
#[derive(Debug)]
pub struct Alias<F> {
    /// The page by the link's path, with the copies beside the link.
    pub page: PageFile,
    /// The meaning of the folder that the link is in.
    pub folder: Arc<F>,
    /// The page's other path.
    pub other: PagePath,
    /// The meaning of the folder that it is in by that.
    pub other_folder: Arc<F>,
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
    /// A symbolic link to what the walk meets by itself, or has met.
    #[error("symbolic link to another page")]
    Elsewhere(PagePath),
    /// A symbolic link to a folder whose pages the walk meets by itself, or has met.
    #[error("symbolic link to another folder, by whose path its pages are handled")]
    ElsewhereFolder(PagePath),
}
