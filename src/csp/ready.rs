//! A policy as the files of the hosts have it.

use std::fmt::Write as _;

/// Whose file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// `_headers` of Cloudflare Pages and of Netlify.
    Headers,
    /// `vercel.json`
    Vercel,
    /// `staticwebapp.config.json`
    Azure,
    /// `firebase.json`
    Firebase,
    /// nginx
    Nginx,
    /// A Caddyfile.
    Caddy,
    /// A tag in the page.
    Meta,
}

/// The policy, ready to be copied. It has neither double quotes nor backslashes.
#[must_use]
pub fn ready(policy: &str, style: Style) -> String {
    const NAME: &str = "Content-Security-Policy";
    let mut text = String::new();
    let _ = match style {
        Style::Headers => writeln!(text, "/*\n  {NAME}: {policy}"),
        Style::Vercel => writeln!(
            text,
            "{{\n  \"headers\": [\n    {{\n      \"source\": \"/(.*)\",\n      \"headers\": [{{ \"key\": \"{NAME}\", \"value\": \"{policy}\" }}]\n    }}\n  ]\n}}"
        ),
        Style::Azure => writeln!(
            text,
            "{{\n  \"globalHeaders\": {{\n    \"{NAME}\": \"{policy}\"\n  }}\n}}"
        ),
        Style::Firebase => writeln!(
            text,
            "{{\n  \"hosting\": {{\n    \"headers\": [\n      {{\n        \"source\": \"**\",\n        \"headers\": [{{ \"key\": \"{NAME}\", \"value\": \"{policy}\" }}]\n      }}\n    ]\n  }}\n}}"
        ),
        Style::Nginx => writeln!(text, "add_header {NAME} \"{policy}\" always;"),
        Style::Caddy => writeln!(text, "header {NAME} \"{policy}\""),
        Style::Meta => writeln!(text, "<meta http-equiv=\"{NAME}\" content=\"{policy}\">"),
    };
    text
}
