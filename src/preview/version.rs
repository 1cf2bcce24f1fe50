//! Which part of a reply a client needs: conditions and ranges, by RFC 9110, sections 13 and 14.

use std::ops::RangeInclusive;
use std::time::SystemTime;

use axum::http::header::RANGE;
use axum::http::{HeaderMap, Method};
use headers::{
    ETag, HeaderMapExt, IfMatch, IfModifiedSince, IfNoneMatch, IfRange, IfUnmodifiedSince,
    LastModified,
};
use http_range_header::{RangeUnsatisfiableError, parse_range_header};
use sha2::{Digest, Sha256};

/// What tells one state of a file or page from another.
#[derive(Debug, Clone)]
pub(super) struct Version {
    /// Another one for each content.
    tag: Option<ETag>,
    /// When it was changed, where that is known.
    modified: Option<SystemTime>,
    /// How long it is, in bytes.
    length: u64,
}

/// What a client is to get of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All.
    Whole,
    /// These bytes.
    Part(RangeInclusive<u64>),
    /// Word that it has it already.
    NotModified,
    /// Word that its condition does not hold.
    ConditionFailed,
    /// Word that it is not that long.
    NoSuchPart,
}

impl Version {
    /// That of what is in memory.
    pub(super) fn of(content: &[u8]) -> Self {
        Self {
            tag: tag(&Sha256::digest(content)),
            modified: None,
            length: content.len() as u64,
        }
    }

    /// That of a file with this metadata.
    pub(super) fn of_file(metadata: &std::fs::Metadata) -> Self {
        let modified = metadata.modified().ok();
        let mut digest = Sha256::new();
        digest.update(format!("{modified:?} {}", metadata.len()));
        // Programs that copy set the time of a change back, and not that of the entry.
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt as _;
            let (ino, at, part) = (metadata.ino(), metadata.ctime(), metadata.ctime_nsec());
            digest.update(format!(" {ino} {at} {part}"));
        }
        Self {
            tag: tag(&digest.finalize()),
            modified,
            length: metadata.len(),
        }
    }

    /// How long it is, in bytes.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Says in a reply which one it is.
    pub(super) fn tell(&self, reply: &mut HeaderMap) {
        if let Some(tag) = &self.tag {
            reply.typed_insert(tag.clone());
        }
        if let Some(modified) = self.modified {
            reply.typed_insert(LastModified::from(modified));
        }
    }

    /// What a request with these header fields is to get: conditions in the order of section 13.2.2. What cannot be
    /// understood counts as not said.
    pub(super) fn wanted(&self, method: &Method, asked: &HeaderMap) -> Wanted {
        if let Some(condition) = asked.typed_get::<IfMatch>() {
            if !self.is(|tag| condition.precondition_passes(tag)) {
                return Wanted::ConditionFailed;
            }
        } else if let Some(condition) = asked.typed_get::<IfUnmodifiedSince>()
            && self.was_modified(|at| !condition.precondition_passes(at))
        {
            return Wanted::ConditionFailed;
        }
        if let Some(condition) = asked.typed_get::<IfNoneMatch>() {
            if self.is(|tag| !condition.precondition_passes(tag)) {
                return Wanted::NotModified;
            }
        } else if let Some(condition) = asked.typed_get::<IfModifiedSince>()
            && self.was_modified(|at| !condition.is_modified(at))
        {
            return Wanted::NotModified;
        }
        if method == Method::GET && self.is_still(asked.typed_get::<IfRange>(), asked) {
            self.part(asked)
        } else {
            Wanted::Whole
        }
    }

    fn is(&self, passes: impl FnOnce(&ETag) -> bool) -> bool {
        self.tag.as_ref().is_some_and(passes)
    }

    fn was_modified(&self, holds: impl FnOnce(SystemTime) -> bool) -> bool {
        self.modified.is_some_and(holds)
    }

    /// Whether a client that has a part of this version may be given another: by its tag, or the very time of its change.
    fn is_still(&self, condition: Option<IfRange>, asked: &HeaderMap) -> bool {
        match condition {
            None => !asked.contains_key(axum::http::header::IF_RANGE),
            Some(condition) => {
                let same_time = self.modified.map(IfRange::date).as_ref() == Some(&condition);
                same_time || !condition.is_modified(self.tag.as_ref(), None)
            }
        }
    }

    /// The part that is asked for. Several at once are allowed to be answered by all of it.
    fn part(&self, asked: &HeaderMap) -> Wanted {
        let mut ranges = asked.get_all(RANGE).iter();
        let (Some(range), None) = (ranges.next(), ranges.next()) else {
            return Wanted::Whole;
        };
        let range = range.to_str().ok().map(parse_range_header);
        let Some(Ok(ranges)) = range else {
            return Wanted::Whole;
        };
        match ranges.validate(self.length).as_deref() {
            Ok([part]) => Wanted::Part(part.clone()),
            Err(RangeUnsatisfiableError::Unsatisfiable) => Wanted::NoSuchPart,
            _ => Wanted::Whole,
        }
    }
}

/// A tag of the first half of a digest; that no tag can be made of it cannot be.
fn tag(digest: &[u8]) -> Option<ETag> {
    format!("\"{}\"", hex::encode(&digest[..16])).parse().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::time::{Duration, UNIX_EPOCH};

    use axum::http::header::ETAG;
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    /// The dates are those of RFC 9110, section 5.6.7.
    const SAME: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    const SAME_IN_SECONDS: u64 = 784_111_777;
    const BEFORE: &str = "Sun, 06 Nov 1994 08:49:36 GMT";
    const AFTER: &str = "Sun, 06 Nov 1994 08:49:38 GMT";

    fn wanted(method: &Method, headers: &[(&str, &str)]) -> Wanted {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name = HeaderName::try_from(*name).unwrap();
            map.append(name, HeaderValue::from_str(value).unwrap());
        }
        let version = Version {
            tag: Some("\"one\"".parse().unwrap()),
            // File systems know parts of a second, and HTTP does not.
            modified: Some(UNIX_EPOCH + Duration::from_millis(SAME_IN_SECONDS * 1000 + 700)),
            length: 100,
        };
        version.wanted(method, &map)
    }

    #[test]
    fn conditions_are_judged_in_the_order_of_the_rfc() {
        use Wanted::{ConditionFailed, NotModified, Whole};
        for (headers, wanted_) in [
            (&[] as &[_], Whole),
            (&[("if-none-match", "\"one\"")], NotModified),
            (&[("if-none-match", "W/\"one\"")], NotModified),
            (&[("if-none-match", "\"zero\", \"one\"")], NotModified),
            (
                &[("if-none-match", "\"zero\""), ("if-none-match", "\"one\"")],
                NotModified,
            ),
            (&[("if-none-match", "*")], NotModified),
            (&[("if-none-match", "\"two\"")], Whole),
            (&[("if-modified-since", SAME)], NotModified),
            (&[("if-modified-since", AFTER)], NotModified),
            (&[("if-modified-since", BEFORE)], Whole),
            (
                &[("if-modified-since", "Sunday, 06-Nov-94 08:49:37 GMT")],
                NotModified,
            ),
            (
                &[("if-modified-since", "Sun Nov  6 08:49:37 1994")],
                NotModified,
            ),
            (&[("if-modified-since", "yesterday")], Whole),
            // Where there is a tag, the time does not count.
            (
                &[("if-none-match", "\"two\""), ("if-modified-since", SAME)],
                Whole,
            ),
            (
                &[("if-none-match", "\"one\""), ("if-modified-since", BEFORE)],
                NotModified,
            ),
            (&[("if-match", "\"one\"")], Whole),
            (&[("if-match", "*")], Whole),
            (&[("if-match", "\"two\"")], ConditionFailed),
            (&[("if-match", "W/\"one\"")], ConditionFailed),
            (&[("if-unmodified-since", SAME)], Whole),
            (&[("if-unmodified-since", BEFORE)], ConditionFailed),
            (
                &[("if-match", "\"one\""), ("if-unmodified-since", BEFORE)],
                Whole,
            ),
            (
                &[("if-match", "\"two\""), ("if-none-match", "\"one\"")],
                ConditionFailed,
            ),
            (
                &[("if-match", "\"one\""), ("if-none-match", "\"one\"")],
                NotModified,
            ),
        ] {
            for method in [Method::GET, Method::HEAD] {
                assert_eq!(wanted(&method, headers), wanted_, "{method} {headers:?}");
            }
        }
    }

    #[test]
    fn parts_are_given_where_they_are_there_and_still_of_the_same_version() {
        use Wanted::{NoSuchPart, NotModified, Part, Whole};
        let first = Part(0..=9);
        for (headers, wanted_) in [
            (&[("range", "bytes=0-9")] as &[_], first.clone()),
            (&[("range", "Bytes=0-9")], first.clone()),
            (&[("range", "bytes=90-")], Part(90..=99)),
            (&[("range", "bytes=90-1000")], Part(90..=99)),
            (&[("range", "bytes=-10")], Part(90..=99)),
            (&[("range", "bytes=-1000")], Part(0..=99)),
            (&[("range", "bytes=99-99")], Part(99..=99)),
            (&[("range", "bytes=100-")], NoSuchPart),
            (&[("range", "bytes=-0")], NoSuchPart),
            // Not understood, or not to be answered by one part.
            (&[("range", "items=0-9")], Whole),
            (&[("range", "bytes=9-0")], Whole),
            (&[("range", "bytes=")], Whole),
            (&[("range", "bytes=a-b")], Whole),
            (&[("range", "bytes=0-9,20-29")], Whole),
            (&[("range", "bytes=0-9"), ("range", "bytes=20-29")], Whole),
            (
                &[("range", "bytes=0-9"), ("if-range", "\"one\"")],
                first.clone(),
            ),
            (&[("range", "bytes=0-9"), ("if-range", "\"two\"")], Whole),
            (&[("range", "bytes=0-9"), ("if-range", "W/\"one\"")], Whole),
            (&[("range", "bytes=0-9"), ("if-range", SAME)], first.clone()),
            (&[("range", "bytes=0-9"), ("if-range", BEFORE)], Whole),
            (&[("range", "bytes=0-9"), ("if-range", AFTER)], Whole),
            (&[("range", "bytes=0-9"), ("if-range", "what")], Whole),
            (&[("range", "bytes=100-"), ("if-range", "\"two\"")], Whole),
            (
                &[("range", "bytes=0-9"), ("if-none-match", "\"one\"")],
                NotModified,
            ),
            (
                &[("range", "bytes=0-9"), ("if-none-match", "\"two\"")],
                first.clone(),
            ),
            (
                &[("range", "bytes=0-9"), ("if-modified-since", SAME)],
                NotModified,
            ),
        ] {
            assert_eq!(wanted(&Method::GET, headers), wanted_, "{headers:?}");
        }
        // A range is of GET alone.
        let head = wanted(&Method::HEAD, &[("range", "bytes=0-9")]);
        assert_eq!(head, Whole);
    }

    #[test]
    fn what_is_in_memory_has_a_tag_of_its_content() {
        let tag = |content: &[u8]| {
            let mut reply = HeaderMap::new();
            Version::of(content).tell(&mut reply);
            assert!(!reply.contains_key("last-modified"));
            reply.get(ETAG).cloned().unwrap()
        };
        assert_eq!(tag(b"one"), tag(b"one"));
        assert_ne!(tag(b"one"), tag(b"two"));
    }
}
