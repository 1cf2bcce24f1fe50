//! Whether the runtime is going to be where pages ask for it, as far as that can be told: docs/hosts.md.

use super::assets::Assets;
use super::base_path::BasePath;
use crate::settings::Config;
use crate::store::{Kind, PagePath, Store};

/// Why the runtime may not reach visitors, though it is in the site.
#[must_use]
pub fn hosting_notice(site: &dyn Store, config: &Config) -> Option<String> {
    let folder = &config.placeholder.asset_dir;
    let begins = |with: char| folder.split('/').any(|part| part.starts_with(with));
    if !config.may_need_runtime() {
        None
    } else if begins('.') {
        Some(format!(
            "asset-dir is {folder}, and Jekyll, Netlify and Firebase Hosting do not publish folders whose name begins \
             with a dot: choose another"
        ))
    } else if begins('_') && site.kind(&PagePath::from(".nojekyll")) == Kind::Nothing {
        Some(format!(
            "asset-dir is {folder}, and GitHub Pages, where it builds a branch, does not publish folders whose name begins \
             with `_`: choose another, or add an empty file .nojekyll to the site"
        ))
    } else {
        None
    }
}

/// That the widget of some pages does not wait for the consent that the loader waits for.
#[must_use]
pub fn consent_notice(config: &Config) -> Option<String> {
    config.placeholder.consent.as_ref()?;
    let names: Vec<&str> = config.customers.keys().map(String::as_str).collect();
    (!names.is_empty()).then(|| {
        format!(
            "placeholder.consent holds back loaders alone, so the customer widget of {} loads with its page; where it needs \
             consent, paste its tag into the template as your consent tool asks, and chathub keeps it held back",
            names.join(", ")
        )
    })
}

/// That pages ask for the runtime where it is not.
pub(super) fn address_notices(base_path: &BasePath<'_>, config: &Config) -> Vec<String> {
    let base_url = &config.placeholder.base_url;
    let elsewhere = base_path.elsewhere(base_url);
    let elsewhere = elsewhere.map(|elsewhere| elsewhere.says(base_url));
    let led_away = base_path.any_led_away(base_url);
    led_away.into_iter().chain(elsewhere).collect()
}

/// That folders of earlier versions still hold a runtime.
pub(super) fn left_behind(assets: &Assets<'_>, config: &Config) -> Option<String> {
    let left_behind = assets.left_behind();
    (!left_behind.is_empty()).then(|| {
        format!(
            "the runtime is in {}/ now; {}/ has earlier ones, which stay for pages in caches until `chathub inject --prune`",
            config.placeholder.asset_dir,
            left_behind.join("/ and ")
        )
    })
}
