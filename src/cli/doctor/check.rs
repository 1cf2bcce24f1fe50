//! What the doctor says: a line for each thing that was looked at.

use schemars::JsonSchema;
use serde::Serialize;

use crate::redact;
use crate::settings::FailOn;

/// What a check is about, in the order of the page: what comes first decides about what follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Topic {
    /// This program.
    Version,
    /// Variables that begin with `CHATHUB_`.
    Environment,
    /// `chathub.toml`.
    Configuration,
    /// What writes the site, and what a pipeline does with it.
    Generator,
    /// The folder that is deployed.
    Site,
    /// What pages have for a chat.
    Chats,
    /// Where the site is published.
    BasePath,
    /// The runtime's files.
    AssetFolder,
    /// Content-Security-Policies.
    Policies,
    /// Lists that say something about pages, such as a service worker's.
    ServiceWorker,
    /// Compressed copies.
    Compression,
    /// Tokens and secrets in the site.
    Secrets,
    /// What mints tokens.
    Credentials,
    /// Where pages get their tokens.
    Endpoint,
    /// This machine's.
    Clock,
}

impl Topic {
    /// Its name on the page.
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Version => "version",
            Self::Environment => "environment",
            Self::Configuration => "configuration",
            Self::Generator => "generator",
            Self::Site => "site",
            Self::Chats => "chats",
            Self::BasePath => "base path",
            Self::AssetFolder => "asset folder",
            Self::Policies => "policies",
            Self::ServiceWorker => "service worker",
            Self::Compression => "compression",
            Self::Secrets => "secrets",
            Self::Credentials => "credentials",
            Self::Endpoint => "endpoint",
            Self::Clock => "clock",
        }
    }

    /// What a rule of `verify` is about.
    pub(super) fn of(rule: &str) -> Self {
        match rule {
            rule if rule.starts_with("unused-") && rule != "unused-allowed-secret" => {
                Self::Configuration
            }
            "brackets-in-pattern" => Self::Configuration,
            "too-few-pages" | "too-many-warnings" | "page-unreadable" | "page-refused"
            | "file-unreadable" | "page-not-served" | "wrong-content-type" | "cached-too-long" => {
                Self::Site
            }
            "unreachable-runtime" | "unlikely-base-url" => Self::BasePath,
            "missing-runtime-asset"
            | "integrity-mismatch"
            | "no-route-file"
            | "stale-route-file"
            | "too-many-routes" => Self::AssetFolder,
            "csp-blocks-widget" | "unread-policy" => Self::Policies,
            "stale-precache-manifest" => Self::ServiceWorker,
            "stale-compressed-sibling" => Self::Compression,
            "endpoint-fails" => Self::Endpoint,
            "secret-in-site" | "unused-allowed-secret" => Self::Secrets,
            rule if rule.contains("token") => Self::Secrets,
            // All else is about what stands in pages.
            _ => Self::Chats,
        }
    }
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Status {
    /// It is right.
    Ok,
    /// It was not looked at; the message says why.
    Skipped,
    /// It is worth knowing.
    Note,
    /// It is probably wrong.
    Warning,
    /// It is wrong.
    Error,
}

impl Status {
    /// Whether it makes the command fail.
    pub(super) fn fails(self, fail_on: FailOn) -> bool {
        self >= match fail_on {
            FailOn::Error => Self::Error,
            FailOn::Warning => Self::Warning,
            FailOn::Note => Self::Note,
        }
    }
}

/// One thing that was looked at, and what was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Check {
    /// What it is about.
    pub topic: Topic,
    /// What came of it.
    pub status: Status,
    /// The rule of `verify` that is broken; null: it is not about one.
    pub rule: Option<&'static str>,
    /// What was found, a sentence without its full stop.
    pub message: String,
    /// Places and facts that go with it, a line each.
    pub details: Vec<String>,
    /// What to do; null: nothing.
    pub remedy: Option<String>,
}

impl Check {
    pub(super) fn new(topic: Topic, status: Status, message: impl AsRef<str>) -> Self {
        Self {
            topic,
            status,
            rule: None,
            message: redact::mask(message.as_ref()),
            details: Vec::new(),
            remedy: None,
        }
    }

    /// With what to do.
    pub(super) fn remedy(self, remedy: impl AsRef<str>) -> Self {
        let remedy = Some(redact::mask(remedy.as_ref())).filter(|remedy| !remedy.is_empty());
        Self { remedy, ..self }
    }

    /// With what goes with it.
    pub(super) fn details<S: AsRef<str>>(self, details: impl IntoIterator<Item = S>) -> Self {
        let details = details.into_iter();
        let details = details.map(|line| redact::mask(line.as_ref())).collect();
        Self { details, ..self }
    }
}

/// A remedy as it stands on the page.
pub(super) fn sentence(help: &str) -> String {
    let mut letters = help.chars();
    let Some(first) = letters.next() else {
        return String::new();
    };
    let end = if help.ends_with(['.', '?']) { "" } else { "." };
    format!("{}{}{end}", first.to_uppercase(), letters.as_str())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::steps::verify::ids;

    /// Each rule stands here once: one that is new must be given its topic.
    #[test]
    fn rules_are_about_these_topics() {
        let wanted = [
            (
                Topic::Configuration,
                "brackets-in-pattern unused-baseline-entry unused-organization unused-override unused-pattern unused-rule",
            ),
            (
                Topic::Site,
                "cached-too-long file-unreadable page-not-served page-refused page-unreadable too-few-pages too-many-warnings \
                 wrong-content-type",
            ),
            (
                Topic::Chats,
                "browser-error browser-instance-count browser-no-chat browser-timeout duplicate-instance \
                 dynamic-loader-suspected held-instance inert-instance insecure-src invalid-language missing-contact-link \
                 missing-instance other-chat-widget stale-attributes stale-loader unexpected-instance wrong-id \
                 wrong-organization wrong-src wrong-type",
            ),
            (Topic::BasePath, "unlikely-base-url unreachable-runtime"),
            (
                Topic::AssetFolder,
                "integrity-mismatch missing-runtime-asset no-route-file stale-route-file too-many-routes",
            ),
            (Topic::Policies, "csp-blocks-widget unread-policy"),
            (Topic::ServiceWorker, "stale-precache-manifest"),
            (Topic::Compression, "stale-compressed-sibling"),
            (
                Topic::Secrets,
                "development-token secret-in-site token-expired token-expires-soon token-in-placeholder-page \
                 token-lifetime-over-24h token-malformed token-not-yet-valid token-shared-by-organizations unused-allowed-secret",
            ),
            (Topic::Endpoint, "endpoint-fails"),
        ];
        let wanted = wanted.into_iter().flat_map(|(topic, rules)| {
            let rules = rules.split_whitespace();
            rules.map(move |rule| (rule, topic))
        });
        let found = ids().into_iter().map(|rule| (rule, Topic::of(rule)));
        assert_eq!(
            found.collect::<BTreeMap<_, _>>(),
            wanted.collect::<BTreeMap<_, _>>()
        );
    }
}
