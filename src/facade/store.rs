//! Where a site is, as other programs say it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::Error;
use crate::store::{self, Cancel, Dry, Folder, Kind, Memory, Overlay, PagePath};

/// Where a site is and where its pages are written to: a folder, another folder, or memory.
///
/// ```
/// use chathub::Store;
///
/// let site = Store::memory([("index.html", "<p>Hello"), ("shop/index.html", "<p>Buy")]);
/// assert_eq!(site.files(), ["index.html", "shop/index.html"]);
/// assert_eq!(site.get("index.html").unwrap(), b"<p>Hello");
/// assert!(Store::folder("/there/is/no/such/folder").is_err());
/// ```
pub struct Store {
    place: Place,
    name: String,
}

/// The stores that there are.
enum Place {
    Folder(Folder),
    DryFolder(Dry<Folder>),
    Memory(Memory),
    DryMemory(Dry<Memory>),
    Copy {
        overlay: Box<Overlay>,
        site: PathBuf,
        /// Asks the overlay to stop.
        cancel: Arc<Cancel>,
    },
}

impl Store {
    /// A site in a folder, whose pages are written in place: each is old or new, never half, and keeps its owner, mode and attributes.
    ///
    /// # Errors
    ///
    /// If it is not a folder.
    pub fn folder(site: impl AsRef<Path>) -> Result<Self, Error> {
        let site = site.as_ref();
        let name = site.display().to_string();
        let folder = Folder::new(site);
        if store::Store::kind(&folder, &PagePath::default()) != Kind::Folder {
            return Err(Error::not_a_folder(&name));
        }
        let place = Place::Folder(folder);
        Ok(Self { place, name })
    }

    /// A site in a folder that stays as it is: `output` gets all of it. `output` is made if it is not there, has to be empty, and apart
    /// from the site.
    ///
    /// # Errors
    ///
    /// If one of the two cannot be used.
    pub fn overlay(site: impl AsRef<Path>, output: impl AsRef<Path>) -> Result<Self, Error> {
        let (site, output) = (site.as_ref(), output.as_ref());
        let name = Self::folder(site)?.name;
        let cancel = Arc::default();
        let overlay = Overlay::create(site, output, None, Arc::clone(&cancel));
        let overlay = overlay.map_err(|error| Error::site(&output.display().to_string(), error))?;
        let place = Place::Copy {
            overlay: Box::new(overlay),
            site: site.to_owned(),
            cancel,
        };
        Ok(Self { place, name })
    }

    /// A site in memory: its files by their paths, with `/` between folders.
    pub fn memory<P: AsRef<str>, B: Into<Vec<u8>>>(
        files: impl IntoIterator<Item = (P, B)>,
    ) -> Self {
        Self {
            place: Place::Memory(Memory::new(files)),
            name: "memory".to_owned(),
        }
    }

    /// The same site, to which nothing is written: reports say what would be.
    #[must_use]
    pub fn dry_run(self) -> Self {
        let place = match self.place {
            Place::Folder(folder) => Place::DryFolder(Dry(folder)),
            Place::Copy { site, .. } => Place::DryFolder(Dry(Folder::new(&site))),
            Place::Memory(memory) => Place::DryMemory(Dry(memory)),
            dry => dry,
        };
        Self { place, ..self }
    }

    /// What a file says where pages are written to; none where it is not there or cannot be read.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<Vec<u8>> {
        let store = self.store();
        let store = store.copy().unwrap_or(store);
        let content = store.read(&store.at(&PagePath::from(path)));
        content.ok().map(|content| content.bytes)
    }

    /// The paths of all files of a site in memory, in order; none for other sites, which may be large.
    #[must_use]
    pub fn files(&self) -> Vec<String> {
        match &self.place {
            Place::Memory(memory) | Place::DryMemory(Dry(memory)) => memory.paths(),
            _ => Vec::new(),
        }
    }

    /// Its name in reports.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn store(&self) -> &dyn store::Store {
        match &self.place {
            Place::Folder(folder) => folder,
            Place::DryFolder(dry) => dry,
            Place::Memory(memory) => memory,
            Place::DryMemory(dry) => dry,
            Place::Copy { overlay, .. } => &**overlay,
        }
    }

    /// By which a run is asked to stop.
    pub(super) fn cancel(&self) -> Arc<Cancel> {
        match &self.place {
            Place::Copy { cancel, .. } => Arc::clone(cancel),
            _ => Arc::default(),
        }
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
