//! Which generator works in a folder, and which folder it writes: the one that is deployed, never one of its sources.

mod known;
mod pages;
mod plain;
mod plugin;
mod script;
mod special;
mod value;
mod web;

use std::collections::BTreeSet;
use std::path::Path;

use known::{Known, Rank, works_in};
pub(crate) use pages::{below, newest};
use pages::{has_pages, holds_page, holds_page_file};
pub(crate) use plugin::{plugins, without_comments};
use script::Said;

/// Where generators write, in the order in which they are looked for where none is known.
pub(crate) const USUAL_SITES: [&str; 8] = [
    "public", "_site", "dist", "build", "out", "site", "book", "output",
];

/// A generator that works here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Generator {
    /// Its name as its makers write it.
    pub name: &'static str,
    /// The command that builds the site.
    pub build: &'static str,
}

/// What a folder looks like.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// What builds the site; none: nobody we know.
    pub generator: Option<Generator>,
    /// Where the site is, or will be once it is built; none: no telling.
    pub site: Option<String>,
    /// Whether built pages are there.
    pub exists: bool,
    /// Several folders that could be the site, of which somebody has to choose.
    pub candidates: Vec<String>,
    /// The path under which the generator says that the site is served, with a slash at both ends; none: `/`, or not said.
    pub base: Option<String>,
}

impl Found {
    /// Why somebody has to choose.
    pub(crate) fn doubt(&self) -> String {
        match &self.candidates[..] {
            [only] => format!(
                "{only} may be the site, but the generator's configuration computes where the site goes"
            ),
            several => format!("several folders could be the site: {}", several.join(", ")),
        }
    }
}

/// What one generator says.
struct Work {
    known: &'static Known,
    /// Folders with built pages in them; more than one where its configuration is unclear.
    built: Vec<String>,
    /// What those are is a guess.
    guessed: bool,
    /// Where it will write.
    planned: Option<String>,
    base: Option<String>,
}

/// Looks at a folder.
pub(crate) fn detect(folder: &Path) -> Found {
    let here = all().filter(|known| works_in(known, folder));
    let mut works: Vec<Work> = here.map(|known| work(known, folder)).collect();
    // What others build with is theirs, and documentation lies beside what it documents.
    let top = works.iter().map(|work| work.known.rank).min();
    works.retain(|work| Some(work.known.rank) == top);
    let mut sites: Vec<String> = works.iter().flat_map(|work| work.built.clone()).collect();
    if top.is_none_or(|rank| rank == Rank::Beside) {
        sites.extend(usual(folder));
    }
    let mut seen = BTreeSet::new();
    sites.retain(|site| seen.insert(site.clone()));
    // The folder of a folder that a generator writes holds no more of the site.
    let named = sites.clone();
    sites.retain(|site| !named.iter().any(|other| is_below(other, site)));
    let by = |site: &String| works.iter().find(|work| work.built.contains(site));
    match &sites[..] {
        [] if top.is_some_and(|rank| rank != Rank::Beside) => {
            let planned = works.iter().find(|work| work.planned.is_some());
            let work = planned.unwrap_or(&works[0]);
            of(work, work.planned.clone(), false)
        }
        // Pages that lie in the folder itself.
        [] if folder.join("index.html").is_file() && holds_page(folder) => Found {
            site: Some(".".to_owned()),
            exists: true,
            ..Found::default()
        },
        [] => Found::default(),
        [only] => match by(only) {
            Some(work) if work.guessed => Found {
                candidates: sites,
                ..Found::default()
            },
            Some(work) => of(work, Some(only.clone()), true),
            None => Found {
                site: Some(only.clone()),
                exists: true,
                ..Found::default()
            },
        },
        _ => Found {
            candidates: sites,
            ..Found::default()
        },
    }
}

fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.starts_with('/'))
}

/// The one usual folder that is there, if nothing in it could be a page: a site that came out empty. One that holds pages to be
/// built is a source.
pub(crate) fn empty_site(folder: &Path) -> Option<String> {
    let mut empty = USUAL_SITES
        .iter()
        .filter(|name| is_empty(&folder.join(name)));
    match (empty.next(), empty.next()) {
        (Some(only), None) => Some((*only).to_owned()),
        _ => None,
    }
}

/// Whether a folder is there, and nothing right in it could be a page.
pub(crate) fn is_empty(folder: &Path) -> bool {
    folder.is_dir() && !holds_page_file(folder)
}

/// The account of a folder of which somebody has said that it is the site.
pub(crate) fn chosen(folder: &Path, site: &str) -> Found {
    let works = all().filter(|known| works_in(known, folder));
    let mut works = works.map(|known| work(known, folder));
    let exists = has_pages(&folder.join(site));
    let of_it = works.find(|work| {
        work.built.iter().any(|built| built == site) || work.planned.as_deref() == Some(site)
    });
    match of_it {
        Some(work) => of(&work, Some(site.to_owned()), exists),
        None => Found {
            site: Some(site.to_owned()),
            exists,
            ..Found::default()
        },
    }
}

fn of(work: &Work, site: Option<String>, exists: bool) -> Found {
    Found {
        generator: Some(Generator {
            name: work.known.name,
            build: work.known.build,
        }),
        site,
        exists,
        candidates: Vec::new(),
        base: work.base.clone(),
    }
}

fn work(known: &'static Known, folder: &Path) -> Work {
    let usual = || {
        let usual = known.usual.iter();
        usual
            .flat_map(|pattern| matching(folder, pattern))
            .collect::<Vec<_>>()
    };
    let configured = value::first(folder, known.output);
    let guessed = configured == Said::Unclear;
    let (built, planned) = match configured {
        Said::Text(path) => {
            let path = match known.within {
                "" => plain(&path),
                within => special::joined(within, &path),
            };
            let path = inner(folder, &path);
            let built = has_pages(&folder.join(&path)).then(|| path.clone());
            (built.into_iter().collect(), Some(path))
        }
        Said::Nothing => {
            let mut built = usual();
            built.retain(|path| is_built(folder, path));
            let projects = built
                .iter()
                .filter(|path| depth(path) == depth(&built[0]))
                .count();
            // The first of the usual ones, but of several projects each has one.
            let several = known.usual.iter().any(|pattern| pattern.contains('*'));
            built.truncate(if several { projects } else { 1 });
            let built = built.iter().map(|path| inner(folder, &plain(path)));
            let built: Vec<String> = built.collect();
            let planned = known.usual.first();
            let planned = planned.map(|path| plain(&path.replace('*', "NAME")));
            (built, planned)
        }
        // Whatever is there may be it, or may not.
        Said::Unclear => {
            let mut built: Vec<String> = usual().into_iter().chain(self::usual(folder)).collect();
            built.retain(|path| is_built(folder, path) && !is_source(known, path));
            let mut built: Vec<String> = built.iter().map(|path| plain(path)).collect();
            built.dedup();
            (built, None)
        }
    };
    let base = match value::first(folder, known.base) {
        Said::Text(base) => base_path(&base),
        Said::Nothing | Said::Unclear => None,
    };
    Work {
        known,
        built,
        guessed,
        planned,
        base,
    }
}

/// Whether a usual folder holds what it should.
fn is_built(folder: &Path, usual: &str) -> bool {
    let path = folder.join(usual);
    if usual.ends_with('/') {
        holds_page(&path)
    } else {
        has_pages(&path)
    }
}

/// Whether a folder is the generator's source and not what it writes.
fn is_source(known: &Known, path: &str) -> bool {
    path == "public" && !known.usual.contains(&"public")
}

fn depth(path: &str) -> usize {
    path.matches('/').count()
}

/// A path as people write it.
fn plain(path: &str) -> String {
    match path.trim_end_matches('/') {
        "" => path.to_owned(),
        trimmed => trimmed.strip_prefix("./").unwrap_or(trimmed).to_owned(),
    }
}

/// The folders that a pattern means, in the order of their names.
fn matching(folder: &Path, pattern: &str) -> Vec<String> {
    let Some((before, after)) = pattern.split_once('*') else {
        return vec![pattern.to_owned()];
    };
    let entries = std::fs::read_dir(folder.join(before)).into_iter().flatten();
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| folder.join(before).join(name).is_dir())
        .map(|name| format!("{before}{name}{after}"))
        .collect();
    names.sort();
    names
}

/// Where a folder that was named has its pages: some generators keep HTML, or what browsers get, in a folder of its own.
fn inner(folder: &Path, site: &str) -> String {
    let within = ["html", "client", "browser"].map(|name| format!("{site}/{name}"));
    let holds = |path: &String| holds_page(&folder.join(path));
    if holds(&site.to_owned()) {
        return site.to_owned();
    }
    let mut within = within.into_iter();
    within
        .find(|path| holds(path))
        .unwrap_or_else(|| site.to_owned())
}

/// A base path from what a generator says, which may be a whole address; none where it is the root or relative.
fn base_path(said: &str) -> Option<String> {
    let path = match said.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]),
        None => said,
    };
    let path = path.split(['?', '#']).next().unwrap_or(path).trim();
    let names: Vec<&str> = path.split('/').filter(|name| !name.is_empty()).collect();
    let host = !path.starts_with('/') && names.first().is_some_and(|name| name.contains('.'));
    let relative = host || names.iter().any(|name| name.starts_with('.')) || names.is_empty();
    let odd = path.contains(['{', '$', '<', '*', ' ', '\\', ':']) || path.starts_with("//");
    (!relative && !odd).then(|| format!("/{}/", names.join("/")))
}

/// The usual folders that hold built pages.
fn usual(folder: &Path) -> Vec<String> {
    let usual = USUAL_SITES
        .iter()
        .filter(|name| has_pages(&folder.join(name)));
    usual
        .map(|name| only_folder(folder, inner(folder, name)))
        .collect()
}

/// The folder in a folder that holds nothing else, and the one in that: bundlers and SDKs name one by the kind of the application.
/// A site whose languages are folders has files beside them.
fn only_folder(folder: &Path, mut site: String) -> String {
    for _ in 0..3 {
        let entries = std::fs::read_dir(folder.join(&site)).into_iter().flatten();
        let entries: Vec<_> = entries.flatten().take(2).collect();
        let [only] = &entries[..] else { break };
        let name = only.file_name();
        let (Some(name), true) = (name.to_str(), only.path().is_dir()) else {
            break;
        };
        site = format!("{site}/{name}");
    }
    site
}

#[cfg(test)]
#[path = "layout_tests.rs"]
mod layout_tests;
#[cfg(test)]
#[path = "planned_tests.rs"]
mod planned_tests;
#[cfg(test)]
#[path = "tests.rs"]
mod tests;

/// All of them.
fn all() -> impl Iterator<Item = &'static Known> {
    plain::KNOWN.iter().chain(web::KNOWN)
}
