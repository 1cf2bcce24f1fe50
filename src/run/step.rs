//! The last step of a run.

use std::collections::BTreeSet;

use super::examine::Examined;
use crate::event::PageReport;
use crate::store::{Cancel, Handle, PagePath, WriteError};

/// What a step made of a page.
pub enum Stepped {
    /// It is done with it.
    Done(PageReport),
    /// The file is another by now: examine it again.
    Changed,
    /// The run is to stop, and did so in the middle of this page, which is as it was.
    Stopped,
}

/// The last step of a run: does, says or shows what should become of pages.
pub trait Step: Sync {
    /// Finishes an examined page.
    fn page(&self, examined: &Examined<'_>) -> Stepped;

    /// Finishes a link to a page that is handled by another path. `page` says so; what is beside the link may be added.
    fn alias(&self, _examined: &Examined<'_>, _other: &PagePath, page: PageReport) -> Stepped {
        Stepped::Done(page)
    }

    /// Finishes a page behind a link to a folder that is handled by another path; `page` says what is wrong with that.
    fn through(&self, page: PageReport) -> Stepped {
        Stepped::Done(page)
    }

    /// Sees the report of each page, in the order of the listing, and may add to it.
    fn reported(&self, _page: &mut PageReport) {}

    /// Meets a file that may say something about pages, before it is given those of its folder.
    fn list(&self, _file: &Handle) {}

    /// Pages that such files say something about and that came before them, when all pages are done.
    fn unseen(&self) -> BTreeSet<PagePath> {
        BTreeSet::new()
    }

    /// Looks at one of those once more.
    fn look_again(&self, _examined: &Examined<'_>) {}

    /// Whether it takes the site's other files, too.
    fn takes_files(&self) -> bool {
        false
    }

    /// Takes a file that is not examined as a page; in parallel, and in no order.
    fn file(&self, _file: &Handle, _cancel: &Cancel) {}

    /// Meets a temporary file that a killed run left behind.
    fn leftover(&self, _file: &Handle) {}

    /// Meets a folder's own rules file.
    ///
    /// # Errors
    ///
    /// If it cannot do with it what it has to.
    fn folder_config(&self, _file: &Handle) -> Result<(), WriteError> {
        Ok(())
    }
}
