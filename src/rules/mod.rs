//! Which page gets which organization: globs, languages and precedence turn a page into an [`Assignment`].

mod types;

pub use types::{Assignment, Because, Directive, Page, Tried, UnusedRule, Wanted};
