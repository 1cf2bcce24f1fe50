//! Copying what is in a file, which may be long.

use std::fs::{File, Metadata};
use std::io::{self, Read as _};

use crate::store::Cancel;

/// How much is copied before it is asked again whether to stop: little for a slow disk, much for one call to the system.
const PIECE: u64 = 4 << 20;

/// Copies a file's content. Holes, which are read as zeros and take no room, stay holes: a file that has some may be larger
/// than the disk. An error once the run is to stop.
#[cfg(any(target_os = "linux", target_os = "macos", target_os = "freebsd"))]
pub(super) fn content(
    from: &mut File,
    to: &mut File,
    metadata: &Metadata,
    cancel: &Cancel,
) -> io::Result<()> {
    use std::io::Seek as _;
    use std::os::unix::fs::MetadataExt;

    use rustix::fs::{SeekFrom, seek};
    use rustix::io::Errno;

    if metadata.blocks() * 512 >= metadata.len() {
        return copy(from, to, u64::MAX, cancel);
    }
    let mut end = 0;
    loop {
        let begin = match seek(&*from, SeekFrom::Data(end)) {
            Ok(begin) => begin,
            // There is only a hole after it.
            Err(Errno::NXIO) => break,
            // Not on this file system.
            Err(_) => {
                from.rewind()?;
                return copy(from, to, u64::MAX, cancel);
            }
        };
        end = seek(&*from, SeekFrom::Hole(begin))?;
        from.seek(io::SeekFrom::Start(begin))?;
        to.seek(io::SeekFrom::Start(begin))?;
        copy(from, to, end - begin, cancel)?;
    }
    to.set_len(metadata.len())
}

#[cfg(not(any(target_os = "linux", target_os = "macos", target_os = "freebsd")))]
pub(super) fn content(
    from: &mut File,
    to: &mut File,
    _: &Metadata,
    cancel: &Cancel,
) -> io::Result<()> {
    copy(from, to, u64::MAX, cancel)
}

/// Copies so many bytes at most, a piece at a time. The system does it, without reading where it can.
fn copy(from: &mut File, to: &mut File, most: u64, cancel: &Cancel) -> io::Result<()> {
    let mut left = most;
    while left > 0 {
        cancel.check()?;
        let copied = io::copy(&mut from.by_ref().take(left.min(PIECE)), to)?;
        if copied == 0 {
            break;
        }
        left -= copied;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::fs;
    use std::sync::Arc;

    use super::*;
    use crate::store::{Carried, Overlay, PagePath, Store as _, is_stop};

    #[test]
    fn a_file_of_several_pieces_is_copied_whole_and_not_at_all_once_the_run_is_to_stop() {
        let folder = tempfile::tempdir().unwrap();
        let (site, output) = (folder.path().join("site"), folder.path().join("output"));
        fs::create_dir(&site).unwrap();
        fs::create_dir(&output).unwrap();
        let length = usize::try_from(2 * PIECE + 100).unwrap();
        let bytes: Vec<u8> = (0..=250).cycle().take(length).collect();
        let file = site.join("film.mp4");
        fs::write(&file, &bytes).unwrap();
        let holes = site.join("holes.img");
        fs::write(&holes, &bytes).unwrap();
        let longer = File::options().write(true).open(&holes).unwrap();
        longer.set_len(8 * PIECE).unwrap();

        let cancel = Arc::new(Cancel::default());
        let overlay = Overlay::new(&site, &output, true, None, Arc::clone(&cancel)).unwrap();
        let take = |name: &str, file: &std::path::Path| {
            let mut handle = overlay.at(&PagePath::from(name));
            handle.file = file.to_owned();
            overlay.carry(&handle, Carried::AsItIs)
        };
        take("film.mp4", &file).unwrap();
        take("holes.img", &holes).unwrap();
        assert!(fs::read(output.join("film.mp4")).unwrap() == bytes);
        assert!(fs::read(output.join("holes.img")).unwrap() == fs::read(&holes).unwrap());

        cancel.set();
        for file in [&file, &holes] {
            assert!(is_stop(&take("stopped", file).unwrap_err()));
            assert!(!output.join("stopped").exists());
        }
    }
}
