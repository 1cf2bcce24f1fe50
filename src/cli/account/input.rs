//! The token that a command is about.

use std::io::{self, IsTerminal as _, Read as _};

use anyhow::Context as _;
use secrecy::SecretString;

use super::args::InputArgs;
use crate::cli::say::say;
use crate::redact;
use crate::secret;
use crate::settings::SecretSource;

/// Longer than any token, in bytes: what is given by mistake is not read to its end.
const LONGEST_INPUT: u64 = 64 << 10;

/// The token that a command is about: from a variable, a file, or standard input.
pub(super) fn read(input: &InputArgs) -> anyhow::Result<SecretString> {
    let source = match (&input.env, &input.file) {
        (Some(variable), _) => Some(SecretSource::Env(variable.clone())),
        (_, Some(file)) => Some(SecretSource::File(file.clone())),
        (None, None) => None,
    };
    if let Some(source) = source {
        return Ok(secret::read(&source)?);
    }
    let mut text = String::new();
    if io::stdin().is_terminal() {
        say("paste the token, and press Enter:");
        io::stdin().read_line(&mut text)
    } else {
        io::stdin().take(LONGEST_INPUT).read_to_string(&mut text)
    }
    .context("standard input cannot be read as text")?;
    let token = text.trim_end_matches(['\n', '\r']).into();
    redact::register(&token);
    Ok(token)
}
