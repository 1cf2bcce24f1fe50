//! Files that say something about pages, such as a service worker's precache list: they stay true, byte for byte otherwise,
//! `remove` leaves no trace in them, and what another step made wrong is reported and not covered up.

mod added;
mod formats;
mod hostile;
mod runs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use md5::Md5;
use sha1::{Digest as _, Sha1};
use sha2::{Digest as _, Sha256, Sha384};

use crate::common::{HEAD, Site, TAIL};

pub(crate) const RULE: &str = "stale-precache-manifest";

pub(crate) fn md5(bytes: impl AsRef<[u8]>) -> String {
    hex::encode(Md5::digest(bytes))
}

pub(crate) fn sha1(bytes: impl AsRef<[u8]>) -> String {
    hex::encode(Sha1::digest(bytes))
}

pub(crate) fn sha256(bytes: impl AsRef<[u8]>) -> String {
    hex::encode(Sha256::digest(bytes))
}

pub(crate) fn integrity(bytes: impl AsRef<[u8]>) -> String {
    format!("sha384-{}", BASE64.encode(Sha384::digest(bytes)))
}

/// A page that no other is like.
pub(crate) fn page(name: &str) -> String {
    format!("{HEAD}<p>{name}</p>{TAIL}")
}

/// A site of these pages and a file that is made from what they say, whatever that is at the time.
pub(crate) struct Listed {
    pub(crate) site: Site,
    pages: Vec<&'static str>,
    list: &'static str,
    made: Box<dyn Fn(Read<'_>) -> Vec<u8>>,
}

/// What a page says, by its path.
pub(crate) type Read<'r> = &'r dyn Fn(&str) -> Vec<u8>;

impl Listed {
    pub(crate) fn new(
        pages: &[&'static str],
        list: &'static str,
        made: impl Fn(Read<'_>) -> Vec<u8> + 'static,
    ) -> Self {
        let mut site = Site::new();
        for path in pages {
            site = site.page(path, page(path));
        }
        let site = site.page(list, made(&|path| page(path).into_bytes()));
        Self {
            site,
            pages: pages.to_vec(),
            list,
            made: Box::new(made),
        }
    }

    /// What the list says if it is true.
    fn truth(&self) -> Vec<u8> {
        (self.made)(&|path| self.site.read(path))
    }

    /// Demands that it is, and differs from what it was at first.
    fn is_true(&self) {
        let (list, truth) = (self.site.read(self.list), self.truth());
        assert_eq!(
            String::from_utf8_lossy(&list),
            String::from_utf8_lossy(&truth)
        );
        assert_eq!(list, truth);
    }

    /// Everything that is promised of it.
    pub(crate) fn is_kept_true(&self) {
        let site = &self.site;
        let before = site.snapshot();
        assert!(
            site.json("verify", 1).findings(RULE).is_empty(),
            "a list of pages without a chat is right"
        );
        let report = site.json("inject", 0);
        assert_eq!(report.0["summary"]["notices"], serde_json::json!([]));
        for path in &self.pages {
            assert_eq!(report.outcome(path), "injected");
        }
        self.is_true();
        assert_ne!(
            site.read(self.list),
            (self.made)(&|path| page(path).into_bytes())
        );
        let wrote = report.0["summary"]["files"].to_string();
        assert!(wrote.contains(&format!("wrote {}: ", self.list)), "{wrote}");

        site.ok("verify");
        let after = site.snapshot();
        site.ok("inject --check");
        site.ok("inject");
        assert_eq!(site.snapshot(), after, "a second run writes nothing");
        site.ok("remove");
        let left = site.snapshot();
        assert!(left.keys().eq(before.keys()));
        for path in self.pages.iter().chain([&self.list]) {
            let at_first = if *path == self.list {
                (self.made)(&|path| page(path).into_bytes())
            } else {
                page(path).into_bytes()
            };
            assert_eq!(site.read(path), at_first, "{path} after remove");
        }
    }
}
