//! What pages are to have, as other programs say it.

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};

use super::error::Error;
use crate::redact::register;
use crate::rules::RuleSet;
use crate::settings::{Config, Inputs, Layer, Mode, load_layers};
use crate::steps::verify;
use crate::token::Judge;

/// What the pages of a site are to have: which product, for which organizations, in which folders and languages. It is what
/// `chathub.toml` says; the environment and files that are not named are not read.
///
/// ```
/// let policy = chathub::Policy::from_toml(r#"
///     default-organization = "support"
///     [organizations]
///     support.id = 6
///     sales.id = 24
///     [[rules]]
///     match = ["shop/**"]
///     organization = "sales"
/// "#)?;
/// # drop(policy);
/// # Ok::<(), chathub::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Policy {
    pub(super) config: Config,
    /// Operator tokens of static mode, by organization.
    tokens: BTreeMap<String, SecretString>,
    /// What must not be in pages, in all ways to write it.
    pub(super) secrets: Vec<(&'static str, SecretString)>,
}

/// Puts a [`Policy`] together. What comes later wins; rules of several texts and files are appended, so that later ones are stronger.
///
/// ```
/// let policy = chathub::Policy::builder()
///     .toml("[organizations]\nsupport.id = 6")
///     .set("default-organization", "support")
///     .set("placeholder.endpoint", "https://chat.example.com/token")
///     .build()?;
/// # drop(policy);
/// // Everything that is wrong is said at once, with its place and what to do.
/// let error = chathub::Policy::builder().set("plaecholder.endpoint", "/x").build().unwrap_err();
/// assert!(error.to_string().contains("did you mean `placeholder.endpoint`?"));
/// # Ok::<(), chathub::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct PolicyBuilder {
    layers: Vec<Layer>,
    texts: usize,
    tokens: BTreeMap<String, SecretString>,
    secrets: Vec<SecretString>,
}

impl Policy {
    /// Begins with the defaults: placeholder mode, and a loader on every page.
    pub fn builder() -> PolicyBuilder {
        PolicyBuilder::default()
    }

    /// The policy that a text says, in the language of `chathub.toml`.
    ///
    /// # Errors
    ///
    /// [`Error::Policy`]
    pub fn from_toml(text: &str) -> Result<Self, Error> {
        Self::builder().toml(text).build()
    }

    /// The policy that a file such as `chathub.toml` says. Relative paths in it are relative to its folder.
    ///
    /// # Errors
    ///
    /// [`Error::Policy`]
    pub fn from_file(file: impl AsRef<Path>) -> Result<Self, Error> {
        Self::builder().file(file).build()
    }

    /// The tokens that static mode publishes. They are judged now, since they expire.
    pub(super) fn tokens(&self) -> Result<&BTreeMap<String, SecretString>, Error> {
        if self.config.mode == Mode::Static {
            let least = i64::try_from(self.config.verify.min_ttl.as_secs()).unwrap_or(i64::MAX);
            let judge = Judge::at(Timestamp::now().as_second()).for_at_least(least);
            for (name, token) in &self.tokens {
                judge.judge(token.expose_secret()).map_err(|why| {
                    Error::Policy(format!("the operator token of `{name}`: {why}"))
                })?;
            }
        }
        Ok(&self.tokens)
    }
}

impl PolicyBuilder {
    /// Adds what a text says, in the language of `chathub.toml`. Messages and reports call it `policy`, further ones `policy 2` and so on.
    pub fn toml(mut self, text: impl Into<String>) -> Self {
        self.texts += 1;
        let name = match self.texts {
            1 => "policy".to_owned(),
            number => format!("policy {number}"),
        };
        self.layers.push(Layer::Text(name, text.into()));
        self
    }

    /// Adds what a file says, which has to exist.
    pub fn file(mut self, file: impl AsRef<Path>) -> Self {
        self.layers.push(Layer::File(file.as_ref().to_owned()));
        self
    }

    /// Sets a setting by its path in `chathub.toml`, such as `placeholder.endpoint`. Lists are separated by commas.
    pub fn set(mut self, path: &str, value: impl Into<String>) -> Self {
        let value = value.into().into();
        self.layers.push(Layer::Setting(path.to_owned(), value));
        self
    }

    /// Gives the operator token of an organization, which static mode publishes. It is asked for by nobody: a program gets it from
    /// the ChatHub API, and is to give out none that it cannot replace.
    pub fn token(mut self, organization: &str, token: impl Into<String>) -> Self {
        let token = SecretString::from(token.into());
        self.tokens.insert(organization.to_owned(), token);
        self
    }

    /// Names a secret, such as the company token: it is shown in no report, and [`verify`](crate::verify) finds it in pages, however it is
    /// written there. One of less than eight characters is taken for a word.
    pub fn secret(mut self, secret: impl Into<String>) -> Self {
        self.secrets.push(SecretString::from(secret.into()));
        self
    }

    /// The policy.
    ///
    /// # Errors
    ///
    /// [`Error::Policy`], with everything that is wrong.
    pub fn build(self) -> Result<Policy, Error> {
        let config = load_layers(
            &self.layers,
            &Inputs {
                // Only for relative paths; where there is no working folder, they stay relative.
                folder: env::current_dir().unwrap_or_else(|_| PathBuf::new()),
                known_rules: &verify::ids(),
                ..Inputs::default()
            },
        )?;
        RuleSet::new(&config)?;
        if let Some(name) = self
            .tokens
            .keys()
            .find(|name| !config.organizations.contains_key(*name))
        {
            return Err(Error::Policy(format!(
                "there is a token for the organization `{name}`, which is not configured with the operator widget"
            )));
        }
        for secret in &self.secrets {
            register(secret);
        }
        let long_enough = self
            .secrets
            .iter()
            .filter(|secret| secret.expose_secret().len() >= 8);
        Ok(Policy {
            secrets: long_enough
                .map(|secret| ("secret", secret.clone()))
                .collect(),
            config,
            tokens: self.tokens,
        })
    }
}
