//! What is said on standard error: errors with their causes, and never a secret.

use std::fmt::Display;
use std::io::Write as _;

use crate::redact;
use crate::report::{aside, escape};
use crate::settings::ConfigError;

/// An error that ends the run before it begins.
pub(super) fn print_error(error: &anyhow::Error) {
    if let Some(error) = error.downcast_ref::<ConfigError>() {
        say(error.render(true));
        return;
    }
    let bold = anstyle::Style::new().bold();
    let red = bold.fg_color(Some(anstyle::AnsiColor::Red.into()));
    say(format_args!(
        "{red}error{red:#}{bold}:{bold:#} {}",
        escape(&with_causes(error))
    ));
}

/// An error and its causes, each of which is said once: many errors quote their cause.
pub(super) fn with_causes(error: &anyhow::Error) -> String {
    let mut said = String::new();
    for cause in error.chain() {
        let cause = cause.to_string();
        if said.is_empty() {
            said = cause;
        } else if !said.contains(&cause) {
            said = format!("{said}: {cause}");
        }
    }
    said
}

/// Says something on standard error. It is not an error if nobody reads it.
///
/// Errors quote what was typed, clap's own, too; a secret in the wrong place is not repeated.
pub(super) fn say(text: impl Display) {
    let text = redact::mask(&text.to_string());
    let _ = aside(|| writeln!(anstream::stderr(), "{text}"));
}

#[cfg(test)]
mod tests {
    use std::io;

    use anyhow::anyhow;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("no place: {source}; make some")]
    struct Quotes {
        source: io::Error,
    }

    #[derive(Debug, thiserror::Error)]
    #[error("no place")]
    struct Conceals(#[source] io::Error);

    #[test]
    fn each_cause_is_said_once() {
        let cause = || io::Error::other("the disk is full");
        let quotes = anyhow!(Quotes { source: cause() }).context("the report is not written");
        assert_eq!(
            with_causes(&quotes),
            "the report is not written: no place: the disk is full; make some"
        );
        let conceals = anyhow!(Conceals(cause()));
        assert_eq!(with_causes(&conceals), "no place: the disk is full");
    }
}
