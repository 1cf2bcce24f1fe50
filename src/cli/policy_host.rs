//! The hosts for which `chathub csp` prints a ready policy.

use clap::ValueEnum;

/// A host with a file of its own for headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PolicyHost {
    /// `_headers` of Netlify
    Netlify,
    /// `_headers` of Cloudflare Pages
    Cloudflare,
    /// vercel.json
    Vercel,
    /// staticwebapp.config.json of Azure Static Web Apps
    Azure,
    /// firebase.json
    Firebase,
    /// A directive of nginx
    Nginx,
    /// A directive of a Caddyfile
    Caddy,
    /// A tag in the page
    Meta,
}
