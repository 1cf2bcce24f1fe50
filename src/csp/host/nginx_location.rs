//! Which `location` nginx takes (`ngx_http_core_find_location`): an exact one, else the longest prefix, and after it, unless that is
//! written with `^~`, the first regular expression that matches; within each, its own locations come first.

use super::model::Serves;
use super::pattern::Pattern;

/// What a location is for.
pub(super) enum Location {
    Exact(String),
    /// The second: regular expressions are not asked.
    Prefix(String, bool),
    Regex(Pattern),
}

/// A server, or a location.
#[derive(Default)]
pub(super) struct Level {
    pub(super) headers: Vec<usize>,
    /// What `try_files` says.
    pub(super) tries: Vec<String>,
    /// It answers by itself, with a redirect or the like.
    pub(super) returns: bool,
    pub(super) locations: Vec<(Location, Level)>,
}

impl Level {
    /// The location within this one that an address belongs to, and whether the search ends with it.
    fn find(&self, address: &str) -> (Option<&Self>, bool) {
        let exact = self
            .locations
            .iter()
            .find(|(location, _)| matches!(location, Location::Exact(path) if path == address));
        if let Some((_, exact)) = exact {
            return (Some(exact), true);
        }
        let prefixes = self
            .locations
            .iter()
            .filter_map(|(location, level)| match location {
                Location::Prefix(path, alone) if address.starts_with(path.as_str()) => {
                    Some((path.len(), *alone, level))
                }
                _ => None,
            });
        let mut found = None;
        let mut ask = true;
        if let Some((_, alone, level)) = prefixes.max_by_key(|(length, ..)| *length) {
            let (inner, ends) = level.find(address);
            found = Some(inner.unwrap_or(level));
            if ends {
                return (found, true);
            }
            ask = !alone;
        }
        let mut regexes = self.locations.iter().filter(|_| ask);
        let matching = regexes.find(|(location, _)| matches!(location, Location::Regex(pattern) if pattern.matches(address)));
        match matching {
            Some((_, level)) => (Some(level.find(address).0.unwrap_or(level)), true),
            None => (found, false),
        }
    }

    /// What answers at an address.
    fn at(&self, address: &str) -> &Self {
        self.find(address).0.unwrap_or(self)
    }

    /// Whether `try_files` finds a file by this, so that it is sent from here. The last word is where to go if nothing is there.
    fn tries(&self, suffixes: &[&str]) -> bool {
        let all = self.tries.split_last().map_or(&[][..], |(_, all)| all);
        let mut all = all.iter().filter_map(|word| word.strip_prefix("$uri"));
        all.any(|suffix| suffixes.contains(&suffix))
    }
}

/// All that may serve the site.
pub(super) struct Servers(pub(super) Vec<Level>);

impl Serves for Servers {
    fn sent(&self, path: &str) -> Vec<Vec<usize>> {
        let mut sent = Vec::new();
        for server in &self.0 {
            let mut answer = |level: &Level| {
                if !level.returns {
                    sent.push(level.headers.clone());
                }
            };
            if let Some(folder) = path.strip_suffix("index.html") {
                let first = server.at(folder);
                // The index of a folder is asked for anew, by its name.
                let level = if first.tries(&["/index.html", "index.html"]) || first.returns {
                    first
                } else {
                    server.at(path)
                };
                answer(level);
                continue;
            }
            answer(server.at(path));
            if let Some(clean) = path.strip_suffix(".html") {
                let level = server.at(clean);
                if level.tries(&[".html"]) {
                    answer(level);
                }
            }
        }
        sent
    }
}
