//! Scripts that browsers run.

use crate::widget::is_javascript;

/// Whether a browser runs what stands between the tags of a `script` element with these attributes.
pub(super) fn is_inline(attribute: impl Fn(&str) -> Option<String>) -> bool {
    if attribute("src").is_some() || attribute("nomodule").is_some() {
        return false;
    }
    match (attribute("type"), attribute("language")) {
        (Some(kind), _) if kind.trim().eq_ignore_ascii_case("module") => true,
        (Some(kind), _) => kind.is_empty() || is_javascript(&kind.trim().to_ascii_lowercase()),
        (None, Some(language)) => {
            language.is_empty() || is_javascript(&format!("text/{language}").to_ascii_lowercase())
        }
        (None, None) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_scripts_that_browsers_run() {
        let runs = |tag: &str| {
            let attributes = crate::html::tag::attributes(tag);
            is_inline(|name| attributes.get(name).map(str::to_owned))
        };
        for tag in [
            "<script>",
            "<script type>",
            "<script type=module>",
            "<script type=' Text/JavaScript '>",
            "<script type=application/x-javascript>",
            "<script language=JavaScript1.5>",
        ] {
            assert!(runs(tag), "{tag}");
        }
        for tag in [
            "<script src=x>",
            "<script nomodule>",
            "<script type=text/plain>",
            "<script type=application/json>",
            "<script type=importmap>",
            "<script language=vbscript>",
        ] {
            assert!(!runs(tag), "{tag}");
        }
    }
}
