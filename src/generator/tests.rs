#![allow(clippy::unwrap_used, clippy::too_many_lines)]
use std::fs;

use super::*;

/// Paths and contents.
pub(super) type Files = &'static [(&'static str, &'static str)];

const PAGE: &str = "<!doctype html><title>x</title><p>x</p>";

pub(super) fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = folder.path().join(name);
        if name.ends_with('/') {
            fs::create_dir_all(path).unwrap();
        } else {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let page = path.extension().is_some_and(|e| e == "html") && content.is_empty();
            fs::write(path, if page { PAGE } else { content }).unwrap();
        }
    }
    folder
}

/// Of what lies there, the folder that is deployed is found.
#[test]
fn finds_the_folder_that_is_deployed() {
    const TEMPLATE: &str = "<div id=root></div><link href='%PUBLIC_URL%/x.png'>";
    let cases: &[(Files, &str)] = &[
        (
            &[
                ("react-router.config.ts", ""),
                ("build/client/index.html", ""),
                ("build/server/index.js", ""),
                ("public/a.html", ""),
            ],
            "build/client",
        ),
        (
            &[
                (
                    "package.json",
                    "{\"dependencies\":{\"@tanstack/react-start\":\"1\"}}",
                ),
                ("dist/client/index.html", ""),
                ("dist/server/x.html", ""),
            ],
            "dist/client",
        ),
        (
            &[
                (
                    "package.json",
                    "{\"dependencies\":{\"@tanstack/react-start\":\"1\"}}",
                ),
                (".output/public/index.html", ""),
            ],
            ".output/public",
        ),
        (
            &[
                ("angular.json", "{}"),
                ("dist/shop/browser/index.html", ""),
                ("dist/shop/server/x.html", ""),
                ("public/x.html", ""),
            ],
            "dist/shop/browser",
        ),
        (
            &[("angular.json", "{}"), ("dist/shop/index.html", "")],
            "dist/shop",
        ),
        (
            &[
                ("Doxyfile", "OUTPUT_DIRECTORY = build\n"),
                ("build/html/index.html", ""),
                ("build/latex/x.tex", ""),
            ],
            "build/html",
        ),
        (
            &[
                ("Doxyfile", "OUTPUT_DIRECTORY =\n"),
                ("html/index.html", ""),
            ],
            "html",
        ),
        (
            &[("build.gradle", ""), ("build/docs/javadoc/index.html", "")],
            "build/docs/javadoc",
        ),
        (
            &[("pom.xml", ""), ("target/site/apidocs/index.html", "")],
            "target/site/apidocs",
        ),
        (
            &[
                ("pom.xml", ""),
                ("target/reports/apidocs/index.html", ""),
                ("target/site/apidocs/index.html", ""),
                ("target/site/index.html", ""),
            ],
            "target/site",
        ),
        (
            &[
                ("pom.xml", ""),
                ("target/site/index.html", ""),
                ("target/staging/index.html", ""),
                ("target/staging/core/index.html", ""),
            ],
            "target/staging",
        ),
        (
            &[("antora-playbook.yml", ""), ("build/site/index.html", "")],
            "build/site",
        ),
        (
            &[("Cargo.toml", ""), ("target/doc/x/index.html", "")],
            "target/doc",
        ),
        (&[("Cargo.toml", ""), ("public/index.html", "")], "public"),
        (
            &[
                ("nuxt.config.ts", ""),
                (".output/public/index.html", ""),
                ("public/x.html", ""),
            ],
            ".output/public",
        ),
        (
            &[
                ("vite.config.ts", ""),
                ("dist/index.html", ""),
                ("public/x.html", ""),
                ("index.html", "<script type=module src=\"/src/main.ts\">"),
            ],
            "dist",
        ),
        (
            &[
                (
                    "package.json",
                    "{\"dependencies\":{\"react-scripts\":\"5\"}}",
                ),
                ("build/index.html", ""),
                ("public/index.html", TEMPLATE),
            ],
            "build",
        ),
        (
            &[
                ("docs/.vuepress/", ""),
                ("docs/.vuepress/dist/index.html", ""),
            ],
            "docs/.vuepress/dist",
        ),
        (
            &[
                ("conf.py", ""),
                ("_build/html/index.html", ""),
                ("_build/doctrees/x", ""),
            ],
            "_build/html",
        ),
        (
            &[("conf.py", ""), ("build/html/index.html", "")],
            "build/html",
        ),
        (
            &[
                ("_config.yml", ""),
                ("_toc.yml", ""),
                ("_build/html/index.html", ""),
            ],
            "_build/html",
        ),
        (
            &[("conf.py", "import nikola"), ("output/index.html", "")],
            "output",
        ),
        (
            &[("rspress.config.ts", ""), ("doc_build/index.html", "")],
            "doc_build",
        ),
        (
            &[
                ("package.json", "{\"devDependencies\":{\"honkit\":\"6\"}}"),
                ("_book/index.html", ""),
            ],
            "_book",
        ),
        (
            &[
                (".storybook/main.ts", ""),
                ("storybook-static/index.html", ""),
            ],
            "storybook-static",
        ),
        (
            &[
                (".storybook/main.ts", ""),
                ("vite.config.ts", ""),
                ("storybook-static/index.html", ""),
                ("dist/index.html", ""),
            ],
            "dist",
        ),
        (
            &[("book.toml", ""), ("book/html/index.html", "")],
            "book/html",
        ),
        (
            &[
                ("hugo.toml", ""),
                ("public/index.html", ""),
                ("Cargo.toml", ""),
                ("target/doc/index.html", ""),
            ],
            "public",
        ),
        (
            &[
                ("hugo.toml", ""),
                ("mkdocs.yml", ""),
                ("site/index.html", ""),
            ],
            "site",
        ),
        (
            &[("eleventy.config.mjs", ""), ("dist/index.html", "")],
            "dist",
        ),
        (
            &[("gatsby-config.js", ""), ("public/index.html", "")],
            "public",
        ),
        // Nobody known.
        (&[("dist/index.html", ""), ("config.toml", "x = 1")], "dist"),
        (
            &[("public/index.html", TEMPLATE), ("out/a.html", "")],
            "out",
        ),
        (&[("index.html", "")], "."),
    ];
    for (files, site) in cases {
        let folder = folder(files);
        let found = detect(folder.path());
        assert_eq!(found.site.as_deref(), Some(*site), "{files:?} {found:?}");
        assert!(found.exists, "{files:?}");
        assert!(found.candidates.is_empty(), "{files:?}");
    }
}

#[test]
fn never_takes_a_source_for_the_site() {
    let cases: &[&[(&str, &str)]] = &[
        &[("vite.config.ts", ""), ("public/index.html", "")],
        &[("nuxt.config.ts", ""), ("public/index.html", "")],
        &[("angular.json", ""), ("public/index.html", "")],
        &[
            (
                "package.json",
                "{\"dependencies\":{\"react-scripts\":\"5\"}}",
            ),
            ("public/index.html", ""),
        ],
        &[("next.config.js", ""), ("public/index.html", "")],
        &[
            ("docusaurus.config.js", ""),
            ("static/index.html", ""),
            ("public/index.html", ""),
        ],
        &[
            (
                "vite.config.ts",
                "x({ build: { outDir: process.env.OUT } })",
            ),
            ("public/index.html", ""),
        ],
        &[("public/index.html", "<link href=\"%PUBLIC_URL%/x.png\">")],
        &[(
            "index.html",
            "<script type=module src=\"/src/main.tsx\"></script>",
        )],
        &[("dist/", ""), ("build/x.js", "")],
        &[],
    ];
    for files in cases {
        let folder = folder(files);
        let found = detect(folder.path());
        assert!(!found.exists, "{files:?} {found:?}");
        assert_ne!(found.site.as_deref(), Some("public"), "{files:?}");
        assert!(found.candidates.is_empty(), "{files:?} {found:?}");
    }
}

#[test]
fn in_doubt_names_what_it_could_be() {
    let cases: &[(Files, &[&str])] = &[
        (
            &[("dist/index.html", ""), ("out/index.html", "")],
            &["dist", "out"],
        ),
        (
            &[
                ("hugo.toml", ""),
                ("mkdocs.yml", ""),
                ("site/index.html", ""),
                ("public/index.html", ""),
            ],
            &["public", "site"],
        ),
        (
            &[
                ("angular.json", ""),
                ("dist/a/browser/index.html", ""),
                ("dist/b/browser/index.html", ""),
            ],
            &["dist/a/browser", "dist/b/browser"],
        ),
        (
            &[
                ("mkdocs.yml", "site_dir: !ENV [SITE, www]\n"),
                ("site/index.html", ""),
            ],
            &["site"],
        ),
        (
            &[
                ("vite.config.ts", "x({ root: at('src') })"),
                ("dist/index.html", ""),
            ],
            &["dist"],
        ),
        (
            &[
                ("astro.config.mjs", "x({ outDir: process.env.OUT })"),
                ("dist/index.html", ""),
                ("public/x.html", ""),
            ],
            &["dist"],
        ),
    ];
    for (files, candidates) in cases {
        let folder = folder(files);
        let mut found = detect(folder.path());
        found.candidates.sort();
        assert_eq!(found.site, None, "{files:?}");
        assert_eq!(found.candidates, *candidates, "{files:?}");
    }
}

#[test]
fn reads_paths_under_which_sites_are_served() {
    for (said, base) in [
        ("/blog", Some("/blog/")),
        ("blog/", Some("/blog/")),
        ("https://x.example/a/b/", Some("/a/b/")),
        ("https://x.example", None),
        ("/", None),
        ("", None),
        ("./", None),
        ("../x", None),
        ("{{ base }}", None),
        ("//cdn.example/x", None),
        // A host without its scheme.
        ("x.example/blog", None),
    ] {
        assert_eq!(base_path(said).as_deref(), base, "{said}");
    }
}
