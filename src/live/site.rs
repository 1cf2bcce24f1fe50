//! The site as a store: its listing asks for pages, a few ahead of the run, and its files are answers.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::io::{self, Cursor, Read};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use reqwest::header::HeaderMap;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{Receiver, channel};
use url::Url;

use super::address;
use super::answer::{Answer, Fate};
use super::client::{Client, Trouble};
use super::error::LiveError;
use super::fetch::{Fetched, Found, LARGEST_PAGE, Notices, Shared, fetch, find, lock};
use super::files;
use super::limits::Limits;
use super::mapper::Mapper;
use super::robots::Robots;
use crate::rules::RuleSet;
use crate::settings::Config;
use crate::store::{
    Beside, Cancel, Coding, Content, Entries, Entry, Handle, Kind, ListOptions, PageFile, PagePath,
    Staged, Store, Version, WriteError, Writes,
};

/// A site on its server.
pub struct Site {
    runtime: Runtime,
    shared: Arc<Shared>,
    /// Where the files are that pages load.
    assets_at: Option<Url>,
    asset_dir: String,
    found: Mutex<Option<Found>>,
    fates: Mutex<HashMap<PathBuf, Fate>>,
    /// Files that pages name: their addresses and sizes, and what is in those that are being searched, by address.
    files: Mutex<BTreeMap<PagePath, (Url, u64)>>,
    contents: Mutex<HashMap<PathBuf, Vec<u8>>>,
    assets: Mutex<BTreeMap<String, Result<Answer, Trouble>>>,
    notices: Arc<Mutex<Notices>>,
}

impl Site {
    /// The root of the site that this address names.
    ///
    /// # Errors
    ///
    /// If it is not the address of a site.
    pub fn root(typed: &str) -> Result<Url, LiveError> {
        address::root(typed)
    }

    /// Asks a server for its robots.txt and sitemaps. `local`: the site as it was built, if it is here.
    ///
    /// # Errors
    ///
    /// If it cannot be reached, lets nobody in, or is somewhere else.
    pub fn open(
        root: &Url,
        config: &Config,
        rules: RuleSet,
        local: Option<Box<dyn Store>>,
        limits: Limits,
        cancel: &Arc<Cancel>,
    ) -> Result<Self, LiveError> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(|error| LiveError::Setup(error.to_string()))?;
        let client = Client::new(root, limits.timeout, cancel)?;
        let robots = runtime.block_on(async {
            let robots = Robots::ask(&client, root).await?;
            client.keep_apart(robots.delay()).await;
            Ok::<_, LiveError>(robots)
        })?;
        if robots.allows_nothing() {
            return Err(LiveError::Robots(format!(
                "robots.txt of {} allows no program to ask for its pages; if the site is yours, add a group for this one: \
                 `User-agent: chathub` and `Allow: /`",
                root.origin().ascii_serialization()
            )));
        }
        let shared = Arc::new(Shared {
            client,
            robots,
            mapper: Mapper::new(root, config, rules, local),
            root: root.clone(),
            assets: format!("{}/", config.placeholder.asset_dir),
            named: Mutex::default(),
        });
        let notices = Arc::default();
        let found = runtime.block_on(find(&shared, limits, &notices))?;
        let base = root.join(&config.placeholder.base_url).ok();
        Ok(Self {
            runtime,
            shared,
            assets_at: base.filter(|base| base.origin() == root.origin()),
            asset_dir: config.placeholder.asset_dir.clone(),
            found: Mutex::new(Some(found)),
            fates: Mutex::default(),
            files: Mutex::default(),
            contents: Mutex::default(),
            assets: Mutex::default(),
            notices,
        })
    }

    /// What the user should know of how pages were found.
    #[must_use]
    pub fn notices(&self) -> Vec<String> {
        lock(&self.notices).said.clone()
    }

    /// Whether there are pages that were not asked for, as far as is known. Tells when all are listed.
    #[must_use]
    pub fn is_sample(&self) -> bool {
        lock(&self.notices).left_out
    }

    /// The address of a page that was listed.
    #[must_use]
    pub fn url(file: &Handle) -> String {
        file.named().display().to_string()
    }

    /// What came of a page.
    pub(super) fn take(&self, file: &Handle) -> Option<Fate> {
        lock(&self.fates).remove(file.named())
    }

    /// The files that pages name and that were searched: path and address.
    pub(super) fn files(&self) -> Vec<(String, String)> {
        let files = lock(&self.files);
        let files = files.iter();
        files
            .map(|(path, (url, _))| (path.to_string(), url.to_string()))
            .collect()
    }

    /// Forgets what is in such a file.
    pub(super) fn drop_file(&self, file: &Handle) {
        lock(&self.contents).remove(file.named());
    }

    /// An entry for such a file.
    fn entry(&self, url: Url, content: Vec<u8>) -> Entry {
        let path = files::path(&self.shared.root, &url).unwrap_or_default();
        let file = Handle::own(path.clone(), PathBuf::from(url.as_str()));
        lock(&self.files).insert(path, (url, content.len() as u64));
        lock(&self.contents).insert(file.named().to_owned(), content);
        Entry::Other(file)
    }

    /// Where a file of the site is that pages load.
    pub(super) fn asset_url(&self, path: &str) -> Option<Url> {
        self.assets_at.as_ref()?.join(path).ok()
    }

    /// The answer for such a file.
    pub(super) fn asset<T>(
        &self,
        path: &str,
        look: impl FnOnce(&Result<Answer, Trouble>) -> T,
    ) -> Option<T> {
        let url = self.asset_url(path)?;
        let mut assets = lock(&self.assets);
        let answer = assets.entry(path.to_owned()).or_insert_with(|| {
            let allows = |url: &Url| self.shared.robots.allows(url);
            let answer = self.shared.client.follow(&url, LARGEST_PAGE, allows);
            self.runtime.block_on(answer).map(|(_, answer)| answer)
        });
        Some(look(answer))
    }

    /// Whether that file was asked for.
    pub(super) fn has_asked(&self, path: &str) -> bool {
        lock(&self.assets).contains_key(path)
    }

    /// Asks for something, wherever it is, while the run is not stopped.
    pub(super) fn ask(&self, url: &Url, fields: HeaderMap, most: usize) -> Result<Answer, Trouble> {
        let client = self.shared.client.elsewhere(url);
        let client = client.map_err(|error| Trouble::Failed(error.to_string()))?;
        self.runtime.block_on(client.ask(url, fields, most))
    }

    /// Waits until a page may be asked for once more by somebody else, as a browser is, at the pace of this run's requests.
    pub fn turn(&self) {
        self.runtime.block_on(self.shared.client.turn());
    }

    /// The site's own address.
    #[must_use]
    pub fn address(&self) -> &Url {
        &self.shared.root
    }
}

impl Store for Site {
    /// Asks for the pages, and then for other files that they name. They are asked for once: a second listing has none.
    fn list(&self, options: &ListOptions) -> io::Result<Entries<'_>> {
        let Some(mut found) = lock(&self.found).take() else {
            return Ok(Box::new(std::iter::empty()));
        };
        found.with_files = options.everything;
        let (send, mut receive): (_, Receiver<Fetched>) = channel(found.connections);
        let (shared, notices) = (Arc::clone(&self.shared), Arc::clone(&self.notices));
        self.runtime.spawn(async move {
            let stopping = Arc::clone(&shared);
            let _ = stopping
                .client
                .until_stop(fetch(shared, found, send, notices))
                .await;
        });
        let entries = std::iter::from_fn(move || receive.blocking_recv());
        Ok(Box::new(entries.map(|fetched| {
            let (url, fate) = match fetched {
                Fetched::Page(url, fate) => (url, fate),
                Fetched::File(url, content) => return self.entry(url, content),
            };
            let path = self.shared.mapper.path(&url).unwrap_or_default();
            let rules = self.shared.mapper.rules_of(&path);
            let file = Handle::own(path, PathBuf::from(url.as_str()));
            lock(&self.fates).insert(file.named().to_owned(), fate);
            Entry::Page(PageFile {
                file,
                siblings: Vec::new(),
                rules,
            })
        })))
    }

    fn read(&self, file: &Handle) -> io::Result<Content> {
        let version = Version::numbered(0);
        let content = |bytes| Content {
            bytes,
            version: version.clone(),
        };
        if let Some(fate) = lock(&self.fates).get_mut(file.named()) {
            // Only the headers are asked for once the page is read.
            return Ok(content(match fate {
                Fate::Page(answer) => std::mem::take(&mut answer.body),
                _ => Vec::new(),
            }));
        }
        if let Some(bytes) = lock(&self.contents).get(file.named()) {
            return Ok(content(bytes.clone()));
        }
        // A folder's rules stand in the site as it was built.
        if let Some(local) = self
            .shared
            .mapper
            .local()
            .filter(|_| file.path.file_name() == crate::run::FOLDER_CONFIG)
        {
            return local.read(file);
        }
        let path = file.path.to_string();
        let body = self.asset(&path, |answer| match answer {
            Ok(answer) if answer.status == 200 => Some(answer.body.clone()),
            _ => None,
        });
        body.flatten()
            .map(content)
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn open(&self, file: &Handle) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(Cursor::new(self.read(file)?.bytes)))
    }

    fn at(&self, path: &PagePath) -> Handle {
        Handle::own(path.clone(), PathBuf::new())
    }

    /// Asks for files that pages load, and for nothing else.
    fn kind(&self, path: &PagePath) -> Kind {
        if let Some((_, size)) = lock(&self.files).get(path) {
            return Kind::File(*size);
        }
        let name = path.file_name();
        if Coding::of(&name).is_some() || path.parent().to_string() != self.asset_dir {
            return Kind::Nothing;
        }
        let kind = self.asset(&path.to_string(), |answer| match answer {
            // A server that has a page for everything has one for what is not there.
            Ok(answer) if answer.status == 200 && !answer.looks_like_html() => {
                Kind::File(answer.body.len() as u64)
            }
            _ => Kind::Nothing,
        });
        kind.unwrap_or(Kind::Nothing)
    }

    fn names(&self, _: &PagePath) -> Vec<OsString> {
        Vec::new()
    }

    fn sibling(&self, _: &PageFile, _: Coding, _: Option<&PagePath>) -> io::Result<Beside> {
        Err(io::ErrorKind::NotFound.into())
    }

    fn stage(
        &self,
        _: &Handle,
        _: &Version,
        _: Writes<'_>,
    ) -> Result<Box<dyn Staged + '_>, WriteError> {
        Err(unwritable())
    }

    fn put(&self, _: &PagePath, _: (&Handle, &Version), _: Writes<'_>) -> Result<(), WriteError> {
        Err(unwritable())
    }

    fn delete(&self, _: &Handle, _: Option<&Version>) -> Result<(), WriteError> {
        Err(unwritable())
    }
}

fn unwritable() -> WriteError {
    WriteError::while_("a server cannot be written to")(io::ErrorKind::Unsupported.into())
}
