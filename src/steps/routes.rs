//! What the runtime goes by where a router renders pages in the browser, and no loader tag comes along: which options the
//! loader tags have, by path. Folders have a default, pages that differ from theirs are named.
//!
//! It is put together from the pages' reports, in the order of the walk, and holds no page longer than its folder is
//! open: of each folder at most as many names as the file may have bytes.

use std::collections::BTreeMap;
use std::mem;

use serde::Serialize;
use serde_json::Value;

use crate::run::NO_CHAT;
use crate::store::{Kind, PagePath, Store};

/// The name of the file, which does not change with its content: pages are written before it is known.
pub const ROUTES_NAME: &str = "routes.json";
/// Its most bytes.
const MOST: usize = 64 * 1024;
/// How every version of it begins, and no other program's file.
const MARK: &[u8] = br#"{"chathub":"routes","#;

/// Whether a file is a route file, of whatever version.
pub(super) fn is_routes(content: &[u8]) -> bool {
    content.starts_with(MARK)
}

/// Gathers the routes of a site.
pub(super) struct Routes<'a> {
    store: &'a dyn Store,
    /// The address that the site is served under; ends with `/`.
    base: &'a str,
    /// The endings of pages, which addresses need not have.
    extensions: &'a [String],
    /// The options that occur, in the order in which they do; `null`: no chat.
    options: Vec<String>,
    /// The folders that the walk is in, from the root on.
    open: Vec<Folder>,
    found: BTreeMap<String, usize>,
    bytes: usize,
}

/// A folder that the walk is in.
#[derive(Default)]
struct Folder {
    /// Its address, with a `/` after it.
    address: String,
    /// What is in it, by options.
    groups: BTreeMap<usize, Group>,
    /// Folders in it by whose name alone they are not told from a page.
    odd: Vec<String>,
}

/// What in one folder has the same options.
#[derive(Default)]
struct Group {
    count: usize,
    /// Addresses; none where they are more than the file could hold.
    names: Option<Vec<String>>,
    bytes: usize,
}

/// The route file, as it should be.
#[derive(Debug, PartialEq, Eq)]
pub struct RouteFile {
    /// Its content.
    pub content: Vec<u8>,
    /// The site differs in more places than the file can name, so that it says nothing.
    pub is_over: bool,
}

#[derive(Serialize)]
struct Document<'a> {
    chathub: &'static str,
    options: Vec<Value>,
    routes: &'a BTreeMap<String, usize>,
}

impl<'a> Routes<'a> {
    /// Those of a site that is served under `base`.
    pub(super) fn new(store: &'a dyn Store, base: &'a str, extensions: &'a [String]) -> Self {
        Self {
            store,
            base,
            extensions,
            options: Vec::new(),
            open: Vec::new(),
            found: BTreeMap::new(),
            bytes: 0,
        }
    }

    /// Takes note of a page. They come folder by folder, as the walk meets them.
    pub(super) fn note(&mut self, path: &str, options: &str) {
        let id = self.options.iter().position(|known| known == options);
        let id = id.unwrap_or_else(|| {
            self.options.push(options.to_owned());
            self.options.len() - 1
        });
        let (folder, name) = path.rsplit_once('/').map_or(("", path), |(f, n)| (f, n));
        self.enter(folder);
        let page = self.address_of(name);
        if let Some(folder) = self.open.last_mut() {
            let address = format!("{}{page}", folder.address);
            folder.add(id, address);
        }
    }

    /// Leaves the folders that do not lead to this one, and enters those that do.
    fn enter(&mut self, folder: &str) {
        let mut address = self.base.to_owned();
        let mut wanted = vec![address.clone()];
        for part in folder.split('/').filter(|part| !part.is_empty()) {
            address = format!("{address}{}/", escape(part));
            wanted.push(address.clone());
        }
        let pairs = self.open.iter().zip(&wanted);
        let shared = pairs.take_while(|(open, w)| open.address == **w).count();
        while self.open.len() > shared {
            self.leave();
        }
        for address in wanted.split_off(shared) {
            self.open.push(Folder {
                address,
                ..Folder::default()
            });
        }
    }

    /// Settles the innermost folder: most of what is in it has its default.
    fn leave(&mut self) {
        let Some(mut folder) = self.open.pop() else {
            return;
        };
        let default = folder
            .groups
            .iter()
            .max_by_key(|(id, group)| (group.names.is_none(), group.count, usize::MAX - **id));
        let Some((&default, _)) = default else {
            return;
        };
        let mut odd = mem::take(&mut folder.odd);
        for (id, group) in &folder.groups {
            if *id == default {
                continue;
            }
            // Two kinds of more pages than can be named: there is no saying which has what.
            let Some(names) = &group.names else {
                self.bytes = MOST + 1;
                continue;
            };
            for name in names {
                odd.extend(name.strip_suffix("/*").map(str::to_owned));
                self.find(name, *id);
            }
        }
        // `/shop` may be the page of that name, or the folder's.
        for name in odd {
            if self.is_page(&name) && !self.found.contains_key(&name) {
                self.find(&name, default);
            }
        }
        let index = self.found.contains_key(&folder.address);
        let address = format!("{}*", folder.address);
        match self.open.last_mut() {
            Some(above) => {
                if index {
                    let name = folder.address.trim_end_matches('/');
                    above.odd.push(name.to_owned());
                }
                above.add(default, address);
            }
            None => self.find(&address, default),
        }
    }

    fn find(&mut self, address: &str, id: usize) {
        self.bytes += address.len() + 6;
        if self.bytes <= MOST {
            self.found.insert(address.to_owned(), id);
        } else {
            self.found.clear();
        }
    }

    /// Whether the site has a page at an address without its ending.
    fn is_page(&self, address: &str) -> bool {
        let Some(inside) = address.strip_prefix(self.base) else {
            return false;
        };
        let file = |extension| PagePath::from(&*format!("{inside}.{extension}"));
        let kind = |extension| self.store.kind(&file(extension));
        self.extensions
            .iter()
            .any(|e| matches!(kind(e), Kind::File(_)))
    }

    /// A page's name as addresses have it: without ending, and without `index`.
    fn address_of(&self, name: &str) -> String {
        let bare = self.extensions.iter().find_map(|extension| {
            let at = name.len().checked_sub(extension.len() + 1)?;
            let (stem, end) = name.split_at_checked(at)?;
            let same = end.strip_prefix('.')?.eq_ignore_ascii_case(extension);
            (same && ENDINGS.contains(&extension.as_str())).then_some(stem)
        });
        match bare {
            Some("index") => String::new(),
            bare => escape(bare.unwrap_or(name)),
        }
    }

    /// The file; none where no page has a chat.
    pub(super) fn finish(mut self) -> Option<RouteFile> {
        while !self.open.is_empty() {
            self.leave();
        }
        let is_over = self.bytes > MOST;
        if is_over {
            self.found.clear();
            self.options = vec!["{}".to_owned()];
        }
        let any = self.options.iter().any(|options| options != NO_CHAT);
        let options = self.options.iter();
        let options = options.map(|options| serde_json::from_str(options));
        let document = Document {
            chathub: "routes",
            options: options.collect::<Result<_, _>>().ok()?,
            routes: &self.found,
        };
        let content = serde_json::to_vec(&document).ok()?;
        any.then_some(RouteFile { content, is_over })
    }
}

/// What the runtime takes off an address.
const ENDINGS: [&str; 3] = ["html", "htm", "xhtml"];

impl Folder {
    fn add(&mut self, id: usize, address: String) {
        let group = self.groups.entry(id).or_insert_with(|| Group {
            names: Some(Vec::new()),
            ..Group::default()
        });
        group.count += 1;
        group.bytes += address.len();
        match &mut group.names {
            Some(names) if group.bytes <= MOST => names.push(address),
            names => *names = None,
        }
    }
}

/// A name as browsers write it once they have resolved what can be.
fn escape(name: &str) -> String {
    name.replace('#', "%23").replace('?', "%3F")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json;

    use super::*;
    use crate::store::Memory;

    const A: &str = r#"{"org":"a"}"#;
    const B: &str = r#"{"org":"b"}"#;

    fn routes(pages: &[(&str, &str)]) -> Value {
        let site = Memory::new(pages.iter().map(|(path, _)| (path, "")));
        let extensions = ["html".to_owned()];
        let mut routes = Routes::new(&site, "/", &extensions);
        for (path, options) in pages {
            routes.note(path, options);
        }
        serde_json::from_slice(&routes.finish().unwrap().content).unwrap()
    }

    #[test]
    fn a_folder_has_a_default_and_pages_that_differ_are_named() {
        let found = routes(&[
            ("about.html", A),
            ("index.html", A),
            ("shop/boots/index.html", B),
            ("shop/index.html", B),
            ("shop/tents/index.html", B),
            ("shop/terms/index.html", NO_CHAT),
        ]);
        assert_eq!(
            found,
            json!({
                "chathub": "routes",
                "options": [{"org": "a"}, {"org": "b"}, null],
                "routes": {"/*": 0, "/shop/*": 1, "/shop/terms/*": 2},
            })
        );
    }

    #[test]
    fn an_index_and_a_page_beside_a_folder_of_its_name_are_told_apart() {
        let found = routes(&[
            ("index.html", A),
            ("shop/index.html", A),
            ("shop/one.html", B),
            ("shop/two.html", B),
            ("shop.html", A),
            ("x.html", A),
        ]);
        let expected = json!({"/*": 0, "/shop": 0, "/shop/": 0, "/shop/*": 1});
        assert_eq!(found["routes"], expected);
    }

    #[test]
    fn memory_is_bounded_and_what_cannot_be_named_is_left_out() {
        let extensions = ["html".to_owned()];
        let none = Memory::default();
        let mut much = Routes::new(&none, "/docs/", &extensions);
        let mut uniform = Routes::new(&none, "/docs/", &extensions);
        for n in 0..40_000 {
            let page = format!("page-{n:06}.html");
            much.note(&page, if n % 2 == 0 { A } else { B });
            uniform.note(&page, if n == 7 { B } else { A });
        }
        let group = &uniform.open[0].groups[&0];
        assert!(group.names.is_none() && group.count == 39_999);
        let file = uniform.finish().unwrap();
        assert!(!file.is_over);
        let found: Value = serde_json::from_slice(&file.content).unwrap();
        assert_eq!(
            found["routes"],
            json!({"/docs/*": 0, "/docs/page-000007": 1})
        );
        let file = much.finish().unwrap();
        assert!(file.is_over);
        let found: Value = serde_json::from_slice(&file.content).unwrap();
        assert_eq!(found["routes"], json!({}));
    }

    #[test]
    fn a_site_without_a_chat_has_none() {
        let extensions = ["html".to_owned()];
        let none = Memory::default();
        let mut routes = Routes::new(&none, "/", &extensions);
        routes.note("index.html", NO_CHAT);
        assert!(routes.finish().is_none());
    }
}
