//! Workers that keep pages by name alone, such as SvelteKit's and those that people write by hand: `cache.addAll(["/", "/about"])`.
//! A browser takes such a worker for a new one only if its own bytes change.

use memchr::memmem;

use super::precache::{decoded, literal};

/// How long an address may be.
const ADDRESS: usize = 1 << 10;
/// What is there in no worker that keeps pages by name alone: Workbox and its kin have lists, which say more.
const LISTS: [&[u8]; 3] = [b"precacheAndRoute", b"__WB_", b"workbox"];

/// The addresses that a worker names, if it puts any into a cache by itself.
pub(super) fn names(bytes: &[u8]) -> Vec<String> {
    let has = |what: &[u8]| memmem::find(bytes, what).is_some();
    if !has(b"caches") || !has(b"addAll(") && !has(b".add(") || LISTS.iter().any(|l| has(l)) {
        return Vec::new();
    }
    let mut names = Vec::new();
    let mut at = 0;
    while let Some(found) = memchr::memchr3(b'"', b'\'', b'`', &bytes[at..]) {
        let start = at + found;
        at = start + 1;
        let piece = &bytes[..bytes.len().min(start + ADDRESS)];
        let Some(end) = literal(piece, start) else {
            continue;
        };
        let inside = &bytes[start + 1..end - 1];
        if looks_like_an_address(inside) && !bytes[..start].ends_with(b"openWindow(") {
            at = end;
            names.extend(decoded(inside));
        }
    }
    names.sort_unstable();
    names.dedup();
    names
}

fn looks_like_an_address(text: &[u8]) -> bool {
    let is_path = text.starts_with(b"/") || text.starts_with(b"./") || text.ends_with(b"html");
    is_path && !text.starts_with(b"//") && !text.contains(&b' ') && !text.contains(&b'<')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_addresses_of_a_worker_that_fills_a_cache_are_found() {
        let text = "const e=location.pathname,u=[e+\"/\",e+'/about',`./shop`],t=\"it's\";\
            clients.openWindow(\"/inbox\");caches.open(t).then(c=>c.addAll([...u,'index.html', `/${t}`]))";
        assert_eq!(
            names(text.as_bytes()),
            ["./shop", "/", "/about", "index.html"]
        );
    }

    #[test]
    fn other_workers_name_nothing() {
        for text in [
            "clients.openWindow('/')",
            "caches.keys();new URL('/x.html')",
            "caches.open('a').then(c=>c.addAll(['/']));importScripts('workbox-0.js')",
        ] {
            assert!(names(text.as_bytes()).is_empty(), "{text}");
        }
    }
}
