//! One writer at a time: a second run on the same site waits, then finds the work done.

use std::fs::{File, TryLockError};
use std::path::Path;

/// Holds a site for this process until it is dropped; the operating system lets go of it if the process dies.
#[derive(Debug, Default)]
pub struct Lock {
    _folder: Option<File>,
}

/// Takes a site for writing. `waiting` is called if another run holds it. The lock is on the folder itself, so it
/// leaves nothing in the site; where folders cannot be locked, there is none.
pub(super) fn lock(site: &Path, waiting: &dyn Fn()) -> Lock {
    let folder = File::open(site)
        .ok()
        .filter(|folder| match folder.try_lock() {
            Ok(()) => true,
            Err(TryLockError::WouldBlock) => {
                waiting();
                folder.lock().is_ok()
            }
            Err(TryLockError::Error(_)) => false,
        });
    Lock { _folder: folder }
}
