//! What looks further than at files, when `verify` has judged those.

use std::path::Path;

use super::ExitCode;
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
