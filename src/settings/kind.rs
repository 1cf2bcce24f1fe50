//! What values look like.

/// What a value looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`; a variable may also say `1` or `0`.
    Flag,
    /// A whole number, from the first to the second.
    Count(u64, u64),
    /// A string.
    Text,
    /// A length of time: whole numbers with units.
    Duration,
    /// A path of the file system.
    Path,
    /// One of these words; each with what it means.
    Choice(&'static [(&'static str, &'static str)]),
    /// A string, or an array of strings; a variable has commas between them.
    List,
    /// Where a secret comes from: `env`, `file` or `command`.
    Secret,
    /// An id or a name.
    Operator,
}
