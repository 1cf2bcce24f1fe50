//! Which page gets which organization: globs, languages and precedence turn a page into an [`Assignment`].
//!
//! A [`RuleSet`] is compiled once from the configuration; a folder with rules of its own gets a child set
//! ([`RuleSet::with_folder`]). The page's own directive has the last word, then the strongest rule that holds, then
//! the default.

mod error;
mod overrides;
mod patterns;
mod rule;
mod set;
#[cfg(test)]
mod testing;
mod types;

pub use error::RuleError;
pub use overrides::Overrides;
pub use set::RuleSet;
pub use types::{
    Assignment, Because, Brackets, Directive, LeastPages, Page, Tried, UnusedPattern, UnusedRule,
    Wanted,
};
