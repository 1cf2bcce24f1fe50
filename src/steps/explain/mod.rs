//! `explain` as the last step of a run: what a dry run of `inject` does with each page, and why.

mod explanation;

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::inject::InjectStep;
use crate::event::{Outcome, PageReport, Skip};
use crate::run::{Examined, Purpose, Step, Stepped, Verdict, report};
use crate::settings::Config;
use crate::store::{PagePath, Store};

use explanation::Seen;
pub use explanation::{Explanation, TriedRule};

/// Does what a dry run of `inject` does, and keeps what it saw.
pub struct ExplainStep<'a> {
    inject: InjectStep<'a>,
    /// `inject` leaves every page for want of credentials.
    leaves_all: bool,
    seen: Mutex<HashMap<String, Seen>>,
}

impl<'a> ExplainStep<'a> {
    /// A step over a store that does not write. `leaves_all`: `inject` leaves every page for want of credentials.
    #[must_use]
    pub fn new(store: &'a dyn Store, config: &'a Config, leaves_all: bool) -> Self {
        Self {
            inject: InjectStep::new(store, config, Purpose::Ensure),
            leaves_all,
            seen: Mutex::default(),
        }
    }

    /// What there is to say about a page that the run reports.
    #[must_use]
    pub fn explain(&self, page: PageReport) -> Explanation {
        let seen = self.seen().remove(&page.path).unwrap_or_default();
        Explanation::of(page, seen)
    }

    fn seen(&self) -> MutexGuard<'_, HashMap<String, Seen>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn see(&self, examined: &Examined<'_>) {
        let seen = Seen::of(examined);
        self.seen().insert(examined.path().to_string(), seen);
    }
}

impl Step for ExplainStep<'_> {
    fn page(&self, examined: &Examined<'_>) -> Stepped {
        self.see(examined);
        let is_text = !examined.source.text().is_empty();
        if self.leaves_all && is_text && !matches!(examined.verdict, Verdict::Skip(_)) {
            let outcome = Outcome::Skipped(Skip::NoCredentials);
            return Stepped::Done(report(examined.path(), outcome));
        }
        self.inject.page(examined)
    }

    fn alias(&self, examined: &Examined<'_>, other: &PagePath, page: PageReport) -> Stepped {
        self.see(examined);
        if self.leaves_all {
            // Without rules there is nothing in which two paths could differ.
            let outcome = Outcome::Skipped(Skip::LinkTo(other.to_string()));
            return Stepped::Done(report(examined.path(), outcome));
        }
        self.inject.alias(examined, other, page)
    }
}
