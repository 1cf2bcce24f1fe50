//! `<meta http-equiv=Content-Security-Policy>`: which of them browsers obey.
//!
//! Only children of the head count, and the tree builder decides which those are: a `meta` after `</head>` becomes one, a `meta` after
//! a `<p>` in the head does not. So html5ever parses the few pages that have such a tag, up to the last one.

use std::fmt::Write as _;

use memchr::memchr_iter;

use super::effort::Effort;
use super::facts::{PagePolicy, Span};
use super::markup::attributes;
use super::{parse, tag};

/// The keyword of `http-equiv`, which matches in any case, but to the letter: unlike `refresh`, it has no white space around it.
const NAME: &str = "content-security-policy";
/// The attribute by which a tag is found again in the tree.
const MARK: &str = "chathub-at";
const META: &str = "<meta";

/// Whether an `http-equiv` announces a policy.
pub(super) fn is_policy(http_equiv: &str) -> bool {
    http_equiv.eq_ignore_ascii_case(NAME)
}

/// The `meta` tag that begins here, if it may be a policy.
pub(super) fn candidate(text: &[u8], start: usize) -> Option<Span> {
    let mut may_be = false;
    let tag = attributes(text, start, 1, |name, value| {
        may_be |= name.eq_ignore_ascii_case(b"http-equiv")
            && (value.eq_ignore_ascii_case(NAME.as_bytes()) || value.contains(&b'&'));
    })?;
    (may_be && tag.is("meta")).then_some(tag.span)
}

/// All that look like one, in whatever context.
pub(super) fn candidates(text: &[u8]) -> Vec<Span> {
    memchr_iter(b'<', text)
        .filter(|at| {
            let name = text.get(*at..at + META.len());
            name.is_some_and(|name| name.eq_ignore_ascii_case(META.as_bytes()))
        })
        .filter_map(|at| candidate(text, at))
        .collect()
}

/// Those of the candidates that browsers obey, in order.
pub(super) fn obeyed(text: &[u8], candidates: &[Span]) -> Vec<PagePolicy> {
    let Some(last) = candidates.last() else {
        return Vec::new();
    };
    let mut marked = String::new();
    let mut copied = 0;
    for (index, candidate) in candidates.iter().enumerate() {
        let name_end = candidate.start + META.len();
        marked.push_str(&String::from_utf8_lossy(&text[copied..name_end]));
        // The first of two attributes with one name counts.
        let _ = write!(marked, " {MARK}={index} ");
        copied = name_end;
    }
    marked.push_str(&String::from_utf8_lossy(&text[copied..last.end]));
    let effort = Effort::of(marked.len(), &|| false);
    let found = match parse::metas(&marked, &effort) {
        Ok(metas) => metas,
        // Markup that takes too much work: any of them may be obeyed.
        Err(_) => candidates
            .iter()
            .enumerate()
            .map(|(index, span)| {
                let source = String::from_utf8_lossy(&text[span.clone()]);
                let attributes = tag::attributes(&source);
                let mark = (MARK.to_owned(), index.to_string());
                let others = attributes.iter().map(|(n, v)| (n.to_owned(), v.to_owned()));
                others.chain([mark]).collect()
            })
            .collect(),
    };
    found
        .iter()
        .filter(|meta| meta.get("http-equiv").is_some_and(is_policy))
        .filter_map(|meta| {
            let index: usize = meta.get(MARK)?.parse().ok()?;
            Some(PagePolicy {
                span: candidates.get(index)?.clone(),
                content: meta.get("content")?.to_owned(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let text = text.as_bytes();
        let obeyed = obeyed(text, &candidates(text));
        obeyed.into_iter().map(|policy| policy.content).collect()
    }

    fn meta(content: &str) -> String {
        format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{content}\">")
    }

    #[test]
    fn finds_those_that_browsers_obey() {
        for page in [
            format!("<!doctype html><html><head>{}</head><body>x", meta("a")),
            // After the head, the tree builder still puts it there.
            format!("<head></head>\n{}<p>x", meta("a")),
            format!("{}<p>x", meta("a")),
            "<META CONTENT='a' HTTP-EQUIV=content-SECURITY-policy>".to_owned(),
            "<meta http-equiv='content-security&#45;policy' content=&#97;>".to_owned(),
            "<meta/http-equiv=content-security-policy content=a http-equiv=x>".to_owned(),
            format!("<title>{}</title>{}", meta("no"), meta("a")),
            format!(
                "<!-- {} --><template>{}</template>{}",
                meta("no"),
                meta("no"),
                meta("a")
            ),
            format!(
                "<noscript>{}</noscript><script>'{}'</script>{}",
                meta("no"),
                meta("no"),
                meta("a")
            ),
        ] {
            assert_eq!(found(&page), ["a"], "{page}");
        }
        assert_eq!(found(&[meta("a"), meta("b")].concat()), ["a", "b"]);
    }

    #[test]
    fn finds_no_other() {
        for page in [
            format!("<p>{}", meta("a")),
            format!("<head><div></div>{}</head>", meta("a")),
            format!("<body>{}", meta("a")),
            format!("<p title='{}'>", meta("a")),
            "<meta http-equiv=content-security-policy>".to_owned(),
            "<meta http-equiv=' content-security-policy' content=a>".to_owned(),
            "<meta http-equiv=content-security-policy-report-only content=a>".to_owned(),
            "<meta name=content-security-policy content=a>".to_owned(),
            "<metal http-equiv=content-security-policy content=a>".to_owned(),
            "<meta http-equiv=content-security-policy content=a".to_owned(),
        ] {
            assert_eq!(found(&page), [""; 0], "{page}");
        }
    }

    #[test]
    fn where_a_tree_would_take_too_much_work_all_count() {
        let open = "<b><font>".repeat(40_000);
        let page = format!("{}{open}{}", meta("a"), meta("b"));
        assert_eq!(found(&page), ["a", "b"]);
    }

    #[test]
    fn tells_where_they_stand() {
        let page = format!("<title>ü</title>{}", meta("a"));
        let obeyed = obeyed(page.as_bytes(), &candidates(page.as_bytes()));
        let spans: Vec<_> = obeyed.iter().map(|p| &page[p.span.clone()]).collect();
        assert_eq!(spans, [meta("a")]);
    }
}
