//! `<meta http-equiv=refresh>`.

/// Whether the `content` of a refresh sends the reader to another address at once. The grammar is the HTML standard's
/// (4.2.5.3, "shared declarative refresh steps"): a number, then an address that may be introduced by `url=`.
pub(super) fn sends_elsewhere(content: &str) -> bool {
    let content = content.trim_ascii();
    let number = content.trim_start_matches(|c: char| c.is_ascii_digit());
    let seconds = &content[..content.len() - number.len()];
    let fraction = number.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    if (seconds.is_empty() && !number.starts_with('.'))
        || seconds.bytes().any(|digit| digit != b'0')
    {
        return false;
    }
    let rest = fraction.trim_ascii_start();
    let rest = rest
        .strip_prefix([';', ','])
        .unwrap_or(rest)
        .trim_ascii_start();
    let address = match rest.get(..3) {
        Some(url) if url.eq_ignore_ascii_case("url") => {
            let behind = rest[3..].trim_ascii_start();
            behind.strip_prefix('=').map_or(rest, str::trim_ascii_start)
        }
        _ => rest,
    };
    !address.trim_matches(['"', '\'', ' ']).is_empty()
}

#[cfg(test)]
mod tests {
    use super::sends_elsewhere;

    #[test]
    fn tells_redirects_from_reloads_and_delays() {
        for redirect in [
            "0; url=https://demo.example/",
            "0;URL='/x'",
            "0, /x",
            "0 url = x",
            " 0.5; x",
            ".0;x",
        ] {
            assert!(sends_elsewhere(redirect), "{redirect}");
        }
        for other in [
            "0",
            "0;",
            "0; url=",
            "5; url=/x",
            "10;url=/x",
            "",
            "url=/x",
            "x",
        ] {
            assert!(!sends_elsewhere(other), "{other}");
        }
    }
}
