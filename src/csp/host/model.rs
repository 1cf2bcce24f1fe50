//! What all formats have in common: headers with their places, and who is sent them.

use std::fmt;
use std::ops::Range;

use crate::csp::policy::Policy;

/// Whose file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// `_headers` of Cloudflare Pages and of Netlify.
    Headers,
    /// `netlify.toml`
    Netlify,
    /// `vercel.json`
    Vercel,
    /// `staticwebapp.config.json` of Azure Static Web Apps.
    Azure,
    /// `firebase.json`
    Firebase,
    /// A configuration of nginx, or a piece of one.
    Nginx,
    /// A Caddyfile.
    Caddy,
    /// A file of another host, or a program, of which nothing is understood.
    Other,
}

impl Format {
    /// The names of the files that are found by themselves, in the site or beside it.
    pub const FOUND: [(&'static str, Self); 11] = [
        ("_headers", Self::Headers),
        ("netlify.toml", Self::Netlify),
        ("vercel.json", Self::Vercel),
        ("staticwebapp.config.json", Self::Azure),
        ("firebase.json", Self::Firebase),
        (".htaccess", Self::Other),
        ("web.config", Self::Other),
        ("serve.json", Self::Other),
        ("_worker.js", Self::Other),
        ("vercel.ts", Self::Other),
        ("now.json", Self::Other),
    ];

    /// The format of a file with this name, which may have folders before it.
    #[must_use]
    pub fn of(path: &str) -> Option<Self> {
        let parts = path.rsplit(['/', '\\']);
        let name = parts.clone().next().unwrap_or_default().to_lowercase();
        let found = Self::FOUND.iter().find(|(known, _)| *known == name);
        let ends = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
        if let Some((_, format)) = found {
            Some(*format)
        } else if name.starts_with("caddyfile") || ends(&[".caddy", ".caddyfile"]) {
            Some(Self::Caddy)
        } else if ends(&[".conf", ".nginx"])
            || parts.skip(1).any(|folder| folder.starts_with("sites-"))
        {
            Some(Self::Nginx)
        } else {
            None
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Headers => "_headers",
            Self::Netlify => "netlify.toml",
            Self::Vercel => "vercel.json",
            Self::Azure => "staticwebapp.config.json",
            Self::Firebase => "firebase.json",
            Self::Nginx => "nginx",
            Self::Caddy => "Caddyfile",
            Self::Other => "a format that chathub does not read",
        })
    }
}

/// Which header it is. `…-Report-Only` forbids nothing, so none of those is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// `Content-Security-Policy`
    Policy,
    /// `Integrity-Policy`
    Integrity,
}

impl Kind {
    /// Both.
    pub(super) const ALL: [Self; 2] = [Self::Policy, Self::Integrity];

    /// The header's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Policy => "Content-Security-Policy",
            Self::Integrity => "Integrity-Policy",
        }
    }

    pub(super) fn of(name: &str) -> Option<Self> {
        let name = name.trim();
        let mut all = Self::ALL.into_iter();
        all.find(|kind| kind.name().eq_ignore_ascii_case(name))
    }
}

/// A header that is about policies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Which it is.
    pub kind: Kind,
    /// Its value.
    pub value: String,
    /// The file that it stands in, of the host's.
    pub file: usize,
    /// Where the value stands in the file, with whatever quotes it.
    pub span: Range<usize>,
}

impl Header {
    /// Its value as a policy; for `nonce`, see [`Policy::of_meta`].
    #[must_use]
    pub fn policy(&self, nonce: &str) -> Policy {
        match self.kind {
            Kind::Policy => Policy::of_header(&self.value, nonce),
            Kind::Integrity => Policy::of_integrity(&self.value),
        }
    }
}

/// Something in a file that policies may depend on, and that is not understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// The file that it stands in, of the host's.
    pub file: usize,
    /// Where.
    pub span: Range<usize>,
    /// What it is, a sentence without its full stop.
    pub why: String,
}

/// A file of a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostFile {
    /// Its name, as the user would type it.
    pub name: String,
    /// What is in it.
    pub text: String,
    /// Whose it is.
    pub format: Format,
    /// The site is below this path, as the file's patterns see it; ends with `/`.
    pub root: String,
}

/// Tells with which headers a page is sent.
pub(super) trait Serves: Send + Sync {
    /// Their indices, for each address at which the page is. `path` begins with `/`, and names the page's file.
    fn sent(&self, path: &str) -> Vec<Vec<usize>>;
}

/// Nothing is sent, since nothing was understood.
pub(super) struct Nothing;

impl Serves for Nothing {
    fn sent(&self, _: &str) -> Vec<Vec<usize>> {
        Vec::new()
    }
}

/// What a reader makes of its host.
pub(super) struct Reading {
    pub(super) headers: Vec<Header>,
    pub(super) unread: Vec<Unread>,
}

impl Reading {
    pub(super) fn new() -> Self {
        Self {
            headers: Vec::new(),
            unread: Vec::new(),
        }
    }

    /// Notes a header, and returns its index.
    pub(super) fn header(
        &mut self,
        kind: Kind,
        value: &str,
        file: usize,
        span: Range<usize>,
    ) -> usize {
        let value = value.to_owned();
        self.headers.push(Header {
            kind,
            value,
            file,
            span,
        });
        self.headers.len() - 1
    }

    pub(super) fn unread(&mut self, file: usize, span: Range<usize>, why: impl Into<String>) {
        let why = why.into();
        self.unread.push(Unread { file, span, why });
    }
}

/// A page's addresses: as a folder where it is the folder's index, and by the name of its file, without its extension where the host
/// takes that off.
// Each is a question of its own.
#[allow(clippy::struct_excessive_bools)]
pub(super) struct Addresses {
    /// The folder ends with a slash.
    pub(super) slash: bool,
    /// The folder is there without one.
    pub(super) no_slash: bool,
    /// Pages are there with their extension.
    pub(super) extension: bool,
    /// Pages are there without it.
    pub(super) clean: bool,
}

impl Addresses {
    pub(super) fn of(&self, path: &str) -> Vec<String> {
        let folder = path
            .strip_suffix("/index.html")
            .or(path.strip_suffix("/index.htm"));
        let mut all = Vec::new();
        match (folder, path.strip_suffix(".html")) {
            (Some(""), _) => all.push("/".to_owned()),
            (Some(folder), _) => {
                all.extend(self.slash.then(|| format!("{folder}/")));
                all.extend(self.no_slash.then(|| folder.to_owned()));
            }
            (None, Some(clean)) => {
                all.extend(self.extension.then(|| path.to_owned()));
                all.extend(self.clean.then(|| clean.to_owned()));
            }
            (None, None) => all.push(path.to_owned()),
        }
        all
    }
}
