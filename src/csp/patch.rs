//! Adding sources to a policy as it is written, and nothing else: every byte around them stays.

use std::ops::Range;

use super::host::{Format, Header, HostFile, Kind};

/// What one directive of a policy lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The directive that blocks.
    pub name: String,
    /// Its value.
    pub value: Vec<String>,
    /// The directive that is about what it blocks.
    pub wanted: String,
    /// What has to be allowed.
    pub sources: Vec<String>,
}

/// A directive in a text: its name and its value, word by word.
struct Written {
    words: Vec<Range<usize>>,
}

/// The file with the sources added to one of its headers.
///
/// # Errors
///
/// Why that cannot be done safely, as the second half of a sentence.
pub fn add(file: &HostFile, header: &Header, missing: &[Missing]) -> Result<String, String> {
    if header.kind == Kind::Integrity {
        return Err(
            "no source can allow it: take `script` out of `blocked-destinations`".to_owned(),
        );
    }
    let raw = file
        .text
        .get(header.span.clone())
        .ok_or("its place is not known")?;
    let (text, at) = inner(raw, file.format)?;
    if text.contains('\\') {
        return Err("it is written with escape sequences".to_owned());
    }
    let single = raw.starts_with('\'') && !raw.starts_with("'''");
    let mut insertions: Vec<(Range<usize>, String)> = Vec::new();
    for one in missing {
        if one.name == "sandbox" {
            return Err("its `sandbox` keeps scripts out, and what else that guards against is for you to say".to_owned());
        }
        if let Some(odd) = one
            .sources
            .iter()
            .find(|source| source.contains([' ', ';', ',', '"']))
        {
            return Err(format!("it needs {odd}"));
        }
        if single && one.sources.iter().any(|source| source.contains('\'')) {
            return Err("it is written in single quotes, and the sources have some".to_owned());
        }
        insertions.push(insertion(text, one).ok_or("the directive is not where it was read")?);
    }
    insertions.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    let mut patched = file.text.clone();
    for (range, added) in insertions {
        let start = header.span.start + at;
        patched.replace_range(start + range.start..start + range.end, &added);
    }
    Ok(patched)
}

/// What stands between the quotes, and where it begins.
fn inner(raw: &str, format: Format) -> Result<(&str, usize), String> {
    if format == Format::Headers {
        return Ok((raw, 0));
    }
    let quotes = ["\"\"\"", "'''", "\"", "'", "`"];
    let found = quotes.iter().find_map(|quote| {
        let inner = raw.strip_prefix(quote)?.strip_suffix(quote)?;
        Some((inner, quote.len()))
    });
    found.ok_or_else(|| "it is written without quotes".to_owned())
}

/// The directives of a policy list, policy by policy.
fn directives(text: &str) -> Vec<Vec<Written>> {
    let mut at = 0;
    let mut policies = Vec::new();
    for policy in text.split_inclusive(',') {
        let mut found = Vec::new();
        for directive in policy.split_inclusive(';') {
            let start = at;
            at += directive.len();
            let mut words = Vec::new();
            let content = directive.trim_end_matches([';', ',']);
            for word in content.split_ascii_whitespace() {
                let from = word.as_ptr() as usize - text.as_ptr() as usize;
                words.push(from.max(start)..from + word.len());
            }
            if !words.is_empty() {
                found.push(Written { words });
            }
        }
        policies.push(found);
    }
    policies
}

fn insertion(text: &str, missing: &Missing) -> Option<(Range<usize>, String)> {
    let said = |range: &Range<usize>| &text[range.clone()];
    let is = |written: &Written| {
        let mut words = written.words.iter().map(said);
        let name = words.next().unwrap_or_default();
        let words: Vec<_> = words.collect();
        name.eq_ignore_ascii_case(&missing.name)
            && words.len() == missing.value.len()
            && words
                .iter()
                .zip(&missing.value)
                .all(|(word, value)| word.eq_ignore_ascii_case(value))
    };
    let policies = directives(text);
    let (policy, written) = policies.iter().find_map(|policy| {
        let written = policy.iter().find(|written| is(written))?;
        Some((policy, written))
    })?;
    let sources = missing.sources.join(" ");
    let values = &written.words[1..];
    let none = values
        .iter()
        .find(|word| said(word).eq_ignore_ascii_case("'none'"));
    let own = missing.name == missing.wanted || missing.name == format!("{}-elem", missing.wanted);
    if own {
        return Some(match none {
            Some(none) if values.len() == 1 => (none.clone(), sources),
            _ => {
                let end = written.words.last()?.end;
                (end..end, format!(" {sources}"))
            }
        });
    }
    // What is for everything stays as it is: the directive that is meant is added, with what held for it so far.
    let end = policy.last()?.words.last()?.end;
    let kept = values
        .iter()
        .map(said)
        .filter(|word| !word.eq_ignore_ascii_case("'none'"));
    let all: Vec<_> = kept.chain([sources.as_str()]).collect();
    Some((end..end, format!("; {} {}", missing.wanted, all.join(" "))))
}
