#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::*;

#[test]
fn durations_have_units() {
    for (text, seconds) in [
        ("1h", 3600),
        ("90m", 5400),
        ("3600s", 3600),
        ("1h30m", 5400),
        ("2d", 172_800),
        ("0s", 0),
    ] {
        assert_eq!(
            duration(text).unwrap(),
            Duration::from_secs(seconds),
            "{text}"
        );
    }
    for (text, found) in [
        ("", "this is empty"),
        ("3600", "the unit is missing"),
        ("1h30", "the unit is missing"),
        ("h", "a whole number is expected before each unit"),
        ("-1h", "a whole number is expected before each unit"),
        ("1 h", "this unit is unknown"),
        ("1w", "this unit is unknown"),
        ("1é", "this unit is unknown"),
        ("99999999999999999999s", "this is too long"),
        ("999999999999999999d", "this is too long"),
        ("18446744073709551615s1s", "this is too long"),
    ] {
        assert_eq!(duration(text).unwrap_err().found, found, "{text}");
    }
}

#[test]
fn asset_folder_stays_inside_the_site() {
    assert_eq!(asset_dir("_chathub").unwrap(), "_chathub");
    assert_eq!(asset_dir("assets/chat/").unwrap(), "assets/chat");
    for bad in [
        "", "/", "/abs", "..", "a/../b", "./a", "a//b", "a\\b", "C:/x", "a b", "a?b", "a%2e",
    ] {
        assert!(asset_dir(bad).is_err(), "{bad}");
    }
}

#[test]
fn base_url_ends_with_a_slash() {
    assert_eq!(base_url("/").unwrap(), "/");
    assert_eq!(base_url("/docs").unwrap(), "/docs/");
    assert_eq!(
        base_url("https://cdn.example.com/docs").unwrap(),
        "https://cdn.example.com/docs/"
    );
    for bad in [
        "",
        "docs/",
        "//cdn.example.com/",
        "http://cdn.example.com/",
        "/a?b",
        "/a//",
        "/a/../b/",
        "/./",
        "https://cdn.example.com//a/",
    ] {
        assert!(base_url(bad).is_err(), "{bad}");
    }
}

#[test]
fn contact_is_a_harmless_link() {
    for good in [
        "mailto:support@example.com",
        "MAILTO:support@example.com?subject=Hi",
        "tel:+380441234567",
        "https://example.com/contact",
        "http://example.com/contact",
    ] {
        assert_eq!(contact(good).unwrap(), good);
    }
    for bad in [
        "",
        "support@example.com",
        "mailto:",
        "tel:",
        "https://",
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "/contact",
    ] {
        assert!(contact(bad).is_err(), "{bad:?}");
    }
    assert_eq!(
        contact("javascript:alert(1)").unwrap_err().found,
        "this would run as code in the page"
    );
}

#[test]
fn names_ranges_and_extensions() {
    for good in ["a", "support-uk", "6", "A_b-9"] {
        assert!(organization_name(good).is_ok(), "{good}");
    }
    for bad in ["", "-a", "_a", "a b", "підтримка", "a.b", "a\"", "a&b"] {
        assert!(organization_name(bad).is_err(), "{bad}");
    }
    for good in ["uk", "uk-UA", "zh-Hant-TW", "*"] {
        assert!(language_range(good).is_ok(), "{good}");
    }
    for bad in [
        "",
        "uk_UA",
        "uk-*",
        "uk-",
        "ukrainian-x-",
        "toolonglanguage",
    ] {
        assert!(language_range(bad).is_err(), "{bad}");
    }
    assert!(extension("html").is_ok());
    for bad in ["", ".html", "a/b", "*.html"] {
        assert!(extension(bad).is_err(), "{bad}");
    }
}

#[test]
fn commands_are_split_without_a_shell() {
    assert_eq!(
        command_line("op read 'op://a b/token'").unwrap(),
        ["op", "read", "op://a b/token"]
    );
    assert_eq!(command_line("echo $HOME;ls").unwrap(), ["echo", "$HOME;ls"]);
    assert!(command_line("op 'read").is_err());
    assert!(command_line("").is_err());
    assert!(command_line("  ").is_err());
    assert!(command(vec![String::new(), "x".to_owned()]).is_err());
    assert!(variable_name("CHATHUB_SALES_TOKEN").is_ok());
    for bad in ["", "$TOKEN", "${TOKEN}", "1TOKEN", "a b", "eyJ.a.b"] {
        assert!(variable_name(bad).is_err(), "{bad}");
    }
}
