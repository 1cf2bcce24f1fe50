//! The generators that are known: by what, and where they write.

use std::path::Path;

use super::value::{Look, text, uses};

/// What a generator's output is to the project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// The site.
    Site,
    /// The site, unless something else builds it with this tool's help.
    Tool,
    /// Documentation beside something else, unless there is no other site.
    Beside,
}

/// What a generator is known by, and what there is to know of it.
pub(super) struct Known {
    pub(super) name: &'static str,
    /// How people build with it.
    pub(super) build: &'static str,
    pub(super) rank: Rank,
    /// One of these is there: a file, a folder, or `NAME.*`, a program; `npm:NAME`, a package that the project uses …
    pub(super) signs: &'static [&'static str],
    /// … and this holds: some names belong to several generators.
    pub(super) and: fn(&Path) -> bool,
    /// The folder that a configured path counts from; empty: this one.
    pub(super) within: &'static str,
    /// Where the output folder is configured.
    pub(super) output: &'static [Look],
    /// Where it is otherwise; the first that holds pages, else the first. `*` is any folder; one with a slash at its end counts
    /// only if there are pages right in it.
    pub(super) usual: &'static [&'static str],
    /// Where the path is configured under which the site is served.
    pub(super) base: &'static [Look],
}

pub(super) const fn known(
    name: &'static str,
    build: &'static str,
    signs: &'static [&'static str],
    usual: &'static [&'static str],
) -> Known {
    Known {
        name,
        build,
        rank: Rank::Site,
        signs,
        and: always,
        within: "",
        output: &[],
        usual,
        base: &[],
    }
}

fn always(_: &Path) -> bool {
    true
}

impl Known {
    pub(super) const fn rank(self, rank: Rank) -> Self {
        Self { rank, ..self }
    }

    pub(super) const fn and(self, and: fn(&Path) -> bool) -> Self {
        Self { and, ..self }
    }

    pub(super) const fn within(self, within: &'static str) -> Self {
        Self { within, ..self }
    }

    pub(super) const fn output(self, output: &'static [Look]) -> Self {
        Self { output, ..self }
    }

    pub(super) const fn base(self, base: &'static [Look]) -> Self {
        Self { base, ..self }
    }
}

/// Whether a file has a word in it; no file has none.
pub(super) fn contains(folder: &Path, file: &str, word: &str) -> bool {
    text(folder, file).is_some_and(|text| text.contains(word))
}

/// Whether one of a generator's signs is there.
pub(super) fn works_in(known: &Known, folder: &Path) -> bool {
    let there = |sign: &str| match sign.strip_prefix("npm:") {
        Some(package) => uses(folder, package),
        None => super::value::is_there(folder, sign),
    };
    known.signs.iter().any(|sign| there(sign)) && (known.and)(folder)
}
