//! Findings, grouped by rule: only those that will be shown are kept, the others are counted.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::excerpt;
use super::look::Look;
use crate::event::{Finding, Severity};
use crate::report::reporter::Verbosity;
use crate::report::text::{count, escape, number};

/// How many findings of one rule are shown without `-v`.
const SHOWN: usize = 5;

/// All findings of a run, worst first.
#[derive(Debug)]
pub(super) struct Groups {
    /// Those of the baseline come last.
    groups: BTreeMap<(bool, Reverse<Severity>, &'static str), Group>,
    shown: usize,
}

/// Those of one rule.
#[derive(Debug, Default)]
struct Group {
    /// The first of them, as many as will be shown.
    kept: Vec<Finding>,
    findings: u64,
    /// How many files they are in. Pages come in path order, so that comparing with the last one is enough.
    files: u64,
    last_path: Option<String>,
    /// Whether some of those kept have another remedy than the first.
    remedies_differ: bool,
}

impl Groups {
    pub(super) fn new(verbosity: Verbosity) -> Self {
        let shown = match verbosity {
            // Quiet findings are written as they come.
            Verbosity::Quiet => 0,
            Verbosity::Normal => SHOWN,
            Verbosity::Verbose | Verbosity::VeryVerbose => usize::MAX,
        };
        Self {
            groups: BTreeMap::new(),
            shown,
        }
    }

    pub(super) fn add(&mut self, finding: &Finding) {
        let key = (
            finding.baselined,
            Reverse(finding.severity),
            finding.rule.id,
        );
        let group = self.groups.entry(key).or_default();
        group.findings += 1;
        if finding.path.is_some() && finding.path != group.last_path {
            group.files += 1;
            group.last_path.clone_from(&finding.path);
        }
        if group.kept.len() < self.shown {
            if let Some(first) = group.kept.first() {
                group.remedies_differ |= first.remedy != finding.remedy;
            }
            group.kept.push(finding.clone());
        }
    }

    pub(super) fn write(&self, text: &mut String, look: &Look) {
        for ((baselined, Reverse(severity), rule), group) in &self.groups {
            if !text.is_empty() {
                text.push('\n');
            }
            group.write(text, *severity, rule, *baselined, look);
        }
    }
}

impl Group {
    fn write(
        &self,
        text: &mut String,
        severity: Severity,
        rule: &str,
        baselined: bool,
        look: &Look,
    ) {
        let head = format!("{}[{}]", severity.name(), rule);
        let _ = write!(text, "{}", look.severity(severity, head));
        if baselined {
            text.push_str(" (in the baseline)");
        }
        let how_many = match (self.findings, self.files) {
            (1, _) | (_, 0) => count(self.findings, "finding"),
            (findings, files) => {
                format!("{} in {}", count(findings, "finding"), count(files, "file"))
            }
        };
        let _ = writeln!(text, "{}", look.bold(format_args!(": {how_many}")));
        for finding in &self.kept {
            let _ = writeln!(text, "  {}", line(finding, look));
            if let Some(source) = &finding.excerpt {
                excerpt::write(text, source, severity, look);
            }
            if self.remedies_differ {
                write_remedy(text, "    ", &finding.remedy, look);
            }
        }
        let hidden = self.findings - self.kept.len() as u64;
        if hidden > 0 {
            let more = format!(
                "{} and {} more (-v shows all)",
                look.ellipsis(),
                number(hidden)
            );
            let _ = writeln!(text, "  {}", look.dim(more));
        }
        if let (false, Some(first)) = (self.remedies_differ, self.kept.first()) {
            write_remedy(text, "  ", &first.remedy, look);
        }
    }
}

fn write_remedy(text: &mut String, indent: &str, remedy: &str, look: &Look) {
    if !remedy.is_empty() {
        let _ = writeln!(text, "{indent}{}: {}", look.help("help"), escape(remedy));
    }
}

/// `shop/index.html:12:1: two instances where one is asked for`
fn line(finding: &Finding, look: &Look) -> String {
    let message = escape(&finding.message);
    match &finding.path {
        None => message.into_owned(),
        Some(path) => {
            let place = match &finding.place {
                Some(place) => format!("{}:{}:{}", escape(path), place.line, place.column),
                None => escape(path).into_owned(),
            };
            format!("{}: {message}", look.bold(place))
        }
    }
}

/// The one-line form: place, severity, rule, message, as compilers write it and editors understand it.
pub(super) fn write_line(text: &mut String, finding: &Finding, look: &Look) {
    let rule = format!("{}[{}]", finding.severity.name(), finding.rule.id);
    let rule = look.severity(finding.severity, rule);
    let place = match (&finding.path, &finding.place) {
        (None, _) => String::new(),
        (Some(path), None) => format!("{}: ", escape(path)),
        (Some(path), Some(place)) => format!("{}:{}:{}: ", escape(path), place.line, place.column),
    };
    let _ = writeln!(text, "{place}{rule}: {}", escape(&finding.message));
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::event::Rule;
    use crate::report::Options;

    const MISSING: Rule = Rule {
        id: "missing-instance",
        severity: Severity::Error,
        finds: "A page has no instance.",
        why: "",
        remedy: "run `chathub inject`",
    };

    #[test]
    fn only_what_will_be_shown_is_kept() {
        let mut groups = Groups::new(Verbosity::Normal);
        for page in 0..100_000 {
            groups.add(&Finding {
                rule: &MISSING,
                severity: Severity::Error,
                baselined: false,
                path: Some(format!("{}.html", page / 2)),
                place: None,
                message: "no chat".to_owned(),
                remedy: MISSING.remedy.into(),
                excerpt: None,
            });
        }
        let group = groups.groups.values().next().unwrap();
        assert_eq!(
            (group.kept.len(), group.findings, group.files),
            (SHOWN, 100_000, 50_000)
        );
        let mut text = String::new();
        groups.write(&mut text, &Look::new(&Options::default()));
        assert!(
            text.starts_with("error[missing-instance]: 100,000 findings in 50,000 files\n"),
            "{text}"
        );
        assert!(
            text.contains("  … and 99,995 more (-v shows all)\n"),
            "{text}"
        );
    }
}
