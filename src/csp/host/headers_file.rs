//! `_headers`: a line with a pattern, and below it lines with headers.
//!
//! Cloudflare Pages sends what all matching rules say, and `! Name` takes away what earlier ones said. Netlify sends the last one's
//! (`@netlify/headers-parser`), which [`netlify`](super::netlify) sees to.

use super::model::{Addresses, Kind, Reading, Serves};
use super::pattern::Pattern;
use super::rules::{Merge, Rule, Rules};

/// Cloudflare Pages ignores longer lines, in characters.
const LONGEST: usize = 2000;

pub(super) fn read(text: &str, reading: &mut Reading) -> Box<dyn Serves> {
    let addresses = Addresses {
        slash: true,
        no_slash: false,
        extension: false,
        clean: true,
    };
    let mut rules = Rules::new(Merge::All, addresses);
    rules.list = rules_of(text, 0, reading, Pattern::cloudflare);
    rules.done(&reading.headers)
}

/// The rules that stand in such a file, which is the host's `file`-th.
pub(super) fn rules_of(
    text: &str,
    file: usize,
    reading: &mut Reading,
    pattern: impl Fn(&str) -> Result<Pattern, String>,
) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let content = line.trim_start_matches('\u{feff}').trim();
        let span = {
            let from = start + line.find(content).unwrap_or(0);
            from..from + content.len()
        };
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        if content.starts_with('/') || content.starts_with("https://") {
            let pattern = pattern(content)
                .map_err(|why| reading.unread(file, span, why))
                .ok();
            rules.push(Rule {
                pattern,
                sets: Vec::new(),
                removes: Vec::new(),
                may: false,
            });
            continue;
        }
        if let Some(kind) = content.strip_prefix('!').and_then(Kind::of) {
            if let Some(rule) = rules.last_mut() {
                rule.removes.push(kind);
            }
            continue;
        }
        let Some((name, value)) = content.split_once(':') else {
            continue;
        };
        let Some(kind) = Kind::of(name) else {
            continue;
        };
        let value_start = span.end - value.trim_start().len();
        let Some(rule) = rules.last_mut() else {
            reading.unread(
                file,
                span,
                "a header stands before the first path, so no page is sent it",
            );
            continue;
        };
        if content.chars().count() > LONGEST {
            let why = format!(
                "the line has more than {LONGEST} characters, so Cloudflare Pages ignores it"
            );
            reading.unread(file, span.clone(), why);
        }
        let header = reading.header(kind, value.trim(), file, value_start..span.end);
        rule.sets.push(header);
    }
    // The others need not be held against any page.
    rules.retain(|rule| !rule.sets.is_empty() || !rule.removes.is_empty());
    rules
}
