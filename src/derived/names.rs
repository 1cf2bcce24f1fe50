//! Which files may be derived from pages, by their names.

use std::ffi::OsStr;

/// A format in which a file says something about others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Angular's `ngsw.json`.
    Angular,
    /// A service worker, with or without a precache list in it.
    Worker,
    /// A precache list in a file of its own, whose name has the digest of its content.
    Precache,
    /// A list of files and digests in JSON.
    Json,
    /// What `sha256sum` and its kin write.
    Sums,
}

impl Format {
    /// The format of a file of this name, as far as a name tells.
    #[must_use]
    pub fn of(name: &OsStr) -> Option<Self> {
        // Most names in a site fail here.
        let bytes = name.as_encoded_bytes();
        let end = bytes.len().checked_sub(3)?;
        match &bytes[end..] {
            b".js" | b"mjs" | b"son" | b"txt" | b"UMS" | b"ums" | b"md5" | b"ha1" | b"256"
            | b"384" | b"512" => {}
            _ => return None,
        }
        let name = name.to_str()?.to_ascii_lowercase();
        if name == "ngsw.json" {
            return Some(Self::Angular);
        }
        match name.rsplit_once('.') {
            Some((stem, "js" | "mjs")) => script(stem),
            Some((stem, "json")) => json(stem),
            Some((stem, "txt")) => sums(stem),
            // `index.html.sha256`, with one line of what `sha256sum` writes.
            Some((_, "md5" | "sha1" | "sha256" | "sha384" | "sha512")) => Some(Format::Sums),
            None => sums(&name),
            _ => None,
        }
    }
}

fn script(stem: &str) -> Option<Format> {
    // Angular's own; what they keep stands in ngsw.json.
    if matches!(stem, "ngsw-worker" | "safety-worker" | "worker-basic.min") {
        return None;
    }
    let mut words = stem.split(|c: char| !c.is_ascii_alphanumeric());
    // `precache-manifest.HASH.js` of Workbox 3 and 4.
    if let Some(hash) = stem.strip_prefix("precache-manifest.")
        && hash.len() >= 8
        && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
    {
        return Some(Format::Precache);
    }
    let plain: String = stem.chars().filter(char::is_ascii_alphanumeric).collect();
    // Other kinds of workers are among them: what they hold tells them apart.
    let is_worker = plain.contains("worker")
        || plain.contains("precache")
        || plain.ends_with("sw") && !plain.starts_with("register")
        || words.any(|word| matches!(word, "sw" | "pwa" | "offline"));
    is_worker.then_some(Format::Worker)
}

fn json(stem: &str) -> Option<Format> {
    let mut words = stem.split(|c: char| !c.is_ascii_alphanumeric());
    let is_list = |word| {
        matches!(
            word,
            "integrity"
                | "precache"
                | "sri"
                | "checksum"
                | "checksums"
                | "hashes"
                | "assets"
                | "asset"
        )
    };
    words.any(is_list).then_some(Format::Json)
}

fn sums(stem: &str) -> Option<Format> {
    let plain: String = stem.chars().filter(char::is_ascii_alphanumeric).collect();
    let is_sums = matches!(
        plain.as_str(),
        "md5sum"
            | "md5sums"
            | "sha1sum"
            | "sha1sums"
            | "sha256sum"
            | "sha256sums"
            | "sha512sum"
            | "sha512sums"
            | "checksum"
            | "checksums"
            // Those of BagIt (RFC 8493).
            | "manifestmd5"
            | "manifestsha1"
            | "manifestsha256"
            | "manifestsha512"
    );
    is_sums.then_some(Format::Sums)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_generators_give_are_known_and_others_are_not() {
        for (name, format) in [
            ("ngsw.json", Format::Angular),
            ("sw.js", Format::Worker),
            ("service-worker.js", Format::Worker),
            ("serviceWorker.mjs", Format::Worker),
            ("claims-sw.js", Format::Worker),
            ("mysw.js", Format::Worker),
            ("cache-worker.js", Format::Worker),
            ("offline.js", Format::Worker),
            ("service-worker-assets.js", Format::Worker),
            ("firebase-messaging-sw.js", Format::Worker),
            (
                "precache-manifest.0123456789abcdef0123456789abcdef.js",
                Format::Precache,
            ),
            ("precache-manifest.js", Format::Worker),
            ("integrity.json", Format::Json),
            ("precache-manifest.json", Format::Json),
            ("SHA256SUMS", Format::Sums),
            ("sha256sums.txt", Format::Sums),
            ("checksums.txt", Format::Sums),
            ("manifest-sha256.txt", Format::Sums),
            ("index.html.sha256", Format::Sums),
            ("asset-manifest.json", Format::Json),
        ] {
            assert_eq!(Format::of(OsStr::new(name)), Some(format), "{name}");
        }
        for name in [
            "index.html",
            "ngsw-worker.js",
            "registerSW.js",
            "swiper.js",
            "main.js",
            "manifest.json",
            "robots.txt",
            "LICENSE",
            "js",
            "",
        ] {
            assert_eq!(Format::of(OsStr::new(name)), None, "{name}");
        }
    }
}
