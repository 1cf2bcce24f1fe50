//! What `inject` publishes in static mode besides the pages: the tokens of the organizations that pages use.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};

use super::log;
use super::session::pool;
use super::settings::Settings;
use crate::report::Progress;
use crate::rules::RuleSet;
use crate::run::Purpose;
use crate::settings::Config;
use crate::steps::in_use;
use crate::store::{Dry, Folder};
use crate::tokens::{self, Token, Tokens};

/// What there is to publish.
#[derive(Default)]
pub(super) enum Publication {
    /// Nothing but pages.
    #[default]
    Nothing,
    /// Not even pages: there are no credentials, and that is allowed.
    NoCredentials,
    /// Tokens.
    Tokens {
        /// By organization.
        tokens: BTreeMap<String, Token>,
        /// Those that a dry run has nothing but a word for.
        would_mint: BTreeSet<String>,
    },
}

impl Publication {
    /// Gets the tokens. The site is as it was whatever comes of it.
    pub(super) fn new(settings: &Settings, site: &Path, dry: bool) -> anyhow::Result<Self> {
        log::to_stderr(settings.verbosity);
        let run = Run {
            settings,
            site: site.to_owned(),
            rules: Arc::new(RuleSet::new(&settings.config)?),
            waiting: RefCell::default(),
        };
        Ok(match tokens::resolve(&settings.config, &run, dry)? {
            Tokens::Ready {
                published,
                would_mint,
            } => Self::Tokens {
                tokens: published,
                would_mint,
            },
            Tokens::NoCredentials => Self::NoCredentials,
        })
    }

    /// What pages are examined for.
    pub(super) fn purpose(&self) -> Purpose {
        match self {
            Self::Nothing | Self::Tokens { .. } => Purpose::Ensure,
            Self::NoCredentials => Purpose::Leave,
        }
    }

    /// The tokens by organization.
    pub(super) fn secrets(&self) -> BTreeMap<String, SecretString> {
        match self {
            Self::Nothing | Self::NoCredentials => BTreeMap::new(),
            Self::Tokens { tokens, .. } => tokens
                .iter()
                .map(|(name, token)| (name.clone(), token.secret.clone()))
                .collect(),
        }
    }

    /// Whether there is something for the pages of this organization.
    pub(super) fn has(&self, organization: &str) -> bool {
        match self {
            Self::Nothing | Self::NoCredentials => true,
            Self::Tokens { tokens, .. } => tokens.contains_key(organization),
        }
    }

    /// Whether another one has the same for pages.
    pub(super) fn publishes_the_same(&self, other: &Self) -> bool {
        let text = |token: &Token| token.secret.expose_secret().to_owned();
        let same = |(one, other): (&Token, &Token)| text(one) == text(other);
        match (self, other) {
            (Self::Tokens { tokens, .. }, Self::Tokens { tokens: others, .. }) => {
                tokens.keys().eq(others.keys()) && tokens.values().zip(others.values()).all(same)
            }
            (Self::Nothing, Self::Nothing) | (Self::NoCredentials, Self::NoCredentials) => true,
            _ => false,
        }
    }

    /// When the first of the tokens expires.
    pub(super) fn expires_at(&self) -> Option<Timestamp> {
        match self {
            Self::Nothing | Self::NoCredentials => None,
            Self::Tokens { tokens, .. } => {
                tokens.values().filter_map(|token| token.expires_at).min()
            }
        }
    }

    /// What the user must know, now that the pages are done.
    pub(super) fn notices(
        &self,
        config: &Config,
        is_used: impl Fn(&str) -> bool,
        is_cancelled: bool,
    ) -> Vec<String> {
        let (tokens, would_mint) = match self {
            Self::Nothing => return Vec::new(),
            Self::NoCredentials => {
                return vec![
                    "there are no credentials for tokens, and if-no-credentials = \"skip\": every page stays as it is"
                        .to_owned(),
                ];
            }
            Self::Tokens { tokens, would_mint } => (tokens, would_mint),
        };
        let of = |name: &String| {
            let is_used = is_used(name);
            match tokens.get(name) {
                // Pages that were not looked at may use it.
                _ if !is_used && is_cancelled => None,
                _ if !is_used => Some(format!(
                    "no page uses the organization `{name}`: it needs no token"
                )),
                Some(_) if would_mint.contains(name) => Some(format!(
                    "a token for `{name}` would be minted; a dry run asks the ChatHub API for nothing"
                )),
                Some(token) => Some(format!(
                    "static mode publishes the operator token of `{name}` ({}): anyone who reads a page can use it until {}",
                    token.shown, token.expires
                )),
                // Its pages are refused, and say why.
                None => None,
            }
        };
        config.organizations.keys().filter_map(of).collect()
    }
}

/// The run that tokens are for.
struct Run<'a> {
    settings: &'a Settings,
    site: PathBuf,
    rules: Arc<RuleSet>,
    /// What is shown while the API is asked.
    waiting: RefCell<Option<Progress>>,
}

impl tokens::Run for Run<'_> {
    fn site(&self) -> &Path {
        &self.site
    }

    fn in_use(&self, organizations: BTreeSet<String>) -> io::Result<BTreeSet<String>> {
        drop(self.waiting.take());
        let (settings, site, rules) = (self.settings, &self.site, &self.rules);
        let progress = Progress::before(settings.progress, "looking for organizations");
        let pool = pool(settings).map_err(io::Error::other)?;
        pool.install(|| {
            in_use(
                &Dry(Folder::new(site)),
                &settings.config,
                rules,
                &organizations,
                |page| {
                    progress.page(&page.path);
                },
            )
        })
    }

    fn asking(&self, organization: &str) {
        let what = format!("asking the ChatHub API about a token for `{organization}`");
        // The old line goes before the new one comes.
        drop(self.waiting.take());
        self.waiting
            .replace(Some(Progress::waiting(self.settings.progress, &what)));
    }
}
