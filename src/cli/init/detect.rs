//! Which generator works in a folder, and where it writes.

use std::fs;
use std::path::Path;

use crate::cli::settings::USUAL_SITES;

/// What a generator is known by.
struct Known {
    name: &'static str,
    /// How people build with it.
    build: &'static str,
    /// One of these files or folders is there …
    signs: &'static [&'static str],
    /// … and this holds: some names belong to several generators.
    and: fn(&Path) -> bool,
    /// Where the output folder is configured: file and key. The first that is there counts.
    configured: &'static [(&'static str, &'static str)],
    /// Where it is otherwise; the first that exists, else the first.
    usual: &'static [&'static str],
}

fn always(_: &Path) -> bool {
    true
}

/// In this order: what is surest first.
const KNOWN: &[Known] = &[
    Known {
        name: "Hugo",
        build: "hugo",
        signs: &[
            "hugo.toml",
            "hugo.yaml",
            "hugo.yml",
            "hugo.json",
            "config/_default",
        ],
        and: always,
        configured: &[
            ("hugo.toml", "publishdir"),
            ("hugo.yaml", "publishdir"),
            ("hugo.yml", "publishdir"),
            ("config/_default/hugo.toml", "publishdir"),
            ("config/_default/config.toml", "publishdir"),
        ],
        usual: &["public"],
    },
    Known {
        name: "Zola",
        build: "zola build",
        signs: &["zola.toml", "config.toml"],
        and: |folder| {
            folder.join("zola.toml").exists() || value(folder, "config.toml", "base_url").is_some()
        },
        configured: &[("zola.toml", "output_dir"), ("config.toml", "output_dir")],
        usual: &["public"],
    },
    Known {
        name: "Hugo",
        build: "hugo",
        signs: &["config.toml", "config.yaml", "config.yml", "config.json"],
        and: |folder| {
            let has = |name| folder.join(name).is_dir();
            has("content") && (has("themes") || has("layouts"))
        },
        configured: &[
            ("config.toml", "publishdir"),
            ("config.yaml", "publishdir"),
            ("config.yml", "publishdir"),
        ],
        usual: &["public"],
    },
    Known {
        name: "Hexo",
        build: "npx hexo generate",
        signs: &["_config.yml"],
        and: |folder| {
            let package = fs::read_to_string(folder.join("package.json")).unwrap_or_default();
            folder.join("scaffolds").is_dir() || package.contains("\"hexo\"")
        },
        configured: &[("_config.yml", "public_dir")],
        usual: &["public"],
    },
    Known {
        name: "Jekyll",
        build: "bundle exec jekyll build",
        signs: &["_config.yml", "_config.yaml", "_config.toml"],
        and: always,
        configured: &[
            ("_config.yml", "destination"),
            ("_config.yaml", "destination"),
            ("_config.toml", "destination"),
        ],
        usual: &["_site"],
    },
    Known {
        name: "Eleventy",
        build: "npx @11ty/eleventy",
        signs: &[
            ".eleventy.js",
            "eleventy.config.js",
            "eleventy.config.mjs",
            "eleventy.config.cjs",
            "eleventy.config.ts",
        ],
        and: always,
        configured: &[],
        usual: &["_site", "dist", "public"],
    },
    Known {
        name: "Astro",
        build: "npx astro build",
        signs: &[
            "astro.config.mjs",
            "astro.config.js",
            "astro.config.ts",
            "astro.config.mts",
            "astro.config.cjs",
        ],
        and: always,
        configured: &[],
        usual: &["dist"],
    },
    Known {
        name: "MkDocs",
        build: "mkdocs build",
        signs: &["mkdocs.yml", "mkdocs.yaml"],
        and: always,
        configured: &[("mkdocs.yml", "site_dir"), ("mkdocs.yaml", "site_dir")],
        usual: &["site"],
    },
    Known {
        name: "mdBook",
        build: "mdbook build",
        signs: &["book.toml"],
        and: always,
        configured: &[("book.toml", "build.build-dir")],
        usual: &["book"],
    },
    Known {
        name: "Docusaurus",
        build: "npx docusaurus build",
        signs: &[
            "docusaurus.config.js",
            "docusaurus.config.ts",
            "docusaurus.config.mjs",
            "docusaurus.config.cjs",
        ],
        and: always,
        configured: &[],
        usual: &["build"],
    },
    Known {
        name: "VitePress",
        build: "npx vitepress build",
        signs: &[".vitepress"],
        and: always,
        configured: &[],
        usual: &[".vitepress/dist"],
    },
    Known {
        name: "VitePress",
        build: "npx vitepress build docs",
        signs: &["docs/.vitepress"],
        and: always,
        configured: &[],
        usual: &["docs/.vitepress/dist"],
    },
    Known {
        name: "Next.js",
        build: "npx next build",
        signs: &[
            "next.config.js",
            "next.config.mjs",
            "next.config.ts",
            "next.config.cjs",
        ],
        and: always,
        configured: &[],
        usual: &["out"],
    },
    Known {
        name: "Pelican",
        build: "pelican content",
        signs: &["pelicanconf.py"],
        and: always,
        configured: &[],
        usual: &["output"],
    },
    Known {
        name: "Sphinx",
        build: "make html",
        signs: &["conf.py", "source/conf.py"],
        and: always,
        configured: &[],
        usual: &["_build/html", "build/html"],
    },
    Known {
        name: "Sphinx",
        build: "make -C docs html",
        signs: &["docs/conf.py", "docs/source/conf.py"],
        and: always,
        configured: &[],
        usual: &["docs/_build/html", "docs/build/html"],
    },
];

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

/// A string in a generator's configuration; none where a simple look does not find it. Keys of TOML are dotted and
/// compared without regard to case, as Hugo does.
fn value(folder: &Path, file: &str, key: &str) -> Option<String> {
    let text = fs::read_to_string(folder.join(file)).ok()?;
    let value = if Path::new(file).extension().is_some_and(|e| e == "toml") {
        toml_value(&text, key)
    } else {
        yaml_value(&text, key)
    };
    value.filter(|value| !value.is_empty())
}

fn toml_value(text: &str, key: &str) -> Option<String> {
    let mut value = toml::Value::Table(text.parse().ok()?);
    for part in key.split('.') {
        let toml::Value::Table(table) = value else {
            return None;
        };
        value = table
            .into_iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(part))?
            .1;
    }
    value.as_str().map(ToOwned::to_owned)
}

/// A key of the outermost mapping with a plain or quoted string.
fn yaml_value(text: &str, key: &str) -> Option<String> {
    let line = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim_end().eq_ignore_ascii_case(key).then_some(value)
    })?;
    let value = line.trim();
    for quote in ['"', '\''] {
        if let Some(rest) = value.strip_prefix(quote) {
            return rest.split_once(quote).map(|(value, _)| value.to_owned());
        }
    }
    let value = value.split(" #").next().unwrap_or(value).trim();
    (!value.starts_with(['#', '&', '*', '|', '>', '{', '['])).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
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
