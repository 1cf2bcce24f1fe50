//! Which generator works in a folder, and where it writes.

use std::path::Path;

use super::known::{KNOWN, Known, value};
use crate::cli::settings::USUAL_SITES;

/// A generator that works here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Generator {
    /// Its name as its makers write it.
    pub name: &'static str,
    /// The command that builds the site.
    pub build: &'static str,
}

/// What a folder looks like.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// What builds the site; none: nobody we know.
    pub generator: Option<Generator>,
    /// Where the site is, or will be once it is built; none: no telling.
    pub site: Option<String>,
    /// Whether that folder is there.
    pub exists: bool,
    /// Several folders that could be the site, of which somebody has to choose.
    pub candidates: Vec<&'static str>,
}

/// Looks at a folder.
pub(super) fn detect(folder: &Path) -> Found {
    let here = KNOWN.iter().filter(|known| {
        known.signs.iter().any(|sign| folder.join(sign).exists()) && (known.and)(folder)
    });
    let mut found: Vec<Found> = here.map(|known| by(known, folder)).collect();
    // Of several generators, the one that has written something is more likely the site's.
    found.sort_by_key(|found| !found.exists);
    found
        .into_iter()
        .next()
        .unwrap_or_else(|| without_generator(folder))
}

fn by(known: &Known, folder: &Path) -> Found {
    let configured = known
        .configured
        .iter()
        .find_map(|(file, key)| value(folder, file, key));
    let usual = || {
        let mut usual = known.usual.iter();
        let existing = usual.find(|site| folder.join(site).is_dir());
        existing.or(known.usual.first()).map(ToString::to_string)
    };
    let site = configured.or_else(usual).map(|site| inner(folder, site));
    Found {
        generator: Some(Generator {
            name: known.name,
            build: known.build,
        }),
        exists: site.as_ref().is_some_and(|site| folder.join(site).is_dir()),
        site,
        candidates: Vec::new(),
    }
}

/// mdBook with several renderers, and Sphinx, keep HTML in a folder of its own.
fn inner(folder: &Path, site: String) -> String {
    let site = match site.trim_end_matches('/') {
        "" => site,
        trimmed => trimmed.strip_prefix("./").unwrap_or(trimmed).to_owned(),
    };
    let index = |site: &str| folder.join(site).join("index.html").is_file();
    let html = format!("{site}/html");
    if !index(&site) && index(&html) {
        html
    } else {
        site
    }
}

fn without_generator(folder: &Path) -> Found {
    let existing: Vec<&str> = USUAL_SITES
        .into_iter()
        .filter(|name| folder.join(name).is_dir())
        .collect();
    let site = match existing[..] {
        [only] => Some(only.to_owned()),
        // Pages by hand.
        [] if folder.join("index.html").is_file() => Some(".".to_owned()),
        _ => None,
    };
    Found {
        generator: None,
        exists: site.is_some(),
        candidates: if site.is_none() { existing } else { Vec::new() },
        site,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::fs;

    use super::*;

    /// Paths and contents; a path that ends in `/` is a folder.
    type Files = &'static [(&'static str, &'static str)];

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in files {
            let path = folder.path().join(name);
            if name.ends_with('/') {
                fs::create_dir_all(path).unwrap();
            } else {
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, content).unwrap();
            }
        }
        folder
    }

    #[test]
    fn knows_generators_and_where_they_write() {
        let cases: &[(Files, &str, &str)] = &[
            (&[("hugo.toml", "publishDir = 'www'")], "Hugo", "www"),
            (
                &[("hugo.yaml", "title: x\npublishDir: \"www\" # here\n")],
                "Hugo",
                "www",
            ),
            (
                &[
                    ("config.toml", "baseURL = 'x'"),
                    ("content/", ""),
                    ("layouts/", ""),
                ],
                "Hugo",
                "public",
            ),
            (
                &[
                    ("config.toml", "base_url = 'x'"),
                    ("content/", ""),
                    ("themes/", ""),
                ],
                "Zola",
                "public",
            ),
            (
                &[("config.toml", "base_url = 'x'\noutput_dir = 'docs/'")],
                "Zola",
                "docs",
            ),
            (&[("_config.yml", "title: shop\n")], "Jekyll", "_site"),
            (
                &[("_config.yml", "destination: ./www # out\n")],
                "Jekyll",
                "www",
            ),
            (
                &[("_config.yml", "public_dir: public\n"), ("scaffolds/", "")],
                "Hexo",
                "public",
            ),
            (&[(".eleventy.js", "")], "Eleventy", "_site"),
            (
                &[("eleventy.config.mjs", ""), ("dist/", "")],
                "Eleventy",
                "dist",
            ),
            (&[("astro.config.mjs", "")], "Astro", "dist"),
            (
                &[("mkdocs.yml", "nav:\n  site_dir: no\nsite_dir: 'www'\n")],
                "MkDocs",
                "www",
            ),
            (
                &[("book.toml", "[build]\nbuild-dir = 'out'")],
                "mdBook",
                "out",
            ),
            (
                &[("book.toml", ""), ("book/html/index.html", "")],
                "mdBook",
                "book/html",
            ),
            (&[("docusaurus.config.ts", "")], "Docusaurus", "build"),
            (
                &[("docs/.vitepress/config.mts", "")],
                "VitePress",
                "docs/.vitepress/dist",
            ),
            (&[("next.config.mjs", "")], "Next.js", "out"),
            (&[("pelicanconf.py", "")], "Pelican", "output"),
            (&[("docs/conf.py", "")], "Sphinx", "docs/_build/html"),
        ];
        for (files, name, site) in cases {
            let folder = folder(files);
            let found = detect(folder.path());
            assert_eq!(found.generator.unwrap().name, *name, "{files:?}");
            assert_eq!(found.site.as_deref(), Some(*site), "{files:?}");
        }
    }

    #[test]
    fn prefers_the_generator_that_has_written_something() {
        let folder = folder(&[("hugo.toml", ""), ("mkdocs.yml", ""), ("site/", "")]);
        let found = detect(folder.path());
        assert_eq!(found.generator.unwrap().name, "MkDocs");
        assert!(found.exists);
    }

    #[test]
    fn without_a_generator_only_one_folder_will_do() {
        let one = folder(&[("dist/", ""), ("config.toml", "x = 1")]);
        assert_eq!(detect(one.path()).site.as_deref(), Some("dist"));
        let two = detect(folder(&[("dist/", ""), ("out/", "")]).path());
        assert_eq!((two.site, two.candidates), (None, vec!["dist", "out"]));
        let by_hand = detect(folder(&[("index.html", "")]).path());
        assert_eq!(by_hand.site.as_deref(), Some("."));
        assert_eq!(detect(folder(&[]).path()), Found::default());
    }
}
