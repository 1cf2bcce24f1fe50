//! `chathub verify URL`: what is really served, against servers that answer as the tests say, and against nginx and Caddy.

mod endpoint;
mod found;
pub(crate) mod host;
mod named;
#[cfg(unix)]
mod opened;
mod polite;
mod served;
#[cfg(unix)]
mod servers;
mod told;

use host::{Answer, Host};

use crate::common::{Report, Site, plain};

const CONFIG: &str = "default-organization = \"support\"\n[organizations.support]\nid = 6\n[organizations.sales]\nid = 24\n\
    [[rules]]\nmatch = [\"shop/\"]\norganization = \"sales\"\n";

/// A site of three pages with their chats and a sitemap.
fn site() -> Site {
    let site = Site::of(plain())
        .page("shop/index.html", plain())
        .page("shop/boots.html", plain())
        .page(
            "sitemap.xml",
            sitemap(
                "https://www.example.com",
                &["/", "/shop/", "/shop/boots.html"],
            ),
        )
        .config(CONFIG);
    site.ok("inject public");
    site
}

/// A sitemap of these paths.
fn sitemap(origin: &str, paths: &[&str]) -> String {
    let pages = paths
        .iter()
        .map(|path| format!("<url><loc>{origin}{path}</loc></url>"));
    let pages: String = pages.collect();
    format!(
        "<?xml version=\"1.0\"?><urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">{pages}</urlset>"
    )
}

/// The site on a server that answers some paths otherwise.
fn serve(site: &Site, other: impl Fn(&str) -> Option<Answer> + Send + Sync + 'static) -> Host {
    Host::of(&site.path(""), other)
}

/// The report on the site.
fn verify(site: &Site, host: &Host, more: &str, code: i32) -> Report {
    site.json(&format!("verify {} {more}", host.url()), code)
}

/// All notices of a report.
fn notices(report: &Report) -> String {
    report.0["summary"]["notices"].to_string()
}
