//! `verify` as the last step of a run.

use std::collections::BTreeSet;

use super::catalog as rules;
use super::page::VerifyStep;
use crate::event::{Outcome, PageReport};
use crate::run::{Examined, Step, Stepped};
use crate::store::{Handle, PagePath};

impl Step for VerifyStep<'_> {
    fn page(&self, examined: &Examined<'_>) -> Stepped {
        let page = self.look(examined);
        self.note_for_lists(examined);
        // What was left out of it is not known to be right.
        if examined.cancel.is_set() {
            Stepped::Stopped
        } else {
            Stepped::Done(page)
        }
    }

    fn alias(&self, examined: &Examined<'_>, _: &PagePath, mut page: PageReport) -> Stepped {
        self.note_for_lists(examined);
        match &page.outcome {
            Outcome::Refused(why) => {
                let path = Some(page.path.clone());
                let refused = self.demands.finding(&rules::PAGE_REFUSED, path, why);
                page.findings.extend(refused);
            }
            _ => self.copies(examined, &page.path, &mut page.findings),
        }
        if examined.cancel.is_set() {
            return Stepped::Stopped;
        }
        Stepped::Done(page)
    }

    fn list(&self, file: &Handle) {
        self.lists.meet(file);
    }

    fn unseen(&self) -> BTreeSet<PagePath> {
        self.lists.unseen()
    }

    fn look_again(&self, examined: &Examined<'_>) {
        self.note_for_lists(examined);
    }

    fn reported(&self, page: &mut PageReport) {
        if let Outcome::Failed(why) = &page.outcome {
            let path = Some(page.path.clone());
            let finding = self.demands.finding(&rules::PAGE_UNREADABLE, path, why);
            page.findings.extend(finding);
        }
        self.following.note(page);
    }
}
