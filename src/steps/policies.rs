//! What policies have to allow so that a site's pages have their chats, and what those of today forbid.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::base_path::BasePath;
use super::policy::{Lack, Served, forbidden, needed};
use crate::csp::Host;
use crate::event::Outcome;
use crate::run::{Examined, Step, Stepped, report};
use crate::settings::Config;
use crate::store::Store;

/// How many different needs are listed.
const LISTED: usize = 256;

/// Gathers it; writes nothing.
pub struct PolicyStep<'a> {
    config: &'a Config,
    base_path: BasePath<'a>,
    served: Served,
    gathered: Mutex<Gathered>,
}

/// What was gathered over the pages.
#[derive(Debug, Clone, Default)]
pub struct Gathered {
    /// How many pages have a chat.
    pub pages: u64,
    /// What they need, and how many of them do.
    pub needs: BTreeMap<Lack, u64>,
    /// How many have a policy of their own that blocks it, the first of them, and what that says.
    pub blocked: Option<(u64, String, String)>,
}

impl<'a> PolicyStep<'a> {
    /// For a site with these hosts.
    #[must_use]
    pub fn new(store: &'a dyn Store, config: &'a Config, hosts: Vec<Host>) -> Self {
        Self {
            config,
            base_path: BasePath::new(store),
            served: Served::by(hosts),
            gathered: Mutex::default(),
        }
    }

    /// What was gathered, and what hosts forbid.
    #[must_use]
    pub fn end(self) -> (Gathered, Served) {
        let gathered = self.gathered.into_inner();
        (
            gathered.unwrap_or_else(PoisonError::into_inner),
            self.served,
        )
    }
}

impl Step for PolicyStep<'_> {
    fn page(&self, examined: &Examined<'_>) -> Stepped {
        let needs = needed(examined, &self.base_path, self.config);
        if !needs.is_empty() {
            self.served.note(examined, &self.base_path, self.config);
            let forbidden = forbidden(examined, &self.base_path, self.config)
                .into_iter()
                .next();
            let path = examined.path().to_string();
            let mut gathered = self.gathered.lock().unwrap_or_else(PoisonError::into_inner);
            gathered.pages += 1;
            for need in needs {
                if gathered.needs.len() < LISTED || gathered.needs.contains_key(&need) {
                    *gathered.needs.entry(need).or_default() += 1;
                }
            }
            if let Some(one) = forbidden {
                let blocked = &mut gathered.blocked;
                let (pages, first, message) =
                    blocked.get_or_insert((0, path.clone(), one.message.clone()));
                *pages += 1;
                if path < *first {
                    (*first, *message) = (path, one.message);
                }
            }
        }
        Stepped::Done(report(examined.path(), Outcome::Unchanged))
    }
}
