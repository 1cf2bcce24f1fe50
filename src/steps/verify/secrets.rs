//! Findings on secrets: in pages, and in all other files.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::catalog as rules;
use super::page::{VerifyStep, until_stop};
use super::{Demands, Subject, published};
use crate::event::{Finding, Severity};
use crate::leak::{Scanned, Source, scan};
use crate::redact::{Form, Hidden, What};
use crate::run::{Examined, LineIndex, Step as _};
use crate::settings::Level;
use crate::store::{Cancel, Coding, Handle, Kind};
use crate::token;

/// How many secrets before and after another one may be shown in part with it.
const NEAR: usize = 32;

impl VerifyStep<'_> {
    /// Whether anybody wants to know of secrets.
    pub(super) fn looks_for_secrets(&self) -> bool {
        let verify = &self.config.verify;
        let level = verify.severity.get(rules::SECRET_IN_SITE.id);
        level != Some(&Level::Off) || !verify.overrides.is_empty()
    }

    /// Secrets anywhere in a page, skipped or not: all of it is published.
    pub(super) fn secrets(&self, examined: &Examined<'_>, path: &str) -> Vec<Finding> {
        if !self.looks_for_secrets() {
            return Vec::new();
        }
        let text = examined.source.text();
        let leaks = self
            .search
            .find(text, 0..text.len(), &|| examined.cancel.is_set());
        let all: Vec<_> = leaks.iter().map(Hidden::leak).collect();
        let page = Subject {
            path,
            places: LineIndex::new(text),
        };
        let mut findings = Vec::new();
        for (index, leak) in until_stop(examined, leaks.iter().enumerate()) {
            if let What::Token(token) = &leak.what
                && published::published_on_purpose(examined, &leak.span, token)
            {
                continue;
            }
            let Some(told) = self.told(&leak.what, leak.form) else {
                continue;
            };
            let near = &all[index.saturating_sub(NEAR)..all.len().min(index + NEAR)];
            let rule = &rules::SECRET_IN_SITE;
            let message = &told.message;
            let finding = self
                .demands
                .finding_hiding(rule, &page, &leak.span, message, near);
            findings.extend(finding.map(|finding| told.of(finding)));
        }
        findings
    }

    /// What there is to be told of a secret; none: it may be there.
    pub(super) fn told(&self, what: &What, form: Form) -> Option<Told> {
        let phrase = form.phrase();
        let token = match what {
            What::Known(name) => {
                let message = format!("the {name} for all to read{phrase}");
                return Some(Told {
                    message,
                    is_harmless: false,
                    allow: None,
                });
            }
            What::Token(token) => token,
        };
        let digest = token::digest(token);
        if self.demands.allow_secrets.contains(&digest) {
            self.site.note_allowed(digest);
            return None;
        }
        let harmless = token::harmless(token, self.demands.now);
        let message = match &harmless {
            None => format!("a JSON Web Token for all to read{phrase}"),
            Some(why) => format!("a JSON Web Token{phrase} that nobody can use: {why}"),
        };
        Some(Told {
            message,
            is_harmless: harmless.is_some(),
            allow: Some(format!("verify.allow-secrets = [\"{digest}\"]")),
        })
    }
}

impl VerifyStep<'_> {
    /// The compressed copy of a page that does not say what the page says.
    pub(super) fn file_beside(&self, examined: &Examined<'_>, coding: Coding) {
        if self.takes_files() {
            self.other_file(&examined.file.file.beside(coding), examined.cancel);
        }
    }

    /// Looks for secrets in a file, whatever it is.
    pub(super) fn other_file(&self, file: &Handle, cancel: &Cancel) {
        // By its own path it is a part of the site, too.
        if file.is_elsewhere() {
            return;
        }
        let Kind::File(size) = self.store.kind(&file.path) else {
            return;
        };
        let name = file.path.file_name();
        let source = Source {
            open: &|| self.store.open(file),
            size,
            named: Coding::of(&name),
        };
        // A file that trips a bug is one finding, not the end of the run.
        let scanned = catch_unwind(AssertUnwindSafe(|| {
            scan(&source, &self.search, &self.files.buffers, cancel)
        }));
        let scanned = match scanned {
            Ok(Ok(scanned)) => scanned,
            // The run is to stop.
            Ok(Err(_)) => return,
            Err(_) => Scanned {
                unread: Some("a bug in chathub: please report it with this file".to_owned()),
                ..Scanned::default()
            },
        };
        let path = file.path.to_string();
        self.demands.severities.note(&path);
        self.files.add(path.clone(), self.in_file(&path, scanned));
    }

    fn in_file(&self, path: &str, scanned: Scanned) -> Vec<Finding> {
        let mut findings = Vec::new();
        for found in scanned.found {
            let told = self.told(&found.what, found.form);
            let finding =
                told.and_then(|told| told.in_file(&self.demands, path, scanned.is_decoded));
            findings.extend(finding.map(|finding| Finding {
                place: Some(found.place),
                excerpt: Some(found.excerpt),
                ..finding
            }));
        }
        let mut add = |rule, message: &str| {
            findings.extend(self.demands.finding(rule, Some(path.to_owned()), message));
        };
        if scanned.more > 0 {
            let message = format!("{} more secrets in this file", scanned.more);
            add(&rules::SECRET_IN_SITE, &message);
        }
        if let Some(why) = scanned.unread {
            add(&rules::FILE_UNREADABLE, &why);
        }
        findings
    }
}

/// What there is to be told of a secret.
pub(super) struct Told {
    pub(super) message: String,
    /// Nobody can use it.
    is_harmless: bool,
    /// The setting that allows it.
    allow: Option<String>,
}

impl Told {
    /// The finding with its weight and remedy.
    pub(super) fn of(&self, finding: Finding) -> Finding {
        let Some(allow) = &self.allow else {
            return finding;
        };
        let (severity, remedy) = if self.is_harmless {
            let remedy = format!("If it belongs there, allow it: {allow}.");
            (Severity::Note, remedy)
        } else {
            let remedy = finding.rule.remedy;
            let remedy = format!("{remedy} If it is a sample, allow it: {allow}.");
            (finding.severity, remedy)
        };
        Finding {
            severity,
            remedy: remedy.into(),
            ..finding
        }
    }

    /// The finding in a file.
    pub(super) fn in_file(
        &self,
        demands: &Demands<'_>,
        path: &str,
        decoded: bool,
    ) -> Option<Finding> {
        let suffix = if decoded {
            " (places are in what the file decodes to)"
        } else {
            ""
        };
        let message = format!("{}{suffix}", self.message);
        let finding = demands.finding(&rules::SECRET_IN_SITE, Some(path.to_owned()), &message)?;
        Some(self.of(finding))
    }
}
