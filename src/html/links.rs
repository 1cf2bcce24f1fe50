//! Where the links of a page lead.

use memchr::memchr;

use super::markup;
use super::tag;

/// How many links of a page are taken.
const MOST: usize = 10_000;

/// The addresses of the links in a page, as they are written but for character references, in the page's order. They are looked for
/// among bytes, so those in comments are among them: what follows them finds out.
#[must_use]
pub fn links(page: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = memchr(b'<', &page[at..]).map(|start| at + start) {
        at = start + 1;
        let is_link = |name: &[u8]| {
            let rest = page[at..].split_at_checked(name.len());
            rest.is_some_and(|(found, behind)| {
                found.eq_ignore_ascii_case(name)
                    && behind.first().is_some_and(|b| markup::ends_name(*b))
            })
        };
        if !(is_link(b"a") || is_link(b"area")) {
            continue;
        }
        let Some(tag) = markup::tag(page, start, 1) else {
            break;
        };
        at = tag.span.end;
        let attributes = tag::attributes(&String::from_utf8_lossy(&page[tag.span.clone()]));
        found.extend(attributes.get("href").map(str::to_owned));
        if found.len() == MOST {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_links_and_nothing_that_is_like_them() {
        let page = b"<abbr href=no><a>x</a><A class=b HREF='a?x=1&amp;y=2'>x</A><area\nhref=/b><a href=\"c\"<link href=no><a href=";
        assert_eq!(links(page), ["a?x=1&y=2", "/b", "c"]);
    }
}
