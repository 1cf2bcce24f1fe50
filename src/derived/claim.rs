//! What a list says, as data.

use std::ops::Range;

use super::{Stamp, Written};

/// The longest file that is read as a list. The list of a million pages with Angular has some 120 MB.
pub const MOST: u64 = 256 << 20;

/// Something that a list says about a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The file, as the list names it.
    pub url: String,
    /// Where the list has what it says about it.
    pub span: Range<usize>,
    /// How that is written.
    pub written: Written,
    /// It cannot be anything else than what `written` says, so that another value is wrong.
    pub is_sure: bool,
}

/// What a file says about others.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct List {
    /// In the order of the file.
    pub claims: Vec<Claim>,
    /// Files that a worker keeps by name alone.
    pub names: Vec<String>,
    /// Scripts that a worker imports, in which its list may be.
    pub imports: Vec<String>,
    /// The stamp at its end.
    pub stamp: Stamp,
}

/// Why a list cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Unreadable {
    /// The reason.
    pub why: String,
    /// Where in the file.
    pub at: usize,
}
