//! What a new file takes over from another: the page whose place it takes, the file that it is a copy of, or a page
//! whose readers must be able to read it too.
//!
//! Beside mode and owner, access control lists and other extended attributes decide who can read a page. What was set is
//! read back: some file systems take a value and forget it.

#[cfg(unix)]
use std::ffi::OsStr;
use std::ffi::OsString;
use std::fs::{self, File, FileTimes, Metadata, Permissions};
use std::io;
use std::path::Path;

#[cfg(unix)]
use xattr::FileExt as _;

use crate::store::error::WriteError;

/// The attribute that is a file's access control list.
#[cfg(unix)]
const ACCESS_LIST: &str = "system.posix_acl_access";
/// Attributes of the content as it was, which the kernel itself keeps.
#[cfg(unix)]
const OF_THE_CONTENT: [&str; 2] = ["security.ima", "security.evm"];

/// What a new file is like.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct Like<'a> {
    /// The mode and owner of the other file.
    pub(in crate::store) metadata: &'a Metadata,
    /// The other file itself, for its attributes.
    pub(in crate::store) file: &'a Path,
    /// What the new file is to it.
    pub(in crate::store) role: Role,
}

/// What a new file is to the one that it is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Role {
    /// It takes its place, and keeps everything; where that cannot be, it is not made.
    Successor,
    /// It is a copy elsewhere: it belongs to the user who makes it, and has what can be had there.
    Copy,
    /// It is a file of our own, for the same readers.
    Companion,
}

/// Makes `new` like another file. Returns the first attribute that a copy had to go without.
pub(in crate::store) fn keep(new: &File, like: Like<'_>) -> Result<Option<OsString>, WriteError> {
    let look = || {
        new.metadata()
            .map_err(WriteError::while_("cannot look at its new version"))
    };
    let mut is = look()?;
    let mut changed = false;
    if like.role == Role::Successor {
        changed |= keep_owner(new, &is, like)?;
    }
    let attributes = keep_attributes(new, like)?;
    changed |= attributes.changed;
    // After these two: another owner clears set-id bits, and an access list decides over the bits of the group.
    if changed {
        is = look()?;
    }
    let wanted = mode(&is, like);
    if is.permissions() != wanted {
        let set = new.set_permissions(wanted.clone());
        set.map_err(WriteError::while_("cannot set its mode"))?;
        if like.role == Role::Successor && look()?.permissions() != wanted {
            let source = io::Error::from(io::ErrorKind::PermissionDenied);
            return Err(WriteError::while_("cannot keep its mode")(source));
        }
    }
    Ok(attributes.lost)
}

#[cfg(unix)]
fn mode(new: &Metadata, like: Like<'_>) -> Permissions {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let mode = like.metadata.permissions().mode();
    let same_owner = (new.uid(), new.gid()) == (like.metadata.uid(), like.metadata.gid());
    let kept = match like.role {
        Role::Successor => 0o7777,
        // Set-id bits would lend somebody else's rights.
        Role::Copy if same_owner => 0o7777,
        Role::Copy => 0o1777,
        Role::Companion if new.is_dir() => 0o777,
        Role::Companion => 0o666,
    };
    // What a folder hands on to all that is made in it, its group, is the choice of the user who made that one.
    let inherited = match like.role {
        Role::Successor => 0,
        _ if new.is_dir() => new.mode() & 0o2000,
        _ => 0,
    };
    Permissions::from_mode(new.mode() & !0o7777 | mode & kept | inherited)
}

#[cfg(not(unix))]
fn mode(_: &Metadata, like: Like<'_>) -> Permissions {
    like.metadata.permissions()
}

/// Returns whether the file had another owner.
///
/// A user cannot give a file to a group that they do not belong to. Where the group may do just what everybody may, it can
/// go: nobody can read or write more or less than before.
#[cfg(unix)]
fn keep_owner(file: &File, new: &Metadata, like: Like<'_>) -> Result<bool, WriteError> {
    use std::os::unix::fs::{MetadataExt, fchown};
    let old = like.metadata;
    if new.uid() != old.uid() {
        fchown(file, Some(old.uid()), Some(old.gid())).map_err(WriteError::Owner)?;
        return Ok(true);
    }
    if new.gid() == old.gid() {
        return Ok(false);
    }
    let mode = old.mode();
    let like_everybody = (mode >> 3) & 0o7 == mode & 0o7 && mode & 0o2000 == 0;
    match fchown(file, None, Some(old.gid())) {
        Ok(()) => Ok(true),
        Err(_) if like_everybody && !names(like).contains(&ACCESS_LIST.into()) => Ok(false),
        Err(source) => Err(WriteError::Group {
            group: old.gid(),
            mode: mode & 0o7777,
            source,
        }),
    }
}

#[cfg(not(unix))]
fn keep_owner(_: &File, _: &Metadata, _: Like<'_>) -> Result<bool, WriteError> {
    Ok(false)
}

/// Gives a file of our own to whom the folder belongs that it is in, so far as we may.
#[cfg(unix)]
pub(super) fn adopt(file: &File, folder: &Path) {
    use std::os::unix::fs::{MetadataExt, fchown};
    if let (Ok(new), Ok(folder)) = (file.metadata(), fs::metadata(folder))
        && (new.uid(), new.gid()) != (folder.uid(), folder.gid())
    {
        let _ = fchown(file, Some(folder.uid()), Some(folder.gid()));
    }
}

#[cfg(not(unix))]
pub(super) fn adopt(_: &File, _: &Path) {}

/// Makes a folder of our own, and those above it that are missing, for the readers and writers of another one. The site itself,
/// `root`, is not made again: a generator that has deleted it may be about to put a new one in its place.
pub(super) fn make_folder(folder: &Path, root: &Path, like: &Path) -> io::Result<()> {
    if folder == root || folder.is_dir() {
        return Ok(());
    }
    let above = folder.parent().unwrap_or(Path::new("."));
    make_folder(above, root, like)?;
    match fs::create_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
        made => made?,
    }
    let (made, metadata) = (open_folder(folder)?, fs::metadata(like)?);
    adopt(&made, above);
    let like = Like {
        metadata: &metadata,
        file: like,
        role: Role::Companion,
    };
    keep(&made, like).map(drop).map_err(io::Error::other)
}

/// Opens a folder, so that its mode, owner and times can be set.
pub(in crate::store) fn open_folder(path: &Path) -> io::Result<File> {
    let mut options = fs::OpenOptions::new();
    options.read(true);
    #[cfg(windows)]
    {
        use std::os::windows::fs::OpenOptionsExt;
        const GENERIC_READ: u32 = 0x8000_0000;
        const FILE_WRITE_ATTRIBUTES: u32 = 0x0100;
        // Without it, no folder is opened.
        const FILE_FLAG_BACKUP_SEMANTICS: u32 = 0x0200_0000;
        options
            .access_mode(GENERIC_READ | FILE_WRITE_ATTRIBUTES)
            .custom_flags(FILE_FLAG_BACKUP_SEMANTICS);
    }
    options.open(path)
}

/// What became of the attributes.
#[derive(Default)]
struct Attributes {
    changed: bool,
    /// The first one that a copy had to go without.
    lost: Option<OsString>,
}

#[cfg(unix)]
fn keep_attributes(new: &File, like: Like<'_>) -> Result<Attributes, WriteError> {
    let mut kept = Attributes::default();
    for (name, change) in changes(new, like)? {
        kept.changed = true;
        if let Err(source) = make(new, &name, change.as_deref()) {
            if like.role == Role::Successor {
                return Err(WriteError::Attribute {
                    name: name.to_string_lossy().into_owned(),
                    source,
                });
            }
            kept.lost.get_or_insert(name);
        }
    }
    Ok(kept)
}

/// There are none of these, and a new file has the access list of its folder.
#[cfg(not(unix))]
fn keep_attributes(_: &File, _: Like<'_>) -> Result<Attributes, WriteError> {
    Ok(Attributes::default())
}

/// The attributes of the other file that the new one should have.
#[cfg(unix)]
fn names(like: Like<'_>) -> Vec<OsString> {
    // Where there can be none, there are none.
    let names = xattr::list(like.file).into_iter().flatten();
    names.filter(|name| is_kept(name, like.role)).collect()
}

#[cfg(unix)]
fn is_kept(name: &OsStr, role: Role) -> bool {
    match role {
        Role::Successor => OF_THE_CONTENT.iter().all(|other| name != *other),
        // Labels and capabilities are for the administrator of that place to give.
        Role::Copy => {
            name.as_encoded_bytes().starts_with(b"system.posix_acl_")
                || name.as_encoded_bytes().starts_with(b"user.")
        }
        Role::Companion => name == ACCESS_LIST,
    }
}

/// An attribute, and the value that it should have; none: it should not be there.
#[cfg(unix)]
type Change = (OsString, Option<Vec<u8>>);

/// The attributes in which the new file differs. Nearly always there are none.
#[cfg(unix)]
fn changes(new: &File, like: Like<'_>) -> Result<Vec<Change>, WriteError> {
    let wanted = names(like);
    // Some it has from its folder.
    let has: Vec<OsString> = new
        .list_xattr()
        .into_iter()
        .flatten()
        .filter(|name| is_kept(name, like.role))
        .collect();
    let mut changes = Vec::new();
    for name in has.iter().filter(|name| !wanted.contains(name)) {
        changes.push((name.clone(), None));
    }
    for name in wanted {
        let value = xattr::get(like.file, &name);
        let value = value.map_err(WriteError::while_("cannot read its attributes"))?;
        if let Some(value) = value
            && !(has.contains(&name) && has_value(new, &name, &value))
        {
            changes.push((name, Some(value)));
        }
    }
    Ok(changes)
}

#[cfg(unix)]
fn has_value(file: &File, name: &OsStr, value: &[u8]) -> bool {
    file.get_xattr(name)
        .is_ok_and(|is| is.as_deref() == Some(value))
}

/// Sets an attribute, or takes it away.
#[cfg(unix)]
fn make(file: &File, name: &OsStr, value: Option<&[u8]>) -> io::Result<()> {
    let Some(value) = value else {
        return file.remove_xattr(name);
    };
    file.set_xattr(name, value)?;
    if has_value(file, name, value) {
        Ok(())
    } else {
        Err(io::Error::other("the file system does not keep it"))
    }
}

/// When the other file was written last; a copy was read by nobody yet.
pub(in crate::store) fn times(metadata: &Metadata) -> FileTimes {
    let times = FileTimes::new();
    match metadata.modified() {
        Ok(modified) => times.set_modified(modified),
        Err(_) => times,
    }
}
