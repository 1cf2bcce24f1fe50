//! Patterns of addresses, in the ways of the hosts: each becomes a regular expression.

use fancy_regex::{Regex, RegexBuilder};

use super::glob::glob_source;
use super::path_to_regexp::path_to_regexp;

/// How much work a pattern may take.
const BACKTRACKS: usize = 100_000;

/// A pattern of addresses.
#[derive(Debug)]
pub(super) struct Pattern(Regex);

impl Pattern {
    /// Whether an address matches. What takes too much work may match, and so counts as doing so.
    pub(super) fn matches(&self, address: &str) -> bool {
        self.0.is_match(address).unwrap_or(true)
    }

    /// A regular expression, which may match anywhere.
    pub(super) fn regex(source: &str, any_case: bool) -> Result<Self, String> {
        let regex = RegexBuilder::new(source)
            .case_insensitive(any_case)
            .backtrack_limit(BACKTRACKS)
            .build();
        let why =
            |error| format!("`{source}` is not a regular expression that can be read: {error}");
        regex.map(Self).map_err(why)
    }

    /// One that must match from the first character to the last.
    fn whole(source: &str, any_case: bool) -> Result<Self, String> {
        Self::regex(&format!("^(?:{source})$"), any_case)
    }

    /// Exactly this.
    pub(super) fn exactly(text: &str) -> Result<Self, String> {
        Self::whole(&fancy_regex::escape(text), false)
    }

    /// `for` of Netlify, which takes any case, and a slash more or less at the end.
    pub(super) fn netlify(path: &str) -> Result<Self, String> {
        let parts = path
            .split('/')
            .map(str::trim_end)
            .filter(|part| !part.is_empty());
        let part = |part: &str| match part {
            "*" => "?(?:.*)".to_owned(),
            part if part.starts_with(':') => "(?:[^/]+)".to_owned(),
            part => part
                .split('*')
                .map(fancy_regex::escape)
                .collect::<Vec<_>>()
                .join("(?:.*)"),
        };
        let parts: Vec<_> = parts.map(part).collect();
        Self::regex(&format!("^/{}/?$", parts.join("/")), true)
    }

    /// The first line of a rule of Cloudflare Pages: `*` is anything, `:name` anything but a slash. One with a host is about that host.
    pub(super) fn cloudflare(rule: &str) -> Result<Self, String> {
        let path = match rule.split_once("://") {
            Some((_, rest)) => rest.find('/').map_or("/", |slash| &rest[slash..]),
            None => rule,
        };
        let mut source = String::new();
        let mut rest = path;
        while let Some(c) = rest.chars().next() {
            let (piece, after) = rest.split_at(c.len_utf8());
            let name = after.len()
                - after
                    .trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_')
                    .len();
            let is_name = c == ':' && after.starts_with(|c: char| c.is_ascii_alphabetic());
            rest = if is_name { &after[name..] } else { after };
            match c {
                '*' => source.push_str("(?:.*)"),
                _ if is_name => source.push_str("(?:[^/]+)"),
                _ => source.push_str(&fancy_regex::escape(piece)),
            }
        }
        Self::whole(&source, false)
    }

    /// `route` of Azure Static Web Apps: `*` at the end is anything, before a list of extensions all files with one of those.
    pub(super) fn azure(route: &str) -> Result<Self, String> {
        let Some((before, after)) = route.split_once('*') else {
            return Self::exactly(route);
        };
        let extensions = after
            .strip_prefix(".{")
            .and_then(|list| list.strip_suffix('}'));
        let after = match (after, extensions) {
            ("", _) => String::new(),
            (_, Some(list)) => {
                let list: Vec<_> = list
                    .split(',')
                    .map(|name| fancy_regex::escape(name.trim()).into_owned())
                    .collect();
                format!("\\.(?:{})", list.join("|"))
            }
            (after, None) if !after.contains('*') && after.starts_with('.') => {
                fancy_regex::escape(after).into_owned()
            }
            _ => return Err(format!("`{route}` has a `*` elsewhere than at its end")),
        };
        Self::whole(&format!("{}.*{after}", fancy_regex::escape(before)), false)
    }

    /// `source` of Vercel: path-to-regexp 6, strict.
    pub(super) fn vercel(source: &str) -> Result<Self, String> {
        let regex = path_to_regexp(source);
        let wrong = || format!("`{source}` is not a pattern that path-to-regexp takes");
        Self::whole(&regex.ok_or_else(wrong)?, false)
    }

    /// `source` of Firebase Hosting: a glob as minimatch takes it, with its extended patterns.
    pub(super) fn firebase(glob: &str) -> Result<Self, String> {
        let glob = if glob.starts_with('/') {
            glob.to_owned()
        } else {
            format!("/{glob}")
        };
        let chars: Vec<char> = glob.chars().collect();
        Self::whole(&glob_source(&chars)?, false)
    }

    /// Caddy's path matcher: any case, `*` at an end is anything, and inside anything but a slash.
    pub(super) fn caddy(path: &str) -> Result<Self, String> {
        let trimmed = path.trim_matches('*');
        let anywhere = |there: bool| if there { ".*" } else { "" };
        let (before, after) = (path.starts_with('*'), path.len() > 1 && path.ends_with('*'));
        if trimmed.contains(['[', '\\']) {
            return Err(format!("`{path}` has a set of characters"));
        }
        let inner: String = trimmed
            .chars()
            .map(|c| match c {
                '*' => "[^/]*".to_owned(),
                '?' => "[^/]".to_owned(),
                c => fancy_regex::escape(&c.to_string()).into_owned(),
            })
            .collect();
        Self::whole(
            &format!("{}{inner}{}", anywhere(before), anywhere(after)),
            true,
        )
    }
}
