//! `<meta http-equiv=refresh>`.

/// What the `content` of a refresh asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refresh {
    /// To leave the page at once for this address.
    Leave(String),
    /// To stay for a while, or to load the same page again.
    Stay,
}

/// Reads the `content` of a refresh; nothing where browsers ignore it. The grammar is the HTML standard's (4.2.5.3, "shared
/// declarative refresh steps"): a number, then an address that may be introduced by `url=`.
pub(super) fn refresh(content: &str) -> Option<Refresh> {
    let content = content.trim_ascii();
    let number = content.trim_start_matches(|c: char| c.is_ascii_digit());
    let seconds = &content[..content.len() - number.len()];
    let fraction = number.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    if seconds.is_empty() && !number.starts_with('.') {
        return None;
    }
    let ends = |c: char| c.is_ascii_whitespace() || c == ';' || c == ',';
    if !fraction.is_empty() && !fraction.starts_with(ends) {
        return None;
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
    let address = match address.strip_prefix(['"', '\'']) {
        // What comes after the second quote is nothing.
        Some(inside) => {
            let quote = &address[..1];
            inside.split(quote).next().unwrap_or(inside)
        }
        None => address,
    };
    let at_once = seconds.bytes().all(|digit| digit == b'0');
    Some(if at_once && is_elsewhere(address) {
        Refresh::Leave(address.trim().to_owned())
    } else {
        Refresh::Stay
    })
}

/// What browsers save, and stay where they are.
const DOWNLOADS: [&str; 20] = [
    "7z", "apk", "appimage", "bz2", "deb", "dmg", "exe", "gz", "ics", "iso", "jar", "msi", "pkg",
    "rar", "rpm", "tar", "tgz", "vcf", "xz", "zip",
];

/// Whether an address leads to another page: not to a place in the same one, to another program, or to a file that is saved.
pub(super) fn is_elsewhere(address: &str) -> bool {
    let address = address.trim();
    let scheme = address.split_once(':').map(|(scheme, _)| scheme);
    let scheme = scheme.filter(|scheme| {
        let mut letters = scheme.chars();
        letters.next().is_some_and(|c| c.is_ascii_alphabetic())
            && letters.all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    });
    let web = |scheme: &str| {
        ["http", "https"]
            .iter()
            .any(|web| scheme.eq_ignore_ascii_case(web))
    };
    !address.is_empty()
        && !address.starts_with('#')
        && scheme.is_none_or(web)
        && !is_download(address)
}

fn is_download(address: &str) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or(address);
    // A host's name has a dot, too.
    let path = match path.split_once("//") {
        Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
        None => path,
    };
    let extension = path.rsplit_once('.').map(|(_, extension)| extension);
    extension.is_some_and(|extension| {
        let mut downloads = DOWNLOADS.iter();
        downloads.any(|download| extension.eq_ignore_ascii_case(download))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_redirects_from_reloads_and_delays() {
        for (content, address) in [
            ("0; url=https://demo.example/", "https://demo.example/"),
            ("0;URL='/x'", "/x"),
            ("0;URL='/x'y", "/x"),
            ("0, /x", "/x"),
            ("0 url = x", "x"),
            (" 0.5; x", "x"),
            (".0;x", "x"),
            ("000;x", "x"),
            ("0; url=HTTPS://demo.zip", "HTTPS://demo.zip"),
            ("0; url=/2026:11/x.html", "/2026:11/x.html"),
            ("0; url=manual.pdf?from=x.zip", "manual.pdf?from=x.zip"),
        ] {
            assert_eq!(
                refresh(content),
                Some(Refresh::Leave(address.to_owned())),
                "{content}"
            );
        }
        for other in [
            "0",
            "0;",
            "0; url=",
            "0; url=''",
            "0; url=#top",
            "0; url=javascript:x",
            "0; url=MAILTO:a@b.example",
            "0; url=intent://x#Intent;end",
            "0; url=tg://resolve?domain=x",
            "0; url=https://demo.example/files/Setup-1.2.EXE?mirror=1",
            "0; url=site.tar.gz",
            "5; url=/x",
            "10;url=/x",
        ] {
            assert_eq!(refresh(other), Some(Refresh::Stay), "{other}");
        }
        for ignored in ["", "url=/x", "x", "0x; /y", "-1; /y"] {
            assert_eq!(refresh(ignored), None, "{ignored}");
        }
    }
}
