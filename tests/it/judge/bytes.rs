//! What a change may do to a page's bytes.

use std::collections::HashSet;
use std::ops::Range;

use encoding_rs::{Encoding, UTF_8};
use html5ever::tendril::TendrilSink;
use html5ever::{ParseOpts, parse_document};
use markup5ever_rcdom::{NodeData, RcDom};
use memchr::memmem;

use super::Answers;

/// Demands that `after` is `before` with one script element put in, perhaps with a link behind it, and nothing else;
/// returns where.
pub(crate) fn inserted_once(before: &[u8], after: &[u8]) -> Result<usize, String> {
    let length = after.len().checked_sub(before.len()).filter(|n| *n > 0);
    let length = length.ok_or("nothing was inserted")?;
    let same = before.iter().zip(after).take_while(|(old, new)| old == new);
    let first = same.count();
    let behind = before.iter().rev().zip(after.iter().rev());
    let last = behind.take_while(|(old, new)| old == new).count();
    // What was put in may begin like what follows it, so it can be seen at several places.
    let earliest = before.len() - last;
    if earliest > first {
        return Err(format!(
            "bytes {first}..{earliest} of the source are not the same"
        ));
    }
    let element = |at: &usize| is_one_script(&after[*at..*at + length], before);
    (earliest..=first)
        .find(element)
        .ok_or_else(|| "what was inserted is not one script element".to_owned())
}

/// Whether a piece of a page like `page` is one whole `script` element, perhaps with a link behind it, and nothing else.
fn is_one_script(piece: &[u8], page: &[u8]) -> bool {
    let encoding = Encoding::for_bom(page).map_or(UTF_8, |(encoding, _)| encoding);
    let (text, malformed) = encoding.decode_without_bom_handling(piece);
    let ends = ["</script>", "</a>"].iter().any(|end| text.ends_with(end));
    if malformed || !text.starts_with("<script") || !ends {
        return false;
    }
    // With something behind it that would show as a sibling, were it swallowed or followed by more.
    let html = format!("<!DOCTYPE html><html><head></head><body>{text}<i></i></body></html>");
    let dom = parse_document(RcDom::default(), ParseOpts::default()).one(html);
    let root = dom.document.children.borrow()[1].clone();
    let body = root.children.borrow()[1].clone();
    let children = body.children.borrow();
    let names: Vec<_> = children
        .iter()
        .map(|child| match &child.data {
            NodeData::Element { name, .. } => name.local.to_string(),
            _ => String::new(),
        })
        .collect();
    let whole = names == ["script", "i"] || names == ["script", "a", "i"];
    whole && children[0].children.borrow().is_empty()
}

/// Demands that `before` and `after` are the same but for scripts of the widget, ours or the vendor's, and the
/// links that chathub wrote behind its own; with `comments`, also but for the vendor's comments in `before`.
pub(crate) fn kept_outside(before: &[u8], after: &[u8], comments: bool) -> Result<(), String> {
    kept_outside_as(before, after, Answers::Operator, comments)
}

/// The same where chathub answers for these.
pub(crate) fn kept_outside_as(
    before: &[u8],
    after: &[u8],
    answers: Answers,
    comments: bool,
) -> Result<(), String> {
    let (before, after) = (markup(before)?, markup(after)?);
    let mut old = scripts(&before, answers);
    if comments {
        old.extend(vendor_comments(&before));
    }
    let new = scripts(&after, answers);
    // All ways to leave out some of the scripts on either side.
    let mut open = vec![(0, 0)];
    let mut seen = HashSet::new();
    let mut reached = 0;
    while let Some((i, j)) = open.pop() {
        if !seen.insert((i, j)) {
            continue;
        }
        let same = before[i..].iter().zip(&after[j..]);
        let same = same.take_while(|(old, new)| old == new).count();
        if i + same == before.len() && j + same == after.len() {
            return Ok(());
        }
        reached = reached.max(i + same);
        let behind =
            |range: &&Range<usize>, from: usize| range.start >= from && range.start <= from + same;
        open.extend(
            old.iter()
                .filter(|r| behind(r, i))
                .map(|r| (r.end, j + (r.start - i))),
        );
        open.extend(
            new.iter()
                .filter(|r| behind(r, j))
                .map(|r| (i + (r.start - j), r.end)),
        );
    }
    Err(format!(
        "more than its widget has changed, at the latest at byte {reached} of the source"
    ))
}

/// A page in bytes in which markup is ASCII.
fn markup(page: &[u8]) -> Result<Vec<u8>, String> {
    match Encoding::for_bom(page) {
        Some((encoding, mark)) if encoding != UTF_8 => encoding
            .decode_without_bom_handling_and_without_replacement(&page[mark..])
            .map(|text| text.into_owned().into_bytes())
            .ok_or_else(|| format!("not valid {}", encoding.name())),
        _ => Ok(page.to_vec()),
    }
}

/// With something behind it that would be gone, a tag shows whether it is still open.
const BEHIND: &[u8] = b"<i></i>";

/// All that could be a link of ours or a script of the widget: from a `<script` to one of the next `</script>` (the first ones
/// may stand in attributes), if that by itself is one instance and nothing else.
fn scripts(page: &[u8], answers: Answers) -> Vec<Range<usize>> {
    // Only what fuzzers make up has many in attributes; to try all on a page of many scripts would take too long.
    let most = if page.len() < 4096 { 64 } else { 3 };
    let lower = page.to_ascii_lowercase();
    let nothing = super::read(BEHIND).rest;
    let mut ranges = Vec::new();
    for start in memmem::find_iter(&lower, b"<script") {
        for end in memmem::find_iter(&lower[start..], b"</script").take(most) {
            // An end tag may have attributes, and those a `>`.
            for length in memchr::memchr_iter(b'>', &lower[start + end..]).take(16) {
                let range = start..start + end + length + 1;
                let reading = super::read_as(&[&page[range.clone()], BEHIND].concat(), answers);
                if reading.instances.len() == 1 && reading.rest == nothing {
                    ranges.push(range);
                    break;
                }
            }
        }
    }
    for start in memmem::find_iter(&lower, b"<a") {
        let ends = memmem::find_iter(&lower[start..], b"</a").take(1);
        for end in ends {
            let length = memchr::memchr(b'>', &lower[start + end..]);
            let range = start..start + end + length.map_or(0, |length| length + 1);
            // Behind a script of ours it would be its link, and nothing else.
            let script = b"<body><script data-chathub></script>";
            let reading = super::read(&[&script[..], &page[range.clone()], BEHIND].concat());
            if reading.instances[0].link.is_some() && reading.rest == nothing {
                ranges.push(range);
            }
        }
    }
    ranges
}

fn vendor_comments(page: &[u8]) -> Vec<Range<usize>> {
    let ranges = memmem::find_iter(page, b"<!--").filter_map(|start| {
        let content = &page[start + 4..];
        let length = memmem::find(content, b"-->")?;
        (content[..length].trim_ascii() == b"ChatHub Widget")
            .then_some(start..start + 4 + length + 3)
    });
    ranges.collect()
}
