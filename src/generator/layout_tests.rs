//! Layouts of projects whose site is neither in the usual folder nor in the first one that holds pages.

#![allow(clippy::too_many_lines)]
use super::detect;
use super::tests::{Files, folder};

/// The site that is there, and its base path.
#[test]
fn finds_the_site_where_the_project_keeps_it() {
    let cases: &[(Files, &str, Option<&str>)] = &[
        (
            &[
                (
                    "docs/.vitepress/config.mts",
                    "export default { outDir: '../public', base: '/d/' }",
                ),
                ("public/index.html", ""),
            ],
            "public",
            Some("/d/"),
        ),
        (
            &[
                (
                    ".vitepress/config/index.ts",
                    "export default { outDir: './www', base: '/d/' }",
                ),
                ("www/index.html", ""),
            ],
            "www",
            Some("/d/"),
        ),
        (
            &[
                (
                    "docs/.vuepress/config.js",
                    "module.exports = { dest: 'public', base: '/x/' }",
                ),
                ("public/index.html", ""),
            ],
            "public",
            Some("/x/"),
        ),
        (
            &[
                (
                    "nuxt.config.ts",
                    "export default defineNuxtConfig({ nitro: { output: { publicDir: 'site' } } })",
                ),
                ("site/index.html", ""),
                ("public/x.html", ""),
            ],
            "site",
            None,
        ),
        (
            &[
                (
                    "website/docusaurus.config.js",
                    "module.exports = { baseUrl: '/p/' }",
                ),
                ("website/build/index.html", ""),
            ],
            "website/build",
            Some("/p/"),
        ),
        (
            &[
                ("quasar.config.js", "x"),
                ("dist/spa/index.html", ""),
                ("dist/electron/index.html", ""),
                ("index.html", "<script src=\"/src/main.js\">"),
            ],
            "dist/spa",
            None,
        ),
        (
            &[
                (
                    "package.json",
                    "{\"dependencies\":{\"@analogjs/platform\":\"1\",\"vite\":\"5\"}}",
                ),
                ("dist/analog/public/index.html", ""),
                ("dist/analog/server/index.mjs", ""),
            ],
            "dist/analog/public",
            None,
        ),
        (
            &[
                (".dumirc.ts", "export default { base: '/b/' }"),
                ("docs-dist/index.html", ""),
            ],
            "docs-dist",
            Some("/b/"),
        ),
        (
            &[
                ("Cargo.toml", ""),
                ("Trunk.toml", "[build]\npublic_url = \"/app/\"\n"),
                ("dist/index.html", ""),
                ("target/doc/x/index.html", ""),
            ],
            "dist",
            Some("/app/"),
        ),
        (
            &[
                ("docs/book.toml", "[build]\nbuild-dir = \"../www\"\n"),
                ("www/index.html", ""),
            ],
            "www",
            None,
        ),
        (
            &[("docs/book.toml", ""), ("docs/book/index.html", "")],
            "docs/book",
            None,
        ),
        (
            &[
                ("_pkgdown.yml", "url: https://x.example/pkg/\n"),
                ("docs/index.html", ""),
            ],
            "docs",
            Some("/pkg/"),
        ),
        (
            &[
                ("_cobalt.yml", "site:\n  base_url: https://x.example/c\n"),
                ("_site/index.html", ""),
            ],
            "_site",
            Some("/c/"),
        ),
        (
            &[
                ("nanoc.yaml", "output_dir: public\n"),
                ("public/index.html", ""),
            ],
            "public",
            None,
        ),
        (
            &[
                ("config.md", ""),
                ("_layout/head.html", ""),
                ("__site/index.html", ""),
            ],
            "__site",
            None,
        ),
        (
            &[
                ("docs/make.jl", "using Documenter"),
                ("docs/build/index.html", ""),
            ],
            "docs/build",
            None,
        ),
        (
            &[
                (
                    "pubspec.yaml",
                    "dependencies:\n  flutter:\n    sdk: flutter\n",
                ),
                ("web/index.html", "<base href=\"$FLUTTER_BASE_HREF\">"),
                ("build/web/index.html", ""),
                ("build/app/x.html", ""),
            ],
            "build/web",
            None,
        ),
        (
            &[("doc/conf.py", ""), ("doc/_build/html/index.html", "")],
            "doc/_build/html",
            None,
        ),
        (
            &[
                ("mix.exs", "{:ex_doc, \"~> 0.31\"}"),
                ("doc/index.html", ""),
            ],
            "doc",
            None,
        ),
        (
            &[
                ("typedoc.json", "{\"out\": \"api\"}"),
                ("api/index.html", ""),
            ],
            "api",
            None,
        ),
        // What a command says counts more than a configuration.
        (
            &[
                (
                    "package.json",
                    "{\"devDependencies\":{\"vite\":\"5\"},\"scripts\":{\"dev\":\"vite --base /dev/\",\
                     \"build\":\"tsc && vite build --base=/app/ --outDir 'www'\"}}",
                ),
                ("vite.config.js", "export default { base: '/x/' }"),
                ("www/index.html", ""),
            ],
            "www",
            Some("/app/"),
        ),
        (
            &[
                (
                    "package.json",
                    "{\"dependencies\":{\"@slidev/cli\":\"0\"},\"scripts\":{\"build\":\"slidev build --base /talk/\"}}",
                ),
                ("dist/index.html", ""),
            ],
            "dist",
            Some("/talk/"),
        ),
        (
            &[
                (
                    "package.json",
                    "{\"devDependencies\":{\"@11ty/eleventy\":\"3\"},\"scripts\":{\"build\":\"npx eleventy --output=out\"}}",
                ),
                ("out/index.html", ""),
            ],
            "out",
            None,
        ),
        (
            &[
                (
                    "package.json",
                    "{\"devDependencies\":{\"vite\":\"5\"},\"scripts\":{\"build\":\"vite build --base $BASE --outDir\"}}",
                ),
                ("dist/index.html", ""),
            ],
            "dist",
            None,
        ),
        (
            &[
                ("config/_default/hugo.toml", "publishDir = 'other'"),
                (
                    "config/production/hugo.toml",
                    "publishDir = 'www'\nbaseURL = 'https://x.example/p/'",
                ),
                ("www/index.html", ""),
            ],
            "www",
            Some("/p/"),
        ),
        // Nobody's that is known: what holds nothing but one folder is not the site itself.
        (
            &[("dist/app/browser/index.html", "")],
            "dist/app/browser",
            None,
        ),
        // But languages have their folders in a site, with files beside them.
        (
            &[
                ("dist/uk/index.html", ""),
                ("dist/sitemap.xml", "<urlset/>"),
            ],
            "dist",
            None,
        ),
        (
            &[("dist/uk/index.html", ""), ("dist/en/index.html", "")],
            "dist",
            None,
        ),
    ];
    for (files, site, base) in cases {
        let folder = folder(files);
        let found = detect(folder.path());
        assert_eq!(found.site.as_deref(), Some(*site), "{files:?}");
        assert!(found.exists, "{files:?}");
        assert_eq!(found.base.as_deref(), *base, "{files:?}");
    }
}
