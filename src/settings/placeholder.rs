//! `[placeholder]`: the loader tag, the runtime that it loads, and what visitors read.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

use super::check;
use super::check_runtime;
use super::error::Problem;
use super::language::matches_language;
use super::model::choices;
use super::section::Section;
use super::table::commands::{SITE, TAGS};
use super::table::{Table, table};
use super::value::{Choice, Count, Flag, Text, Time};

choices! {
    /// When the loader creates the widget.
    Load {
        /// As soon as the loader runs.
        Eager = "eager",
        /// When the browser is idle.
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
        Replace = "replace",
        /// The tag's attribute is set to it, for a widget that watches that.
        Attribute = "attribute",
    }
}

choices! {
    /// What the runtime itself shows.
    Ui {
        /// Status line, chooser and contact link.
        BuiltIn = "built-in",
        /// Nothing: the page does that.
        None = "none",
    }
}

choices! {
    /// Whether there is a route file, by which the runtime follows routers.
    WriteRoutes {
        /// Where the configuration tells pages apart.
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

table! {
    /// `[placeholder]`: the loader tag and the runtime that it loads.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub Placeholder "placeholder." {
        /// Where the browser fetches a token: an absolute path on the site's own host, or an https URL.
        endpoint "endpoint": String => Text(check::endpoint), or "/api/chathub/token", like "/api/chathub/token",
            @ "data-endpoint", flag("--endpoint", "URL", TAGS);

        /// Folder in the site that the runtime is written to.
        ///
        /// Some hosts do not publish names that begin with `_` or `.`: docs/hosts.md.
        asset_dir "asset-dir": String => Text(check::asset_dir), or "chathub-assets", like "chathub-assets",
            flag("--asset-dir", "DIR", SITE);

        /// Path that the site is served under; an https URL if the runtime is served from another host.
        ///
        /// docs/hosts.md says what it is with each generator.
        base_url "base-url": String => Text(check::base_url), or "/", like "/docs/", flag("--base-url", "URL", TAGS);

        /// When the chat loads: eager, idle, visible, interaction or manual.
        load "load": Load => Choice(Load::from_name), or "idle", like "visible", @ "data-load", flag("--load", "WHEN", TAGS);

        /// CSS selector of the element that visible and interaction watch; unset: the contact link, and the whole page.
        target "target": Option<String> => Text(check_runtime::selector), like "#chat", @ "data-target";

        /// Event that grants consent, before which nothing is requested; unset: none is needed.
        ///
        /// It is fired on document or window. With `detail: false` it withdraws consent.
        consent "consent": Option<String> => Text(check_runtime::event), like "consent:given", @ "data-consent";

        /// Which cookies go along with a token request.
        cookies "cookies": Cookies => Choice(Cookies::from_name), or "same-origin", like "include", @ "data-credentials";

        /// How a new token reaches a running widget.
        refresh "refresh": Refresh => Choice(Refresh::from_name), or "replace", like "attribute", @ "data-refresh";

        /// How often a failed token request is made again, at most 5.
        retries "retries": u64 => Count::<0, MAX_RETRIES>, or 5, like 2, @ "data-retries";

        /// How long a token request may take, from 1s to 5m.
        timeout "timeout": Duration => Time(check_runtime::timeout), or "10s", like "4s", @ "data-timeout";

        /// What the runtime shows by itself.
        ui "ui": Ui => Choice(Ui::from_name), or "built-in", like "none", @ "data-ui";

        /// Word in the page that your server replaces with the CSP nonce of each response; unset: the tag has none.
        nonce "nonce": Option<String> => Text(check_runtime::nonce), like "CSP_NONCE", @ "nonce";

        /// Where visitors can turn when there is no chat: a mailto:, tel: or https: link.
        contact "contact": Option<String> => Text(check::contact), like "mailto:support@example.com", @ "data-contact",
            flag("--contact", "URL", TAGS);

        /// Put a plain link to the contact beside the loader tag.
        ///
        /// It is there without JavaScript too, and hidden while there is a chat.
        contact_link "contact-link": bool => Flag, or false, like true;

        /// Whether inject writes a route file, by which the chat follows routers that render pages in the browser.
        route_file "route-file": WriteRoutes => Choice(WriteRoutes::from_name), or "auto", like "always";
    }
    tables {
        /// What visitors read in place of the built-in texts.
        texts "texts": Texts;
    }
}

impl Placeholder {
    /// The loader tag's attributes for settings that differ from what the runtime does by itself.
    #[must_use]
    pub fn attributes(&self) -> Vec<(&'static str, String)> {
        static USUAL: LazyLock<Placeholder> = LazyLock::new(Placeholder::default);
        Table::attributes(self, &USUAL)
    }
}

/// The runtime never makes more, whatever the setting says.
const MAX_RETRIES: u64 = 5;

table! {
    /// Texts for visitors; what is left out is built into the runtime.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub Wording "*.texts." {
        /// While the chat loads.
        loading "loading": Option<String> => Text(check_runtime::wording), like "One moment …", file_only();
        /// When there is no chat.
        failed "failed": Option<String> => Text(check_runtime::wording), like "The chat is closed", file_only();
        /// Text of the contact link; unset: its address.
        contact "contact": Option<String> => Text(check_runtime::wording), like "Write to us", file_only();
        /// An organization's name where visitors choose between several; unset: its key.
        label "label": Option<String> => Text(check_runtime::wording), like "Sales team", file_only();
    }
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

/// The one text that organizations alone have.
const LABEL: &str = "label";

impl Table for Texts {
    /// Texts for every language, and tables of texts for one.
    fn read(&mut self, section: &mut Section<'_>) {
        let labels = section.is_below("organizations");
        let read = |wording: &mut Wording, section: &mut Section<'_>| {
            if !labels {
                section.hide(LABEL);
            }
            wording.read(section);
        };
        read(&mut self.any, section);
        for (key, value) in section.others() {
            let name: &str = key.get_ref();
            if value.get_ref().as_table().is_none() {
                section.refuse_unknown_key(key);
                continue;
            }
            match check::language_range(name) {
                Ok(range) => {
                    let wording = self.by_language.entry(range.to_lowercase()).or_default();
                    section.table(name, value, |section| read(wording, section));
                }
                Err(fault) => section.refuse(Problem::at(
                    section.at(key),
                    format!("`{name}` is not a language tag"),
                    fault.found,
                    fault.help,
                )),
            }
        }
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
