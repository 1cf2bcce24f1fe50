//! The runtime that placeholder pages load: embedded here, built from the TypeScript in `runtime/`.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256, Sha384};

/// The module itself.
pub const SOURCE: &[u8] = include_bytes!("../runtime/dist/runtime.js");

/// Its name for embeds written by hand, which do not change with its content.
pub const STABLE_NAME: &str = "runtime.js";

static HASHED_NAME: LazyLock<String> = LazyLock::new(|| name_of(SOURCE));
static INTEGRITY: LazyLock<String> =
    LazyLock::new(|| format!("sha384-{}", STANDARD.encode(Sha384::digest(SOURCE))));

/// Its name by content, `runtime.HASH.js`, under which it can be cached forever.
#[must_use]
pub fn hashed_name() -> &'static str {
    &HASHED_NAME
}

/// Its subresource integrity, `sha384-…`: <https://www.w3.org/TR/SRI/>.
#[must_use]
pub fn integrity() -> &'static str {
    &INTEGRITY
}

/// The name that a runtime of this content has: what tells an untouched one of any version from other files.
#[must_use]
pub fn name_of(source: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut name = String::from("runtime.");
    for byte in &Sha256::digest(source)[..8] {
        let _ = write!(name, "{byte:02x}");
    }
    name + ".js"
}

/// Whether a file name has the form of [`hashed_name`].
#[must_use]
pub fn is_hashed_name(name: &str) -> bool {
    name.strip_prefix("runtime.")
        .and_then(|name| name.strip_suffix(".js"))
        .is_some_and(|hash| hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit()))
}
