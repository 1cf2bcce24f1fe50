//! What the folder of the runtime holds of ours, for those who want to know whether somebody has changed it.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::asset_folder::Found;
use super::assets::Assets;
use super::routes::ROUTES_NAME;
use crate::runtime;
use crate::store::Coding;

impl Assets<'_> {
    /// The names of ours that there are, whatever stands in the files, with a hash of that.
    #[must_use]
    pub fn ours(&self) -> Vec<(String, u64)> {
        let names = runtime::FILES.iter().flat_map(runtime::File::names);
        let names = names.chain([ROUTES_NAME.to_owned()]);
        let copies = |name: String| {
            let copies = Coding::ALL.map(|coding| format!("{name}{}", coding.extension()));
            copies.into_iter().chain([name])
        };
        let ours = names.flat_map(copies).filter_map(|name| {
            let mut hasher = DefaultHasher::new();
            match self.held.look(&name) {
                Found::Content(content) => content.hash(&mut hasher),
                Found::Else => {}
                Found::Nothing => return None,
            }
            Some((name, hasher.finish()))
        });
        ours.collect()
    }
}
