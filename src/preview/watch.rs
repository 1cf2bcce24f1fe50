//! Notices changes of the site's folder and of the configuration.

use std::path::{Path, PathBuf};
use std::time::Duration;

use notify::event::{EventKind, MetadataKind, ModifyKind};
use notify::{RecommendedWatcher, RecursiveMode};
use notify_debouncer_full::{
    DebounceEventResult, DebouncedEvent, Debouncer, NoCache, new_debouncer_opt,
};

use crate::pipeline::FOLDER_CONFIG;

/// How long nothing must happen before a change counts: a generator writes many files in a row.
const QUIET: Duration = Duration::from_millis(150);

/// What is watched.
#[derive(Debug, Clone)]
pub struct Watched {
    /// The site, as an absolute path without links.
    pub root: PathBuf,
    /// Configuration files, whether they exist or not; absolute.
    pub config: Vec<PathBuf>,
}

/// Watches until it is dropped.
pub struct Watch {
    watched: Watched,
    debouncer: Debouncer<RecommendedWatcher, NoCache>,
}

impl Watch {
    /// Calls `changed` after every change that can matter, from a thread of its own.
    pub fn new(watched: Watched, changed: impl Fn() + Send + 'static) -> notify::Result<Self> {
        let what = watched.clone();
        let notice = move |result: DebounceEventResult| {
            // Where events were lost, something may have changed.
            if result.map_or(true, |events| {
                events.iter().any(|event| what.matters(event))
            }) {
                changed();
            }
        };
        let debouncer = new_debouncer_opt(QUIET, None, notice, NoCache, notify::Config::default())?;
        let mut watch = Self { watched, debouncer };
        watch.resume()?;
        for file in watch.watched.config.clone() {
            // Editors put a new file in the place of the old one: it is the folder that is told.
            if let Some(folder) = file.parent()
                && !folder.starts_with(&watch.watched.root)
            {
                watch.debouncer.watch(folder, RecursiveMode::NonRecursive)?;
            }
        }
        Ok(watch)
    }

    /// Watches the site's folder again; for after it has been deleted and made anew, which ends a watch.
    pub fn resume(&mut self) -> notify::Result<()> {
        if let Some(above) = self.watched.root.parent() {
            self.debouncer.watch(above, RecursiveMode::NonRecursive)?;
        }
        self.debouncer
            .watch(&self.watched.root, RecursiveMode::Recursive)
    }
}

impl Watched {
    fn matters(&self, event: &DebouncedEvent) -> bool {
        let is_reading = matches!(
            event.kind,
            EventKind::Access(_)
                | EventKind::Modify(ModifyKind::Metadata(MetadataKind::AccessTime))
        );
        !is_reading && event.paths.iter().any(|path| self.is_ours(path))
    }

    fn is_ours(&self, path: &Path) -> bool {
        if self.config.iter().any(|file| file == path) {
            return true;
        }
        let Ok(inside) = path.strip_prefix(&self.root) else {
            return false;
        };
        // What is hidden is not shown, such as the temporary files of those who write pages; rules files are.
        let hidden = |name: &std::ffi::OsStr| {
            name.as_encoded_bytes().starts_with(b".") && name != FOLDER_CONFIG
        };
        !inside.components().any(|part| hidden(part.as_os_str()))
    }
}
