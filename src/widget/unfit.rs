//! Which attributes a configuration may not give to a tag.

use super::hold::ADDRESSES;
use super::product::row;

/// Attributes that decide what a tag does, so that no configuration may set them.
const RESERVED: &[&str] = &[
    "charset", "defer", "event", "for", "is", "language", "xmlns",
];
/// Those that carry a credential, which would be public.
const CREDENTIALS: &[&str] = &["token", "userjwt"];

/// Why a configuration may not give this attribute to a tag of the customer widget.
#[must_use]
pub fn unfit_name(name: &str) -> Option<&'static str> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.contains(|c: char| c.is_ascii_uppercase()) {
        Some("HTML reads names of attributes in lower case")
    } else if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(plain) {
        Some("a name begins with a letter and is made of lower-case letters, digits and `-`")
    } else if CREDENTIALS.contains(&name) {
        Some("this carries a credential, which everybody could read in the page")
    } else if name.starts_with("on") {
        Some("this would run as code in the page")
    } else if !row(name).name.is_empty()
        || RESERVED.contains(&name)
        || ADDRESSES.contains(&name)
        || name.starts_with("data-chathub")
    {
        Some("this decides how browsers, consent tools or chathub treat the tag")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_that_would_do_harm_are_unfit() {
        for name in [
            "main-color",
            "icon-dark-color",
            "operatoe-message-dark-color",
            "title",
            "lang",
            "class",
            "data-cfasync",
            "x2",
        ] {
            assert_eq!(unfit_name(name), None, "{name}");
        }
        for name in [
            "",
            "a b",
            "a=b",
            "a>",
            "a\"",
            "a/",
            "2x",
            "-x",
            "xml:lang",
            "Main-Color",
            "userJWT",
            "колір",
            "id",
            "src",
            "type",
            "nonce",
            "integrity",
            "guid",
            "onload",
            "on",
            "token",
            "userjwt",
            "async",
            "xmlns",
            "defer",
            "data-chathub",
            "data-src",
            "data-cmplz-src",
            "data-type",
        ] {
            assert!(unfit_name(name).is_some(), "{name}");
        }
    }
}
