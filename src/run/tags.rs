//! From an assignment to the tag that a page should have.

use std::collections::BTreeMap;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use crate::rules::Wanted;
use crate::runtime;
use crate::settings::{Config, Customer, Mode, Placeholder};
use crate::widget::{ContactLink, LoaderSettings, Tag};

/// The options of pages without a chat, in the route file.
pub const NO_CHAT: &str = "null";

/// The tags of a site's pages.
pub struct Tags {
    config: Config,
    /// Address of the runtime.
    src: String,
    /// The widget tags of static mode, by organization; none where there is no token for one.
    widgets: BTreeMap<String, Option<Tag>>,
    /// The tags of organizations with the customer widget, in either mode.
    customers: BTreeMap<String, Tag>,
}

impl Tags {
    /// `tokens` are the operator tokens that static mode publishes. Without any, as for `verify`, a widget tag may
    /// hold whatever token it likes.
    #[must_use]
    pub fn new(config: &Config, tokens: Option<&BTreeMap<String, SecretString>>) -> Self {
        let widget = |name: &String| match tokens {
            None => Some(Tag::widget(&config.widget.src, name, None)),
            Some(tokens) => tokens
                .get(name)
                .map(|token| Tag::widget(&config.widget.src, name, Some(token.expose_secret()))),
        };
        let customer = |(name, customer): (&String, &Customer)| {
            let src = &config.customer_widget.src;
            let nonce = config.placeholder.nonce.as_deref();
            let Customer {
                guid, attributes, ..
            } = customer;
            let tag = Tag::customer(src, name, guid, attributes, nonce);
            (name.clone(), tag)
        };
        let names = config.organizations.keys();
        Self {
            customers: config.customers.iter().map(customer).collect(),
            src: format!(
                "{}{}/{}",
                config.placeholder.base_url,
                config.placeholder.asset_dir,
                runtime::hashed_name()
            ),
            widgets: names.map(|name| (name.clone(), widget(name))).collect(),
            config: config.clone(),
        }
    }

    /// Whether texts go by the language of pages.
    pub(super) fn ask_language(&self) -> bool {
        self.config.has_texts_by_language()
    }

    /// The tag for an assignment, on a page in this language; none where the page is to have no instance.
    pub(super) fn tag(
        &self,
        wanted: &Wanted,
        language: Option<&str>,
    ) -> Result<Option<Tag>, String> {
        let placeholder = self.config.mode == Mode::Placeholder;
        let customer = |names: &[Arc<str>]| match names {
            [name] => self.customers.get(&**name),
            _ => None,
        };
        match wanted {
            Wanted::Nothing => Ok(None),
            Wanted::Organizations(names) if let Some(tag) = customer(names) => {
                Ok(Some(tag.clone()))
            }
            Wanted::Unnamed if placeholder => Ok(Some(self.loader(&[], language))),
            Wanted::Unnamed => {
                Err("static mode needs an organization, and none is configured".to_owned())
            }
            Wanted::Organizations(names) if placeholder => Ok(Some(self.loader(names, language))),
            Wanted::Organizations(names) => match &names[..] {
                [name] => match self.widgets.get(&**name) {
                    Some(Some(tag)) => Ok(Some(tag.clone())),
                    _ => Err(format!(
                        "organization `{name}` has no operator token: no page used it when tokens were minted; run inject again"
                    )),
                },
                _ => Err("several organizations on one page need placeholder mode".to_owned()),
            },
            Wanted::UnknownOrganization { name, nearest } => {
                let hint = nearest
                    .as_ref()
                    .map(|n| format!("; did you mean `{n}`?"))
                    .unwrap_or_default();
                Err(format!(
                    "its <meta name=\"chathub\"> names organization `{name}`, which is not configured{hint}"
                ))
            }
        }
    }

    /// What a route file should say about a page with this tag.
    pub(super) fn route(&self, tag: &Result<Option<Tag>, String>) -> Option<String> {
        match tag {
            _ if self.config.mode == Mode::Static => None,
            // To the runtime, a page without a loader is one without a chat of its own.
            Ok(tag) => {
                let own = tag.as_ref().and_then(Tag::route);
                Some(own.unwrap_or_else(|| NO_CHAT.to_owned()))
            }
            Err(_) => None,
        }
    }

    fn loader(&self, names: &[Arc<str>], language: Option<&str>) -> Tag {
        let placeholder = &self.config.placeholder;
        let organization = |name: &Arc<str>| self.config.organizations.get(&**name);
        // Several have nothing in common but their names in the chooser.
        let only = match names {
            [name] => organization(name),
            _ => None,
        };
        let own = only.map(|only| only.texts.in_language(language));
        let wording = own
            .unwrap_or_default()
            .or(placeholder.texts.in_language(language));
        let label = |name: &Arc<str>| {
            let label = organization(name)?.texts.in_language(language).label?;
            Some((name.to_string(), label))
        };
        let contact = only
            .and_then(|only| only.contact.as_deref())
            .or(placeholder.contact.as_deref());
        let link = contact.filter(|_| placeholder.contact_link);
        let link = link.map(|href| {
            let text = wording.contact.clone();
            ContactLink::new(
                href.to_owned(),
                text.unwrap_or_else(|| address(href).to_owned()),
            )
        });
        let texts = Texts {
            loading: wording.loading,
            failed: wording.failed,
            contact: wording.contact,
            orgs: match names {
                [_] => BTreeMap::new(),
                several => several.iter().filter_map(label).collect(),
            },
        };
        let settings = LoaderSettings {
            src: &self.src,
            integrity: runtime::integrity(),
            endpoint: &placeholder.endpoint,
            load: placeholder.load.as_str(),
            contact,
            widget_src: &self.config.widget.src,
            nonce: placeholder.nonce.as_deref(),
            routes: self.config.has_routes(),
            options: options(placeholder, &texts),
            link,
        };
        Tag::loader(&settings, names)
    }
}

/// `data-texts`, as the runtime reads it.
#[derive(Default, PartialEq, Serialize)]
struct Texts {
    #[serde(skip_serializing_if = "Option::is_none")]
    loading: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failed: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    orgs: BTreeMap<String, String>,
}

/// The options that differ from what the runtime does by itself.
fn options(placeholder: &Placeholder, texts: &Texts) -> Vec<(&'static str, String)> {
    let mut options = placeholder.attributes();
    // These have places of their own in the tag, or go by the page.
    options.retain(|(name, _)| {
        !["data-endpoint", "data-load", "data-contact", "nonce"].contains(name)
    });
    if *texts != Texts::default() {
        let texts = serde_json::to_string(texts).ok();
        options.extend(texts.map(|texts| ("data-texts", texts)));
    }
    options
}

/// What a contact link says by itself: the address without its scheme, and without what follows a question mark.
fn address(href: &str) -> &str {
    let (_, rest) = href.split_once(':').unwrap_or(("", href));
    let rest = rest.trim_start_matches('/');
    rest.split('?').next().unwrap_or(rest)
}
