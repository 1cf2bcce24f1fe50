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

/// The scripts that a worker names where it imports some: `importScripts("a.js", "b.js")`.
pub(super) fn imports(bytes: &[u8]) -> Vec<String> {
    const CALL: &[u8] = b"importScripts(";
    let mut imports = Vec::new();
    for found in memmem::find_iter(bytes, CALL) {
        let mut at = found + CALL.len();
        loop {
            let piece = &bytes[..bytes.len().min(at + ADDRESS)];
            let space = piece[at..]
                .iter()
                .take_while(|byte| byte.is_ascii_whitespace());
            at += space.count();
            let Some(end) = literal(piece, at) else {
                break;
            };
            imports.extend(decoded(&bytes[at + 1..end - 1]));
            let rest = bytes[end..].trim_ascii_start();
            if rest.first() != Some(&b',') {
                break;
            }
            at = bytes.len() - rest.len() + 1;
        }
    }
    imports
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
    fn what_a_worker_imports_by_name_is_found() {
        let text = "self.importScripts('./service-worker-assets.js');importScripts( \"a.js\" ,\n`b.js`,c,'d.js');importScripts(x";
        assert_eq!(
            imports(text.as_bytes()),
            ["./service-worker-assets.js", "a.js", "b.js"]
        );
        assert!(imports(b"importScripts('a.js").is_empty());
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
