//! The copy of a site in another folder.
//!
//! What is not changed is there as it was: content, mode, access list, time, names that share a file. Only the owner is
//! the user who makes the copy. A link points to the same thing as before, and never from the copy back into the site.

use std::collections::HashMap;
use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use walkdir::WalkDir;

use super::cancel::Cancel;
use super::content::content;
use super::file::{Staged, WriteError, open, stage, taken};
use super::keep::{Like, Role, keep, times};
use super::path::PagePath;

/// See the module.
#[derive(Debug)]
pub struct Mirror {
    site: PathBuf,
    output: PathBuf,
    /// Beside the site, where links may lead that are replaced by what they point to.
    link_root: Option<PathBuf>,
    /// Whether the folder of the copy was there already: then its mode is somebody's choice.
    was_there: bool,
    /// Where the first of several names of one file is, by device and number.
    shared: Mutex<HashMap<(u64, u64), Shared>>,
    notes: Mutex<Notes>,
    /// Asks it to stop, in the middle of a file as well.
    cancel: Arc<Cancel>,
}

/// Set once the first name is there; none, if it could not be made.
type Shared = Arc<OnceLock<Option<PathBuf>>>;

#[derive(Debug, Default)]
struct Notes {
    /// How many files had to go without an attribute; the first of them, and its attribute.
    lost: Option<(u64, String)>,
    /// How many links lead out of the site, and the first of them.
    leaving: Option<(u64, String)>,
}

impl Mirror {
    /// A copy of `site` in `output`, which is empty.
    pub fn new(
        site: &Path,
        output: &Path,
        was_there: bool,
        link_root: Option<&Path>,
        cancel: Arc<Cancel>,
    ) -> io::Result<Self> {
        Ok(Self {
            site: fs::canonicalize(site)?,
            output: fs::canonicalize(output)?,
            // Where there is none, no link leads to it.
            link_root: link_root.and_then(|root| fs::canonicalize(root).ok()),
            was_there,
            shared: Mutex::default(),
            notes: Mutex::default(),
            cancel,
        })
    }

    /// The folder of the copy.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.output
    }

    /// Where a file of the site is in the copy; the folder that it is in is there.
    pub fn place(&self, path: &PagePath) -> io::Result<PathBuf> {
        let place = self.output.join(path.to_path());
        if let Some(folder) = place.parent() {
            create_folder(folder)?;
        }
        Ok(place)
    }

    /// Takes over what is at a path, as it is.
    pub fn take(&self, path: &PagePath, file: &Path) -> io::Result<()> {
        let metadata = fs::symlink_metadata(file)?;
        if metadata.is_dir() {
            return create_folder(&self.output.join(path.to_path()));
        }
        if metadata.is_symlink() {
            return self.link(path, file, None);
        }
        // A FIFO, socket or device is nothing that a site can publish.
        if metadata.is_file() {
            self.file(path, file, &metadata)?;
        }
        Ok(())
    }

    /// Takes over a file.
    pub fn file(&self, path: &PagePath, file: &Path, metadata: &Metadata) -> io::Result<()> {
        let place = self.place(path)?;
        let Some(shared) = self.shared(metadata) else {
            return self.copy(path, file, metadata, &place);
        };
        let mut made = None;
        let first = shared.get_or_init(|| {
            let copied = self.copy(path, file, metadata, &place);
            let there = copied.is_ok().then(|| place.clone());
            made = Some(copied);
            there
        });
        match (made, first) {
            (Some(copied), _) => copied,
            (None, Some(first)) => {
                fs::hard_link(first, &place).or_else(|_| self.copy(path, file, metadata, &place))
            }
            (None, None) => self.copy(path, file, metadata, &place),
        }
    }

    #[cfg(unix)]
    fn shared(&self, metadata: &Metadata) -> Option<Shared> {
        use std::os::unix::fs::MetadataExt;
        (metadata.nlink() > 1).then(|| {
            let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
            let name = shared.entry((metadata.dev(), metadata.ino()));
            Arc::clone(name.or_default())
        })
    }

    #[cfg(not(unix))]
    fn shared(&self, _: &Metadata) -> Option<Shared> {
        None
    }

    fn copy(
        &self,
        path: &PagePath,
        file: &Path,
        metadata: &Metadata,
        place: &Path,
    ) -> io::Result<()> {
        let mut from = open(file)?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
        }
        let mut to = options.open(place).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => taken(),
            _ => error,
        })?;
        let copied = content(&mut from, &mut to, metadata, &self.cancel).and_then(|()| {
            let like = Like {
                metadata,
                file,
                role: Role::Copy,
            };
            let lost = keep(&to, like).map_err(io::Error::other)?;
            self.note_lost(path, lost.as_deref());
            to.set_times(times(metadata))
        });
        if copied.is_err() {
            // Half a file is worse than none.
            let _ = fs::remove_file(place);
        }
        copied
    }

    /// Writes a page that stays as it is, from the bytes that were judged.
    pub fn unchanged(
        &self,
        path: &PagePath,
        like: Like<'_>,
        bytes: &[u8],
    ) -> Result<(), WriteError> {
        if self.shared(like.metadata).is_some() {
            let copied = self.file(path, like.file, like.metadata);
            return copied.map_err(WriteError::while_("cannot copy it"));
        }
        let staged = self.write(path, like, |out| out.write_all(bytes))?;
        staged.dated(like.metadata)?.commit_new()
    }

    /// Writes a page, or the compressed copy of one, with new content.
    pub fn write(
        &self,
        path: &PagePath,
        like: Like<'_>,
        write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>,
    ) -> Result<Staged, WriteError> {
        let place = self.place(path);
        let place = place.map_err(WriteError::while_("cannot create its folder"))?;
        let staged = stage(&place, like, write)?;
        self.note_lost(path, staged.lost.as_deref());
        Ok(staged)
    }

    fn note_lost(&self, path: &PagePath, lost: Option<&std::ffi::OsStr>) {
        if let Some(name) = lost {
            let first = || format!("{path} goes without {}", name.to_string_lossy());
            let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
            notes.lost.get_or_insert_with(|| (0, first())).0 += 1;
        }
    }

    /// Takes over a link. `handled`: the path by which the site has what it points to, where that is another than its own;
    /// then it may as well be a file behind the link to a folder.
    pub fn link(&self, path: &PagePath, link: &Path, handled: Option<&PagePath>) -> io::Result<()> {
        let place = self.place(path)?;
        let text = match (fs::read_link(link), handled) {
            (Err(_), Some(_)) => PathBuf::new(),
            (text, _) => text?,
        };
        let Ok(target) = fs::canonicalize(link) else {
            // It leads nowhere here, and may as well there.
            return symlink(&text, &place);
        };
        let in_copy = match (handled, target.strip_prefix(&self.site)) {
            (Some(handled), _) => Some(self.output.join(handled.to_path())),
            (None, Ok(inside)) => Some(self.output.join(inside)),
            (None, Err(_)) => None,
        };
        let folder = place.parent().unwrap_or(&self.output);
        if let Some(in_copy) = in_copy {
            let inside = in_copy.strip_prefix(&self.output).unwrap_or(&in_copy);
            let means = self.means(path, &text);
            if !text.as_os_str().is_empty() && means.is_some_and(|means| means == inside) {
                return symlink(&text, &place);
            }
            return symlink(&between(folder, &in_copy), &place);
        }
        let metadata = fs::metadata(&target)?;
        if self
            .link_root
            .as_deref()
            .is_some_and(|root| target.starts_with(root))
        {
            return if metadata.is_file() {
                self.file(path, &target, &metadata)
            } else {
                Ok(())
            };
        }
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        notes.leaving.get_or_insert_with(|| (0, path.to_string())).0 += 1;
        if text.is_absolute() {
            symlink(&text, &place)
        } else {
            symlink(&between(folder, &target), &place)
        }
    }

    /// What a link's text comes to, read at its place in the copy, without links on the way; none: it leads out of the copy.
    fn means(&self, path: &PagePath, text: &Path) -> Option<PathBuf> {
        let mut plain = path.parent().to_path();
        for part in text.components() {
            match part {
                Component::Normal(name) => plain.push(name),
                Component::ParentDir => plain.pop().then_some(())?,
                Component::CurDir => {}
                Component::RootDir | Component::Prefix(_) => return None,
            }
        }
        let real = fs::canonicalize(self.site.join(&plain)).ok()?;
        real.strip_prefix(&self.site).ok().map(Path::to_owned)
    }

    /// Gives the folders of the copy the modes and times of the site's: now that nothing is to be written into them.
    pub fn finish(&self) -> io::Result<()> {
        let least = usize::from(self.was_there);
        for folder in WalkDir::new(&self.output)
            .contents_first(true)
            .min_depth(least)
        {
            let folder = folder.map_err(io::Error::from)?;
            if !folder.file_type().is_dir() {
                continue;
            }
            let inside = folder.path().strip_prefix(&self.output);
            let Ok(like) = fs::canonicalize(self.site.join(inside.unwrap_or(Path::new("")))) else {
                continue;
            };
            let metadata = fs::metadata(&like)?;
            if !metadata.is_dir() {
                continue;
            }
            let made = File::open(folder.path())?;
            let like = Like {
                metadata: &metadata,
                file: &like,
                role: Role::Copy,
            };
            keep(&made, like).map_err(io::Error::other)?;
            made.set_times(times(&metadata))?;
        }
        Ok(())
    }

    /// What the user who makes the copy has to know of it.
    #[must_use]
    pub fn notices(&self) -> Vec<String> {
        let notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        let more = |count: u64| match count {
            1 => String::new(),
            _ => format!(", and {} more like it", count - 1),
        };
        let lost = notes.lost.as_ref().map(|(count, first)| {
            let more = more(*count);
            format!("{first}, which the file system of the copy does not take{more}")
        });
        let leaving = notes.leaving.as_ref().map(|(count, first)| {
            let more = more(*count);
            format!(
                "{first} is a symbolic link that leaves the site{more}; the copy has it as a link; --link-root names the \
                 folder whose files it should have in place of links"
            )
        });
        lost.into_iter().chain(leaving).collect()
    }
}

/// For nobody else until all is in it: then it gets its mode.
fn create_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(folder)
}

/// The way from a folder to a path; both without links on the way.
fn between(folder: &Path, to: &Path) -> PathBuf {
    let shared = folder.components().zip(to.components());
    let shared = shared.take_while(|(a, b)| a == b).count();
    let up = folder
        .components()
        .skip(shared)
        .map(|_| Component::ParentDir);
    let way: PathBuf = up.chain(to.components().skip(shared)).collect();
    if way.as_os_str().is_empty() {
        ".".into()
    } else {
        way
    }
}

#[cfg(unix)]
fn symlink(to: &Path, at: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(to, at)
}

/// Links need a privilege on other systems; what they point to is as good in a copy.
#[cfg(not(unix))]
fn symlink(to: &Path, at: &Path) -> io::Result<()> {
    let base = at.parent().unwrap_or(Path::new("."));
    fs::copy(base.join(to), at).map(drop)
}
