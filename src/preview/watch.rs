//! Notices changes of the site's folder and of the configuration.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use notify::event::{EventKind, MetadataKind, ModifyKind};
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::burst::Burst;
use crate::run::FOLDER_CONFIG;

/// How often the folder is looked for: what happens above it, or to a link that leads to it, nobody tells.
const LOOK: Duration = Duration::from_millis(500);

/// What is watched.
#[derive(Debug, Clone)]
pub struct Watched {
    /// The site, as an absolute path; links may lead to it.
    pub site: PathBuf,
    /// Configuration files, whether they exist or not; absolute.
    pub config: Vec<PathBuf>,
}

/// Watches until it is dropped.
pub struct Watch {
    watched: Watched,
    /// Where the site is, without links on the way; none: it is gone.
    root: Option<PathBuf>,
    /// Whether the folder that is watched is another than the one that is there.
    ended: bool,
    system: RecommendedWatcher,
    events: Receiver<notify::Result<Event>>,
}

impl Watch {
    /// Begins to watch.
    pub fn new(watched: Watched) -> notify::Result<Self> {
        let (send, events) = mpsc::channel();
        let mut system = notify::recommended_watcher(send)?;
        for file in &watched.config {
            // Editors put a new file in the place of the old one: it is the folder that is notified.
            if let Some(folder) = file.parent()
                && !folder.starts_with(&watched.site)
            {
                system.watch(folder, RecursiveMode::NonRecursive)?;
            }
        }
        let mut watch = Self {
            watched,
            root: None,
            ended: false,
            system,
            events,
        };
        watch.renew()?;
        Ok(watch)
    }

    /// Watches this site from now on.
    pub fn turn_to(&mut self, site: PathBuf) -> notify::Result<()> {
        self.watched.site = site;
        self.renew().map(drop)
    }

    /// Comes back when something that can matter has changed, and no more changes follow.
    pub fn wait(&mut self) -> notify::Result<()> {
        let mut burst: Option<Burst> = None;
        loop {
            let is_there = self.root.is_some();
            let left = burst.map_or(Some(LOOK), |burst| burst.left(Instant::now(), is_there));
            let Some(left) = left else {
                return Ok(());
            };
            let changed = match self.events.recv_timeout(left.min(LOOK)) {
                Ok(event) => self.matters(event),
                Err(_) => self.renew()?,
            };
            if changed {
                let now = Instant::now();
                burst.get_or_insert_with(|| Burst::new(now)).goes_on(now);
            }
        }
    }

    /// Watches the folder that is there now; whether that is another than before.
    fn renew(&mut self) -> notify::Result<bool> {
        let root = fs::canonicalize(&self.watched.site)
            .ok()
            .filter(|root| root.is_dir());
        if root == self.root && !self.ended {
            return Ok(false);
        }
        if let Some(before) = &self.root {
            // It has ended by itself where the folder was deleted.
            let _ = self.system.unwatch(before);
        }
        self.ended = false;
        self.root = root;
        if let Some(root) = &self.root {
            self.system.watch(root, RecursiveMode::Recursive)?;
        }
        Ok(true)
    }

    fn matters(&mut self, event: notify::Result<Event>) -> bool {
        // Where events were lost, something may have changed.
        let Ok(event) = event else {
            return true;
        };
        if event.need_rescan() {
            return true;
        }
        let is_reading = matches!(
            event.kind,
            EventKind::Access(_)
                | EventKind::Modify(ModifyKind::Metadata(MetadataKind::AccessTime))
        );
        if is_reading {
            return false;
        }
        let is_end = matches!(
            event.kind,
            EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_))
        );
        if is_end
            && event
                .paths
                .iter()
                .any(|path| Some(path) == self.root.as_ref())
        {
            self.ended = true;
            return true;
        }
        event.paths.iter().any(|path| self.is_ours(path))
    }

    fn is_ours(&self, path: &Path) -> bool {
        if self.watched.config.iter().any(|file| file == path) {
            return true;
        }
        let root = self.root.as_ref();
        let Some(inside) = root.and_then(|root| path.strip_prefix(root).ok()) else {
            return false;
        };
        // What is hidden is not shown, such as the temporary files of those who write pages; rules files are.
        let hidden =
            |name: &OsStr| name.as_encoded_bytes().starts_with(b".") && name != FOLDER_CONFIG;
        !inside.components().any(|part| hidden(part.as_os_str()))
    }
}
