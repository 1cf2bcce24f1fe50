//! Which organizations the pages of a site use: a run with a last step that only looks.

use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use crate::event::{Outcome, PageReport};
use crate::rules::RuleSet;
use crate::run::FolderFiles;
use crate::run::Tags;
use crate::run::{Examined, Examiner, Purpose, Verdict};
use crate::run::{Job, Selection, Step, Stepped, report, run};
use crate::settings::Config;
use crate::store::{Cancel, Store};

/// Those of the organizations that pages use. Ends where all of them have been seen, and writes nothing: what is wrong with
/// pages is for the run to say that does something about them. `sink` hears of each page that is looked at.
///
/// # Errors
///
/// If the site cannot be walked.
pub fn in_use(
    store: &dyn Store,
    config: &Config,
    rules: &Arc<RuleSet>,
    organizations: &BTreeSet<String>,
    sink: impl FnMut(PageReport) + Send,
) -> io::Result<BTreeSet<String>> {
    let examiner = Examiner::new(config, Tags::new(config, None), Purpose::Assign)
        .map_err(io::Error::other)?;
    let step = InUse {
        unseen: Mutex::new(organizations.clone()),
        cancel: Cancel::default(),
    };
    let job = Job {
        store,
        config,
        rules,
        examiner: &examiner,
        cancel: &step.cancel,
        folder_files: &FolderFiles::default(),
    };
    run(&job, Selection::All, &step, sink)?;
    let unseen = step.unseen.into_inner();
    let unseen = unseen.unwrap_or_else(PoisonError::into_inner);
    Ok(organizations.difference(&unseen).cloned().collect())
}

struct InUse {
    unseen: Mutex<BTreeSet<String>>,
    cancel: Cancel,
}

impl Step for InUse {
    fn page(&self, examined: &Examined<'_>) -> Stepped {
        if matches!(examined.verdict, Verdict::Plan(_)) {
            let mut unseen = self.unseen.lock().unwrap_or_else(PoisonError::into_inner);
            for name in examined.organizations().names() {
                unseen.remove(name);
            }
            if unseen.is_empty() {
                self.cancel.set();
            }
        }
        Stepped::Done(report(examined.path(), Outcome::Unchanged))
    }
}
