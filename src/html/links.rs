//! Where the links of a page lead, and what else it names.

use memchr::memchr;

use super::markup;
use super::tag;
use crate::widget::Attributes;

/// How many links of a page are taken.
const MOST: usize = 10_000;

/// The addresses of the links in a page, as they are written but for character references, in the page's order. They are looked for
/// among bytes, so those in comments are among them: what follows them finds out.
#[must_use]
pub fn links(page: &[u8]) -> Vec<String> {
    addresses(page, [b"a", b"area"], |link| link.get("href"))
}

/// The addresses of the scripts and data that a page loads, or says that it may load, in the same way.
#[must_use]
pub fn resources(page: &[u8]) -> Vec<String> {
    addresses(page, [b"script", b"link"], |tag| {
        let has = |name: &str, words: &[&str]| {
            let value = tag.get(name).unwrap_or_default();
            let mut said = value.split_ascii_whitespace();
            said.any(|said| words.iter().any(|word| said.eq_ignore_ascii_case(word)))
        };
        let is_loaded = has("rel", &["modulepreload", "manifest"])
            || has("as", &["script", "fetch", "worker"])
            || has("type", &["application/json", "application/ld+json"]);
        tag.get("src")
            .or_else(|| tag.get("href").filter(|_| is_loaded))
    })
}

/// What `take` takes of the tags of these names.
fn addresses(
    page: &[u8],
    names: [&[u8]; 2],
    take: impl Fn(&Attributes) -> Option<&str>,
) -> Vec<String> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = memchr(b'<', &page[at..]).map(|start| at + start) {
        at = start + 1;
        let is_named = |name: &[u8]| {
            let rest = page[at..].split_at_checked(name.len());
            rest.is_some_and(|(found, behind)| {
                found.eq_ignore_ascii_case(name)
                    && behind.first().is_some_and(|b| markup::ends_name(*b))
            })
        };
        if !names.into_iter().any(is_named) {
            continue;
        }
        let Some(tag) = markup::tag(page, start, 1) else {
            break;
        };
        at = tag.span.end;
        let attributes = tag::attributes(&String::from_utf8_lossy(&page[tag.span.clone()]));
        found.extend(take(&attributes).map(str::to_owned));
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

    #[test]
    fn finds_scripts_and_data_and_no_pictures() {
        let page = b"<SCRIPT src='a.js'></SCRIPT><script>x</script><scripts src=no></scripts><link rel=stylesheet href=no.css>\
            <link rel=modulepreload href=b.js><link rel=\"preload\" as=font href=no.woff><link rel=preload as=fetch href=c.json>\
            <link rel='icon manifest' href=d.json><img src=no.png><link rel=alternate type=application/json href=e>";
        assert_eq!(resources(page), ["a.js", "b.js", "c.json", "d.json", "e"]);
    }
}
