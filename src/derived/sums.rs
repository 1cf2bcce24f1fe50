//! Checksum files: `HEX  path`, as `sha256sum` writes it, and `SHA256 (path) = HEX`, as BSD's tools do.

use super::{Claim, Written};

/// What a checksum file says.
pub(super) fn claims(bytes: &[u8]) -> Vec<Claim> {
    let mut start = 0;
    let mut claims = Vec::new();
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        claims.extend(claim(start, line));
        start += line.len();
    }
    claims
}

fn claim(start: usize, line: &[u8]) -> Option<Claim> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = std::str::from_utf8(line.strip_suffix(b"\r").unwrap_or(line)).ok()?;
    let (url, at, digest) = if let Some((before, digest)) = line.rsplit_once(") = ") {
        let (_, path) = before.split_once(" (")?;
        (path, line.len() - digest.len(), digest)
    } else {
        let (digest, path) = line.split_once(' ')?;
        (path.strip_prefix([' ', '*'])?, 0, digest)
    };
    let written = Written::of(digest.as_bytes()).filter(|w| matches!(w, Written::Hex(_)))?;
    Some(Claim {
        url: escaped(url),
        span: start + at..start + at + digest.len(),
        written,
        is_sure: true,
    })
}

/// A path as a URL: what stands in checksum files is not encoded.
fn escaped(path: &str) -> String {
    path.replace('%', "%25")
        .replace('?', "%3F")
        .replace('#', "%23")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read() {
        let md5 = "5d41402abc4b2a76b9719d911017c592";
        let text =
            format!("# files\r\n{md5}  a b.html\r\n{md5} *c#.html\nMD5 (d (1).html) = {md5}\n");
        let claims = claims(text.as_bytes());
        let said: Vec<_> = claims
            .iter()
            .map(|claim| (claim.url.as_str(), &text[claim.span.clone()]))
            .collect();
        assert_eq!(
            said,
            [("a b.html", md5), ("c%23.html", md5), ("d (1).html", md5)]
        );
    }
}
