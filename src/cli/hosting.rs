//! What hosts do with the asset folder, as far as its name tells; docs/hosts.md has the sources.

use std::path::Path;

use crate::config::{Config, Mode};

/// Why the runtime may not reach visitors, though it is in the site.
pub(super) fn notice(site: &Path, config: &Config) -> Option<String> {
    let folder = &config.placeholder.asset_dir;
    let begins = |with: char| folder.split('/').any(|part| part.starts_with(with));
    if config.mode == Mode::Static {
        None
    } else if begins('.') {
        Some(format!(
            "asset-dir is {folder}, and Jekyll, Netlify and Firebase Hosting do not publish folders whose name begins \
             with a dot: choose another"
        ))
    } else if begins('_') && !site.join(".nojekyll").exists() {
        Some(format!(
            "asset-dir is {folder}, and GitHub Pages, where it builds a branch, does not publish folders whose name begins \
             with `_`: choose another, or add an empty file .nojekyll to the site"
        ))
    } else {
        None
    }
}
