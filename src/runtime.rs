//! The runtime that placeholder pages load: embedded here, built from the TypeScript in `runtime/`.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use memchr::memmem;
use sha2::{Digest, Sha256, Sha384};

/// The module itself.
pub const SOURCE: &[u8] = include_bytes!("../runtime/dist/runtime.js");

/// Its name for embeds written by hand, which do not change with its content.
pub const STABLE_NAME: &str = "runtime.js";

/// A file that pages load: in a site it stands under a name with its hash, and under a stable name where it has one.
#[derive(Debug)]
pub struct File {
    /// What its names begin with.
    stem: &'static str,
    /// What they end with, after a dot.
    extension: &'static str,
    /// Its name for embeds written by hand.
    pub stable_name: Option<&'static str>,
    /// What this version writes.
    pub content: &'static [u8],
    /// What is in the content of every version and of no other program: it takes no byte of its own.
    mark: &'static [u8],
}

/// All files that pages load.
pub static FILES: [File; 3] = [
    File {
        stem: "runtime",
        extension: "js",
        stable_name: Some(STABLE_NAME),
        content: SOURCE,
        // The symbol by which the copies of the runtime in a document find each other.
        mark: b"chathub.runtime.v",
    },
    // What few pages need: the runtime loads it, by its name by content, when it comes to that.
    File {
        stem: "more",
        extension: "js",
        stable_name: None,
        content: include_bytes!("../runtime/dist/more.js"),
        mark: b"chathub.runtime.v",
    },
    // What visitors see of the runtime itself, which is still rarer: the file before loads it.
    File {
        stem: "box",
        extension: "js",
        stable_name: None,
        content: include_bytes!("../runtime/dist/box.js"),
        mark: b"chathub.runtime.v",
    },
];

/// Longer than any version of any file, in bytes. What is longer is not ours, and need not be read.
pub const MOST: usize = 1 << 20;

static HASHED_NAME: LazyLock<String> = LazyLock::new(|| name_of(SOURCE));
static INTEGRITY: LazyLock<String> =
    LazyLock::new(|| format!("sha384-{}", STANDARD.encode(Sha384::digest(SOURCE))));

/// The runtime's name by content, `runtime.HASH.js`, under which it can be cached forever.
#[must_use]
pub fn hashed_name() -> &'static str {
    &HASHED_NAME
}

/// Its subresource integrity, `sha384-…`: <https://www.w3.org/TR/SRI/>.
#[must_use]
pub fn integrity() -> &'static str {
    &INTEGRITY
}

/// The name that a runtime of this content has.
#[must_use]
pub fn name_of(source: &[u8]) -> String {
    FILES[0].name_of(source)
}

impl File {
    /// Its name by content.
    #[must_use]
    pub fn hashed_name(&self) -> String {
        self.name_of(self.content)
    }

    /// Its names, the one by content first.
    pub fn names(&self) -> impl Iterator<Item = String> {
        let stable = self.stable_name.map(str::to_owned);
        [self.hashed_name()].into_iter().chain(stable)
    }

    /// The name that a version with this content has.
    #[must_use]
    pub fn name_of(&self, content: &[u8]) -> String {
        let hash = hex::encode(&Sha256::digest(content)[..8]);
        format!("{}.{hash}.{}", self.stem, self.extension)
    }

    /// Whether a file name has the form of [`hashed_name`](Self::hashed_name): no more than a reason to look inside.
    #[must_use]
    pub fn may_be_named(&self, name: &str) -> bool {
        name.strip_prefix(self.stem)
            .and_then(|name| name.strip_suffix(self.extension)?.strip_suffix('.'))
            .and_then(|name| name.strip_prefix('.'))
            .is_some_and(|hash| hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit()))
    }

    /// Whether a file of this name and content is one that some version wrote. Bundlers write such names, too, so the
    /// content has to have the mark as well as the hash.
    #[must_use]
    pub fn wrote(&self, name: &str, content: &[u8]) -> bool {
        self.may_be_named(name) && self.is_marked(content) && self.name_of(content) == name
    }

    /// Whether a content is this file's, of whatever version, or was before somebody changed it.
    #[must_use]
    pub fn is_marked(&self, content: &[u8]) -> bool {
        memmem::find(content, self.mark).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_asks_for_the_next_by_its_name() {
        for pair in FILES.windows(2) {
            let name = pair[1].hashed_name();
            let asked = memmem::find(pair[0].content, name.as_bytes());
            assert!(asked.is_some(), "{name}");
        }
    }

    #[test]
    fn every_file_is_known_by_its_content() {
        for file in &FILES {
            let name = file.hashed_name();
            assert!(file.wrote(&name, file.content), "{name}");
            let mut changed = file.content.to_vec();
            changed.push(b'\n');
            assert!(!file.wrote(&name, &changed), "{name}");
            // A later or earlier version.
            assert!(file.wrote(&file.name_of(&changed), &changed), "{name}");
            // What another program names by the same hash.
            let foreign = b"export default 1";
            assert!(!file.wrote(&file.name_of(foreign), foreign), "{name}");
            assert!(file.content.len() * 10 < MOST);
        }
        assert!(FILES[0].may_be_named("runtime.0b1c9d3f8a7e6d5c.js"));
        for other in [
            "runtime.js",
            "runtime.0b1c9d3f8a7e6d5.js",
            "runtime.0b1c9d3f8a7e6d5g.js",
            "runtime.0b1c9d3f8a7e6d5c.mjs",
            "runtime~0b1c9d3f8a7e6d5c.js",
            "main.0b1c9d3f8a7e6d5c.js",
            "runtime.0b1c9d3f8a7e6d5c.js.map",
        ] {
            assert!(!FILES[0].may_be_named(other), "{other}");
        }
    }
}
