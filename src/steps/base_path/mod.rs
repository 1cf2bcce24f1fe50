//! Under which path the site is published, as far as its pages tell: the loader's address has to be below it.
//!
//! Pages are asked in three ways, and the first that has an answer counts:
//!
//! 1. `<base href>`, where half of the pages have one that begins with `/` or names the site's own host: nearly all name the
//!    same path.
//! 2. URLs that begin with `/`. One tells the path by what has to be taken off its beginning so that the rest is a file of the
//!    site: `/blog/css/site.css` tells `/blog/` where there is `css/site.css` and no `blog/css/site.css`. Nearly all of
//!    those that tell something name the same path, and they are half of all. Where none is a file of the site, nearly
//!    all that begin with one folder that the site does not have tell that folder, if it is none that only assets lie in.
//! 3. `<link rel="canonical">`, `og:url` and the sitemap. They say where the site is meant to be found, which need not be where
//!    it is, so what follows from them alone is not [sure](OtherBase::is_sure).
//!
//! Where none of them has an answer, a `<base>` that `404.html` alone has is one that is not sure: some generators write it there,
//! since a server shows that page at any address, and relative addresses everywhere else.
//!
//! "Nearly all" is nine of ten. A sample of pages is asked, whose size does not grow with the site: those with the smallest hashes
//! of their paths, which are the same ones in every run.

mod answer;
mod evidence;

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use url::Url;

pub use answer::OtherBase;
use answer::{Asked, NOWHERE, based};
use evidence::{Answer, Question};

use crate::csp::Policy;
use crate::html::{Span, addresses};
use crate::run::Examined;
use crate::steps::beginning::beginning;
use crate::store::Store;
use crate::widget::Kind;

/// How many pages are asked.
const SAMPLE: usize = 256;
/// What a server shows where there is nothing.
const NOT_FOUND: &str = "404.html";
/// How much of a sitemap is read, in bytes.
const SITEMAP: u64 = 1 << 16;
/// Gathers what pages tell of where the site is.
pub struct BasePath<'a> {
    store: &'a dyn Store,
    /// No page of a greater hash is wanted.
    limit: AtomicU64,
    sample: Mutex<BTreeMap<(u64, Vec<u8>), Asked>>,
    hosts: OnceLock<Vec<String>>,
    /// Where the site is, if that is known.
    root: Option<Url>,
}

impl<'a> BasePath<'a> {
    /// Of a site.
    #[must_use]
    pub fn new(store: &'a dyn Store) -> Self {
        Self {
            store,
            limit: AtomicU64::new(u64::MAX),
            sample: Mutex::default(),
            hosts: OnceLock::new(),
            root: None,
        }
    }

    /// The same where it is known that the site is at this address: nobody has to be asked.
    #[must_use]
    pub fn at(self, root: Url) -> Self {
        let host = root.host_str().map(str::to_owned);
        Self {
            hosts: OnceLock::from(host.into_iter().collect::<Vec<_>>()),
            root: Some(root),
            ..self
        }
    }

    /// Asks a page that is to have a loader, if it is in the sample.
    pub fn note(&self, examined: &Examined<'_>) {
        if self.root.is_some() {
            return;
        }
        let (path, facts) = (examined.path(), &examined.facts);
        // Some generators give a `<base>` to this page alone, since a server shows it at any address.
        let hash = if path.as_bytes() == NOT_FOUND.as_bytes() {
            0
        } else {
            let mut hasher = DefaultHasher::new();
            path.hash(&mut hasher);
            hasher.finish()
        };
        if hash > self.limit.load(Ordering::Relaxed) {
            return;
        }
        let found = addresses(examined.source.text(), facts, self.hosts());
        let asked = Asked {
            base: self.base_of(examined).map(|(_, href)| href.clone()),
            rooted: found
                .rooted
                .iter()
                .map(|rooted| (rooted.path.to_vec(), rooted.link))
                .collect(),
            own: found.own,
        };
        let mut sample = self.sample.lock().unwrap_or_else(PoisonError::into_inner);
        sample.insert((hash, path.as_bytes().to_vec()), asked);
        if sample.len() > SAMPLE {
            sample.pop_last();
            if let Some(((last, _), _)) = sample.last_key_value() {
                self.limit.store(*last, Ordering::Relaxed);
            }
        }
    }

    /// Where a page's `<base>` sends the loader, as a sentence without its subject, if that is nowhere that the site is.
    #[must_use]
    pub fn led_away(&self, examined: &Examined<'_>, base_url: &str) -> Option<String> {
        let (_, href) = self.base_of(examined)?;
        let own = || self.own(examined);
        self.sends_away(href, own, base_url)
    }

    /// A page's `<base>`, unless a policy before it in the page keeps browsers from obeying it.
    #[must_use]
    pub fn base_of<'p>(&self, examined: &'p Examined<'_>) -> Option<&'p (Span, String)> {
        let found = examined.facts.base.as_ref()?;
        let (span, href) = found;
        let policies = examined.facts.policies.iter();
        let mut before = policies.filter(|policy| policy.span.start < span.start);
        let is_forbidden = before.any(|policy| {
            let policy = Policy::of_meta(&policy.content, "");
            let pages = self.addresses_of(examined);
            pages.iter().all(|page| {
                let base = page.join(href);
                base.is_ok_and(|base| policy.forbids_base(&base, page))
            })
        });
        (!is_forbidden).then_some(found)
    }

    /// What a page says is its own address.
    fn own(&self, examined: &Examined<'_>) -> Vec<String> {
        addresses(examined.source.text(), &examined.facts, self.hosts()).own
    }

    /// That some page does so, and what to do.
    #[must_use]
    pub fn any_led_away(&self, base_url: &str) -> Option<String> {
        let sample = self.sample.lock().unwrap_or_else(PoisonError::into_inner);
        sample.iter().find_map(|((_, path), asked)| {
            let own = || asked.own.clone();
            let sends = self.sends_away(asked.base.as_ref()?, own, base_url)?;
            let page = String::from_utf8_lossy(path);
            Some(format!(
                "the <base> of {page} {sends}: set placeholder.base-url to the https URL that the site is at"
            ))
        })
    }

    /// Where a page may be, as far as it and the site tell: one address for each host.
    #[must_use]
    pub fn addresses_of(&self, examined: &Examined<'_>) -> Vec<Url> {
        self.addresses_by(examined, &self.own(examined))
    }

    /// Where a page may be, as far as the site tells.
    #[must_use]
    pub fn addresses_of_site(&self, examined: &Examined<'_>) -> Vec<Url> {
        self.addresses_by(examined, &[])
    }

    fn addresses_by(&self, examined: &Examined<'_>, own: &[String]) -> Vec<Url> {
        if let Some(root) = &self.root {
            let mut url = root.clone();
            url.set_path(&format!("{}{}", root.path(), examined.path()));
            return vec![url];
        }
        let told = own.iter().filter_map(|own| host_of(own));
        let mut hosts: Vec<String> = told.chain(self.hosts().iter().cloned()).collect();
        if hosts.is_empty() {
            let loader = examined.tag.as_ref().and_then(|tag| tag.value("src"));
            let loader = loader.filter(|_| {
                examined
                    .tag
                    .as_ref()
                    .is_some_and(|t| t.kind == Kind::Loader)
            });
            hosts.push(
                loader
                    .and_then(host_of)
                    .unwrap_or_else(|| NOWHERE.to_owned()),
            );
        }
        hosts.sort();
        hosts.dedup();
        let path = examined.path().to_string();
        let urls = hosts.iter().filter_map(|host| {
            let mut url = Url::parse(&format!("https://{host}/")).ok()?;
            url.set_path(&path);
            Some(url)
        });
        urls.collect()
    }

    fn sends_away(
        &self,
        href: &str,
        own: impl FnOnce() -> Vec<String>,
        base_url: &str,
    ) -> Option<String> {
        // An absolute address is the same whatever the base.
        base_url.starts_with('/').then_some(())?;
        // Browsers ignore it by the HTML standard (4.2.3), but not all of them do.
        let Some(base) = based(href) else {
            return Some(
                "is not a valid URL, and Chromium takes about:blank for the page's base then, by which the runtime does not find its tag"
                    .to_owned(),
            );
        };
        let scheme = base.scheme();
        // They do ignore these two.
        if matches!(scheme, "data" | "javascript") {
            return None;
        }
        let Some(host) = base
            .host_str()
            .filter(|_| matches!(scheme, "http" | "https"))
        else {
            return Some(format!(
                "makes the loader's address one of `{scheme}:`, from which browsers load no module of a site"
            ));
        };
        let known = host == NOWHERE || self.hosts().iter().any(|own| own == host);
        (!known
            && !own()
                .iter()
                .any(|own| host_of(own).as_deref() == Some(host)))
        .then(|| {
            format!(
                "sends the loader to {host}, which is not one of the hosts that this site names"
            )
        })
    }

    /// The hosts that the site says it is on, in files of its own.
    fn hosts(&self) -> &[String] {
        self.hosts.get_or_init(|| {
            // GitHub Pages keeps the domain there, one a line.
            let domains = self.beginning("CNAME");
            let domains = domains.split_ascii_whitespace().map(str::to_lowercase);
            let mapped = self.sitemap();
            let mapped = mapped.iter().filter_map(|address| host_of(address));
            domains.chain(mapped).collect()
        })
    }

    /// The beginning of a small text file; empty where there is none.
    fn beginning(&self, name: &str) -> String {
        beginning(self.store, name, SITEMAP).unwrap_or_default()
    }

    fn sitemap(&self) -> Vec<String> {
        let sitemap = self.beginning("sitemap.xml");
        let locations = sitemap.split("<loc>").skip(1).take(SAMPLE);
        let locations = locations.filter_map(|rest| Some(rest.split_once("</loc>")?.0.trim()));
        locations.map(str::to_owned).collect()
    }

    /// Where the site is, if that is not below `base_url`, and what pages tell so. `None` also where they tell nothing.
    #[must_use]
    pub fn elsewhere(&self, base_url: &str) -> Option<OtherBase> {
        if self.root.is_some() {
            return None;
        }
        let sample = self.sample.lock().unwrap_or_else(PoisonError::into_inner);
        let pages: Vec<(String, &Asked)> = sample
            .iter()
            .map(|((_, path), asked)| (String::from_utf8_lossy(path).into_owned(), asked))
            .collect();
        let expected = self.expected(base_url, &pages)?;
        let asked = Question {
            store: self.store,
            expected: &expected,
        };
        let is_own = |url: &Url, asked: &Asked| {
            let host = url.host_str().unwrap_or_default();
            host == NOWHERE
                || self.hosts().iter().any(|own| own == host)
                || asked
                    .own
                    .iter()
                    .any(|own| host_of(own).as_deref() == Some(host))
        };
        let place = asked
            .by_base(&pages, is_own)
            .or_else(|| asked.by_rooted(&pages))
            .or_else(|| asked.by_own(&pages, &self.sitemap()))
            .or_else(|| asked.by_not_found(&pages, NOT_FOUND, is_own))?;
        match place {
            Answer::AsExpected => None,
            Answer::OtherBase(elsewhere) => Some(elsewhere),
        }
    }

    /// The path that the loader's address is below; none where the runtime comes from a host that is not the site's.
    fn expected(&self, base_url: &str, pages: &[(String, &Asked)]) -> Option<String> {
        if base_url.starts_with('/') {
            return Some(base_url.to_owned());
        }
        let url = Url::parse(base_url).ok()?;
        let host = url.host_str()?;
        let mut own = pages.iter().flat_map(|(_, asked)| &asked.own);
        let is_own = own.any(|own| host_of(own).as_deref() == Some(host))
            || self.hosts().iter().any(|own| own == host);
        is_own.then(|| url.path().to_owned())
    }
}

fn host_of(address: &str) -> Option<String> {
    Url::parse(address).ok()?.host_str().map(str::to_owned)
}
