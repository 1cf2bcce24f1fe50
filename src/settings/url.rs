//! The little that the configuration needs to know of URLs: is this one safe to put into a page?

/// A URL of the web.
pub(super) struct Web {
    https: bool,
    loopback: bool,
}

/// An absolute path on the page's own origin, or a URL that [`secure_url`] accepts.
pub(super) fn path_or_secure_url(text: &str) -> Result<(), &'static str> {
    if text.is_empty() {
        return Err("this is empty");
    }
    if text.starts_with("//") || text.starts_with("/\\") {
        return Err("this names a host and leaves its scheme open");
    }
    if text.starts_with('/') {
        return characters(text).and_then(|()| no_fragment(text));
    }
    if has_scheme(text) {
        return secure_url(text);
    }
    Err("this is relative, so it would differ from page to page")
}

/// An https URL, or an http URL of a loopback host.
pub(super) fn secure_url(text: &str) -> Result<(), &'static str> {
    let web = web(text)?;
    no_fragment(text)?;
    if web.https || web.loopback {
        Ok(())
    } else {
        Err("http is neither private nor allowed in an https page")
    }
}

/// An http or https URL with a host, and without a login.
pub(super) fn web(text: &str) -> Result<Web, &'static str> {
    characters(text)?;
    let Some((scheme, rest)) = text.split_once("://") else {
        return Err("this is not a complete URL");
    };
    let https = scheme.eq_ignore_ascii_case("https");
    if !https && !scheme.eq_ignore_ascii_case("http") {
        return Err("this is neither http nor https");
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err("a login does not belong in a URL, which pages and logs show");
    }
    let (host, port) = split_port(authority);
    if host.is_empty() || port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return Err("the host or port is missing or wrong");
    }
    Ok(Web {
        https,
        loopback: is_loopback(host),
    })
}

/// RFC 3986, section 3.1.
fn has_scheme(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme
                .chars()
                .all(|char| char.is_ascii_alphanumeric() || "+-.".contains(char))
    })
}

/// Refuses what cannot stand in a URL, or would be read differently by different parsers.
fn characters(text: &str) -> Result<(), &'static str> {
    let wrong =
        |char: char| char.is_whitespace() || char.is_control() || "\"'<>\\`{}|^".contains(char);
    if text.contains(wrong) {
        return Err("this has a character that must be escaped in a URL");
    }
    Ok(())
}

fn no_fragment(text: &str) -> Result<(), &'static str> {
    if text.contains('#') {
        return Err("a fragment is not sent to the server");
    }
    Ok(())
}

fn split_port(authority: &str) -> (&str, Option<&str>) {
    // The colons inside the brackets of an IPv6 address are not followed by a port.
    let after_address = authority.rfind(']').map_or(0, |bracket| bracket + 1);
    match authority[after_address..].rfind(':') {
        Some(colon) => {
            let colon = after_address + colon;
            (&authority[..colon], Some(&authority[colon + 1..]))
        }
        None => (authority, None),
    }
}

/// The hosts that browsers take for trustworthy without https: <https://www.w3.org/TR/secure-contexts/#is-origin-trustworthy>.
fn is_loopback(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    let v4 = host.parse::<std::net::Ipv4Addr>();
    let v6 = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .map(str::parse::<std::net::Ipv6Addr>);
    host == "localhost"
        || host.ends_with(".localhost")
        || v4.is_ok_and(|address| address.is_loopback())
        || matches!(v6, Some(Ok(address)) if address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_safe_urls_pass() {
        for good in [
            "https://chat.example.com/token",
            "HTTPS://chat.example.com:8443",
            "http://localhost:3000/token",
            "http://127.0.0.1/token",
            "http://127.8.0.1/token",
            "http://[::1]:8080/token",
            "http://app.localhost/",
            "/api/token",
            "/",
        ] {
            assert_eq!(path_or_secure_url(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "api/token",
            "./token",
            "//chat.example.com/token",
            "/\\chat.example.com",
            "http://chat.example.com/token",
            "http://localhost.example.com/",
            "http://127.0.0.1.example.com/",
            "http://localhost@example.com/",
            "https://user:pass@example.com/",
            "https://",
            "https:///path",
            "https://host:port/",
            "https://host:/",
            "javascript:alert(1)",
            "ftp://example.com/",
            "/a b",
            "/a\"b",
            "/a#b",
            "https:example.com",
        ] {
            assert!(path_or_secure_url(bad).is_err(), "{bad}");
        }
    }
}
