//! How files, folders and links of the site come into the copy.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, Metadata, OpenOptions};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, PoisonError};

use walkdir::WalkDir;

use super::content::content;
use super::{Overlay, Shared};
use crate::store::Writes;
use crate::store::error::WriteError;
use crate::store::folder::{Like, Role, StagedFile, keep, open, open_folder, stage, taken, times};
use crate::store::path::PagePath;

impl Overlay {
    /// Where a file of the site is in the copy; the folder that it is in is there.
    fn place(&self, path: &PagePath) -> io::Result<PathBuf> {
        let place = self.output.join(path.to_path());
        if let Some(folder) = place.parent() {
            create_folder(folder)?;
        }
        Ok(place)
    }

    /// Takes over what is at a path, as it is.
    pub(super) fn take(&self, path: &PagePath, file: &Path) -> io::Result<()> {
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
    pub(super) fn file(&self, path: &PagePath, file: &Path, metadata: &Metadata) -> io::Result<()> {
        let place = self.place(path)?;
        let Some(shared) = self.shared(metadata) else {
            return self.copy_file(path, file, metadata, &place);
        };
        let mut made = None;
        let first = shared.get_or_init(|| {
            let copied = self.copy_file(path, file, metadata, &place);
            let there = copied.is_ok().then(|| place.clone());
            made = Some(copied);
            there
        });
        match (made, first) {
            (Some(copied), _) => copied,
            (None, Some(first)) => fs::hard_link(first, &place)
                .or_else(|_| self.copy_file(path, file, metadata, &place)),
            (None, None) => self.copy_file(path, file, metadata, &place),
        }
    }

    #[cfg(unix)]
    pub(super) fn shared(&self, metadata: &Metadata) -> Option<Shared> {
        use std::os::unix::fs::MetadataExt;
        (metadata.nlink() > 1).then(|| {
            let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
            let name = shared.entry((metadata.dev(), metadata.ino()));
            Arc::clone(name.or_default())
        })
    }

    #[cfg(not(unix))]
    pub(super) fn shared(&self, _: &Metadata) -> Option<Shared> {
        None
    }

    fn copy_file(
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

    /// Writes a file, with its old content or new.
    pub(super) fn write(
        &self,
        path: &PagePath,
        like: Like<'_>,
        write: Writes<'_>,
    ) -> Result<StagedFile, WriteError> {
        let place = self.place(path);
        let place = place.map_err(WriteError::while_("cannot create its folder"))?;
        let staged = stage(&place, like, write)?;
        self.note_lost(path, staged.lost.as_deref());
        Ok(staged)
    }

    fn note_lost(&self, path: &PagePath, lost: Option<&OsStr>) {
        if let Some(name) = lost {
            let first = || format!("{path} goes without {}", name.to_string_lossy());
            let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
            notes.lost.get_or_insert_with(|| (0, first())).0 += 1;
        }
    }

    /// Takes over a link. `handled`: the path by which the site has what it points to, where that is another than its own;
    /// then it may as well be a file behind the link to a folder.
    pub(super) fn link(
        &self,
        path: &PagePath,
        link: &Path,
        handled: Option<&PagePath>,
    ) -> io::Result<()> {
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
    pub(super) fn finish_folders(&self) -> io::Result<()> {
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
            let made = open_folder(folder.path())?;
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
    pub(super) fn notices(&self) -> Vec<String> {
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
