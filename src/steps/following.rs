//! What the chat follows visitors by, from page to page: the route file, or nothing, where pages do not differ or a new page
//! is loaded each time.

use std::mem;
use std::sync::{Mutex, PoisonError};

use memchr::memmem;

use super::routes::{RouteFile, Routes};
use crate::event::PageReport;
use crate::settings::{Config, Mode, WriteRoutes};
use crate::store::{PagePath, Store};

/// Gathers what pages are assigned, as far as there is to be something to go by.
pub struct Following<'a>(Mutex<Gathered<'a>>);

enum Gathered<'a> {
    /// There is to be a route file.
    Routes(Routes<'a>),
    /// There is to be none, unless pages differ all the same.
    Differing(Differing<'a>),
    /// Nobody asks.
    Nothing,
}

/// The first page, and the first that has something else.
struct Differing<'a> {
    store: &'a dyn Store,
    first: Option<(String, String)>,
    other: Option<String>,
}

/// What is there to go by.
pub enum Followed {
    /// This file.
    Routes(RouteFile),
    /// Nothing, and there should be.
    Lost(Lost),
    /// Nothing is needed.
    Nothing,
}

/// Two pages that differ, with a router that goes from one to the other without loading it, and no route file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    first: String,
    other: String,
    router: &'static str,
}

/// What routers that render in the browser, or swap a part of the page, leave in pages.
const ROUTERS: [(&str, &str); 12] = [
    ("/_next/static/", "Next.js"),
    ("/_nuxt/", "Nuxt"),
    ("/_app/immutable/", "SvelteKit"),
    ("___gatsby", "Gatsby"),
    ("__docusaurus", "Docusaurus"),
    ("__VP_HASH_MAP__", "VitePress"),
    ("__reactRouterContext", "React Router"),
    ("ng-version=", "Angular"),
    ("data-barba=", "barba"),
    ("up-follow", "Unpoly"),
    ("hx-boost", "htmx"),
    ("x-target", "Alpine AJAX"),
];

impl<'a> Following<'a> {
    /// What there is to be in a site.
    #[must_use]
    pub fn of(store: &'a dyn Store, config: &'a Config) -> Self {
        let gathered = if config.has_routes() {
            let base = config.base_path();
            Gathered::Routes(Routes::new(store, base, &config.pages.extensions))
        } else if config.mode == Mode::Placeholder
            && config.placeholder.route_file == WriteRoutes::Auto
        {
            Gathered::Differing(Differing {
                store,
                first: None,
                other: None,
            })
        } else {
            Gathered::Nothing
        };
        Self(Mutex::new(gathered))
    }

    /// Takes note of a page. They come folder by folder, as the walk meets them.
    pub fn note(&self, page: &PageReport) {
        let Some(options) = &page.route else {
            return;
        };
        match &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Gathered::Routes(routes) => routes.note(&page.path, options),
            Gathered::Differing(differing) => differing.note(&page.path, options),
            Gathered::Nothing => {}
        }
    }

    /// What it comes to, when all pages are known.
    #[must_use]
    pub fn finish(&self) -> Followed {
        let mut gathered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match mem::replace(&mut *gathered, Gathered::Nothing) {
            Gathered::Routes(routes) => routes.finish().map_or(Followed::Nothing, Followed::Routes),
            Gathered::Differing(differing) => {
                differing.lost().map_or(Followed::Nothing, Followed::Lost)
            }
            Gathered::Nothing => Followed::Nothing,
        }
    }
}

impl Differing<'_> {
    fn note(&mut self, path: &str, options: &str) {
        match &self.first {
            None => self.first = Some((path.to_owned(), options.to_owned())),
            Some((_, first)) if self.other.is_none() && first != options => {
                self.other = Some(path.to_owned());
            }
            Some(_) => {}
        }
    }

    /// Only now are the two pages asked for a router, since few sites come to this.
    fn lost(self) -> Option<Lost> {
        let ((first, _), other) = (self.first?, self.other?);
        let router = [&first, &other].into_iter().find_map(|page| {
            let page = self.store.at(&PagePath::from(page.as_str()));
            let content = self.store.read(&page).ok()?;
            let is_there = |mark: &str| memmem::find(&content.bytes, mark.as_bytes()).is_some();
            let (_, router) = ROUTERS.iter().find(|(mark, _)| is_there(mark))?;
            Some(*router)
        })?;
        Some(Lost {
            first,
            other,
            router,
        })
    }
}

impl Lost {
    /// What is the matter, in a sentence.
    #[must_use]
    pub fn says(&self) -> String {
        format!(
            "{} has another chat than {}, and the router of {} leads from one to the other without loading it",
            self.other, self.first, self.router
        )
    }

    /// The page that differs.
    #[must_use]
    pub fn page(&self) -> &str {
        &self.other
    }
}
