//! Which file of the site a list means by a URL.

use percent_encoding::percent_decode_str;

use crate::store::PagePath;

/// How many URLs are asked to find out what the site's address is.
const SAMPLE: usize = 32;
/// How many folders the site's address may have.
const DEEP: usize = 4;

/// Resolves the URLs of one list.
pub struct Addresses<'a> {
    /// The folder that the list is in.
    folder: Vec<Vec<u8>>,
    /// The extensions of pages.
    extensions: &'a [String],
    /// Whether the site has a file of this path.
    is_file: &'a dyn Fn(&PagePath) -> bool,
    /// How URLs from the root are read.
    root: Root,
    /// Scheme and host of the site, where they are known.
    origin: Option<&'a str>,
}

/// Where URLs from the root lead.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Root {
    /// The folders of the site's address, which are not folders of the site.
    address: Vec<Vec<u8>>,
    /// How many further ones are left out, whatever their names.
    skipped: usize,
    /// They lead into the list's folder, not into that of the site.
    is_below: bool,
}

/// A URL in pieces.
struct Url {
    from_root: bool,
    names: Vec<Vec<u8>>,
    is_folder: bool,
}

impl<'a> Addresses<'a> {
    /// Those of a list at `path`. `base_url`: the address that the site is configured to have; `urls`: what the list names, by
    /// which another one is found out.
    pub fn new<'u>(
        path: &PagePath,
        base_url: &'a str,
        extensions: &'a [String],
        is_file: &'a dyn Fn(&PagePath) -> bool,
        urls: impl Iterator<Item = &'u str>,
    ) -> Self {
        let folder = names(path.parent().as_bytes());
        let (origin, base) = match base_url.split_once("://") {
            Some((_, rest)) => {
                let host = rest.find('/').unwrap_or(rest.len());
                let end = base_url.len() - rest.len() + host;
                (Some(&base_url[..end]), &rest[host..])
            }
            None => (None, base_url),
        };
        let mut addresses = Self {
            folder,
            extensions,
            is_file,
            root: Root {
                address: names(base.as_bytes()),
                skipped: 0,
                is_below: false,
            },
            origin,
        };
        addresses.find_root(urls);
        addresses
    }

    /// Lists are made for an address, and the configuration need not know it: the pages that a list names are there.
    fn find_root<'u>(&mut self, urls: impl Iterator<Item = &'u str>) {
        let from_root = |url: &str| {
            self.is_page(&self.split(url, true)?)
                .then(|| url.to_owned())
        };
        let sample = urls.filter(|url| url.starts_with('/') && !url.starts_with("//"));
        let sample: Vec<String> = sample.filter_map(from_root).take(SAMPLE).collect();
        if sample.is_empty() {
            return;
        }
        let configured = self.root.clone();
        let skipping = |is_below| {
            (0..=DEEP).map(move |skipped| Root {
                address: Vec::new(),
                skipped,
                is_below,
            })
        };
        let below = skipping(true).filter(|_| !self.folder.is_empty());
        let roots = std::iter::once(configured.clone())
            .chain(skipping(false))
            .chain(below);
        let mut best = (0, configured);
        for root in roots {
            self.root = root;
            let hits = sample.iter().filter(|url| self.file(url).is_some()).count();
            if hits > best.0 {
                best = (hits, self.root.clone());
            }
            if hits == sample.len() {
                break;
            }
        }
        self.root = best.1;
    }

    /// The page of this site that a URL means, if it is one.
    #[must_use]
    pub fn file(&self, url: &str) -> Option<PagePath> {
        // What stands in a list may be encoded, or not.
        let mut ways = [true, false].into_iter();
        ways.find_map(|encoded| {
            let url = self.split(url, encoded)?;
            self.is_page(&url).then_some(())?;
            self.find(&url)
        })
    }

    /// The file that a URL means, if that is in this folder of the site, whether it is there or not.
    #[must_use]
    pub fn asset(&self, url: &str, folder: &str) -> Option<PagePath> {
        let path = self.path(&self.split(url, true)?)?.join(&b'/');
        let inside = path.strip_prefix(folder.as_bytes())?;
        inside
            .starts_with(b"/")
            .then(|| PagePath::from_bytes(path.clone()))
    }

    /// The script of this site that a URL means.
    #[must_use]
    pub fn script(&self, url: &str) -> Option<PagePath> {
        let path = self.path(&self.split(url, true)?)?.join(&b'/');
        Some(PagePath::from_bytes(path)).filter(|path| (self.is_file)(path))
    }

    fn split(&self, url: &str, encoded: bool) -> Option<Url> {
        let url = match self.origin {
            Some(origin) => match url.strip_prefix(origin) {
                Some(path) if path.starts_with('/') => path,
                _ => url,
            },
            None => url,
        };
        let end = if encoded { url.find(['?', '#']) } else { None };
        let path = &url[..end.unwrap_or(url.len())];
        if path.contains("://") || path.starts_with("//") {
            return None;
        }
        let from_root = path.starts_with('/');
        let mut names = if from_root {
            Vec::new()
        } else {
            self.folder.clone()
        };
        for part in path.split('/') {
            let name: Vec<u8> = if encoded {
                percent_decode_str(part).collect()
            } else {
                part.as_bytes().to_vec()
            };
            match &*name {
                b"" | b"." => {}
                // Out of the site.
                b".." => drop(names.pop()?),
                // What no name of a file has, and what is a folder on some systems.
                _ if name.iter().any(|byte| matches!(byte, b'/' | b'\\' | 0)) => return None,
                _ => names.push(name),
            }
        }
        let last = path.rsplit('/').next().unwrap_or(path);
        Some(Url {
            from_root,
            names,
            is_folder: matches!(last, "" | "." | ".."),
        })
    }

    /// Whether it can be a page by its name: one has a page's extension, or none.
    fn is_page(&self, url: &Url) -> bool {
        url.is_folder
            || url
                .names
                .last()
                .is_none_or(|name| !name.contains(&b'.') || self.has_extension(name))
    }

    fn has_extension(&self, name: &[u8]) -> bool {
        self.extensions.iter().any(|extension| {
            let end = name.len().checked_sub(extension.len() + 1);
            end.is_some_and(|at| {
                name[at] == b'.' && name[at + 1..].eq_ignore_ascii_case(extension.as_bytes())
            })
        })
    }

    /// The names of the folders on the way and the file's own.
    fn path(&self, url: &Url) -> Option<Vec<Vec<u8>>> {
        if !url.from_root {
            return Some(url.names.clone());
        }
        let rest = url.names.strip_prefix(&*self.root.address)?;
        let below = if self.root.is_below {
            &*self.folder
        } else {
            &[]
        };
        let skipped = self.root.skipped;
        // A file's own name is not a part of the site's address.
        let is_left = skipped < rest.len() || url.is_folder;
        is_left.then(|| Some([below, rest.get(skipped..)?].concat()))?
    }

    fn find(&self, url: &Url) -> Option<PagePath> {
        let names = self.path(url)?;
        let path = names.join(&b'/');
        let is_there =
            |path: Vec<u8>| Some(PagePath::from_bytes(path)).filter(|p| (self.is_file)(p));
        let with = |end: String| is_there([&*path, end.as_bytes()].concat());
        let slash = if path.is_empty() { "" } else { "/" };
        let index = || {
            let mut all = self.extensions.iter();
            all.find_map(|extension| with(format!("{slash}index.{extension}")))
        };
        if url.is_folder || path.is_empty() {
            return index();
        }
        if names.last().is_some_and(|name| self.has_extension(name)) {
            return is_there(path.clone());
        }
        let mut all = self.extensions.iter();
        all.find_map(|extension| with(format!(".{extension}")))
            .or_else(index)
    }
}

fn names(path: &[u8]) -> Vec<Vec<u8>> {
    let names = path.split(|byte| *byte == b'/');
    names
        .filter(|n| !n.is_empty())
        .map(<[u8]>::to_vec)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: [&str; 8] = [
        "index.html",
        "about.html",
        "shop/index.html",
        "shop.v2/index.htm",
        "en/index.html",
        "en/a b.html",
        "100%25.html",
        "caf\u{e9}.html",
    ];

    fn resolve(list: &str, base_url: &str, urls: &[&str]) -> Vec<Option<String>> {
        let extensions = ["html".to_owned(), "htm".to_owned()];
        let is_file = |path: &PagePath| SITE.contains(&&*path.to_string());
        let list = PagePath::from(list);
        let all = urls.iter().copied();
        let addresses = Addresses::new(&list, base_url, &extensions, &is_file, all);
        let file = |url: &&str| addresses.file(url).map(|path| path.to_string());
        urls.iter().map(file).collect()
    }

    fn found(list: &str, base_url: &str, url: &str) -> Option<String> {
        resolve(list, base_url, &[url]).remove(0)
    }

    #[test]
    fn every_form_of_an_address_leads_to_its_file() {
        for (url, file) in [
            ("index.html", "index.html"),
            ("/", "index.html"),
            ("", "index.html"),
            ("./", "index.html"),
            ("?source=pwa", "index.html"),
            ("about", "about.html"),
            ("/about.html?x=1#y", "about.html"),
            ("/shop", "shop/index.html"),
            ("/shop/", "shop/index.html"),
            ("shop/../about", "about.html"),
            ("/shop.v2/", "shop.v2/index.htm"),
            ("/en/a%20b.html", "en/a b.html"),
            ("/en/a b.html", "en/a b.html"),
            ("/100%25.html", "100%25.html"),
            ("/caf%C3%A9", "caf\u{e9}.html"),
        ] {
            assert_eq!(found("sw.js", "/", url).as_deref(), Some(file), "{url}");
        }
    }

    #[test]
    fn nothing_leads_out_of_the_site() {
        for url in [
            "../about.html",
            "/../about.html",
            "/shop/../../about.html",
            "%2e%2e/about.html",
            "/shop/..%2f..%2fabout.html",
            "/..\\about.html",
            "/about.html%00",
            "https://elsewhere.example/about.html",
            "//elsewhere.example/about.html",
            "/main.js",
            "/missing.html",
        ] {
            assert_eq!(found("sw.js", "/", url), None, "{url}");
        }
    }

    #[test]
    fn the_site_may_be_anywhere() {
        // As configured, and where the configuration does not know.
        for base in ["/docs/", "/", "https://example.com/docs/"] {
            assert_eq!(
                resolve(
                    "ngsw.json",
                    base,
                    &["/docs/index.html", "/docs/main.js", "/docs/about"]
                ),
                [
                    Some("index.html".to_owned()),
                    None,
                    Some("about.html".to_owned())
                ],
                "{base}"
            );
        }
        let whole = "https://example.com/docs/about.html";
        let file = found("sw.js", "https://example.com/docs/", whole);
        assert_eq!(file.as_deref(), Some("about.html"));
        // A list in a folder: from the site's root, from its own folder's address, relative.
        for url in [
            "/en/index.html",
            "/app/en/index.html",
            "index.html",
            "/app/a b.html",
        ] {
            let file = found("en/ngsw.json", "/", url);
            assert!(file.is_some_and(|file| file.starts_with("en/")), "{url}");
        }
    }
}
