//! The rows of `[csp]`.

use std::path::PathBuf;

use super::check::{self, ValueError};
use super::table::table;
use super::value::{Flag, List, Paths};

/// Directives that are about something loaded.
const DIRECTIVES: [&str; 8] = [
    "script-src",
    "style-src",
    "img-src",
    "font-src",
    "frame-src",
    "media-src",
    "worker-src",
    "connect-src",
];

table! {
    /// `[csp]`: the Content-Security-Policies that the web server sends with pages.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub Csp "csp." {
        /// Read _headers and staticwebapp.config.json in the site, and netlify.toml, vercel.json, staticwebapp.config.json and
        /// firebase.json beside the project.
        discover "discover": bool => Flag, or true, like false;

        /// Further files that tell a web server which headers to send.
        ///
        /// The name tells the format: *.conf, *.nginx or a file in sites-available for nginx, Caddyfile or *.caddy for Caddy, and the
        /// names that are found by themselves.
        files "files": Vec<PathBuf> => Paths, like ["deploy/nginx.conf"], file_only();

        /// What the vendor's widget itself loads, each as a directive and an address.
        ///
        /// chathub knows what it adds to pages, and not what the vendor's script asks for afterwards.
        widget "widget": Vec<String> => List(widget_source), like ["connect-src https://chatapi.smsbat.com"];
    }
}

/// One of `csp.widget`, with one space.
fn widget_source(text: &str) -> Result<String, ValueError> {
    let fault = |found: &str| {
        let example = "write, for example, `connect-src https://chatapi.smsbat.com`";
        ValueError::new("must have a directive and an address", found, example)
    };
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    let [directive, address] = words[..] else {
        return Err(fault("this is not two words"));
    };
    if !DIRECTIVES.contains(&directive) {
        return Err(fault(&format!(
            "the directive must be one of {}",
            DIRECTIVES.join(", ")
        )));
    }
    let secure = ["https://", "wss://"]
        .iter()
        .any(|scheme| address.len() > scheme.len() && address.starts_with(scheme));
    let plain = address.contains([';', ',', '*', '\'', '"']);
    if !(secure && !plain || check::widget_src(address).is_ok()) {
        return Err(fault("the address must be an https or wss URL"));
    }
    Ok(format!("{directive} {address}"))
}
