//! Findings that only the whole site shows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};

use super::Demands;
use super::catalog as rules;
use crate::event::{Finding, Organizations, Outcome, PageReport, Tally};
use crate::html::Instance;
use crate::rules::Because;
use crate::run::{Examined, Told};
use crate::runtime;
use crate::settings::Config;
use crate::steps::{AssetState, Assets, BasePath};
use crate::store::Coding;
use crate::widget::Kind;

/// What is gathered over the pages: small, however many they are.
#[derive(Default)]
pub(super) struct SiteFacts {
    /// Organizations by the digest of their token.
    tokens: Mutex<BTreeMap<[u8; 32], BTreeSet<String>>>,
    organizations: Mutex<BTreeSet<String>>,
    loaders: AtomicBool,
    /// Digests of tokens that were met and may be there.
    allowed: Mutex<BTreeSet<String>>,
    /// How many pages were judged by what decided about them, as reports have it.
    decided: Mutex<BTreeMap<String, u64>>,
}

impl SiteFacts {
    /// Notes whose a page is, also where it cannot get their chat.
    pub(super) fn note_organizations(&self, examined: &Examined<'_>) {
        let organizations = examined.organizations();
        if let Organizations::Named(names) = &organizations {
            let mut seen = self
                .organizations
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            if names.iter().any(|name| !seen.contains(&**name)) {
                seen.extend(names.iter().map(ToString::to_string));
            }
        }
    }

    pub(super) fn note(&self, examined: &Examined<'_>) {
        self.note_organizations(examined);
        let is_loader = |instance: &Instance| instance.kind == Kind::Loader;
        if examined.facts.instances.iter().any(is_loader) {
            self.loaders.store(true, Ordering::Relaxed);
        }
        for instance in &examined.facts.instances {
            let (token, organization) = (
                instance.attributes.get("token"),
                instance.attributes.get("data-org"),
            );
            if let (Some(token), Some(organization)) =
                (token.filter(|t| !t.is_empty()), organization)
            {
                let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
                let sharing = tokens.entry(Sha256::digest(token).into()).or_default();
                if !sharing.contains(organization) {
                    sharing.insert(organization.to_owned());
                }
            }
        }
    }

    /// Whether pages load the runtime.
    pub(super) fn has_loaders(&self) -> bool {
        self.loaders.load(Ordering::Relaxed)
    }

    /// Notes that an allowed token was met.
    pub(super) fn note_allowed(&self, digest: String) {
        let mut allowed = self.allowed.lock().unwrap_or_else(PoisonError::into_inner);
        allowed.insert(digest);
    }

    /// Counts a page by what decided about it.
    pub(super) fn count(&self, page: &PageReport) {
        let is_judged = !matches!(page.outcome, Outcome::Skipped(_) | Outcome::Failed(_));
        let Some(because) = page.because.as_ref().filter(|_| is_judged) else {
            return;
        };
        let mut decided = self.decided.lock().unwrap_or_else(PoisonError::into_inner);
        // Asked for before it is made, since there are few and pages are many.
        match decided.get_mut(because) {
            Some(pages) => *pages += 1,
            None => {
                decided.insert(because.clone(), 1);
            }
        }
    }

    /// What is wrong with the site.
    pub(super) fn findings(
        &self,
        demands: &Demands<'_>,
        config: &Config,
        assets: &Assets<'_>,
        base_path: &BasePath<'_>,
        told: &Told,
        tally: &Tally,
    ) -> Vec<Finding> {
        let mut findings = Vec::new();
        if self.has_loaders() {
            findings.extend(runtime_findings(demands, assets));
        }
        let base_url = &config.placeholder.base_url;
        if let Some(elsewhere) = base_path.elsewhere(base_url) {
            let rule = if elsewhere.is_sure() {
                &rules::UNREACHABLE_RUNTIME
            } else {
                &rules::UNLIKELY_BASE_URL
            };
            findings.extend(demands.finding(rule, None, &elsewhere.says(base_url)));
        }
        for sharing in self
            .tokens
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .values()
        {
            if sharing.len() > 1 {
                let names: Vec<&str> = sharing.iter().map(String::as_str).collect();
                let message = format!("{} share one token", names.join(" and "));
                findings.extend(demands.finding(
                    &rules::TOKEN_SHARED_BY_ORGANIZATIONS,
                    None,
                    &message,
                ));
            }
        }
        let met = self.allowed.lock().unwrap_or_else(PoisonError::into_inner);
        for digest in demands.allow_secrets.iter().filter(|d| !met.contains(*d)) {
            let message = format!("no token in the site has the SHA-256 {digest}");
            findings.extend(demands.finding(&rules::UNUSED_ALLOWED_SECRET, None, &message));
        }
        drop(met);
        for rule in &told.unused {
            let message = format!(
                "the rule at {} ({}) held on no page",
                rule.place, rule.conditions
            );
            findings.extend(demands.finding(&rules::UNUSED_RULE, None, &message));
        }
        let seen = self
            .organizations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for name in config.names().filter(|name| !seen.contains(*name)) {
            let message = format!("organization `{name}` is on no page");
            findings.extend(demands.finding(&rules::UNUSED_ORGANIZATION, None, &message));
        }
        drop(seen);
        let too_few = self.too_few_pages(config, told, tally).into_iter();
        let rule = &rules::TOO_FEW_PAGES;
        findings.extend(too_few.filter_map(|message| demands.finding(rule, None, &message)));
        findings
    }

    /// Where there are fewer pages than are asked for: in all, of an organization, and of a rule.
    fn too_few_pages(&self, config: &Config, told: &Told, tally: &Tally) -> Vec<String> {
        let few = |pages: u64, least: u64, whose: &str, others: &str| {
            let noun = if pages == 1 { "page" } else { "pages" };
            let message =
                format!("{whose}{pages} {noun}{others}, where at least {least} are asked for");
            (pages < least).then_some(message)
        };
        let judged = tally.judged();
        let others = match tally.total.pages - judged {
            0 => String::new(),
            others => format!(" ({others} more were skipped or could not be read)"),
        };
        let in_all = few(judged, config.verify.min_pages, "", &others);
        let of_organizations = config.least_pages().filter_map(|(name, least)| {
            let with_it = tally.by_organization.iter();
            let with_it = with_it.filter(|(names, _)| names.names().any(|other| other == name));
            let pages = with_it.map(|(_, of)| of.pages.pages).sum();
            few(pages, least, &format!("organization `{name}` has "), "")
        });
        let decided = self.decided.lock().unwrap_or_else(PoisonError::into_inner);
        let of_rules = told.least.iter().filter_map(|rule| {
            let place = rule.place.clone();
            let because = Because::Rule { place }.to_string();
            let pages = decided.get(&because).copied().unwrap_or_default();
            let whose = format!("the {because} ({}) decides about ", rule.conditions);
            few(pages, rule.least, &whose, "")
        });
        let all = in_all.into_iter().chain(of_organizations);
        all.chain(of_rules).collect()
    }
}

/// What is wrong with the files that pages load.
fn runtime_findings(demands: &Demands<'_>, assets: &Assets<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in &runtime::FILES {
        for name in file.names() {
            let path = assets.path(&name);
            let by_hand = file.stable_name == Some(name.as_str());
            findings.extend(match assets.state(file, &name) {
                AssetState::Right => None,
                // Perhaps nobody loads it by that name.
                AssetState::Missing if by_hand => None,
                AssetState::Missing => {
                    let message = format!("pages load {path}, which is not there");
                    demands.finding(&rules::MISSING_RUNTIME_ASSET, Some(path.clone()), &message)
                }
                state => {
                    let message = match state {
                        AssetState::Earlier => "it is another version's",
                        AssetState::Damaged => "something changed it since chathub wrote it",
                        _ => {
                            "chathub did not write its content; inject leaves it alone, so choose another asset-dir"
                        }
                    };
                    demands.finding(&rules::INTEGRITY_MISMATCH, Some(path.clone()), message)
                }
            });
            for coding in Coding::ALL {
                let state = assets.copy_state(file, &name, coding);
                if !matches!(state, AssetState::Right | AssetState::Missing) {
                    let path = format!("{path}{}", coding.extension());
                    let message = "it does not decode to this version of the file beside it";
                    findings.extend(demands.finding(
                        &rules::STALE_COMPRESSED_SIBLING,
                        Some(path),
                        message,
                    ));
                }
            }
        }
    }
    findings
}
