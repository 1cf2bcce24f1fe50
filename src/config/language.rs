//! Languages: which ranges of the configuration a page's language falls into.

/// Whether a language range holds for a language tag. RFC 4647, section 3.3.1: it matches a tag that equals it, or
/// begins with it followed by `-`; `*` matches every tag.
#[must_use]
pub fn matches_language(range: &str, tag: &str) -> bool {
    if range == "*" {
        return true;
    }
    let (range, tag) = (range.as_bytes(), tag.as_bytes());
    tag.len() >= range.len()
        && tag[..range.len()].eq_ignore_ascii_case(range)
        && matches!(tag.get(range.len()), None | Some(b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_match_by_prefix_on_subtag_boundaries() {
        for (range, tag) in [
            ("uk", "uk"),
            ("uk", "UK"),
            ("uk", "uk-UA"),
            ("uk-ua", "uk-UA"),
            ("zh-Hant", "zh-hant-TW"),
            ("*", "x"),
        ] {
            assert!(matches_language(range, tag), "{range} {tag}");
        }
        for (range, tag) in [
            ("uk", "ukx"),
            ("uk-UA", "uk"),
            ("uk", "u"),
            ("uk", "en-uk"),
            ("uk", "uk_UA"),
            ("de-de", "de-Latn-DE"),
        ] {
            assert!(!matches_language(range, tag), "{range} {tag}");
        }
    }
}
