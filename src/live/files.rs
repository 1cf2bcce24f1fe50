//! Files of the site that its pages name: scripts and data, and the source maps of scripts. Secrets may be in them as well as in pages.

use std::collections::{BTreeSet, VecDeque};

use url::Url;

use super::address;
use super::answer::Answer;
use crate::html::resources;
use crate::store::PagePath;

/// How many files are asked for: a site may have a script for each page.
pub(super) const MOST: usize = 100;
/// How much of the end of a script is searched for the address of its source map, in bytes: it is the last line.
const LAST_LINE: usize = 4096;

/// The addresses of files that pages name, the first in their order, whatever the order of the pages.
#[derive(Debug, Default)]
pub(super) struct Named {
    urls: BTreeSet<Url>,
    /// There are more.
    pub(super) left_out: bool,
}

impl Named {
    /// Takes the addresses that a page names which `is_wanted`.
    pub(super) fn note(&mut self, page: &Answer, is_wanted: impl Fn(&Url) -> bool) {
        let found = resources(&page.body);
        let urls = found
            .iter()
            .filter_map(|address| address::plain(&page.url, address));
        for url in urls.filter(is_wanted) {
            self.urls.insert(url);
            if self.urls.len() > MOST {
                self.urls.pop_last();
                self.left_out = true;
            }
        }
    }

    /// All of them, to be asked for.
    pub(super) fn take(&mut self) -> VecDeque<Url> {
        std::mem::take(&mut self.urls).into_iter().collect()
    }
}

/// The path of a file below the root; none where it is not below, or is a folder.
pub(super) fn path(root: &Url, url: &Url) -> Option<PagePath> {
    let path = address::below(root, url)?;
    (!path.is_empty() && !path.ends_with(b"/")).then(|| PagePath::from_bytes(path))
}

/// Where the source map of a script is, if it has one that is a file (ECMA-426, section 11).
pub(super) fn source_map(script: &Answer) -> Option<Url> {
    let sent = ["sourcemap", "x-sourcemap"];
    let sent = sent.iter().find_map(|name| script.all(name).last());
    let end = &script.body[script.body.len().saturating_sub(LAST_LINE)..];
    let end = String::from_utf8_lossy(end);
    let written = end.lines().rev().find_map(|line| {
        let (_, address) = line.rsplit_once("# sourceMappingURL=")?;
        address.split_whitespace().next()
    });
    address::plain(&script.url, sent.or(written)?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use reqwest::header::HeaderMap;

    use super::*;

    fn answer(url: &str, body: &str) -> Answer {
        Answer {
            url: Url::parse(url).unwrap(),
            status: 200,
            headers: HeaderMap::new(),
            body: body.as_bytes().to_vec(),
        }
    }

    #[test]
    fn the_first_addresses_are_kept_whatever_the_order() {
        let page = |from: usize| {
            let scripts = (from..from + 90).map(|n| format!("<script src=/{n:03}.js></script>"));
            answer("https://example.com/a/", &scripts.collect::<String>())
        };
        let kept = |pages: [usize; 2]| {
            let mut named = Named::default();
            for from in pages {
                named.note(&page(from), |_| true);
            }
            (named.take(), named.left_out)
        };
        let (urls, left_out) = kept([0, 60]);
        assert!(left_out && urls.len() == MOST, "{}", urls.len());
        assert_eq!(urls.back().unwrap().path(), "/099.js");
        assert_eq!(kept([60, 0]), (urls, true));
        assert!(!kept([0, 10]).1);
    }

    #[test]
    fn a_source_map_is_where_the_script_says() {
        let map = |body: &str| {
            let script = answer("https://example.com/a/x.js", body);
            source_map(&script).map(|url| url.to_string())
        };
        let wanted = Some("https://example.com/a/x.js.map".to_owned());
        assert_eq!(map("x()\n//# sourceMappingURL=x.js.map"), wanted);
        assert_eq!(map("x()\n//# sourceMappingURL=/a/x.js.map\n\n"), wanted);
        assert_eq!(map("a{}/*# sourceMappingURL=x.js.map */"), wanted);
        assert_eq!(
            map("//# sourceMappingURL=data:application/json;base64,e30="),
            None
        );
        assert_eq!(map("x()"), None);
        let mut script = answer(
            "https://example.com/a/x.js",
            "x()\n//# sourceMappingURL=y.map",
        );
        script
            .headers
            .append("sourcemap", "x.js.map".parse().unwrap());
        assert_eq!(source_map(&script).map(|url| url.to_string()), wanted);
    }
}
