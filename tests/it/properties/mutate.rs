//! Real pages after an accident: ranges deleted, doubled and swapped, foreign markup put in.

use std::path::Path;
use std::sync::LazyLock;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use walkdir::WalkDir;

use super::grammar;

/// The pages of all fixtures that are not very long.
static PAGES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    // The generators' templates are no pages.
    let files = WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| entry.file_name() != "source")
        .map(Result::unwrap);
    let pages = files.filter(|file| {
        let name = file.file_name().to_string_lossy();
        [".html", ".htm", ".xhtml"]
            .iter()
            .any(|end| name.ends_with(end))
    });
    let pages = pages.map(|file| std::fs::read(file.path()).unwrap());
    pages.filter(|page| page.len() < 8_000).collect()
});

/// One accident; places are shares of the page.
#[derive(Debug, Clone)]
enum Accident {
    Delete(Index, Index),
    Double(Index, Index),
    Move(Index, Index, Index),
    Insert(Index, String),
    Overwrite(Index, u8),
    Truncate(Index),
}

/// A mutated page of a fixture.
pub(crate) fn page() -> BoxedStrategy<Vec<u8>> {
    (select(&PAGES[..]), vec(accident(), 1..5))
        .prop_map(|(mut page, accidents)| {
            for accident in &accidents {
                happen(&mut page, accident);
            }
            page
        })
        .boxed()
}

fn accident() -> impl Strategy<Value = Accident> {
    let place = any::<Index>;
    prop_oneof![
        3 => (place(), place()).prop_map(|(a, b)| Accident::Delete(a, b)),
        2 => (place(), place()).prop_map(|(a, b)| Accident::Double(a, b)),
        2 => (place(), place(), place()).prop_map(|(a, b, c)| Accident::Move(a, b, c)),
        6 => (place(), grammar::piece()).prop_map(|(a, piece)| Accident::Insert(a, piece)),
        2 => (place(), select(&b"<>/!-\"'= \0\xFF\r\n"[..])).prop_map(|(a, byte)| Accident::Overwrite(a, byte)),
        1 => place().prop_map(Accident::Truncate),
    ]
}

fn happen(page: &mut Vec<u8>, accident: &Accident) {
    let at = |index: &Index, page: &[u8]| index.index(page.len() + 1);
    let range = |a: &Index, b: &Index, page: &[u8]| {
        let (a, b) = (at(a, page), at(b, page));
        // Short ranges break more interesting things than long ones.
        let (start, end) = (a.min(b), a.max(b));
        start..end.min(start + 120)
    };
    match accident {
        Accident::Delete(a, b) => {
            page.drain(range(a, b, page));
        }
        Accident::Double(a, b) => {
            let range = range(a, b, page);
            let copy = page[range.clone()].to_vec();
            page.splice(range.end..range.end, copy);
        }
        Accident::Move(a, b, to) => {
            let piece: Vec<u8> = page.drain(range(a, b, page)).collect();
            let to = at(to, page);
            page.splice(to..to, piece);
        }
        Accident::Insert(to, piece) => {
            // Nine times out of ten between tags, where it matters.
            let from = at(to, page);
            let tag = page[from..].iter().position(|byte| *byte == b'<');
            let to = tag
                .filter(|_| from % 10 != 0)
                .map_or(from, |length| from + length);
            page.splice(to..to, piece.bytes());
        }
        Accident::Overwrite(to, byte) => {
            let to = at(to, page);
            if let Some(old) = page.get_mut(to) {
                *old = *byte;
            }
        }
        Accident::Truncate(to) => page.truncate(at(to, page)),
    }
}
