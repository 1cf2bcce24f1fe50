//! What looks further than at files, when `verify` has judged those.

use std::path::Path;

use super::ExitCode;
use super::args::VerifyArgs;
use super::session::Session;
use crate::event::Finding;
use crate::settings::Config;
use crate::steps::verify::{SampleSize, VerifyStep};

/// Looks at a sample of the pages.
pub(super) trait Further {
    /// Gets ready for the site in this folder.
    fn serve(&mut self, folder: &Path, config: &Config) -> anyhow::Result<()>;

    /// How many are wanted.
    fn size(&self) -> SampleSize;

    /// What is found of them.
    fn findings(&mut self, session: &mut Session<'_>, step: &VerifyStep<'_>) -> Vec<Finding>;

    /// Whether pages could not be looked at.
    fn ended(&self) -> ExitCode;
}

/// A browser, if there is to be one.
#[cfg(all(unix, feature = "browser"))]
pub(super) fn prepare(args: &VerifyArgs) -> anyhow::Result<Option<Box<dyn Further + '_>>> {
    let browser = super::browser::InBrowser::prepare(&args.browser)?;
    Ok(browser.map(|browser| Box::new(browser) as Box<dyn Further>))
}

/// Without one, there is nothing to look further with.
#[cfg(not(all(unix, feature = "browser")))]
#[allow(clippy::unnecessary_wraps)]
pub(super) fn prepare(_: &VerifyArgs) -> anyhow::Result<Option<Box<dyn Further>>> {
    Ok(None)
}
