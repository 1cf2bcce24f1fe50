//! What the browser is given for each of its requests: the site from disk, under the address that it has on its host, or what its
//! server sends; stand-ins for the vendor's widget and the token endpoint; and of the rest nothing, unless the network is to answer.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use url::Url;

use super::process::Network;
use super::visit::Visit;
use crate::csp::Host;
use crate::preview::{Roots, Target, WIDGET_SOURCE, kind, page_kind, resolve};
use crate::settings::Config;
use crate::widget::{Addresses, Product};

/// Longer files are cut off, in bytes: no page needs them for its chat.
const LARGEST: u64 = 64 << 20;
/// How long the stand-in for a token is said to live, in seconds.
const LIFETIME: u64 = 3600;

/// Whose a request is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Role {
    /// A file of the runtime.
    Runtime,
    /// The script of one of the vendor's widgets.
    Widget(Product),
    /// The token endpoint, asked for this organization.
    Endpoint(Option<String>),
}

/// What comes of a request.
#[derive(Debug)]
pub(super) enum Answer {
    /// This.
    Reply(Reply),
    /// What the network says.
    Network,
    /// Nothing.
    Cut,
}

/// A reply.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

/// A request, as far as it decides what is answered.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    pub(super) url: &'a str,
    pub(super) method: &'a str,
    /// The origin that it names.
    pub(super) origin: Option<&'a str>,
}

/// Which widget pages load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Widget {
    /// One that names its organization. The site needs no account and the machine no network.
    StandIn,
    /// The vendor's.
    Real,
}

/// What answers the browser.
pub struct Site {
    /// The site's folder, without links on the way; none: its pages are those of its server.
    root: Option<PathBuf>,
    /// Its server is asked for tokens, too.
    asks_for_tokens: bool,
    /// The folder beside it that links may lead to, without links on the way.
    beside: Option<PathBuf>,
    config: Config,
    addresses: Addresses,
    widget: Widget,
    /// By whose files headers are sent.
    host: Option<Host>,
}

impl Site {
    /// A site in a folder, which hosts with these files send.
    #[must_use]
    pub fn on_disk(folder: &Path, config: &Config, widget: Widget, hosts: Vec<Host>) -> Self {
        let real = |folder: &Path| fs::canonicalize(folder).ok();
        // Which of several hosts it is, nobody knows; each is judged by its files.
        let host = <[Host; 1]>::try_from(hosts).ok().map(|[host]| host);
        Self {
            root: Some(real(folder).unwrap_or_else(|| folder.to_owned())),
            beside: config.pages.link_root.as_deref().and_then(real),
            host,
            ..Self::on_server(config, widget, false)
        }
    }

    /// A site that is asked where it is. `asks_for_tokens`: its token endpoint, too, whatever the widget.
    #[must_use]
    pub fn on_server(config: &Config, widget: Widget, asks_for_tokens: bool) -> Self {
        Self {
            root: None,
            asks_for_tokens,
            beside: None,
            config: config.clone(),
            addresses: Addresses::new(&config.widget.src, &config.customer_widget.src),
            widget,
            host: None,
        }
    }

    /// What of the network the pages that are to be opened may reach.
    #[must_use]
    pub fn network(&self, visits: &[Visit]) -> Network {
        match (&self.root, self.widget) {
            (_, Widget::Real) => Network::All,
            (Some(_), Widget::StandIn) => Network::Nothing,
            (None, Widget::StandIn) => {
                let own = visits.iter().flat_map(|visit| {
                    let page = &visit.url;
                    let runtime = page.join(&self.config.placeholder.base_url).ok();
                    let endpoint = self.asks_for_tokens.then(|| self.endpoint(page)).flatten();
                    [Some(page.clone()), runtime, endpoint]
                });
                let hosts = own
                    .flatten()
                    .filter_map(|url| url.host_str().map(str::to_owned));
                Network::Hosts(hosts.collect())
            }
        }
    }

    /// Whether its pages are those of its server.
    pub(super) fn is_on_server(&self) -> bool {
        self.root.is_none()
    }

    /// The address that a page asks for tokens.
    fn endpoint(&self, page: &Url) -> Option<Url> {
        page.join(&self.config.placeholder.endpoint).ok()
    }

    /// The addresses by which the tags of widgets are known.
    pub(super) fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// Which widget pages load.
    #[must_use]
    pub fn widget(&self) -> Widget {
        self.widget
    }

    /// Whose a request of a page at this address is; none: the page's own.
    pub(super) fn role(&self, url: &str, page: &Url) -> Option<Role> {
        let url = Url::parse(url).ok()?;
        let placeholder = &self.config.placeholder;
        let endpoint = self.endpoint(page);
        let at = |url: &Url| {
            (
                url.host_str().map(str::to_owned),
                url.port(),
                url.path().to_owned(),
            )
        };
        if endpoint.is_some_and(|endpoint| at(&endpoint) == at(&url)) {
            let mut query = url.query_pairs();
            let org = query.find(|(name, _)| name == "org");
            return Some(Role::Endpoint(org.map(|(_, org)| org.into_owned())));
        }
        if let Some(product) = self.addresses.recognise(url.as_str()) {
            return Some(Role::Widget(product));
        }
        let assets = format!("{}{}/", placeholder.base_url, placeholder.asset_dir);
        let assets = page.join(&assets).ok()?;
        let is_asset = url.host_str() == assets.host_str() && url.path().starts_with(assets.path());
        is_asset.then_some(Role::Runtime)
    }

    /// What a request of a page at this address gets.
    pub(super) fn answer(&self, asked: &Asked<'_>, page: &Url) -> Answer {
        let Ok(url) = Url::parse(asked.url) else {
            return Answer::Cut;
        };
        if !matches!(url.scheme(), "http" | "https") {
            return Answer::Network;
        }
        match self.role(asked.url, page) {
            Some(Role::Widget(_)) if self.widget == Widget::StandIn => {
                return Answer::Reply(Reply::script(WIDGET_SOURCE));
            }
            Some(Role::Endpoint(org)) if !self.asks_endpoint(&url) => {
                return Answer::Reply(self.token(org.as_deref(), asked));
            }
            Some(Role::Endpoint(_)) => return Answer::Network,
            // It may have a host of its own.
            Some(Role::Runtime) if self.is_on_server() => return Answer::Network,
            _ => {}
        }
        if let (Some(root), Some(inside)) = (&self.root, self.inside(&url, page)) {
            return if matches!(asked.method, "GET" | "HEAD") {
                self.file(root, &inside, &url)
            } else {
                Answer::Reply(Reply::sentence(405))
            };
        }
        let is_own = self.is_on_server() && url.origin() == page.origin();
        if is_own || self.widget == Widget::Real {
            Answer::Network
        } else {
            Answer::Cut
        }
    }

    /// Each request may mint a token: so only with the vendor's widget, which needs one, where somebody can answer, or where it is
    /// asked for.
    fn asks_endpoint(&self, endpoint: &Url) -> bool {
        // Nobody serves it before the site is published, where the site has told no host.
        let is_somewhere = endpoint
            .host_str()
            .is_some_and(|host| !host.ends_with(".invalid"));
        self.asks_for_tokens || self.widget == Widget::Real && is_somewhere
    }

    /// The path in the site that an address is of.
    fn inside(&self, url: &Url, page: &Url) -> Option<String> {
        let below = |base: &Url| {
            let same = url.host_str() == base.host_str() && url.port() == base.port();
            let path = url.path().strip_prefix(base.path());
            same.then(|| path.map(str::to_owned)).flatten()
        };
        let base = Url::parse(&self.config.placeholder.base_url).ok();
        let own = page.join(self.config.base_path()).ok();
        let found = [base, own].iter().flatten().find_map(below);
        // The host has nothing outside.
        let nothing = || (url.host_str() == page.host_str()).then(|| "/".to_owned());
        found.or_else(nothing)
    }

    /// What is in the site at this path.
    fn file(&self, root: &Path, inside: &str, url: &Url) -> Answer {
        let roots = Roots {
            site: root,
            beside: self.beside.as_deref(),
        };
        let (status, found) = match resolve(roots, inside) {
            Target::File(found) => (200, found),
            Target::Folder => return Answer::Reply(Reply::redirect(&format!("{}/", url.path()))),
            Target::Nothing => match resolve(roots, "404.html") {
                Target::File(found) => (404, found),
                _ => return Answer::Reply(Reply::sentence(404)),
            },
        };
        let is_small = fs::metadata(&found.file).is_ok_and(|file| file.len() <= LARGEST);
        let Some(body) = is_small.then(|| fs::read(&found.file).ok()).flatten() else {
            return Answer::Cut;
        };
        let name = found.asked.to_path();
        let extension = name.extension().and_then(|extension| extension.to_str());
        let is_page = |extension: &str| self.config.pages.extensions.iter().any(|e| e == extension);
        let kind = if extension.is_some_and(is_page) {
            page_kind(found.asked.as_bytes(), &body).to_owned()
        } else {
            kind(&name)
        };
        let mut headers = vec![("content-type".to_owned(), kind)];
        headers.extend(self.policies(&found.asked.to_string()));
        if self.config.placeholder.base_url.contains("://") {
            // A host of its own for assets has to let pages of the site have them.
            headers.push(("access-control-allow-origin".to_owned(), "*".to_owned()));
        }
        Answer::Reply(Reply {
            status,
            headers,
            body,
        })
    }

    /// The policies that the host sends with a page.
    fn policies(&self, path: &str) -> Vec<(String, String)> {
        let Some(host) = &self.host else {
            return Vec::new();
        };
        let sent: BTreeSet<usize> = host.sent(path).into_iter().flatten().collect();
        let sent = sent.into_iter().filter_map(|at| host.headers.get(at));
        sent.map(|header| (header.kind.name().to_owned(), header.value.clone()))
            .collect()
    }

    /// What stands in for a token: one that nobody has signed, and that names the organization for which it was asked.
    fn token(&self, org: Option<&str>, asked: &Asked<'_>) -> Reply {
        let origin = asked.origin.unwrap_or("*").to_owned();
        let mut headers = vec![
            ("content-type".to_owned(), "application/json".to_owned()),
            ("cache-control".to_owned(), "no-store".to_owned()),
            ("access-control-allow-origin".to_owned(), origin),
            (
                "access-control-allow-credentials".to_owned(),
                "true".to_owned(),
            ),
        ];
        if asked.method == "OPTIONS" {
            headers.push(("access-control-allow-headers".to_owned(), "*".to_owned()));
        }
        let known = &self.config;
        let is_known = |org: &str| known.organizations.contains_key(org);
        if org.is_some_and(|org| !is_known(org)) {
            return Reply {
                status: 404,
                headers,
                body: json!({ "error": "Unknown organization" })
                    .to_string()
                    .into_bytes(),
            };
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.unwrap_or_default().as_secs();
        let claims = json!({ "iat": now, "exp": now + LIFETIME, "org": org });
        let parts = [
            json!({ "alg": "none", "typ": "JWT" }).to_string(),
            claims.to_string(),
            "stand-in".to_owned(),
        ];
        let token = parts.map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
        Reply {
            status: 200,
            headers,
            body: json!({ "token": token }).to_string().into_bytes(),
        }
    }
}

impl Reply {
    fn script(content: &[u8]) -> Self {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        Self {
            status: 200,
            headers: vec![
                header("content-type", "text/javascript; charset=utf-8"),
                header("access-control-allow-origin", "*"),
                header("cross-origin-resource-policy", "cross-origin"),
                header("cache-control", "no-store"),
            ],
            body: content.to_vec(),
        }
    }

    fn redirect(to: &str) -> Self {
        Self {
            status: 307,
            headers: vec![("location".to_owned(), to.to_owned())],
            body: Vec::new(),
        }
    }

    fn sentence(status: u16) -> Self {
        Self {
            status,
            headers: vec![("content-type".to_owned(), "text/plain".to_owned())],
            body: Vec::new(),
        }
    }
}
