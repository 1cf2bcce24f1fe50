//! What may stand before a page's first tag, and around its last: byte order mark, white space, comments, doctype.
//!
//! These few tokens are read here rather than by handlers of the scan: a handler for doctypes or comments makes
//! lol_html look at every token of the page, where it otherwise only skips from tag to tag.

use memchr::memmem;

use super::facts::Span;

pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The doctype, if the page begins with one: only there it counts.
pub(super) fn doctype(text: &[u8]) -> Option<Span> {
    let mut rest = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    loop {
        rest = rest.trim_ascii_start();
        if let Some(behind) = comment(rest) {
            rest = behind;
            continue;
        }
        let start = text.len() - rest.len();
        // Whatever is wrong in a doctype or an XML declaration (to HTML, a comment), its first `>` ends it.
        let end = start + memchr::memchr(b'>', rest)? + 1;
        if rest
            .get(..9)
            .is_some_and(|name| name.eq_ignore_ascii_case(b"<!doctype"))
        {
            return Some(start..end);
        }
        if !rest.starts_with(b"<?") {
            return None;
        }
        rest = &text[end..];
    }
}

/// Whether nothing comes but white space, comments, and the end tags of `body` and `html`.
pub(super) fn ends_page(mut rest: &[u8]) -> bool {
    loop {
        rest = rest.trim_ascii_start();
        if rest.is_empty() {
            return true;
        }
        let behind = comment(rest)
            .or_else(|| end_tag(rest, b"</body"))
            .or_else(|| end_tag(rest, b"</html"));
        match behind {
            Some(behind) => rest = behind,
            None => return false,
        }
    }
}

/// Whether what follows a tag to the end of the page stays where it is without that tag. White space may belong to text
/// before the tag, which goes elsewhere from within a table; and it may be the tag that starts the head, with which
/// comments go from the document into the page.
pub(super) fn parts_nothing(behind: &[u8], in_body: bool) -> bool {
    ends_page(behind)
        && !behind.first().is_some_and(u8::is_ascii_whitespace)
        && (in_body || memmem::find(behind, b"<!--").is_none())
}

/// What comes after a comment of the plain form.
pub(super) fn comment(rest: &[u8]) -> Option<&[u8]> {
    let content = rest.strip_prefix(b"<!--")?;
    for at in memchr::memchr_iter(b'>', content) {
        match &content[..at] {
            // `<!-->`, `<!--->` and `--!>` end a comment, too.
            b"" | b"-" => return None,
            before if before.ends_with(b"--!") => return None,
            before if before.ends_with(b"--") => return Some(&content[at + 1..]),
            _ => {}
        }
    }
    None
}

fn end_tag<'t>(rest: &'t [u8], tag: &[u8]) -> Option<&'t [u8]> {
    let (start, behind) = rest.split_at_checked(tag.len())?;
    start
        .eq_ignore_ascii_case(tag)
        .then(|| behind.trim_ascii_start().strip_prefix(b">"))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_end_of_a_page() {
        for end in [
            "",
            " \n",
            "</html>\n",
            "</BODY ></html>",
            "<!-- built by x --></html>",
        ] {
            assert!(ends_page(end.as_bytes()), "{end}");
        }
        for more in [
            "x",
            "<p>",
            "<!--x",
            "<!--><p>-->",
            "<!--a--!><p>-->",
            "</html x>",
            "</htmlx>",
            "\u{a0}",
        ] {
            assert!(!ends_page(more.as_bytes()), "{more}");
        }
    }

    #[test]
    fn finds_the_doctype_where_it_counts() {
        let found = |page: &str| doctype(page.as_bytes()).map(|span| page[span].to_owned());
        for page in [
            "<!doctype html>",
            "\u{feff} \n<!DOCTYPE html>",
            "<!--a--><?xml x?>\n<!Doctype html>",
        ] {
            assert_eq!(
                found(page).map(|d| d.to_lowercase()).as_deref(),
                Some("<!doctype html>")
            );
        }
        let public = "<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0//EN\" \"x\"><html>";
        assert_eq!(found(public).as_deref(), public.strip_suffix("<html>"));
        for page in [
            "",
            "<p><!doctype html>",
            "x<!doctype html>",
            "<!doctype html",
            "<!--<!doctype html>",
        ] {
            assert_eq!(found(page), None, "{page}");
        }
    }
}
