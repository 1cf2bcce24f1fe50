//! Waits for changes of the site's folder and of the configuration.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs;
use std::mem;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::{Duration, Instant};

use notify::{ErrorKind, Event, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::burst::Burst;
use super::changes::Changes;
use super::error::WatchError;
use super::heard::Heard;
use crate::run::FOLDER_CONFIG;
use crate::settings::Pages;
use crate::store::{LEFTOVER_PREFIX, LEFTOVER_SUFFIX};

/// How often the folder is looked for: what happens above it, or to a link that leads to it, nobody tells.
const LOOK: Duration = Duration::from_millis(500);
/// How often everything is looked at where the system does not say what changes; less often where that takes long.
const POLL: Duration = Duration::from_secs(2);
/// How long somebody may write to a file without another word. Who shortens a file by its path never says that this is the end.
const WRITING: Duration = Duration::from_mins(1);

/// What is watched.
#[derive(Debug, Clone)]
pub struct Watched {
    /// The site, as an absolute path; links may lead to it.
    pub site: PathBuf,
    /// Configuration files, whether they exist or not; absolute.
    pub config: Vec<PathBuf>,
    /// Which files are pages: what else is hidden is of no interest.
    pub pages: Pages,
}

/// Watches until it is dropped.
pub struct Watch {
    watched: Watched,
    /// Where the site is; none: it is gone.
    root: Option<Root>,
    /// Whether the folder that is watched is another than the one that is there.
    ended: bool,
    /// Whether folders have come that the system may not watch yet.
    grown: bool,
    /// None: the system does not say what changes.
    system: Option<RecommendedWatcher>,
    send: Sender<notify::Result<Event>>,
    events: Receiver<notify::Result<Event>>,
    burst: Option<Burst>,
    changes: Changes,
    /// When somebody last wrote to files and has not let go of them since.
    writing: HashMap<PathBuf, Instant>,
    /// When changes were last handed out.
    handed_out: Instant,
}

/// A folder: its path without links on the way, and what differs from another folder of this path.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Root {
    path: PathBuf,
    id: Option<(u64, u64)>,
}

impl Root {
    fn of(site: &Path) -> Option<Self> {
        let path = fs::canonicalize(site).ok()?;
        let metadata = fs::metadata(&path).ok()?;
        #[cfg(unix)]
        let id = {
            use std::os::unix::fs::MetadataExt as _;
            Some((metadata.dev(), metadata.ino()))
        };
        #[cfg(not(unix))]
        let id = None;
        metadata.is_dir().then_some(Self { path, id })
    }
}

impl Watch {
    /// Begins to watch.
    ///
    /// # Errors
    ///
    /// If the system cannot say what changes: it may watch no more folders.
    pub fn new(watched: Watched) -> Result<Self, WatchError> {
        let mut watch = Self::polling(watched);
        let mut system = notify::recommended_watcher(watch.send.clone())?;
        let Watched { site, config, .. } = &watch.watched;
        watch_files(&mut system, config, site)?;
        watch.system = Some(system);
        watch.root = None;
        watch.renew()?;
        Ok(watch)
    }

    /// Watches without the system's help: time and again, everything may have changed.
    #[must_use]
    pub fn polling(watched: Watched) -> Self {
        let (send, events) = mpsc::channel();
        Self {
            root: Root::of(&watched.site),
            watched,
            ended: false,
            grown: false,
            system: None,
            send,
            events,
            burst: None,
            changes: Changes::default(),
            writing: HashMap::new(),
            handed_out: Instant::now(),
        }
    }

    /// Watches this from now on.
    ///
    /// # Errors
    ///
    /// As for [`new`](Self::new).
    pub fn turn_to(&mut self, watched: Watched) -> Result<(), WatchError> {
        let added = watched.config.iter();
        let added: Vec<_> = added
            .filter(|file| !self.watched.config.contains(file))
            .collect();
        if let Some(system) = &mut self.system {
            watch_files(system, added, &watched.site)?;
        }
        self.watched = watched;
        self.renew().map(drop)
    }

    /// Takes it for a change that the watch begins: what has been going on since before it may be going on still.
    pub fn begin(&mut self) {
        self.changes.all = true;
        self.burst = Some(Burst::new(Instant::now()));
    }

    /// Where the site is now, without links on the way.
    #[must_use]
    pub fn root(&self) -> Option<&Path> {
        self.root.as_ref().map(|root| &*root.path)
    }

    /// Comes back when something that can matter has changed, and no more changes follow; or, with nothing, at this time.
    ///
    /// # Errors
    ///
    /// If the system cannot say any more what changes.
    pub fn wait(&mut self, until: Option<Instant>) -> Result<Option<Changes>, WatchError> {
        let took = self.handed_out.elapsed();
        let poll = self
            .system
            .is_none()
            .then(|| Instant::now() + POLL.max(took * 9));
        loop {
            let now = Instant::now();
            if let Some(burst) = self.burst {
                let Some(left) = burst.left(now, self.root.is_some()) else {
                    let before = self.burst;
                    self.catch_up()?;
                    // What has just come belongs to it, unless it has been going on for too long.
                    if self.burst == before || burst.is_long(now) {
                        return Ok(Some(self.hand_out()));
                    }
                    continue;
                };
                self.hear(left.min(LOOK))?;
                continue;
            }
            if poll.is_some_and(|poll| poll <= now) {
                self.renew()?;
                self.changes = Changes::everything();
                return Ok(Some(self.hand_out()));
            }
            let end = [until, poll].into_iter().flatten().min();
            let left = end.map_or(LOOK, |end| end.saturating_duration_since(now));
            if left.is_zero() {
                return Ok(None);
            }
            self.hear(left.min(LOOK))?;
        }
    }

    /// Takes it that the system says this.
    #[cfg(test)]
    pub(super) fn hears(&self, event: notify::Result<Event>) {
        // The other end is in this very value.
        let _ = self.send.send(event);
    }

    fn hand_out(&mut self) -> Changes {
        let now = Instant::now();
        self.burst = None;
        self.handed_out = now;
        self.writing
            .retain(|_, since| now.saturating_duration_since(*since) < WRITING);
        let mut changes = mem::take(&mut self.changes);
        changes.unfinished.extend(self.writing.keys().cloned());
        changes
            .paths
            .retain(|path| !changes.unfinished.contains(path));
        changes
    }

    /// Waits for an event, or looks where the folder is.
    fn hear(&mut self, time: Duration) -> Result<(), WatchError> {
        let changed = match self.events.recv_timeout(time) {
            Ok(event) => self.note(event)?,
            Err(_) => self.renew()?,
        };
        if changed {
            self.goes_on();
        }
        Ok(())
    }

    /// Makes sure that the system watches what has come, and takes the events that are there already: pages that were written
    /// before their folder was watched are met by a look after this, and those written later have an event.
    fn catch_up(&mut self) -> Result<(), WatchError> {
        if self.ended {
            self.renew()?;
        }
        let grown = mem::take(&mut self.grown);
        if let Some(system) = &mut self.system {
            match &self.root {
                // The system's part adds folders by itself, and gives up where one of several is gone already. What it watches
                // stays watched. Elsewhere, all that is in a folder is watched with it.
                Some(root) if grown && cfg!(target_os = "linux") => {
                    let again = system.watch(&root.path, RecursiveMode::Recursive);
                    if again.is_err_and(|error| is_limit(&error)) {
                        return Err(WatchError::Folders);
                    }
                }
                // Its answer comes after what it has at hand.
                _ => drop(system.unwatch(Path::new("/nothing is watched here"))),
            }
        }
        while let Ok(event) = self.events.try_recv() {
            if self.note(event)? {
                self.goes_on();
            }
        }
        Ok(())
    }

    fn goes_on(&mut self) {
        let now = Instant::now();
        self.burst
            .get_or_insert_with(|| Burst::new(now))
            .goes_on(now);
    }

    /// Watches the folder that is there now; whether that is another than before.
    fn renew(&mut self) -> Result<bool, WatchError> {
        let root = Root::of(&self.watched.site);
        if root == self.root && !self.ended {
            return Ok(false);
        }
        if let (Some(before), Some(system)) = (&self.root, &mut self.system) {
            // It has ended by itself where the folder was deleted.
            let _ = system.unwatch(&before.path);
        }
        self.ended = false;
        self.root = root;
        self.writing.clear();
        self.changes.add_all();
        if let (Some(root), Some(system)) = (&self.root, &mut self.system) {
            match system.watch(&root.path, RecursiveMode::Recursive) {
                // Somebody deletes it at this moment.
                Err(error) if is_gone(&error) => self.ended = true,
                watched => watched?,
            }
        }
        Ok(true)
    }

    /// Takes note of an event; whether it can matter.
    fn note(&mut self, event: notify::Result<Event>) -> Result<bool, WatchError> {
        let event = match event {
            Ok(event) => event,
            Err(error) if is_limit(&error) => return Err(error.into()),
            // Something may have changed.
            Err(_) => {
                self.changes.add_all();
                return Ok(true);
            }
        };
        let heard = Heard::of(&event);
        match (heard, &self.root) {
            (Heard::Nothing, _) => return Ok(false),
            (Heard::Lost, _) => {
                // Folders that have come meanwhile are not watched.
                self.ended = true;
                self.writing.clear();
                self.changes.add_all();
                return Ok(true);
            }
            (_, Some(root)) if heard.may_end(&event, &root.path) => {
                self.ended = true;
                return Ok(true);
            }
            _ => {}
        }
        let mut matters = false;
        for path in &event.paths {
            if self.watched.config.contains(path) {
                self.changes.config = true;
                matters = true;
            }
            let Some(inside) = self.inside(path) else {
                continue;
            };
            match heard {
                Heard::Written if cfg!(target_os = "linux") => {
                    self.writing.insert(inside.clone(), Instant::now());
                }
                // To open a file for writing is not to write.
                Heard::Closed if self.writing.remove(&inside).is_none() => continue,
                Heard::Gone => drop(self.writing.remove(&inside)),
                // By a new file in the place of the one that is being written, for one.
                Heard::New => {
                    self.writing.remove(&inside);
                    self.grown |= path.is_dir();
                }
                _ => {}
            }
            self.changes.add(&inside);
            matters = true;
        }
        Ok(matters)
    }

    /// A path as the site has it, if it is of interest there.
    fn inside(&self, path: &Path) -> Option<PathBuf> {
        let inside = path.strip_prefix(&self.root.as_ref()?.path).ok()?;
        let name = inside.file_name()?;
        let is_hidden = |name: &OsStr| name.as_encoded_bytes().starts_with(b".");
        let pages = &self.watched.pages;
        if !pages.hidden
            && inside
                .parent()
                .is_some_and(|folder| folder.components().any(|part| is_hidden(part.as_os_str())))
        {
            return None;
        }
        // Hidden files are mostly temporary ones of those who write pages; not rules files, and not pages.
        let is_page = || {
            let extension = inside.extension()?.to_str()?.to_lowercase();
            Some(
                pages
                    .extensions
                    .iter()
                    .any(|page| *page.to_lowercase() == extension),
            )
        };
        let text = name.to_string_lossy();
        let ours = text.starts_with(LEFTOVER_PREFIX) && text.ends_with(LEFTOVER_SUFFIX);
        let of_interest =
            !is_hidden(name) || name == FOLDER_CONFIG || pages.hidden || is_page() == Some(true);
        (of_interest && !ours).then(|| inside.to_owned())
    }
}

/// Watches files that are not in the site.
fn watch_files<'a>(
    system: &mut RecommendedWatcher,
    files: impl IntoIterator<Item = &'a PathBuf>,
    site: &Path,
) -> Result<(), WatchError> {
    for file in files {
        // Editors put a new file in the place of the old one: it is the folder that is notified.
        if let Some(folder) = file.parent()
            && !folder.starts_with(site)
            && folder.is_dir()
        {
            system.watch(folder, RecursiveMode::NonRecursive)?;
        }
    }
    Ok(())
}

/// Whether the system watches no more.
fn is_limit(error: &notify::Error) -> bool {
    matches!(error.kind, ErrorKind::MaxFilesWatch)
}

fn is_gone(error: &notify::Error) -> bool {
    match &error.kind {
        ErrorKind::PathNotFound => true,
        ErrorKind::Io(error) => error.kind() == std::io::ErrorKind::NotFound,
        _ => false,
    }
}
