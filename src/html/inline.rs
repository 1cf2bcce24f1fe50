//! Scripts that browsers run.

/// Whether a browser runs what stands between the tags of a `script` element with these attributes.
pub(super) fn is_inline(attribute: impl Fn(&str) -> Option<String>) -> bool {
    if attribute("src").is_some() || attribute("nomodule").is_some() {
        return false;
    }
    match (attribute("type"), attribute("language")) {
        (Some(kind), _) if kind.trim().eq_ignore_ascii_case("module") => true,
        (Some(kind), _) => kind.is_empty() || is_javascript(kind.trim()),
        (None, Some(language)) => language.is_empty() || is_javascript(&format!("text/{language}")),
        (None, None) => true,
    }
}

/// The types that stand for JavaScript (MIME Sniffing standard, 4.6).
fn is_javascript(kind: &str) -> bool {
    let kind = kind.to_ascii_lowercase();
    let Some((class, name)) = kind.split_once('/') else {
        return false;
    };
    let version = name.strip_prefix("javascript1.");
    match class {
        "text" => {
            matches!(
                name,
                "javascript"
                    | "ecmascript"
                    | "jscript"
                    | "livescript"
                    | "x-javascript"
                    | "x-ecmascript"
            ) || version.is_some_and(|v| matches!(v, "0" | "1" | "2" | "3" | "4" | "5"))
        }
        "application" => matches!(
            name,
            "javascript" | "ecmascript" | "x-javascript" | "x-ecmascript"
        ),
        _ => false,
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
