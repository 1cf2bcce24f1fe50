//! What a file of another user says and is not to be followed.

use super::error::Problem;

/// What a file of another user says and is not to be followed. Nothing is wrong with it as long as nobody needs it.
#[derive(Debug, Clone, Default)]
pub struct Distrusted(pub(super) Vec<(String, Problem)>);

/// The same values are distrusted; where they stand makes no difference.
impl PartialEq for Distrusted {
    fn eq(&self, other: &Self) -> bool {
        let paths = |of: &Self| {
            of.0.iter()
                .map(|(path, _)| path.clone())
                .collect::<Vec<_>>()
        };
        paths(self) == paths(other)
    }
}

impl Eq for Distrusted {}

impl Distrusted {
    /// A stronger layer has set this: what the file says about it does not count.
    pub(super) fn overrule(&mut self, setting: &str) {
        self.0.retain(|(path, _)| path != setting);
    }
}
