//! The beginnings of small text files of a site, such as those that are meant for its host.

use std::io::Read as _;

use crate::store::{Kind, PagePath, Store};

/// At most so many bytes of the file of this name, as text; none where there is no such file.
pub(super) fn beginning(store: &dyn Store, name: &str, most: u64) -> Option<String> {
    let path = PagePath::from(name);
    matches!(store.kind(&path), Kind::File(_)).then_some(())?;
    let file = store.open(&store.at(&path)).ok()?;
    let mut bytes = Vec::new();
    // What could be read until a failure is still what the file says.
    let _ = file.take(most).read_to_end(&mut bytes);
    Some(String::from_utf8_lossy(&bytes).into_owned())
}
