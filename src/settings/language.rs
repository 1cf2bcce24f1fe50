//! Languages: which ranges of the configuration a page's language falls into.

/// Whether a language range holds for a language tag. RFC 4647, section 3.3.1: it matches a tag that equals it, or
/// begins with it followed by `-`; `*` matches every tag. A `_`, as in names of locales, counts as the `-` that it should be.
#[must_use]
pub fn matches_language(range: &str, tag: &str) -> bool {
    if range == "*" {
        return true;
    }
    let (range, tag) = (range.as_bytes(), tag.as_bytes());
    let same = |(a, b): (&u8, &u8)| a.eq_ignore_ascii_case(b) || (*a == b'-' && *b == b'_');
    tag.len() >= range.len()
        && range.iter().zip(tag).all(same)
        && matches!(tag.get(range.len()), None | Some(b'-' | b'_'))
}

/// What is wrong with a page's language, if it is not a language tag (BCP 47): a phrase that follows it.
#[must_use]
pub fn language_fault(tag: &str) -> Option<String> {
    if is_tag(tag) {
        return None;
    }
    let joined = tag.replace('_', "-");
    Some(if is_tag(&joined) {
        format!("which rules read as `{joined}`, but browsers do not recognize; write `{joined}`")
    } else {
        "which is not a language tag, so no rule for a language matches it; write one such as `en` or `uk-UA`".to_owned()
    })
}

/// Whether a tag is well-formed as far as its subtags go.
fn is_tag(tag: &str) -> bool {
    let mut subtags = tag.split('-');
    let first = subtags.next().unwrap_or_default();
    let fits = |subtag: &str| (1..=8).contains(&subtag.len());
    let language = fits(first)
        && first.bytes().all(|b| b.is_ascii_alphabetic())
        && (first.len() > 1 || ["x", "i"].iter().any(|one| first.eq_ignore_ascii_case(one)));
    language && subtags.all(|s| fits(s) && s.bytes().all(|b| b.is_ascii_alphanumeric()))
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
            ("uk", "uk_UA"),
            ("uk-ua", "uk_UA"),
        ] {
            assert!(matches_language(range, tag), "{range} {tag}");
        }
        for (range, tag) in [
            ("uk", "ukx"),
            ("uk-UA", "uk"),
            ("uk", "u"),
            ("uk", "en-uk"),
            ("uk", "ukr_UA"),
            ("de-de", "de-Latn-DE"),
        ] {
            assert!(!matches_language(range, tag), "{range} {tag}");
        }
    }
    #[test]
    fn tells_language_tags_from_other_names() {
        for tag in [
            "uk",
            "uk-UA",
            "zh-Hant-TW",
            "x-klingon",
            "i-default",
            "de-1996",
            "EN",
        ] {
            assert_eq!(language_fault(tag), None, "{tag}");
        }
        for (tag, part) in [
            ("uk_UA", "read as `uk-UA`"),
            ("uk_UA.UTF-8", "not a language tag"),
            ("українська", "not a language tag"),
            ("en us", "not a language tag"),
            ("{{ lang }}", "not a language tag"),
            ("u", "not a language tag"),
            ("uk-", "not a language tag"),
            ("1", "not a language tag"),
        ] {
            let fault = language_fault(tag).unwrap_or_default();
            assert!(fault.contains(part), "{tag}: {fault}");
        }
    }
}
