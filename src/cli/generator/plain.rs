//! All other generators: their configuration can be read without a program.

use super::known::{Known, Rank, contains, known};
use super::special::{doxygen, jekyll, nikola, not_nikola};
use super::value::Look::{self, Json, Python, Special, Toml, Yaml};

const HUGO_OUTPUT: &[Look] = &[
    Toml("hugo.toml", "publishdir"),
    Yaml("hugo.yaml", "publishdir"),
    Yaml("hugo.yml", "publishdir"),
    Json("hugo.json", "publishdir"),
    Toml("config.toml", "publishdir"),
    Yaml("config.yaml", "publishdir"),
    Yaml("config.yml", "publishdir"),
    Json("config.json", "publishdir"),
    Toml("config/_default/hugo.toml", "publishdir"),
    Yaml("config/_default/hugo.yaml", "publishdir"),
    Yaml("config/_default/hugo.yml", "publishdir"),
    Json("config/_default/hugo.json", "publishdir"),
    Toml("config/_default/config.toml", "publishdir"),
    Yaml("config/_default/config.yaml", "publishdir"),
    Yaml("config/_default/config.yml", "publishdir"),
    Json("config/_default/config.json", "publishdir"),
];

const HUGO_BASE: &[Look] = &[
    Toml("hugo.toml", "baseurl"),
    Yaml("hugo.yaml", "baseurl"),
    Yaml("hugo.yml", "baseurl"),
    Json("hugo.json", "baseurl"),
    Toml("config.toml", "baseurl"),
    Yaml("config.yaml", "baseurl"),
    Yaml("config.yml", "baseurl"),
    Json("config.json", "baseurl"),
    Toml("config/_default/hugo.toml", "baseurl"),
    Yaml("config/_default/hugo.yaml", "baseurl"),
    Toml("config/_default/config.toml", "baseurl"),
    Yaml("config/_default/config.yaml", "baseurl"),
];

/// In this order: what is surest first.
pub(super) const KNOWN: &[Known] = &[
    known(
        "Hugo",
        "hugo",
        &[
            "hugo.toml",
            "hugo.yaml",
            "hugo.yml",
            "hugo.json",
            "config/_default",
        ],
        &["public"],
    )
    .output(HUGO_OUTPUT)
    .base(HUGO_BASE),
    known(
        "Zola",
        "zola build",
        &["zola.toml", "config.toml"],
        &["public"],
    )
    .and(|folder| folder.join("zola.toml").exists() || contains(folder, "config.toml", "base_url"))
    .output(&[
        Toml("zola.toml", "output_dir"),
        Toml("config.toml", "output_dir"),
    ])
    .base(&[
        Toml("zola.toml", "base_url"),
        Toml("config.toml", "base_url"),
    ]),
    known(
        "Hugo",
        "hugo",
        &["config.toml", "config.yaml", "config.yml", "config.json"],
        &["public"],
    )
    .and(|folder| {
        let has = |name| folder.join(name).is_dir();
        has("content") && (has("themes") || has("layouts"))
    })
    .output(HUGO_OUTPUT)
    .base(HUGO_BASE),
    known(
        "Hexo",
        "npx hexo generate",
        &["scaffolds", "npm:hexo"],
        &["public"],
    )
    .and(|folder| folder.join("_config.yml").is_file())
    .output(&[Yaml("_config.yml", "public_dir")])
    .base(&[Yaml("_config.yml", "root"), Yaml("_config.yml", "url")]),
    known(
        "Jupyter Book",
        "jupyter-book build .",
        &["_toc.yml", "myst.yml"],
        &["_build/html", "_build/site/public"],
    ),
    known(
        "Jupyter Book",
        "jupyter-book build docs",
        &["docs/_toc.yml", "docs/myst.yml"],
        &["docs/_build/html"],
    ),
    known(
        "Jekyll",
        "bundle exec jekyll build",
        &["_config.yml", "_config.yaml", "_config.toml"],
        &["_site"],
    )
    .and(jekyll)
    .output(&[
        Yaml("_config.yml", "destination"),
        Yaml("_config.yaml", "destination"),
        Toml("_config.toml", "destination"),
    ])
    .base(&[
        Yaml("_config.yml", "baseurl"),
        Yaml("_config.yaml", "baseurl"),
        Toml("_config.toml", "baseurl"),
    ]),
    known(
        "MkDocs",
        "mkdocs build",
        &["mkdocs.yml", "mkdocs.yaml"],
        &["site"],
    )
    .output(&[
        Yaml("mkdocs.yml", "site_dir"),
        Yaml("mkdocs.yaml", "site_dir"),
    ])
    .base(&[
        Yaml("mkdocs.yml", "site_url"),
        Yaml("mkdocs.yaml", "site_url"),
    ]),
    known("Zensical", "zensical build", &["zensical.toml"], &["site"])
        .output(&[Toml("zensical.toml", "project.site_dir")])
        .base(&[Toml("zensical.toml", "project.site_url")]),
    known("mdBook", "mdbook build", &["book.toml"], &["book"])
        .output(&[Toml("book.toml", "build.build-dir")])
        .base(&[Toml("book.toml", "output.html.site-url")]),
    known(
        "Bridgetown",
        "bin/bridgetown build",
        &["bridgetown.config.yml", "config/initializers.rb"],
        &["output"],
    )
    .output(&[Yaml("bridgetown.config.yml", "destination")])
    .base(&[Yaml("bridgetown.config.yml", "base_path")]),
    known(
        "Middleman",
        "bundle exec middleman build",
        &["config.rb"],
        &["build"],
    )
    .and(|folder| contains(folder, "Gemfile", "middleman")),
    known(
        "Publish",
        "publish generate",
        &["Package.swift"],
        &["Output"],
    )
    .and(|folder| contains(folder, "Package.swift", "Publish")),
    known(
        "Quarto",
        "quarto render",
        &["_quarto.yml", "_quarto.yaml"],
        &["_site", "_book"],
    )
    .output(&[
        Yaml("_quarto.yml", "project.output-dir"),
        Yaml("_quarto.yaml", "project.output-dir"),
    ]),
    known(
        "bookdown",
        "Rscript -e 'bookdown::render_book()'",
        &["_bookdown.yml"],
        &["_book"],
    )
    .output(&[Yaml("_bookdown.yml", "output_dir")]),
    known(
        "Pelican",
        "pelican content",
        &["pelicanconf.py"],
        &["output"],
    )
    .output(&[Python("pelicanconf.py", "OUTPUT_PATH")]),
    known("Nikola", "nikola build", &["conf.py"], &["output"])
        .and(nikola)
        .output(&[Python("conf.py", "OUTPUT_FOLDER")])
        .base(&[Python("conf.py", "BASE_URL"), Python("conf.py", "SITE_URL")]),
    known(
        "Sphinx",
        "make html",
        &["conf.py", "source/conf.py"],
        &[
            "_build/html",
            "build/html",
            "_build/dirhtml",
            "build/dirhtml",
        ],
    )
    .and(not_nikola),
    known(
        "Sphinx",
        "make -C docs html",
        &["docs/conf.py", "docs/source/conf.py"],
        &["docs/_build/html", "docs/build/html", "docs/_build/dirhtml"],
    ),
    known(
        "Doxygen",
        "doxygen",
        &["Doxyfile"],
        &["html", "build/html", "docs/html", "doc/html"],
    )
    .rank(Rank::Beside)
    .output(&[Special(doxygen)]),
    known(
        "javadoc",
        "./gradlew javadoc",
        &["build.gradle", "build.gradle.kts"],
        &["build/docs/javadoc", "build/dokka/html"],
    )
    .rank(Rank::Beside),
    known(
        "Maven",
        "mvn site",
        &["pom.xml"],
        // Of several modules, the whole is staged; the documentation of the API alone is a part of the site, if there is one.
        &[
            "target/staging/",
            "target/site/",
            "target/reports/apidocs",
            "target/site/apidocs",
        ],
    )
    .rank(Rank::Beside),
    known("rustdoc", "cargo doc", &["Cargo.toml"], &["target/doc"]).rank(Rank::Beside),
];
