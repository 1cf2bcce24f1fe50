//! The addresses in a page by which it tells where its site is: `<base href>`, URLs that begin with `/`, and the page's
//! own address.
//!
//! A `<base>` decides by itself where the loader's address leads, so each page's is known ([`Facts::base`]), and that a
//! browser sees it. The others are for a sample of pages, and are looked for among bytes, not tags: a few that stand in
//! comments or scripts do no harm, since nothing is concluded from a single one.

use memchr::{memchr, memchr_iter, memmem, memrchr};

use super::facts::{Facts, Span};
use super::foreign::Foreign;
use super::markup::{self, ends_name};
use super::names::RAW_TEXT;
use super::{prolog, tag};
use crate::widget::Product;

/// How far after the head they are looked for, in bytes.
const INTO_BODY: usize = 1 << 14;

/// How many URLs that begin with `/` are looked at in a page: what is in its head, and some of its links.
const MOST_ROOTED: usize = 8;

/// The addresses of a page.
#[derive(Debug, Default)]
pub struct Addresses<'t> {
    /// The first paths that begin with one `/`, without query and fragment.
    pub rooted: Vec<Rooted<'t>>,
    /// What it says is its own address: `<link rel="canonical">` and `<meta property="og:url">`.
    pub own: Vec<String>,
}

/// A path that begins with `/`.
#[derive(Debug, PartialEq, Eq)]
pub struct Rooted<'t> {
    /// The path, as written.
    pub path: &'t [u8],
    /// It is what an `a` leads to; otherwise something that the page loads.
    pub link: bool,
}

/// Finds the addresses of a page. `site`: the hosts that other files of the site name as its own.
#[must_use]
pub fn addresses<'t>(text: &'t [u8], facts: &Facts, site: &[String]) -> Addresses<'t> {
    let body = facts.body.as_ref().map_or(0, |body| body.start);
    let end = text.len().min(body + INTO_BODY);
    let own = own(&text[..if body > 0 { body } else { end }]);
    let told = own.iter().filter_map(|address| host(address));
    let hosts: Vec<_> = told.chain(site.iter().map(String::as_str)).collect();
    Addresses {
        rooted: rooted(&text[..end], facts, &hosts),
        own,
    }
}

/// The host of an address, with its port.
fn host(address: &str) -> Option<&str> {
    let (scheme, rest) = address.split_once("//")?;
    let web = ["http:", "https:"]
        .iter()
        .any(|web| scheme.eq_ignore_ascii_case(web));
    rest.split('/')
        .next()
        .filter(|host| web && !host.is_empty())
}

fn rooted<'t>(text: &'t [u8], facts: &Facts, hosts: &[&str]) -> Vec<Rooted<'t>> {
    let ours = |at: usize| {
        let mut tags = facts.instances.iter().map(|instance| &instance.start_tag);
        tags.any(|tag| tag.contains(&at))
    };
    let mut found = Vec::new();
    for equals in memchr_iter(b'=', text).filter(|at| !ours(*at)) {
        found.extend(rooted_at(text, equals, hosts));
        if found.len() == MOST_ROOTED {
            break;
        }
    }
    found
}

/// The path that is the value of the attribute whose `=` is at a place, also where the page's own host stands before it.
fn rooted_at<'t>(text: &'t [u8], equals: usize, hosts: &[&str]) -> Option<Rooted<'t>> {
    let name_end = text[..equals].trim_ascii_end().len();
    let name = &text[name_end.saturating_sub(5)..name_end];
    let known = [b" href".as_slice(), b" src"].iter().any(|known| {
        let end = name.len().checked_sub(known.len()).map(|at| &name[at..]);
        end.is_some_and(|end| {
            end[0].is_ascii_whitespace() && end[1..].eq_ignore_ascii_case(&known[1..])
        })
    });
    known.then_some(())?;
    let value = text.len() - text[equals + 1..].trim_ascii_start().len();
    let (start, quote) = match *text.get(value)? {
        quote @ (b'"' | b'\'') => (value + 1, Some(quote)),
        _ => (value, None),
    };
    // Most values are recognised by their first letter.
    matches!(text.get(start)?, b'/' | b'h' | b'H').then_some(())?;
    let ends = |b: &u8| match quote {
        Some(quote) => *b == quote,
        None => b.is_ascii_whitespace() || *b == b'>',
    };
    let value = &text[start..start + text[start..].iter().position(ends)?];
    let own = without_host(value, hosts);
    let path = own.unwrap_or(value);
    let path = path.split(|b| matches!(b, b'?' | b'#')).next()?;
    (path.first() == Some(&b'/')).then_some(())?;
    let rooted = !matches!(path.get(1), Some(b'/' | b'\\')) && memchr(b'&', path).is_none();
    // The tag that it stands in.
    let tag = memrchr(b'<', &text[..equals])?;
    let name = &text[tag + 1..equals];
    (rooted && memchr(b'>', name).is_none()).then_some(())?;
    let name = name.split(|b| ends_name(*b)).next()?;
    let link = [b"a".as_slice(), b"area", b"form"]
        .iter()
        .any(|link| name.eq_ignore_ascii_case(link));
    // With its host, an address says where the site is meant to be, unless the page loads it from there.
    if own.is_some() {
        let whole = &text[tag..equals + memchr(b'>', &text[equals..])?];
        let says = |word: &[u8]| memmem::find(whole, word).is_some();
        let loads = !name.eq_ignore_ascii_case(b"link") || says(b"stylesheet") || says(b"preload");
        (loads && !link).then_some(())?;
    }
    Some(Rooted { path, link })
}

/// What follows one of these hosts in an address.
fn without_host<'t>(address: &'t [u8], hosts: &[&str]) -> Option<&'t [u8]> {
    let start = memmem::find(&address[..address.len().min(b"https://".len())], b"//")?;
    matches!(
        &address[..start].to_ascii_lowercase()[..],
        b"" | b"http:" | b"https:"
    )
    .then_some(())?;
    let rest = &address[start + 2..];
    let end = rest.iter().position(|byte| *byte == b'/')?;
    let mut hosts = hosts.iter();
    let own = hosts.any(|host| rest[..end].eq_ignore_ascii_case(host.as_bytes()));
    own.then(|| &rest[end..])
}

/// Whether something looks like a `<base>`.
pub(super) fn may_have_base(text: &[u8]) -> bool {
    memchr_iter(b'<', text).any(|at| {
        let name = text.get(at + 1..at + 5);
        name.is_some_and(|name| name.eq_ignore_ascii_case(b"base"))
    })
}

/// Notes the `<base>` that says where the loader's address leads.
pub(super) fn find_base(text: &[u8], facts: &mut Facts) {
    let mut instances = facts.instances.iter();
    let first = instances.find(|instance| instance.kind.product() == Product::Operator);
    // What comes after the loader comes too late for it.
    let end = first.map_or(text.len(), |first| first.start_tag.start);
    facts.base = base(&text[..end]);
}

/// The first `<base href>` that a browser sees, and what it says.
fn base(text: &[u8]) -> Option<(Span, String)> {
    let mut templates = 0_usize;
    let mut foreign = Foreign::default();
    let mut at = 0;
    loop {
        let start = at + memchr(b'<', &text[at..])?;
        at = start + 1;
        if let Some(behind) = prolog::comment(&text[start..]) {
            at = text.len() - behind.len();
            continue;
        }
        match text.get(start + 1..start + 3)? {
            [b'/', letter] if letter.is_ascii_alphabetic() => {
                let tag = markup::tag(text, start, 2)?;
                if tag.is("template") {
                    templates = templates.saturating_sub(1);
                }
                foreign.close(&tag);
                at = tag.span.end;
            }
            [letter, _] if letter.is_ascii_alphabetic() => {
                let tag = markup::tag(text, start, 1)?;
                at = tag.span.end;
                if foreign.open(&tag) {
                    continue;
                }
                if tag.is("template") {
                    templates += 1;
                } else if tag.is("base") && templates == 0 {
                    let source = String::from_utf8_lossy(&text[tag.span.clone()]);
                    if let Some(href) = tag::attributes(&source).get("href") {
                        return Some((tag.span, href.to_owned()));
                    }
                } else if ["script", "noscript"].iter().any(|name| tag.is(name))
                    || RAW_TEXT.iter().any(|(_, name)| tag.is(name))
                {
                    at += end_of_raw(&text[at..], tag.name)?;
                }
            }
            _ => {}
        }
    }
}

/// Where the end tag of an element begins in whose content there is no markup.
fn end_of_raw(content: &[u8], name: &[u8]) -> Option<usize> {
    memmem::find_iter(content, b"</").find(|at| {
        let rest = content[at + 2..].split_at_checked(name.len());
        rest.is_some_and(|(found, behind)| {
            found.eq_ignore_ascii_case(name) && behind.first().is_some_and(|b| ends_name(*b))
        })
    })
}

/// The addresses that a head gives as the page's own.
fn own(head: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for (word, attribute) in [("canonical", "href"), ("og:url", "content")] {
        for at in memmem::find_iter(head, word.as_bytes()).take(4) {
            let tag = memrchr(b'<', &head[..at]).and_then(|start| markup::tag(head, start, 1));
            let Some(tag) = tag.filter(|tag| tag.span.contains(&at)) else {
                continue;
            };
            let source = String::from_utf8_lossy(&head[tag.span.clone()]);
            let attributes = tag::attributes(&source);
            let says = ["rel", "property", "name"].iter().any(|name| {
                let value = attributes.get(name).unwrap_or_default();
                value.split_ascii_whitespace().any(|said| said == word)
            });
            if says && let Some(address) = attributes.get(attribute) {
                found.push(address.trim().to_owned());
                break;
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn found(text: &str) -> Addresses<'_> {
        addresses(text.as_bytes(), &Facts::default(), &[])
    }

    #[test]
    fn finds_paths_from_the_root_and_nothing_that_is_like_them() {
        let text = "<link href=/blog/site.css?v=1#a rel=stylesheet><img\nsrc=\"/blog/a b.png\">\
            <a class=x HREF=\"/blog/\">x</a><a href=//cdn/x><a href=\"/\\x\"><a href=rel/x><p data-href=/no><b>href=/no</b>";
        let rooted = found(text).rooted;
        let mut paths: Vec<_> = rooted
            .iter()
            .map(|r| (String::from_utf8_lossy(r.path), r.link))
            .collect();
        paths.sort();
        assert_eq!(
            paths,
            [
                ("/blog/".into(), true),
                ("/blog/a b.png".into(), false),
                ("/blog/site.css".into(), false)
            ]
        );
    }

    #[test]
    fn finds_what_is_loaded_from_the_own_host_and_white_space_around_the_sign() {
        let text = "<link rel=canonical href=https://A.example/x/><link rel=alternate href=https://a.example/y/><link href = '/b/c.css'><script src\n=\nhttps://a.EXAMPLE/b/d.js>\
            </script><img src=//a.example/b/e.png?x><img src=https://cdn.example/b/f.png><img src=//cdn.example/b/g.png>\
            <link rel='preload stylesheet' href='http://a.example/b/i.css'><a href=https://a.example/b/j><a href=http://a.example.org/b/h>";
        let rooted = found(text).rooted;
        let paths: Vec<_> = rooted
            .iter()
            .map(|r| String::from_utf8_lossy(r.path))
            .collect();
        assert_eq!(paths, ["/b/c.css", "/b/d.js", "/b/e.png", "/b/i.css"]);
    }

    #[test]
    fn finds_the_base_that_a_browser_sees() {
        let base = |text: &str| base(text.as_bytes()).map(|(_, href)| href);
        for (text, href) in [
            ("<base href=/app/>", Some("/app/")),
            (
                "<BASE target=_top><Base HREF='/x?a=1&amp;b'>",
                Some("/x?a=1&b"),
            ),
            ("<!-- <base href=/no/> --><base href=/yes/>", Some("/yes/")),
            ("<script>'<base href=/no/>'</script><p>x", None),
            ("<style>a:after{content:'<base href=/no/>'}</style>", None),
            ("<title><base href=/no/></title>", None),
            (
                "<template><base href=/no/></template><base href=/yes/>",
                Some("/yes/"),
            ),
            ("<basefont href=/no/><base target=_blank>", None),
            ("<p>a < b <base href=/app/>", Some("/app/")),
            (
                "<svg><base href=/no/></svg><base href=/yes/>",
                Some("/yes/"),
            ),
            ("<svg><title><base href=/yes/></title></svg>", Some("/yes/")),
            (
                "<svg><title>x</title><style><base href=/no/></style></svg>",
                None,
            ),
            (
                "<svg><foreignObject><svg><base href=/no/></svg><base href=/yes/>",
                Some("/yes/"),
            ),
            ("<math><mrow><base href=/no/></mrow></math>", None),
            ("<math><mi><base href=/yes/></mi></math>", Some("/yes/")),
            ("<svg><path d=x><p><base href=/yes/>", Some("/yes/")),
            ("<svg/><base href=/yes/>", Some("/yes/")),
            ("<template><svg></template><base href=/yes/>", Some("/yes/")),
        ] {
            assert_eq!(base(text).as_deref(), href, "{text}");
        }
    }

    #[test]
    fn finds_what_a_page_says_is_its_address() {
        let text = "<head><link rel=\"stylesheet canonical\" href=' https://a.example/x '>\
            <meta property=og:url content=https://a.example/y><link rel=canonical-x href=z></head>";
        assert_eq!(
            found(text).own,
            ["https://a.example/x", "https://a.example/y"]
        );
        assert!(found("<p class=canonical>canonical og:url").own.is_empty());
    }
}
