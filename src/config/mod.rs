//! `chathub.toml`: discovery, layers, merging, and errors with line and column.

mod model;

pub use model::{
    Config, FailOn, Level, Load, Mode, Operator, Organization, Pages, Place, Placeholder, Position,
    RuleSpec, Siblings, TokenSource, Verify, Wants, Widget,
};
