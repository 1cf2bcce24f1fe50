//! What is looked at on this machine before anybody depends on it: who may read or change files, and the clock.

use std::io;
use std::path::Path;

use jiff::SignedDuration;

use crate::token::margin::SAME;

/// The mode of a file where one of these bits is set.
///
/// # Errors
///
/// If the file cannot be looked at.
#[cfg(unix)]
pub(super) fn open_mode(file: &Path, forbidden: u32) -> io::Result<Result<u32, u32>> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(file)?.permissions().mode() & 0o777;
    Ok(if mode & forbidden == 0 {
        Ok(mode)
    } else {
        Err(mode)
    })
}

/// Where files have no modes, there is nothing to say.
#[cfg(not(unix))]
pub(super) fn open_mode(file: &Path, _: u32) -> io::Result<Result<u32, u32>> {
    std::fs::metadata(file).map(|_| Ok(0))
}

/// That this machine's clock differs from another's, which is so far ahead of it; `whose`: the other's, such as `the API's`.
pub(super) fn clock_fault(ahead: SignedDuration, whose: &str) -> Option<String> {
    if ahead.unsigned_abs() < SAME {
        return None;
    }
    let seconds = ahead.abs().as_secs();
    let way = if ahead.is_positive() {
        "behind"
    } else {
        "ahead of"
    };
    Some(format!(
        "this machine's clock is {seconds} s {way} {whose}; set it by NTP"
    ))
}
