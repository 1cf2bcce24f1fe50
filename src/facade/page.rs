//! One page, as bytes.

use std::sync::{Arc, Mutex, PoisonError};

use super::error::Error;
use super::policy::Policy;
use super::run::job;
use crate::event::{Outcome, PageReport};
use crate::run::{Purpose, Selection, Tags, report, run};
use crate::steps::InjectStep;
use crate::store::{Cancel, Memory, PagePath, Store as _};

/// What [`inject_page`] or [`remove_page`] made of a page.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct EditedPage {
    /// The page. Where nothing is to change, and where it cannot be changed safely, it is as it was.
    pub bytes: Vec<u8>,
    /// What happened to it, and why.
    pub report: PageReport,
    /// The files that it loads and that have to be in the site, by their paths: the runtime.
    pub files: Vec<(String, Vec<u8>)>,
}

/// Makes a page have exactly what its rules ask for. `path` is where it will be in the site, such as `shop/index.html`.
///
/// What follows from a whole site is not done: rules that folders carry, the route file, service workers' lists.
///
/// ```
/// use chathub::{Outcome, Policy, inject_page, remove_page};
///
/// let policy = Policy::from_toml("[placeholder]\nendpoint = \"/token\"")?;
/// let page = "<!doctype html><html><body><p>Hello</p></body></html>";
/// let injected = inject_page(&policy, "index.html", page)?;
/// assert_eq!(injected.report.outcome, Outcome::Injected);
/// assert_eq!(remove_page(&policy, "index.html", injected.bytes)?.bytes, page.as_bytes());
/// # Ok::<(), chathub::Error>(())
/// ```
///
/// # Errors
///
/// If the policy has a token that has expired. What cannot be done with the page is in its report.
pub fn inject_page(
    policy: &Policy,
    path: &str,
    page: impl Into<Vec<u8>>,
) -> Result<EditedPage, Error> {
    let tags = Tags::new(&policy.config, Some(policy.tokens()?));
    edit(policy, path, page.into(), tags, Purpose::Ensure)
}

/// Takes all instances out of a page: what [`inject_page`] wrote is gone, byte for byte.
///
/// # Errors
///
/// As for [`inject_page`].
pub fn remove_page(
    policy: &Policy,
    path: &str,
    page: impl Into<Vec<u8>>,
) -> Result<EditedPage, Error> {
    let tags = Tags::new(&policy.config, None);
    edit(policy, path, page.into(), tags, Purpose::Remove)
}

fn edit(
    policy: &Policy,
    path: &str,
    bytes: Vec<u8>,
    tags: Tags,
    purpose: Purpose,
) -> Result<EditedPage, Error> {
    let memory = Memory::new([(path, bytes)]);
    let step = InjectStep::new(&memory, &policy.config, purpose);
    let reports = Mutex::new(Vec::new());
    job(
        policy,
        &memory,
        tags,
        purpose,
        &Arc::<Cancel>::default(),
        |job, _| {
            run(job, Selection::All, &step, |page| {
                let mut reports = reports.lock().unwrap_or_else(PoisonError::into_inner);
                reports.push(page);
            })
            .map_err(|error| Error::site(path, error))
        },
    )?;
    let reports = reports.into_inner().unwrap_or_else(PoisonError::into_inner);
    let not_a_page = || {
        let extensions = policy.config.pages.extensions.join(", .");
        let why = format!("its name does not end in .{extensions} (pages.extensions)");
        report(&PagePath::from(path), Outcome::Failed(why))
    };
    let page = reports.into_iter().next().unwrap_or_else(not_a_page);
    drop(step);
    let others = memory.paths().into_iter().filter(|other| other != path);
    let files = others.filter_map(|other| Some((other.clone(), memory.get(&other)?)));
    let files = files.collect();
    let content = memory.read(&memory.at(&PagePath::from(path)));
    Ok(EditedPage {
        bytes: content.map(|content| content.bytes).unwrap_or_default(),
        report: page,
        files,
    })
}
