//! Lists of files in JSON: Angular's `ngsw.json`, and others.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::{Claim, Unreadable, Written};
use crate::derived::digest::Algorithm;

/// What Angular's worker holds files against: the member `hashTable`, from URLs to the SHA-1 of contents.
pub(super) fn angular(bytes: &[u8]) -> Result<Vec<Claim>, Unreadable> {
    let text = text(bytes)?;
    let Members(members) = parse(text)?;
    // Of members of one name, readers take the last.
    let table = members.iter().rev().find(|(name, _)| name == "hashTable");
    let Some((_, table)) = table else {
        return Err(Unreadable {
            why: "it has no `hashTable`".to_owned(),
            at: 0,
        });
    };
    let Ok(Members(files)) = serde_json::from_str(table.get()) else {
        return Err(Unreadable {
            why: "its `hashTable` is not an object".to_owned(),
            at: offset(bytes, table),
        });
    };
    let claim = |(url, value): (String, &RawValue)| {
        let start = offset(bytes, value);
        let is_text = value.get().starts_with('"');
        // Whatever else stands there, the worker takes it for the digest.
        let inset = usize::from(is_text);
        Claim {
            url,
            span: start + inset..start + value.get().len() - inset,
            written: Written::Hex(Algorithm::Sha1),
            is_sure: true,
        }
    };
    let mut claims: Vec<Claim> = files.into_iter().map(claim).collect();
    last_counts(&mut claims);
    Ok(claims)
}

/// Of several members of one name, readers take the last.
fn last_counts(claims: &mut Vec<Claim>) {
    let mut last = std::collections::HashMap::new();
    for (index, claim) in claims.iter().enumerate() {
        last.insert(claim.url.clone(), index);
    }
    if last.len() < claims.len() {
        let mut index = 0..;
        claims.retain(|claim| last.get(&claim.url) == index.next().as_ref());
    }
}

/// Members whose name is a file and whose value is a digest, and objects that have both as values, wherever they are.
pub(super) fn any(bytes: &[u8]) -> Result<Vec<Claim>, Unreadable> {
    let text = text(bytes)?;
    let root: &RawValue = parse(text)?;
    let mut claims = Vec::new();
    let mut open = vec![root];
    while let Some(value) = open.pop() {
        if let Ok(Members(members)) = serde_json::from_str::<Members<'_>>(value.get()) {
            let of = |keys: &[&str]| {
                let mut members = members.iter();
                let found = members.find(|(name, _)| keys.contains(&name.as_str()));
                found.and_then(|(_, value)| serde_json::from_str::<String>(value.get()).ok())
            };
            let file = of(&["url", "path", "file", "href", "name"]);
            for (name, value) in &members {
                match digest(bytes, value) {
                    Some((span, written)) => claims.push(Claim {
                        url: file.clone().unwrap_or_else(|| name.clone()),
                        span,
                        written,
                        is_sure: false,
                    }),
                    None => open.push(value),
                }
            }
        } else if let Ok(Items(items)) = serde_json::from_str::<Items<'_>>(value.get()) {
            open.extend(items);
        }
    }
    claims.sort_by_key(|claim| claim.span.start);
    Ok(claims)
}

fn digest(bytes: &[u8], value: &RawValue) -> Option<(std::ops::Range<usize>, Written)> {
    let inner = value.get().strip_prefix('"')?.strip_suffix('"')?;
    let written = Written::of(inner.as_bytes())?;
    let start = offset(bytes, value) + 1;
    Some((start..start + inner.len(), written))
}

/// JSON is UTF-8; what reads it in browsers leaves out a byte order mark.
fn text(bytes: &[u8]) -> Result<&str, Unreadable> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| Unreadable {
        why: "it is not UTF-8".to_owned(),
        at: error.valid_up_to(),
    })
}

fn parse<'t, T: Deserialize<'t>>(text: &'t str) -> Result<T, Unreadable> {
    serde_json::from_str(text).map_err(|error| {
        let lines = text.split_inclusive('\n');
        let before = lines.take(error.line().saturating_sub(1));
        let at = before.map(str::len).sum::<usize>() + error.column().saturating_sub(1);
        let why = error.to_string();
        let why = why.split(" at line ").next().unwrap_or(&why);
        Unreadable {
            why: format!("it is not valid JSON: {why}"),
            at: at.min(text.len()),
        }
    })
}

/// Where in the file a value is that was read from it.
fn offset(bytes: &[u8], value: &RawValue) -> usize {
    value.get().as_ptr().addr() - bytes.as_ptr().addr()
}

/// The members of an object, in their order, with those of the same name.
struct Members<'t>(Vec<(String, &'t RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All;
        impl<'de> Visitor<'de> for All {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(All)
    }
}

/// The items of an array.
struct Items<'t>(Vec<&'t RawValue>);

impl<'de> Deserialize<'de> for Items<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All;
        impl<'de> Visitor<'de> for All {
            type Value = Items<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
                let mut all = Vec::new();
                while let Some(item) = items.next_element()? {
                    all.push(item);
                }
                Ok(Items(all))
            }
        }
        deserializer.deserialize_seq(All)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn said(bytes: &[u8], claims: Vec<Claim>) -> Vec<(String, String)> {
        let text = |claim: Claim| {
            let value = String::from_utf8_lossy(&bytes[claim.span]).into_owned();
            (claim.url, value)
        };
        claims.into_iter().map(text).collect()
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        let own = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
        pairs.iter().map(own).collect()
    }

    #[test]
    fn the_table_that_counts_is_the_last_and_so_is_the_member() {
        let text = "\u{feff}{\"hashTable\": {\"/x.html\": \"1\"},\r\n \"a\": [1, {}],\n\
            \"hashTable\": {\"/\\u0061.html\": \"aa\", \"/b.html\": \"b\",\"/a.html\":\"c\", \"/n.html\": 17}}";
        let claims = angular(text.as_bytes()).unwrap();
        let expected = pairs(&[("/b.html", "b"), ("/a.html", "c"), ("/n.html", "17")]);
        assert_eq!(said(text.as_bytes(), claims), expected);
    }

    #[test]
    fn what_cannot_be_read_says_where() {
        for (text, why, at) in [
            (
                &b"{\"hashTable\": {\n  \"a\" 1"[..],
                "it is not valid JSON: expected `:`",
                22,
            ),
            (b"{}", "it has no `hashTable`", 0),
            (
                b"{\"hashTable\": []}",
                "its `hashTable` is not an object",
                14,
            ),
            (b"{\"\xFF", "it is not UTF-8", 2),
            (b"", "it is not valid JSON: EOF while parsing a value", 0),
        ] {
            let error = angular(text).unwrap_err();
            assert_eq!((error.why.as_str(), error.at), (why, at));
        }
    }

    #[test]
    fn other_lists_are_read_wherever_they_are_in_the_document() {
        let md5 = "5d41402abc4b2a76b9719d911017c592";
        let text = format!(
            r#"{{"version": 3, "files": [{{"path": "a.html", "sha": "{md5}"}}, {{"b.html": "{md5}", "n": null}}]}}"#
        );
        let claims = any(text.as_bytes()).unwrap();
        assert_eq!(
            said(text.as_bytes(), claims),
            pairs(&[("a.html", md5), ("b.html", md5)])
        );
        let deep = "[".repeat(20_000);
        assert!(any(deep.as_bytes()).is_err());
    }
}
