//! `[placeholder]`: the loader tag, the runtime that it loads, and what visitors read.

use std::collections::BTreeMap;
use std::time::Duration;

use super::check;
use super::check_runtime;
use super::error::Problem;
use super::language::matches_language;
use super::model::choices;
use super::section::Section;
use super::source::At;

choices! {
    /// When the loader creates the widget.
    Load {
        /// As soon as the loader runs.
        Eager = "eager",
        /// When the browser is idle.
        #[default]
        Idle = "idle",
        /// When the widget's place comes into view.
        Visible = "visible",
        /// At the visitor's first interaction with the page.
        Interaction = "interaction",
        /// Only when the page's own script asks for it.
        Manual = "manual",
    }
}

choices! {
    /// Which cookies go along with a token request: <https://fetch.spec.whatwg.org/#concept-request-credentials-mode>.
    Cookies {
        /// Those of the site, to an endpoint on the site's own origin.
        #[default]
        SameOrigin = "same-origin",
        /// Those of the endpoint, wherever it is.
        Include = "include",
        /// None.
        Omit = "omit",
    }
}

choices! {
    /// How a new token reaches a widget that is running.
    Refresh {
        /// The widget starts again with it.
        #[default]
        Replace = "replace",
        /// The tag's attribute is set to it, for a widget that watches that.
        Attribute = "attribute",
    }
}

choices! {
    /// What the runtime itself shows.
    Ui {
        /// Status line, chooser and contact link.
        #[default]
        BuiltIn = "built-in",
        /// Nothing: the page does that.
        None = "none",
    }
}

choices! {
    /// Whether there is a route file, by which the runtime follows routers.
    WriteRoutes {
        /// Where the configuration tells pages apart.
        #[default]
        Auto = "auto",
        /// Even where only directives in pages and rules files in folders do.
        Always = "always",
        /// No: every page is loaded anew, or its loader tag comes along.
        Never = "never",
    }
}

/// Where the runtime is written unless the configuration says otherwise: a name that no host leaves out.
pub const DEFAULT_ASSET_DIR: &str = "chathub-assets";

/// What that was in earlier versions. Jekyll, and so GitHub Pages where it builds a branch, leaves such folders out.
pub const EARLIER_ASSET_DIR: &str = "_chathub";

/// `[placeholder]`: the loader tag and the runtime that it loads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placeholder {
    /// Where the browser fetches a token: an absolute path on the page's origin, or a URL (https, or http on a
    /// loopback host).
    pub endpoint: String,
    /// Folder in the site that the runtime is written to; relative, with `/`.
    pub asset_dir: String,
    /// Path (or https URL) that the site is served under; ends with `/`.
    pub base_url: String,
    /// When the widget is created.
    pub load: Load,
    /// CSS selector of the element that `load = "visible"` and `"interaction"` watch.
    pub target: Option<String>,
    /// Name of the event that grants consent; nothing is requested before it.
    pub consent: Option<String>,
    /// Which cookies go along with a token request.
    pub cookies: Cookies,
    /// How a new token reaches a running widget.
    pub refresh: Refresh,
    /// How often a failed request is made again, from 0 to 5.
    pub retries: u64,
    /// How long a token request may take; whole seconds, from 1 s to 5 min.
    pub timeout: Duration,
    /// What the runtime shows.
    pub ui: Ui,
    /// CSP nonce of the loader tag: what the server in front replaces by that of its response.
    pub nonce: Option<String>,
    /// Where visitors are sent when there is no chat: a `mailto:`, `tel:`, `https:` or `http:` URL.
    pub contact: Option<String>,
    /// Whether a plain link to `contact` stands beside the loader tag, for visitors without JavaScript.
    pub contact_link: bool,
    /// Whether there is a route file.
    pub route_file: WriteRoutes,
    /// What visitors read in place of the built-in texts.
    pub texts: Texts,
}

impl Default for Placeholder {
    fn default() -> Self {
        Self {
            endpoint: "/api/chathub/token".to_owned(),
            asset_dir: DEFAULT_ASSET_DIR.to_owned(),
            base_url: "/".to_owned(),
            load: Load::default(),
            target: None,
            consent: None,
            cookies: Cookies::default(),
            refresh: Refresh::default(),
            retries: MAX_RETRIES,
            timeout: Duration::from_secs(10),
            ui: Ui::default(),
            nonce: None,
            contact: None,
            contact_link: false,
            route_file: WriteRoutes::default(),
            texts: Texts::default(),
        }
    }
}

/// The runtime never makes more, whatever it is told.
const MAX_RETRIES: u64 = 5;

/// Texts for visitors; what is left out is built into the runtime.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wording {
    /// While the chat is on its way.
    pub loading: Option<String>,
    /// When there is no chat.
    pub failed: Option<String>,
    /// Text of the contact link; none: its address.
    pub contact: Option<String>,
    /// An organization's name in the chooser; none: its key.
    pub label: Option<String>,
}

impl Wording {
    /// These texts, and the `others` where there are none.
    #[must_use]
    pub fn or(self, others: Self) -> Self {
        Self {
            loading: self.loading.or(others.loading),
            failed: self.failed.or(others.failed),
            contact: self.contact.or(others.contact),
            label: self.label.or(others.label),
        }
    }
}

/// Texts by the language of pages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts {
    /// For pages of every language.
    pub any: Wording,
    /// For pages of a language range (RFC 4647, basic), in lower case.
    pub by_language: BTreeMap<String, Wording>,
}

impl Texts {
    /// What a page of this language says: of each text the one for the narrowest range.
    #[must_use]
    pub fn in_language(&self, language: Option<&str>) -> Wording {
        let language = language.unwrap_or_default();
        let ranges = self.by_language.iter();
        // Of those that hold for one language each begins with the one before, in the order of the map.
        ranges
            .filter(|(range, _)| matches_language(range, language))
            .fold(self.any.clone(), |wider, (_, wording)| {
                wording.clone().or(wider)
            })
    }
}

/// Reads the table. Returns where it says something of `contact-link`, which has to fit the rest.
pub(super) fn read_placeholder(
    section: &mut Section<'_, '_>,
    placeholder: &mut Placeholder,
) -> Option<At> {
    let some = |checked: fn(&str) -> Result<String, check::Fault>| {
        move |text: &str| checked(text).map(Some)
    };
    section.text("endpoint", &mut placeholder.endpoint, check::endpoint);
    section.text("asset-dir", &mut placeholder.asset_dir, check::asset_dir);
    section.text("base-url", &mut placeholder.base_url, check::base_url);
    section.choice("load", &mut placeholder.load);
    section.text(
        "target",
        &mut placeholder.target,
        some(check_runtime::selector),
    );
    section.text(
        "consent",
        &mut placeholder.consent,
        some(check_runtime::event),
    );
    section.choice("cookies", &mut placeholder.cookies);
    section.choice("refresh", &mut placeholder.refresh);
    section.count("retries", 0..=MAX_RETRIES, &mut placeholder.retries);
    section.text("timeout", &mut placeholder.timeout, check_runtime::timeout);
    section.choice("ui", &mut placeholder.ui);
    section.text("nonce", &mut placeholder.nonce, some(check_runtime::nonce));
    section.text("contact", &mut placeholder.contact, some(check::contact));
    let contact_link = section.flag("contact-link", &mut placeholder.contact_link);
    section.choice("route-file", &mut placeholder.route_file);
    read_texts(section, &mut placeholder.texts, &WORDS[..3]);
    contact_link
}

/// All texts; the last one is for organizations alone.
pub(super) const WORDS: [&str; 4] = ["loading", "failed", "contact", "label"];

/// Reads `texts`, of which these `words` may be given: for every language, or in a table for one.
pub(super) fn read_texts(section: &mut Section<'_, '_>, texts: &mut Texts, words: &[&'static str]) {
    let Some(value) = section.value("texts") else {
        return;
    };
    section.table("texts", value, |section| {
        read_wording(section, &mut texts.any, words);
        for (key, value) in section.entries() {
            let name: &str = key.get_ref();
            if words.contains(&name) {
                continue;
            }
            if value.get_ref().as_table().is_none() {
                section.refuse_unknown_key(key);
                continue;
            }
            match check::language_range(name) {
                Ok(range) => {
                    let wording = texts.by_language.entry(range.to_lowercase()).or_default();
                    section.table(name, value, |section| read_wording(section, wording, words));
                }
                Err(fault) => section.refuse(Problem::at(
                    section.at(key),
                    format!("`{name}` is not a language tag"),
                    fault.found,
                    fault.help,
                )),
            }
        }
    });
}

fn read_wording(section: &mut Section<'_, '_>, wording: &mut Wording, words: &[&'static str]) {
    for word in words {
        let slot = match *word {
            "loading" => &mut wording.loading,
            "failed" => &mut wording.failed,
            "contact" => &mut wording.contact,
            _ => &mut wording.label,
        };
        section.entry(word, slot, check_runtime::wording);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_narrowest_range_speaks_and_wider_ones_fill_in() {
        let wording = |loading: Option<&str>, failed: Option<&str>| Wording {
            loading: loading.map(str::to_owned),
            failed: failed.map(str::to_owned),
            ..Wording::default()
        };
        let texts = Texts {
            any: wording(Some("…"), Some("no chat")),
            by_language: [
                ("pt".to_owned(), wording(None, Some("sem chat"))),
                ("pt-br".to_owned(), wording(Some("já vai"), None)),
            ]
            .into(),
        };
        let says = |language| {
            let Wording {
                loading, failed, ..
            } = texts.in_language(language);
            (loading.unwrap(), failed.unwrap())
        };
        let pair = |loading: &str, failed: &str| (loading.to_owned(), failed.to_owned());
        assert_eq!(says(Some("pt-BR")), pair("já vai", "sem chat"));
        assert_eq!(says(Some("pt")), pair("…", "sem chat"));
        assert_eq!(says(Some("ptx")), pair("…", "no chat"));
        assert_eq!(says(None), pair("…", "no chat"));
    }
}
