//! What pages are asked, and what may come of it.

use url::Url;

/// What a page tells.
#[derive(Debug)]
pub(super) struct Asked {
    /// `href` of its `<base>`.
    pub(super) base: Option<String>,
    /// Paths that begin with `/`, and whether each is what a link leads to.
    pub(super) rooted: Vec<(Vec<u8>, bool)>,
    /// What it says is its own address.
    pub(super) own: Vec<String>,
}

/// The site is not where the loader's address leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OtherBase {
    /// Its pages are below another path.
    Below {
        /// The path, with `/` at both ends.
        path: String,
        /// An address that tells it.
        example: String,
        /// The page that the address is in; none: the sitemap.
        page: Option<String>,
        /// Whether it follows from what pages load and where they lead.
        sure: bool,
    },
    /// Each folder in its root is a site of its own, as with a host for each language.
    Apart {
        /// One of the folders.
        folder: String,
        /// An address that tells it.
        example: String,
        /// The page that the address is in.
        page: String,
    },
}

impl OtherBase {
    /// Whether it is no more than likely.
    #[must_use]
    pub fn is_sure(&self) -> bool {
        !matches!(self, Self::Below { sure: false, .. })
    }

    /// What is the matter, and what to do, in a sentence.
    #[must_use]
    pub fn says(&self, base_url: &str) -> String {
        match self {
            Self::Below {
                path,
                example,
                page,
                ..
            } => {
                let page = page.as_deref().unwrap_or("sitemap.xml");
                // On the same host, if the runtime is asked for at one.
                let host = Url::parse(base_url).map(|url| url.origin().ascii_serialization());
                let setting = format!("{}{path}", host.unwrap_or_default());
                format!(
                    "{page} names {example}, so the site is below {path}, and base-url is \"{base_url}\": set \
                     placeholder.base-url = \"{setting}\""
                )
            }
            Self::Apart {
                folder,
                example,
                page,
            } => format!(
                "{page} names {example}, which is a file below {folder}/: each folder is the root of a host of its own, and \
                 none has the runtime; run chathub on {folder} and its like, one at a time"
            ),
        }
    }
}

/// Stands for the site's own host, which nobody knows.
pub(super) const NOWHERE: &str = "site.invalid";

/// What browsers make of the `href` of a `<base>`. The crate `url` takes three slashes for an empty host, they for two.
pub(super) fn based(href: &str) -> Option<Url> {
    let space = |c: char| c <= ' ';
    let href = href.trim_matches(space).replace(['\t', '\n', '\r'], "");
    let host = href.trim_start_matches(['/', '\\']);
    let site = Url::parse(&format!("https://{NOWHERE}/")).ok()?;
    if href.len() - host.len() > 2 {
        site.join(&format!("//{host}")).ok()
    } else {
        site.join(&href).ok()
    }
}
