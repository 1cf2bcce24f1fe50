//! A page that is to be opened, and what it should show.

use percent_encoding::{AsciiSet, CONTROLS, percent_encode};
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::settings::Config;
use crate::steps::verify::Sampled;
use crate::widget::Kind;

/// What a path cannot hold as it is (URL standard), and `%`, which is the beginning of what is encoded.
const PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'}');

/// A page that is to be opened.
#[derive(Debug, Clone)]
pub struct Visit {
    /// Its path in the site.
    pub page: String,
    /// Where it is.
    pub url: Url,
    /// The chat that it should have.
    pub chat: Chat,
    /// It has another of the vendor's widgets, which the files tell already.
    pub has_others: bool,
}

/// The chat that a page should have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chat {
    /// None.
    Nothing,
    /// One that a consent tool of the page's own starts.
    Held,
    /// One that the runtime starts.
    Loader {
        /// None: the endpoint chooses; several: the visitor does.
        organizations: Vec<String>,
        /// It waits for consent.
        consent: bool,
        /// When it loads.
        load: String,
    },
    /// The operator widget, with a token in the page.
    Widget {
        /// Whose.
        organization: String,
        /// SHA-256 of the tokens in the page's file.
        tokens: Vec<[u8; 32]>,
    },
    /// The customer widget.
    Customer {
        /// By which the vendor knows whose.
        guid: String,
    },
}

/// The digest of a token.
pub(super) fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

impl Visit {
    /// A page of a folder.
    #[must_use]
    pub fn of(sampled: &Sampled, config: &Config) -> Option<Self> {
        let path = sampled.path.as_bytes();
        // As visitors have it.
        let path = path
            .strip_suffix(b"index.html")
            .filter(|folder| folder.is_empty() || folder.ends_with(b"/"))
            .unwrap_or(path);
        let mut url = sampled.address.clone()?;
        url.set_path(&format!(
            "{}{}",
            config.base_path(),
            percent_encode(path, PATH)
        ));
        Some(Self::at(sampled, url))
    }

    /// A page that is known to be at this address.
    #[must_use]
    pub fn at(sampled: &Sampled, url: Url) -> Self {
        Self {
            page: sampled.path.to_string(),
            url,
            chat: Chat::of(sampled),
            has_others: sampled.has_others,
        }
    }
}

impl Chat {
    fn of(sampled: &Sampled) -> Self {
        let Some(tag) = &sampled.tag else {
            return Self::Nothing;
        };
        if sampled.is_held {
            return Self::Held;
        }
        let value = |name: &str| tag.value(name).unwrap_or_default().to_owned();
        match tag.kind {
            Kind::Loader => {
                let one = tag.value("data-org").map(str::to_owned);
                let several = value("data-orgs");
                let several = several.split_whitespace().map(str::to_owned);
                Self::Loader {
                    organizations: one.into_iter().chain(several).collect(),
                    consent: tag.sets("data-consent"),
                    load: value("data-load"),
                }
            }
            Kind::Widget => Self::Widget {
                organization: value("data-org"),
                tokens: sampled.tokens.clone(),
            },
            Kind::Customer => Self::Customer {
                guid: value("guid"),
            },
        }
    }
}
