//! Sitemaps: <https://www.sitemaps.org/protocol.html>.

use xml::reader::{EventReader, ParserConfig, XmlEvent};

use crate::store::Coding;

/// The longest that is read, in bytes when unpacked; the protocol has this limit.
pub(super) const LARGEST: usize = 50 << 20;
/// How many addresses one may hold by the protocol.
const LISTED: usize = 50_000;

/// A sitemap.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Sitemap {
    /// It lists sitemaps, not pages.
    pub(super) is_index: bool,
    /// What it lists.
    pub(super) locations: Vec<String>,
    /// Why not all of it could be read.
    pub(super) fault: Option<String>,
}

/// Reads one, packed or not; none if it is something else, such as the page that some servers answer everything with.
pub(super) fn read(bytes: &[u8]) -> Option<Sitemap> {
    let unpacked;
    let bytes = if bytes.starts_with(b"\x1F\x8B") {
        unpacked = match Coding::Gzip.decoded(bytes, LARGEST) {
            Ok(unpacked) => unpacked,
            Err(error) => {
                return Some(Sitemap {
                    fault: Some(format!("it cannot be unpacked ({error})")),
                    ..Sitemap::default()
                });
            }
        };
        &unpacked
    } else {
        bytes
    };
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    if text.trim_ascii_start().starts_with(b"http") {
        return Some(lines(text));
    }
    xml(bytes)
}

/// The protocol allows a plain list, one address a line.
fn lines(text: &[u8]) -> Sitemap {
    let text = String::from_utf8_lossy(text);
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let locations: Vec<_> = lines.take(LISTED + 1).map(str::to_owned).collect();
    limited(Sitemap {
        locations,
        ..Sitemap::default()
    })
}

fn xml(bytes: &[u8]) -> Option<Sitemap> {
    let mut config = ParserConfig::new()
        .trim_whitespace(true)
        .cdata_to_characters(true)
        .whitespace_to_characters(true);
    // There is nothing to expand in an address but the five that XML knows.
    config.max_entity_expansion_length = 1 << 16;
    config.max_data_length = 1 << 16;
    let mut sitemap = Sitemap::default();
    let mut depth = 0_usize;
    let mut location: Option<String> = None;
    for event in EventReader::new_with_config(bytes, config) {
        match event {
            Ok(XmlEvent::StartElement { name, .. }) => {
                depth += 1;
                match (depth, name.local_name.as_str()) {
                    (1, "urlset") => {}
                    (1, "sitemapindex") => sitemap.is_index = true,
                    (1, _) => return None,
                    // Images and videos have addresses, too, further down.
                    (3, "loc") => location = Some(String::new()),
                    _ => {}
                }
            }
            Ok(XmlEvent::EndElement { .. }) => {
                depth = depth.saturating_sub(1);
                if depth < 3 {
                    sitemap.locations.extend(location.take());
                }
            }
            Ok(XmlEvent::Characters(text)) => {
                if let Some(location) = &mut location {
                    location.push_str(&text);
                }
            }
            Ok(_) => {}
            // Before the first element, it need not be XML at all.
            Err(_) if depth == 0 && sitemap.locations.is_empty() => return None,
            Err(error) => {
                sitemap.fault = Some(error.to_string());
                break;
            }
        }
        if sitemap.locations.len() > LISTED {
            break;
        }
    }
    Some(limited(sitemap))
}

fn limited(mut sitemap: Sitemap) -> Sitemap {
    if sitemap.locations.len() > LISTED {
        sitemap.locations.truncate(LISTED);
        sitemap.fault = Some(format!(
            "it lists more than {LISTED} addresses, which is the limit"
        ));
    }
    sitemap
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn pages_are_told_from_sitemaps_and_from_what_else_has_an_address() {
        let text = "<?xml version='1.0'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' \
            xmlns:image='http://www.google.com/schemas/sitemap-image/1.1'>\
            <url><loc> https://example.com/?a=1&amp;b=2 </loc><image:image><image:loc>https://example.com/x.png</image:loc></image:image></url>\
            <url><loc><![CDATA[https://example.com/b/]]></loc></url></urlset>";
        let sitemap = read(text.as_bytes()).unwrap();
        assert_eq!(
            sitemap.locations,
            ["https://example.com/?a=1&b=2", "https://example.com/b/"]
        );
        assert!(!sitemap.is_index && sitemap.fault.is_none());
        let index = "<sitemapindex><sitemap><loc>a.xml</loc></sitemap></sitemapindex>";
        let index = read(index.as_bytes()).unwrap();
        assert!(index.is_index);
        assert_eq!(index.locations, ["a.xml"]);
    }

    #[test]
    fn packed_and_plain_lists_are_read() {
        let plain = "https://example.com/a\r\n\r\nhttps://example.com/b\n";
        let mut packed = Vec::new();
        Coding::Gzip
            .compress(plain.as_bytes(), &mut packed)
            .unwrap();
        for bytes in [plain.as_bytes(), &packed] {
            let locations = read(bytes).unwrap().locations;
            assert_eq!(
                locations,
                ["https://example.com/a", "https://example.com/b"]
            );
        }
        assert!(read(&packed[..packed.len() / 2]).unwrap().fault.is_some());
    }

    #[test]
    fn what_is_none_is_not_taken_for_one_and_what_is_broken_says_so() {
        for other in [
            "",
            "<!doctype html><title>x</title>",
            "not found",
            "<rss><channel/></rss>",
        ] {
            assert_eq!(read(other.as_bytes()), None, "{other}");
        }
        let broken = "<urlset><url><loc>https://example.com/</loc></url><url><loc>https://example.com/&nbsp;";
        let sitemap = read(broken.as_bytes()).unwrap();
        assert_eq!(sitemap.locations, ["https://example.com/"]);
        assert!(sitemap.fault.is_some());
        // Each entity ten times the one before.
        let bomb = "<!DOCTYPE urlset [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>\
            <!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;'><!ENTITY d '&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;'>\
            <!ENTITY e '&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;'>]><urlset><url><loc>&e;</loc></url></urlset>";
        assert!(read(bomb.as_bytes()).is_none_or(|sitemap| sitemap.fault.is_some()));
        let many = format!(
            "<urlset>{}</urlset>",
            "<url><loc>https://example.com/</loc></url>".repeat(LISTED + 5)
        );
        let sitemap = read(many.as_bytes()).unwrap();
        assert_eq!(sitemap.locations.len(), LISTED);
        assert!(sitemap.fault.is_some());
    }
}
