//! Tokens and secrets in the site.

use super::check::{Check, Topic};
use super::seen::Seen;
use crate::settings::Mode;

pub(super) fn checks(seen: &Seen) -> Vec<Check> {
    seen.found(Topic::Secrets, |_| {
        match seen.config().mode {
            Mode::Placeholder => "no page holds a token or a secret",
            Mode::Static => {
                "no page holds a secret, and no token in a tag is wrong or about to expire"
            }
        }
        .to_owned()
    })
}
