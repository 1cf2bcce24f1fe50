//! What looks further than at files, when `verify` has judged those.

use std::path::Path;

use super::ExitCode;
use super::session::Session;
use crate::event::Finding;
use crate::live;
use crate::steps::verify::{SampleSize, VerifyStep};

/// Where the pages are. Without a browser, nobody looks there.
#[derive(Clone, Copy)]
#[cfg_attr(not(all(unix, feature = "browser")), allow(dead_code))]
pub(super) enum Place<'a> {
    /// In this folder.
    Folder(&'a Path),
    /// On a server, which may be asked for tokens if `for_tokens`.
    Server {
        /// The site there.
        site: &'a live::Site,
        /// Whether it may.
        for_tokens: bool,
    },
}

/// Looks at a sample of the pages.
pub(super) trait Further {
    /// How many are wanted.
    fn size(&self) -> SampleSize;

    /// What is found of them, by the paths of their files.
    fn findings(
        &mut self,
        session: &mut Session<'_>,
        step: &VerifyStep<'_>,
        place: Place<'_>,
    ) -> Vec<Finding>;

    /// Whether pages could not be looked at.
    fn ended(&self) -> ExitCode;
}
