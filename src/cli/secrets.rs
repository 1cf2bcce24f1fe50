//! Which strings must never be shown.

use secrecy::{ExposeSecret, SecretString};

use crate::secret;
use crate::settings::{Api, SecretSource};
use crate::steps::verify::SECRET_VARIABLES;

/// The company's secrets, as far as they are at hand: they are looked for in the site and never shown.
/// Commands are not run for that.
pub(super) fn secrets(api: &Api) -> Vec<(&'static str, SecretString)> {
    let variables = SECRET_VARIABLES
        .map(|(variable, name)| (name, Some(SecretSource::Env(variable.to_owned()))));
    let configured = [
        ("company token", api.company_token.clone()),
        ("password", api.password.clone()),
    ];
    let value = |(name, source): (&'static str, Option<SecretSource>)| {
        let source = source.filter(|source| !matches!(source, SecretSource::Command(_)))?;
        Some((name, secret::read(&source).ok()?))
    };
    let long_enough = |(_, secret): &(&str, SecretString)| secret.expose_secret().len() >= 8;
    let sources = variables.into_iter().chain(configured);
    sources.filter_map(value).filter(long_enough).collect()
}
