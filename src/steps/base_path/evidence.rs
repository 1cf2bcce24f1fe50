//! What addresses tell of the path that a site is below; the rule stands in [`base_path`](super).

use std::collections::BTreeMap;

use percent_encoding::percent_decode;
use url::Url;

use super::answer::{Asked, OtherBase, based};
use crate::store::{Kind, PagePath, Store};

/// How many folders the path of a site may have.
const DEEPEST: usize = 4;
/// Folders that pages load things from though the site need not have them: anyone who deploys them may do so elsewhere.
const FOR_ASSETS: &[&str] = &[
    "_astro",
    "_next",
    "_nuxt",
    "assets",
    "cdn",
    "cgi-bin",
    "css",
    "dist",
    "fonts",
    "icons",
    "images",
    "img",
    "javascript",
    "js",
    "lib",
    "libs",
    "media",
    "resources",
    "scripts",
    "shared",
    "static",
    "styles",
    "theme",
    "themes",
    "uploads",
    "usr",
    "vendor",
    "wp-content",
    "wp-includes",
];

/// Where a URL that begins with `/` tells the site to be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Base {
    Below(String),
    /// Each folder in its root is the root of a host.
    Inside,
}

/// What an address tells.
enum Evidence {
    /// That the site is there.
    Base(Base),
    /// The same, if it does not lead to a home page.
    Folder(Base),
    /// Nothing: as far as it is known, it is none of the site's, or its home page.
    Nothing,
}

/// An address that tells nothing, whether it is a link's, and its page.
type Untold<'a> = (&'a str, bool, &'a str);

/// What tells a place: how many addresses do, one of them, and its page.
type Votes = BTreeMap<Base, (usize, String, Option<String>)>;

/// What a kind of address answers.
pub(super) enum Answer {
    AsExpected,
    OtherBase(OtherBase),
}

/// Asks where the site is.
pub(super) struct Question<'a> {
    pub(super) store: &'a dyn Store,
    /// The path that it should be below.
    pub(super) expected: &'a str,
}

impl Question<'_> {
    pub(super) fn by_base(
        &self,
        pages: &[(String, &Asked)],
        is_own: impl Fn(&Url, &Asked) -> bool,
    ) -> Option<Answer> {
        let mut votes = Votes::new();
        for (page, asked) in pages {
            let Some(href) = &asked.base else { continue };
            // A relative one leads wherever the page is.
            let Some(url) = based(href) else {
                continue;
            };
            if !(href.trim().starts_with('/') || Url::parse(href).is_ok()) || !is_own(&url, asked) {
                continue;
            }
            let path = url.path();
            let base = &path[..=path.rfind('/')?];
            let folder = page.rfind('/').map_or("", |end| &page[..=end]);
            let below = if self.is_there(base.strip_prefix(self.expected).unwrap_or_default()) {
                self.expected
            } else {
                let below = base.strip_suffix(folder);
                below.filter(|below| below.ends_with('/')).unwrap_or(base)
            };
            let tag = format!("<base href=\"{href}\">");
            vote(&mut votes, Base::Below(below.to_owned()), &tag, page);
        }
        let all = count(&votes);
        (all > 0 && all * 2 >= pages.len()).then_some(())?;
        self.elected(votes, &[])
    }

    /// By the `<base>` that only the page has which a server shows where there is nothing.
    pub(super) fn by_not_found(
        &self,
        pages: &[(String, &Asked)],
        name: &str,
        is_own: impl Fn(&Url, &Asked) -> bool,
    ) -> Option<Answer> {
        let (page, asked) = pages.iter().find(|(page, _)| page == name)?;
        let href = asked.base.as_ref()?;
        let url = based(href)?;
        let path = url.path();
        let path = path[..=path.rfind('/')?].to_owned();
        let tells = is_own(&url, asked) && path != self.expected;
        tells.then(|| {
            Answer::OtherBase(OtherBase::Below {
                path,
                example: format!("<base href=\"{href}\">"),
                page: Some(page.clone()),
                sure: false,
            })
        })
    }

    pub(super) fn by_rooted(&self, pages: &[(String, &Asked)]) -> Option<Answer> {
        let (mut clear, mut folders) = (Votes::new(), Votes::new());
        let mut untold = Vec::new();
        for (page, asked) in pages {
            for (path, link) in &asked.rooted {
                let Ok(path) = std::str::from_utf8(path) else {
                    continue;
                };
                match self.told_by(path, page) {
                    // Many link to the root of their host, whatever is there.
                    _ if path == "/" => {}
                    Evidence::Base(place) => vote(&mut clear, place, path, page),
                    Evidence::Folder(place) => vote(&mut folders, place, path, page),
                    Evidence::Nothing => untold.push((path, *link, page.as_str())),
                }
            }
        }
        // Those that may lead to a home page count where there are no others.
        let votes = if clear.is_empty() { folders } else { clear };
        if votes.is_empty() {
            return self.by_name(&untold);
        }
        self.elected(votes, &untold)
    }

    /// Where no address is a file of the site: the folder that all begin with, if it must be the site's.
    fn by_name(&self, untold: &[Untold<'_>]) -> Option<Answer> {
        (self.expected == "/").then_some(())?;
        let (first, _, page) = untold.iter().find(|(path, ..)| path[1..].contains('/'))?;
        let folder = first[1..].split_once('/')?.0;
        let path = format!("/{folder}/");
        let all = untold.iter().all(|(told, ..)| is_below(told, &path));
        let mut loads: Vec<_> = untold
            .iter()
            .filter(|(_, link, _)| !link)
            .filter_map(|(loaded, ..)| loaded.strip_prefix(&path)?.split('/').next())
            .collect();
        loads.sort_unstable();
        loads.dedup();
        let links = untold.iter().any(|(_, link, _)| *link);
        let known = FOR_ASSETS.contains(&folder) || self.is_there(folder);
        let enough = (links && !loads.is_empty()) || loads.len() > 1;
        (all && enough && !known).then(|| {
            Answer::OtherBase(OtherBase::Below {
                example: (*first).to_owned(),
                page: Some((*page).to_owned()),
                path,
                sure: true,
            })
        })
    }

    pub(super) fn by_own(&self, pages: &[(String, &Asked)], sitemap: &[String]) -> Option<Answer> {
        let mut votes = Votes::new();
        for (page, asked) in pages {
            for own in &asked.own {
                let Some(url) = Url::parse(own).ok().filter(Url::has_host) else {
                    continue;
                };
                if let Some(below) = without_page(url.path(), page) {
                    vote(&mut votes, Base::Below(below.to_owned()), own, page);
                }
            }
        }
        if votes.is_empty() {
            for own in sitemap {
                let url = Url::parse(own).ok().filter(Url::has_host);
                let told = url.map(|url| self.told_by(url.path(), ""));
                if let Some(Evidence::Base(place) | Evidence::Folder(place)) = told {
                    votes.entry(place).or_insert((0, own.clone(), None)).0 += 1;
                }
            }
        }
        match self.elected(votes, &[])? {
            // A copy of the pages elsewhere, such as those of another version, is not a sign.
            Answer::OtherBase(OtherBase::Below {
                path,
                example,
                page,
                ..
            }) if path.starts_with(self.expected) => Some(Answer::OtherBase(OtherBase::Below {
                path,
                example,
                page,
                sure: false,
            })),
            _ => None,
        }
    }

    /// The place that nearly all of those that tell one tell, and that no more than as many addresses are not below.
    fn elected(&self, votes: Votes, untold: &[Untold<'_>]) -> Option<Answer> {
        let told = count(&votes);
        let most = votes.into_iter().max_by_key(|(_, (count, ..))| *count);
        let (place, (count, example, page)) = most?;
        let against = untold.iter().filter(|(path, ..)| match &place {
            Base::Below(below) => !is_below(path, below),
            Base::Inside => true,
        });
        let expected = place == Base::Below(self.expected.to_owned());
        let clear = count * 10 >= told * 9 && count >= against.count();
        Some(match place {
            _ if expected || !clear => Answer::AsExpected,
            Base::Below(path) => Answer::OtherBase(OtherBase::Below {
                path,
                example,
                page,
                sure: true,
            }),
            Base::Inside => {
                let page = page.unwrap_or_default();
                let folder = page.split('/').next().unwrap_or_default().to_owned();
                Answer::OtherBase(OtherBase::Apart {
                    folder,
                    example,
                    page,
                })
            }
        })
    }

    /// Where an address that begins with `/` tells the site to be.
    fn told_by(&self, path: &str, page: &str) -> Evidence {
        // `/blog/` is a folder of a site at `/`, or the home page of one at `/blog/`.
        let told = |place: Base, rest: &str| {
            let rest = rest.trim_end_matches('/');
            if rest.contains(['/', '.']) {
                Evidence::Base(place)
            } else {
                Evidence::Folder(place)
            }
        };
        if let Some(rest) = path.strip_prefix(self.expected)
            && self.is_there(rest)
        {
            return told(Base::Below(self.expected.to_owned()), rest);
        }
        let slashes = path.match_indices('/').map(|(at, _)| at + 1);
        for (below, rest) in slashes.take(DEEPEST + 1).map(|at| path.split_at(at)) {
            if self.is_there(rest) {
                return told(Base::Below(below.to_owned()), rest);
            }
        }
        if let Some((folder, _)) = page.split_once('/')
            && self.is_there(&format!("{folder}{path}"))
        {
            return told(Base::Inside, &path[1..]);
        }
        Evidence::Nothing
    }

    /// Whether a static host would find something under an address, relative to the site's.
    fn is_there(&self, address: &str) -> bool {
        let Ok(path) = percent_decode(address.as_bytes()).decode_utf8() else {
            return false;
        };
        let parts: Vec<&str> = path
            .split('/')
            .filter(|part| !matches!(*part, "" | "."))
            .collect();
        if parts.is_empty()
            || parts
                .iter()
                .any(|part| *part == ".." || part.contains('\0'))
        {
            return false;
        }
        let file = parts.join("/");
        let is_there = |file: &str| {
            let kind = self.store.kind(&PagePath::from(file));
            !matches!(kind, Kind::Nothing | Kind::Unknown)
        };
        is_there(&file) || is_there(&format!("{file}.html"))
    }
}

/// Whether a path is below another, or its home page.
fn is_below(path: &str, below: &str) -> bool {
    path.starts_with(below) || below.strip_suffix('/') == Some(path)
}

fn count(votes: &Votes) -> usize {
    votes.values().map(|(count, ..)| count).sum()
}

fn vote(votes: &mut Votes, place: Base, example: &str, page: &str) {
    let first = || (0, example.to_owned(), Some(page.to_owned()));
    votes.entry(place).or_insert_with(first).0 += 1;
}

/// The path that is left of a page's address when the page's own path is taken off it.
fn without_page<'a>(address: &'a str, page: &str) -> Option<&'a str> {
    let folder = page.strip_suffix("index.html").unwrap_or(page);
    let bare = page.strip_suffix(".html").unwrap_or(page);
    let forms = [page, folder, folder.trim_end_matches('/'), bare];
    let mut left = forms.iter().filter_map(|form| address.strip_suffix(form));
    left.find(|left| left.ends_with('/'))
}
