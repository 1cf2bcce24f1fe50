//! `Integrity-Policy`: which requests must have an `integrity` (W3C Subresource Integrity, 3.8).

use sfv::{BareItem, Dictionary, ListEntry, Parser};

/// Whether the value of such a header demands an `integrity` of scripts. Browsers ignore a value that they cannot parse.
#[must_use]
pub(super) fn demands_of_scripts(value: &str) -> bool {
    let parsed: Result<Dictionary, _> = Parser::new(value).parse();
    let Ok(fields) = parsed else {
        return false;
    };
    let names = |field: &str| -> Option<Vec<String>> {
        let ListEntry::InnerList(list) = fields.get(field)? else {
            return Some(Vec::new());
        };
        let names = list.items.iter().filter_map(|item| match &item.bare_item {
            BareItem::Token(token) => Some(token.as_str().to_owned()),
            _ => None,
        });
        Some(names.collect())
    };
    let has = |field: &str, name: &str| names(field).map(|names| names.iter().any(|n| n == name));
    // Without `sources`, it is `inline`, the only one that there is.
    has("sources", "inline").unwrap_or(true) && has("blocked-destinations", "script") == Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_read_as_a_structured_field() {
        for (value, demands) in [
            ("blocked-destinations=(script)", true),
            (
                "blocked-destinations=(style script), endpoints=(main)",
                true,
            ),
            ("blocked-destinations=(script), sources=(inline)", true),
            ("blocked-destinations=(style)", false),
            ("blocked-destinations=(script), sources=(other)", false),
            ("blocked-destinations=script", false),
            ("blocked-destinations=(\"script\")", false),
            ("blocked-destinations=(script", false),
            ("", false),
        ] {
            assert_eq!(demands_of_scripts(value), demands, "{value}");
        }
    }
}
