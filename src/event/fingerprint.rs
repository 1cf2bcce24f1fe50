//! By what a finding is known from one run to the next.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::finding::Finding;

/// Gives findings their fingerprints. Those of a run must come in its order.
///
/// A fingerprint is of the rule, the file and the source at the place, not of the line: lines move whenever a template changes, and the
/// finding is still the same. Without source it is of the message, with numbers left out, since those may be lines, too. Findings of a file that
/// are alike are told apart by their order.
#[derive(Debug, Default)]
pub struct Fingerprints {
    /// The file or page whose findings come at present, and how many there were of each.
    file: Option<String>,
    seen: BTreeMap<[u8; 16], u32>,
    /// The same for findings without a file, which come between those of files.
    of_site: BTreeMap<[u8; 16], u32>,
}

impl Fingerprints {
    /// The fingerprint of the next finding: 32 hexadecimal digits. `page` is the page that it came with, if it came with one.
    #[must_use]
    pub fn next(&mut self, page: Option<&str>, finding: &Finding) -> String {
        let file = page.or(finding.path.as_deref());
        if file.is_some() && file != self.file.as_deref() {
            self.file = file.map(str::to_owned);
            self.seen.clear();
        }
        let seen = match file {
            Some(_) => &mut self.seen,
            None => &mut self.of_site,
        };
        let what = digest(finding, 0);
        let before = seen.entry(what).or_default();
        let fingerprint = if *before == 0 {
            what
        } else {
            digest(finding, *before)
        };
        *before += 1;
        hex::encode(fingerprint)
    }
}

/// The fingerprint of a finding that may have others like it: 32 hexadecimal digits.
#[must_use]
pub fn fingerprint(finding: &Finding) -> String {
    hex::encode(digest(finding, 0))
}

/// A digest of what a finding is about; `before`: how many like it came before.
fn digest(finding: &Finding, before: u32) -> [u8; 16] {
    let source = finding.excerpt.as_ref().and_then(|excerpt| {
        let source = excerpt.marked()?;
        (!source.trim().is_empty()).then(|| source.split_whitespace().collect::<Vec<_>>().join(" "))
    });
    let about = source.unwrap_or_else(|| without_numbers(&finding.message));
    let mut hasher = Sha256::new();
    for part in [
        finding.rule.id,
        finding.path.as_deref().unwrap_or_default(),
        &about,
    ] {
        hasher.update(part);
        hasher.update([0]);
    }
    hasher.update(before.to_le_bytes());
    let mut digest = [0; 16];
    digest.copy_from_slice(&hasher.finalize()[..16]);
    digest
}

fn without_numbers(text: &str) -> String {
    text.split(|c: char| c.is_ascii_digit())
        .filter(|piece| !piece.is_empty())
        .collect::<Vec<_>>()
        .join("#")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Excerpt, Location, Rule, Severity};

    static RULE: Rule = Rule {
        id: "wrong-src",
        severity: Severity::Error,
        finds: "",
        why: "",
        remedy: "",
    };

    fn finding(path: Option<&str>, line: usize, source: Option<&str>, message: &str) -> Finding {
        Finding {
            rule: &RULE,
            severity: Severity::Error,
            baselined: false,
            path: path.map(str::to_owned),
            place: Some(Location {
                line,
                column: 1,
                end_line: line,
                end_column: 2,
            }),
            message: message.to_owned(),
            remedy: "".into(),
            excerpt: source
                .map(|source| Excerpt::made_up(format!("  {source}\n"), line, 2..2 + source.len())),
        }
    }

    #[test]
    fn a_fingerprint_survives_moved_lines_and_other_indentation() {
        let mut before = Fingerprints::default();
        let mut after = Fingerprints::default();
        let page = Some("a.html");
        let one = before.next(
            page,
            &finding(page, 3, Some("<script\n  src>"), "first at 3:1"),
        );
        let same = after.next(
            page,
            &finding(page, 90, Some("<script src>"), "first at 90:1"),
        );
        assert_eq!(one, same);
        assert_eq!(one.len(), 32);
    }

    #[test]
    fn findings_that_are_alike_have_fingerprints_of_their_own() {
        let mut all = Fingerprints::default();
        let page = Some("a.html");
        let mut of = |page, path| all.next(page, &finding(path, 1, Some("<a>"), "m"));
        let sibling = Some("a.html.gz");
        let them = [
            of(page, page),
            of(page, sibling),
            of(page, page),
            of(Some("b.html"), Some("b.html")),
            of(None, None),
            of(None, Some("c.js")),
            of(None, None),
        ];
        let different: std::collections::BTreeSet<_> = them.iter().collect();
        assert_eq!(different.len(), them.len(), "{them:?}");
    }

    #[test]
    fn without_source_the_numbers_of_the_message_do_not_count() {
        let of = |message| Fingerprints::default().next(None, &finding(None, 1, None, message));
        assert_eq!(
            of("rule 2 (chathub.toml:26) holds"),
            of("rule 3 (chathub.toml:7) holds")
        );
        assert_ne!(
            of("rule 2 (chathub.toml:26) holds"),
            of("rule 2 (site.toml:26) holds")
        );
    }
}
