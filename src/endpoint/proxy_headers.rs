//! What proxies tell of a client's address: every common way to write it.

use std::net::IpAddr;

use axum::http::header::FORWARDED;
use axum::http::{HeaderMap, HeaderName};

/// What a header tells of the addresses that a request came by, the nearest first. None stands for one that is hidden or
/// cannot be read.
pub(super) fn addresses(
    headers: &HeaderMap,
    name: &HeaderName,
) -> impl Iterator<Item = Option<IpAddr>> {
    let is_forwarded = *name == FORWARDED;
    let fields = headers.get_all(name).iter().rev();
    fields.flat_map(move |field| {
        let field = field.to_str().unwrap_or_default();
        // Hardly any has quotation marks, and only those need a list of their own.
        let quoted = field.contains('"').then(|| unquoted(field, ','));
        let plain = quoted.is_none().then(|| field.rsplit(','));
        let entries = quoted.into_iter().flatten().rev();
        entries
            .chain(plain.into_iter().flatten())
            .map(move |entry| {
                if is_forwarded {
                    node(entry)
                } else {
                    address(entry)
                }
            })
    })
}

/// The parts between separators that stand outside of quotation marks.
fn unquoted(text: &str, separator: char) -> Vec<&str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(|char: char| {
        let separates = char == separator && !quoted;
        match char {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
        separates
    })
    .collect()
}

/// The address in an element of `Forwarded` (RFC 7239), such as `for="[2001:db8::1]:47011";proto=https`.
fn node(element: &str) -> Option<IpAddr> {
    let parameter = |pair: &str| {
        let (name, value) = pair.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("for")
            .then(|| address(value))?
    };
    unquoted(element, ';').into_iter().find_map(parameter)
}

/// An address with what may stand around it: quotation marks, the brackets of IPv6, a port, a zone.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let text = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
        .unwrap_or(text)
        .trim();
    let host = if let Some(text) = text.strip_prefix('[') {
        let (host, port) = text.split_once(']')?;
        if !port.is_empty() && !port.starts_with(':') {
            return None;
        }
        host
    } else {
        // Several colons are those of IPv6, which has no port without brackets.
        match text.split_once(':') {
            Some((host, port)) if !port.contains(':') => host,
            _ => text,
        }
    };
    let host = host.split_once('%').map_or(host, |(host, _)| host);
    host.parse::<IpAddr>()
        .ok()
        .map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn told(name: &'static str, fields: &[&str]) -> Vec<String> {
        let mut headers = HeaderMap::new();
        let name = HeaderName::from_static(name);
        for field in fields {
            headers.append(&name, field.parse().unwrap());
        }
        let shown = |address: Option<IpAddr>| address.map_or("-".to_owned(), |a| a.to_string());
        addresses(&headers, &name).map(shown).collect()
    }

    #[test]
    fn every_common_way_to_write_an_address() {
        for (text, wanted) in [
            ("203.0.113.9", "203.0.113.9"),
            ("203.0.113.9:51234", "203.0.113.9"),
            ("\"203.0.113.9:51234\"", "203.0.113.9"),
            ("2001:db8::1", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:51234", "2001:db8::1"),
            ("\"[2001:DB8::1]:51234\"", "2001:db8::1"),
            ("fe80::1%eth0", "fe80::1"),
            ("[fe80::1%25eth0]:80", "fe80::1"),
            ("::ffff:203.0.113.9", "203.0.113.9"),
            ("[::ffff:203.0.113.9]:80", "203.0.113.9"),
            ("unknown", "-"),
            ("_hidden", "-"),
            ("", "-"),
            ("-", "-"),
            ("[2001:db8::1", "-"),
            ("[2001:db8::1]x", "-"),
            ("www.example.com", "-"),
            ("203.0.113.999", "-"),
        ] {
            assert_eq!(told("x-forwarded-for", &[text]), [wanted], "{text}");
        }
    }

    #[test]
    fn lists_are_read_from_the_right_over_all_lines() {
        assert_eq!(
            told(
                "x-forwarded-for",
                &["10.0.0.1, 10.0.0.2:80", " 10.0.0.3 ,[::1]:4"]
            ),
            ["::1", "10.0.0.3", "10.0.0.2", "10.0.0.1"]
        );
    }

    #[test]
    fn forwarded_is_read_as_the_standard_has_it() {
        for (fields, wanted) in [
            (
                &["for=192.0.2.60;proto=http;by=203.0.113.43"] as &[_],
                &["192.0.2.60"] as &[_],
            ),
            (
                &["For=\"[2001:db8:cafe::17]:4711\""],
                &["2001:db8:cafe::17"],
            ),
            (
                &["for=192.0.2.43, for=198.51.100.17"],
                &["198.51.100.17", "192.0.2.43"],
            ),
            (
                &["for=192.0.2.43", "by=\"a,b;c\";for=198.51.100.17"],
                &["198.51.100.17", "192.0.2.43"],
            ),
            (&["proto=https; FOR = \"203.0.113.9:1\""], &["203.0.113.9"]),
            (&["for=_gazonk"], &["-"]),
            (&["for=unknown, proto=http"], &["-", "-"]),
            (&["for=\"a\\\",b\", for=192.0.2.1"], &["192.0.2.1", "-"]),
            (&["203.0.113.9"], &["-"]),
        ] {
            assert_eq!(told("forwarded", fields), wanted, "{fields:?}");
        }
    }
}
