//! From an assignment to the tag that a page should have.

use std::collections::BTreeMap;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use crate::config::{Config, Mode};
use crate::rules::Wanted;
use crate::runtime;
use crate::widget::{LoaderSettings, Tag};

/// The tags of a site, by organization.
pub struct Tags {
    mode: Mode,
    single: BTreeMap<Arc<str>, Option<Tag>>,
    unnamed: Tag,
    config: Config,
    src: String,
}

impl Tags {
    /// `tokens` are the operator tokens that static mode publishes. Without any, as for `verify`, a widget tag may
    /// hold whatever token it likes.
    #[must_use]
    pub fn new(config: &Config, tokens: Option<&BTreeMap<String, SecretString>>) -> Self {
        let src = format!(
            "{}{}/{}",
            config.placeholder.base_url,
            config.placeholder.asset_dir,
            runtime::hashed_name()
        );
        let loader = |organizations: &[&str]| loader(config, &src, organizations);
        let single = config.organizations.keys().map(|name| {
            let tag = match (config.mode, tokens) {
                (Mode::Placeholder, _) => Some(loader(&[name])),
                (Mode::Static, None) => Some(Tag::widget(&config.widget.src, name, None)),
                (Mode::Static, Some(tokens)) => tokens.get(name).map(|token| {
                    Tag::widget(&config.widget.src, name, Some(token.expose_secret()))
                }),
            };
            (Arc::from(name.as_str()), tag)
        });
        Self {
            mode: config.mode,
            single: single.collect(),
            unnamed: loader(&[]),
            config: config.clone(),
            src,
        }
    }

    /// The tag for an assignment; none where the page is to have no instance.
    pub(super) fn tag(&self, wanted: &Wanted) -> Result<Option<Tag>, String> {
        match wanted {
            Wanted::Nothing => Ok(None),
            Wanted::Unnamed if self.mode == Mode::Placeholder => Ok(Some(self.unnamed.clone())),
            Wanted::Unnamed => {
                Err("static mode needs an organization, and none is configured".to_owned())
            }
            Wanted::Organizations(names) => match &names[..] {
                [name] => match self.single.get(name) {
                    Some(Some(tag)) => Ok(Some(tag.clone())),
                    _ => Err(format!(
                        "organization `{name}` has no operator token to publish"
                    )),
                },
                _ if self.mode == Mode::Static => {
                    Err("several organizations on one page need placeholder mode".to_owned())
                }
                several => {
                    let names: Vec<&str> = several.iter().map(AsRef::as_ref).collect();
                    Ok(Some(loader(&self.config, &self.src, &names)))
                }
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
}

fn loader(config: &Config, src: &str, organizations: &[&str]) -> Tag {
    let settings = LoaderSettings {
        src,
        integrity: runtime::integrity(),
        endpoint: &config.placeholder.endpoint,
        load: config.placeholder.load.as_str(),
        contact: config.placeholder.contact.as_deref(),
        widget_src: &config.widget.src,
    };
    Tag::loader(&settings, organizations)
}
