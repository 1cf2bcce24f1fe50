//! How much work a page is for a parser of XML, before one gets it.
//!
//! For each start tag, the crate xml goes through all open elements and the namespaces that they declare, and both parsers
//! compare each attribute with those before it. Neither can be interrupted.

use memchr::{memchr, memchr_iter, memmem};

use super::nodes::tag_end;

/// Steps for each open element, and for each namespace that is declared in one.
const PER_ELEMENT: u64 = 8;
const PER_NAMESPACE: u64 = 32;

/// Where the steps that a parser takes become more than the limit. Of most pages a look from afar tells that they do not.
pub(super) fn check(text: &[u8], limit: u64) -> Result<(), usize> {
    let count = |byte| as_steps(memchr_iter(byte, text).count());
    // Each tag may open an element around all that follow, and have all the attributes and namespaces that there are.
    let (tags, attributes) = (count(b'<'), count(b'='));
    let namespaces = as_steps(memmem::find_iter(text, "xmlns").count());
    let elements = tags.saturating_mul(tags).saturating_mul(PER_ELEMENT) / 2;
    let most = elements
        .saturating_add(
            tags.saturating_mul(namespaces)
                .saturating_mul(PER_NAMESPACE),
        )
        .saturating_add(attributes.saturating_mul(attributes) / 2);
    if most > limit {
        steps(text, limit)?;
    }
    Ok(())
}

fn as_steps(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// The steps that a parser takes, and where they become more than the `limit`. Nothing has to be well-formed. Markup in the
/// entities of a document type counts where it is declared.
pub(in crate::html) fn steps(text: &[u8], limit: u64) -> Result<u64, usize> {
    let mut steps = 0_u64;
    // How many namespaces are declared in each open element and those around it.
    let mut open: Vec<u64> = Vec::new();
    let namespace = memmem::Finder::new("xmlns");
    let mut at = 0;
    while let Some(start) = memchr(b'<', &text[at..]).map(|start| at + start) {
        let rest = &text[start..];
        let mut behind = |end: &[u8]| {
            let end = memmem::find(rest, end).map(|found| found + end.len());
            at = start + end.unwrap_or(rest.len());
        };
        if rest.starts_with(b"<!--") {
            behind(b"-->");
        } else if rest.starts_with(b"<![CDATA[") {
            behind(b"]]>");
        } else if rest.starts_with(b"<?") {
            behind(b"?>");
        } else if rest.starts_with(b"<!") {
            at = start + 2;
        } else if rest.starts_with(b"</") {
            open.pop();
            at = start + 2;
        } else {
            let tag = &rest[..tag_end(rest)];
            at = start + tag.len();
            let attributes = as_steps(memchr_iter(b'=', tag).count());
            let around = open.last().copied().unwrap_or_default();
            let namespaces = around + as_steps(namespace.find_iter(tag).count());
            steps = steps
                .saturating_add(as_steps(open.len()).saturating_mul(PER_ELEMENT))
                .saturating_add(namespaces.saturating_mul(PER_NAMESPACE))
                .saturating_add(attributes.saturating_mul(attributes) / 2);
            if steps > limit {
                return Err(start);
            }
            if !tag.ends_with(b"/>") {
                open.push(namespaces);
            }
        }
    }
    Ok(steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyday_markup_takes_few_steps() {
        let page = "<p class=\"a\">some <b>bold</b> and <a href=\"x\">linked</a> text<br/></p><!-- <b> <b> --><![CDATA[<b><b>]]>";
        let page = format!(
            "<html xmlns=\"x\"><body>{}</body></html>",
            page.repeat(1000)
        );
        let steps = steps(page.as_bytes(), u64::MAX);
        assert!(
            steps.is_ok_and(|steps| steps < 4 * page.len() as u64),
            "{steps:?}"
        );
    }

    #[test]
    fn depth_attributes_and_namespaces_are_seen_where_they_become_too_many() {
        // Nothing has to be well-formed.
        let attributes = " a=''".repeat(10_000);
        let namespaces = "<p xmlns:n='x'>".repeat(2000);
        let everyday = "<p class=\"a\">text</p>\n".repeat(10_000);
        assert_eq!(check(everyday.as_bytes(), 32_000_000), Ok(()));
        for page in [
            "<div>".repeat(10_000),
            format!("<p{attributes}>"),
            namespaces,
            format!("<!DOCTYPE html [<!ENTITY a '{}'>]>", "<b>".repeat(10_000)),
        ] {
            let at = check(page.as_bytes(), 32_000_000);
            assert!(at.is_err_and(|at| page[at..].starts_with('<')), "{at:?}");
        }
    }
}
