//! The ways in which a secret is written in a page.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What URLs keep as it is (RFC 3986, 2.3).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A secret as it is, and as templates, serializers and forms write it where it has letters that mean something there.
#[must_use]
pub fn written(secret: &str) -> Vec<String> {
    let html = secret
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let json = serde_json::Value::from(secret).to_string();
    let json = json[1..json.len() - 1].to_owned();
    let script = json
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026");
    let url = utf8_percent_encode(secret, ENCODED).to_string();
    let mut ways = vec![
        secret.to_owned(),
        secret.replace('&', "&amp;"),
        html.replace('"', "&quot;"),
        html.replace('"', "&quot;").replace('\'', "&#39;"),
        html.replace('"', "&quot;").replace('\'', "&#x27;"),
        // Go's templates.
        html.replace('"', "&#34;")
            .replace('\'', "&#39;")
            .replace('+', "&#43;"),
        html,
        json.replace('/', "\\/"),
        json,
        script,
        url.replace("%20", "+"),
        url,
    ];
    ways.sort();
    ways.dedup();
    // As it is comes first.
    ways.sort_by_key(|way| way != secret);
    ways
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_of_letters_is_written_in_one_way() {
        assert_eq!(written("Abc-123_x.y~"), ["Abc-123_x.y~"]);
    }

    #[test]
    fn what_means_something_where_it_stands_is_written_in_others() {
        let ways = written("a&b<c \"d' +/");
        for way in [
            "a&b<c \"d' +/",
            "a&amp;b<c \"d' +/",
            "a&amp;b&lt;c \"d' +/",
            "a&amp;b&lt;c &quot;d' +/",
            "a&amp;b&lt;c &quot;d&#39; +/",
            "a&amp;b&lt;c &#34;d&#39; &#43;/",
            "a&b<c \\\"d' +/",
            "a&b<c \\\"d' +\\/",
            "a\\u0026b\\u003cc \\\"d' +/",
            "a%26b%3Cc%20%22d%27%20%2B%2F",
            "a%26b%3Cc+%22d%27+%2B%2F",
        ] {
            assert!(ways.contains(&way.to_owned()), "{way}");
        }
        assert_eq!(ways[0], "a&b<c \"d' +/");
    }
}
