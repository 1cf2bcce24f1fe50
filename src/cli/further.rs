//! What looks further than at files, when `verify` has judged those.

use super::session::Session;
use crate::event::Finding;
use crate::steps::verify::{SampleSize, VerifyStep};

/// Looks at a sample of the pages.
pub(super) trait Further {
    /// How many are wanted.
    fn size(&self) -> SampleSize;

    /// What is found of them.
    fn findings(&mut self, session: &mut Session<'_>, step: &VerifyStep<'_>) -> Vec<Finding>;
}
