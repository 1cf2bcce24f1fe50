//! A site in memory.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Slot;
use std::ffi::{OsStr, OsString};
use std::io::{self, Cursor, Read};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::entry::{Entry, FolderConfig, Handle, ListOptions, PageFile, Skipped};
use super::folder::is_not_site;
use super::{
    Beside, Coding, Content, Entries, Kind, PagePath, Staged, Store, Version, WriteError, Writes,
};

/// A site in memory. It has regular files alone, and no folder without one.
#[derive(Debug, Default)]
pub struct Memory(Mutex<Files>);

#[derive(Debug, Default)]
struct Files {
    /// By the names of the folders on the way and their own, so that what is in a folder stands together.
    files: BTreeMap<Vec<Vec<u8>>, File>,
    /// How many versions there have been.
    versions: u64,
}

#[derive(Debug, Clone)]
struct File {
    bytes: Arc<Vec<u8>>,
    version: u64,
}

fn key(path: &PagePath) -> Vec<Vec<u8>> {
    let names = path.as_bytes().split(|byte| *byte == b'/');
    names.map(<[u8]>::to_vec).collect()
}

fn path(key: &[Vec<u8>]) -> PagePath {
    PagePath::from_bytes(key.join(&b'/'))
}

impl Memory {
    /// A site of these files, by their paths.
    pub fn new<P: AsRef<str>, B: Into<Vec<u8>>>(files: impl IntoIterator<Item = (P, B)>) -> Self {
        let site = Self::default();
        for (path, bytes) in files {
            site.set(path.as_ref(), bytes);
        }
        site
    }

    /// Sets what a file says.
    pub fn set(&self, path: &str, bytes: impl Into<Vec<u8>>) {
        self.files().set(key(&PagePath::from(path)), bytes.into());
    }

    /// What a file says.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<Vec<u8>> {
        let files = self.files();
        let file = files.files.get(&key(&PagePath::from(path)))?;
        Some(file.bytes.to_vec())
    }

    /// The paths of all files.
    #[must_use]
    pub fn paths(&self) -> Vec<String> {
        self.files()
            .files
            .keys()
            .map(|key| path(key).to_string())
            .collect()
    }

    fn files(&self) -> MutexGuard<'_, Files> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, file: &Handle) -> io::Result<File> {
        let files = self.files();
        let found = files.files.get(&key(&file.path)).cloned();
        found.ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl Files {
    fn set(&mut self, key: Vec<Vec<u8>>, bytes: Vec<u8>) {
        self.versions += 1;
        let file = File {
            bytes: Arc::new(bytes),
            version: self.versions,
        };
        self.files.insert(key, file);
    }

    fn check(&self, key: &[Vec<u8>], seen: Option<&Version>) -> Result<(), WriteError> {
        let Some(seen) = seen else {
            return Ok(());
        };
        let same = |file: &File| Version::numbered(file.version).stamp == seen.stamp;
        match self.files.get(key) {
            Some(file) if same(file) => Ok(()),
            _ => Err(WriteError::Changed),
        }
    }
}

struct New<'a> {
    store: &'a Memory,
    key: Vec<Vec<u8>>,
    bytes: Vec<u8>,
}

impl Staged for New<'_> {
    fn commit(self: Box<Self>, seen: Option<&Version>) -> Result<(), WriteError> {
        let mut files = self.store.files();
        files.check(&self.key, seen)?;
        files.set(self.key, self.bytes);
        Ok(())
    }
}

impl Store for Memory {
    fn list(&self, options: &ListOptions) -> io::Result<Entries<'_>> {
        let in_site = |key: &&Vec<Vec<u8>>| {
            let folders = key.split_last().map_or(&[][..], |(_, folders)| folders);
            !folders.iter().any(|name| is_not_site(&os(name)))
        };
        let keys: Vec<_> = self.files().files.keys().filter(in_site).cloned().collect();
        let all: std::collections::BTreeSet<_> = keys.iter().cloned().collect();
        let mut configs: BTreeMap<Vec<Vec<u8>>, Arc<FolderConfig>> = BTreeMap::new();
        let mut rules = Vec::new();
        for key in &keys {
            let Some((name, folder)) = key.split_last() else {
                continue;
            };
            if (options.lists)(&os(name)) && !is_hidden(folder, options) {
                rules.push(Entry::List(self.at(&path(key))));
            }
            if *name == options.folder_config.as_bytes() && !is_hidden(folder, options) {
                let mut above = (0..folder.len()).rev();
                let above = above.find_map(|length| configs.get(&folder[..length]));
                let config = FolderConfig {
                    folder: path(folder),
                    file: self.at(&path(key)),
                    above: above.cloned(),
                };
                let config = Arc::new(config);
                rules.push(Entry::Rules(Arc::clone(&config)));
                configs.insert(folder.to_vec(), config);
            }
        }
        let options = options.clone();
        let entry = move |key: Vec<Vec<u8>>| {
            let (name, folder) = key.split_last()?;
            let file = Handle::own(path(&key), PathBuf::new());
            let name = os(name);
            let hidden = is_hidden(folder, &options);
            if !hidden && name == options.folder_config {
                return configs.get(folder).cloned().map(Entry::FolderConfig);
            }
            if !options.is_page(&name) {
                let page = Coding::of(&name).map(|coding| coding.page_name(&name));
                let page = page.filter(|page| !hidden && options.is_page(page));
                let with_page = page.is_some_and(|page| {
                    let page = page.as_encoded_bytes().to_vec();
                    all.contains(&[folder, &[page]].concat())
                });
                if page.is_some() && !with_page {
                    return Some(Entry::Skipped(file, Skipped::Alone));
                }
                return (options.everything && !with_page).then_some(Entry::Other(file));
            }
            if hidden {
                return Some(Entry::Skipped(file, Skipped::Hidden));
            }
            let is_there = |coding: &Coding| {
                let copy = coding.sibling_name(&name).into_encoded_bytes();
                all.contains(&[folder, &[copy]].concat())
            };
            let siblings = Coding::ALL.into_iter().filter(is_there).collect();
            let mut lengths = (0..=folder.len()).rev();
            let rules = lengths.find_map(|length| configs.get(&folder[..length]));
            Some(Entry::Page(PageFile {
                file,
                siblings,
                rules: rules.cloned(),
            }))
        };
        let entries = keys.into_iter().filter_map(entry);
        Ok(Box::new(rules.into_iter().chain(entries)))
    }

    fn read(&self, file: &Handle) -> io::Result<Content> {
        let file = self.find(file)?;
        Ok(Content {
            bytes: file.bytes.to_vec(),
            version: Version::numbered(file.version),
        })
    }

    fn open(&self, file: &Handle) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(Cursor::new(self.find(file)?.bytes.to_vec())))
    }

    fn at(&self, path: &PagePath) -> Handle {
        Handle::own(path.clone(), PathBuf::new())
    }

    fn kind(&self, path: &PagePath) -> Kind {
        let (files, key) = (self.files(), key(path));
        if let Some(file) = files.files.get(&key) {
            return Kind::File(file.bytes.len() as u64);
        }
        let is_above = |inside: &&Vec<Vec<u8>>| inside.starts_with(&key);
        match files.files.range(key.clone()..).next().map(|(key, _)| key) {
            inside if path.as_bytes().is_empty() || inside.as_ref().is_some_and(is_above) => {
                Kind::Folder
            }
            _ => Kind::Nothing,
        }
    }

    fn names(&self, folder: &PagePath) -> Vec<OsString> {
        let key = if folder.as_bytes().is_empty() {
            Vec::new()
        } else {
            key(folder)
        };
        let files = self.files();
        let inside = files.files.keys().filter(|inside| inside.starts_with(&key));
        let mut names: Vec<OsString> = inside
            .filter_map(|inside| inside.get(key.len()).map(|name| os(name)))
            .collect();
        names.dedup();
        names
    }

    fn sibling(&self, page: &PageFile, coding: Coding, _: Option<&PagePath>) -> io::Result<Beside> {
        let copy = page.file.beside(coding);
        let version = Version::numbered(self.find(&copy)?.version);
        Ok(Beside {
            file: copy,
            version,
            is_elsewhere: false,
        })
    }

    fn stage(
        &self,
        file: &Handle,
        _: &Version,
        write: Writes<'_>,
    ) -> Result<Box<dyn Staged + '_>, WriteError> {
        let mut bytes = Vec::new();
        write(&mut bytes).map_err(WriteError::while_("cannot write its new version"))?;
        Ok(Box::new(New {
            store: self,
            key: key(&file.path),
            bytes,
        }))
    }

    fn put(
        &self,
        path: &PagePath,
        (_, like): (&Handle, &Version),
        write: Writes<'_>,
    ) -> Result<(), WriteError> {
        self.stage(&self.at(path), like, write)?.commit(None)
    }

    fn delete(&self, file: &Handle, seen: Option<&Version>) -> Result<(), WriteError> {
        let (mut files, key) = (self.files(), key(&file.path));
        files.check(&key, seen)?;
        match files.files.entry(key) {
            Slot::Occupied(slot) => {
                slot.remove();
                Ok(())
            }
            Slot::Vacant(_) => Err(WriteError::while_("cannot delete it")(
                io::ErrorKind::NotFound.into(),
            )),
        }
    }
}

fn is_hidden(folder: &[Vec<u8>], options: &ListOptions) -> bool {
    !options.hidden && folder.iter().any(|name| name.starts_with(b"."))
}

fn os(name: &[u8]) -> OsString {
    let path = PagePath::from_bytes(name.to_vec()).to_path();
    path.file_name().map_or_else(OsString::new, OsStr::to_owned)
}
