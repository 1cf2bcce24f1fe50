//! How much is asked of a server.

use std::time::Duration;

/// How many pages are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Most {
    /// All that there are.
    All,
    /// So many, evenly from all rules and folders.
    Pages(usize),
}

/// How much is asked of the server.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How many pages are judged.
    pub pages: Most,
    /// How many requests are under way at once.
    pub connections: usize,
    /// How long one may take.
    pub timeout: Duration,
}
