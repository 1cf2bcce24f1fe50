//! The generators that `init` knows, and what their configuration says of the output folder.

use std::fs;
use std::path::Path;

/// What a generator is known by.
pub(super) struct Known {
    pub(super) name: &'static str,
    /// How people build with it.
    pub(super) build: &'static str,
    /// One of these files or folders is there …
    pub(super) signs: &'static [&'static str],
    /// … and this holds: some names belong to several generators.
    pub(super) and: fn(&Path) -> bool,
    /// Where the output folder is configured: file and key. The first that is there counts.
    pub(super) configured: &'static [(&'static str, &'static str)],
    /// Where it is otherwise; the first that exists, else the first.
    pub(super) usual: &'static [&'static str],
}

fn always(_: &Path) -> bool {
    true
}

/// In this order: what is surest first.
pub(super) const KNOWN: &[Known] = &[
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

/// A string in a generator's configuration; none where a simple look does not find it. Keys of TOML are dotted and
/// compared without regard to case, as Hugo does.
pub(super) fn value(folder: &Path, file: &str, key: &str) -> Option<String> {
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
