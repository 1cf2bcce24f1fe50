//! Findings on `_redirects`: a forced rule that takes the runtime's address away from its file.

use super::catalog as rules;
use super::{Demands, Subject};
use crate::event::Finding;
use crate::run::LineIndex;
use crate::steps::beginning::beginning;
use crate::store::Store;

/// The file of Netlify, whose rules hold for addresses of files only where their status ends with `!`.
const NAME: &str = "_redirects";
/// How much of it is read, in bytes.
const MOST: u64 = 1 << 20;

/// The first rule that answers in the place of this file of the site.
pub(super) fn redirect_finding(
    demands: &Demands<'_>,
    store: &dyn Store,
    runtime: &str,
) -> Option<Finding> {
    let text = beginning(store, NAME, MOST)?;
    let page = Subject {
        path: NAME,
        places: LineIndex::new(text.as_bytes()),
    };
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        if let Some(status) = forced(line, runtime) {
            let message = format!(
                "with {status}, this rule answers in the place of {runtime}, so pages do not get the runtime"
            );
            let span = start..start + line.trim_end().len();
            return demands.finding_at(&rules::UNREACHABLE_RUNTIME, &page, &span, &message);
        }
    }
    None
}

/// The status of a rule that is forced on a file for all visitors.
fn forced<'l>(line: &'l str, file: &str) -> Option<&'l str> {
    let rule = line.split('#').next()?;
    let mut words = rule.split_ascii_whitespace();
    let from = words.next()?.strip_prefix('/')?;
    let rest: Vec<_> = words.collect();
    let at = rest.iter().position(|word| {
        let status = word.strip_suffix('!');
        status.is_some_and(|status| status.len() == 3 && status.bytes().all(|b| b.is_ascii_digit()))
    })?;
    // What follows is a condition, and what has `=` before it is a parameter of the query.
    let (before, status) = (&rest[..at], rest[at]);
    let conditional =
        rest.len() > at + 1 || before.iter().rev().skip(1).any(|word| word.contains('='));
    let covers = match from.strip_suffix('*') {
        Some(start) => file.starts_with(start),
        None => from == file,
    };
    // All of a site that has moved to another host has its runtime there.
    let moved = from == "*" && before.last().is_some_and(|to| to.contains("://"));
    (covers && !conditional && !moved).then_some(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_takes_a_file_where_it_is_forced_on_it_for_everybody() {
        let file = "chathub-assets/runtime.1.js";
        for (rule, status) in [
            ("/* /index.html 200!", Some("200!")),
            ("/chathub-assets/* /gone 404! # old", Some("404!")),
            (
                "/chathub-assets/runtime.1.js https://cdn.example/x 301!",
                Some("301!"),
            ),
            ("/* /index.html 200", None),
            ("/* https://www.example.com/:splat 301!", None),
            (
                "https://old.example/* https://new.example/:splat 301!",
                None,
            ),
            ("/shop/* / 301!", None),
            ("/* /uk/:splat 302! Country=ua", None),
            ("/* id=:id /x/:id 301!", None),
            ("# /* / 301!", None),
            ("", None),
        ] {
            assert_eq!(forced(rule, file), status, "{rule}");
        }
    }
}
