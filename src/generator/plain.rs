//! All other generators: their configuration can be read without a program.

use super::known::{Known, Rank, contains, known};
use super::special::{doxygen, jekyll, nikola, not_nikola};
use super::value::Look::{self, Json, Python, Special, Toml, Yaml};

// A build is of the environment `production` unless the command says otherwise, and its values stand above the others.
const HUGO_OUTPUT: &[Look] = &[
    Toml("config/production/hugo.toml", "publishdir"),
    Yaml("config/production/hugo.yaml", "publishdir"),
    Toml("config/production/config.toml", "publishdir"),
    Yaml("config/production/config.yaml", "publishdir"),
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
    Toml("config/production/hugo.toml", "baseurl"),
    Yaml("config/production/hugo.yaml", "baseurl"),
    Toml("config/production/config.toml", "baseurl"),
    Yaml("config/production/config.yaml", "baseurl"),
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
        "mdBook",
        "mdbook build docs",
        &["docs/book.toml"],
        &["docs/book"],
    )
    .within("docs")
    .output(&[Toml("docs/book.toml", "build.build-dir")])
    .base(&[Toml("docs/book.toml", "output.html.site-url")]),
    known(
        "mdBook",
        "mdbook build book",
        &["book/book.toml"],
        &["book/book"],
    )
    .within("book")
    .output(&[Toml("book/book.toml", "build.build-dir")])
    .base(&[Toml("book/book.toml", "output.html.site-url")]),
    known("Cobalt", "cobalt build", &["_cobalt.yml"], &["_site"])
        .output(&[Yaml("_cobalt.yml", "destination")])
        .base(&[Yaml("_cobalt.yml", "site.base_url")]),
    known(
        "Nanoc",
        "bundle exec nanoc compile",
        &["nanoc.yaml"],
        &["output"],
    )
    .output(&[Yaml("nanoc.yaml", "output_dir")])
    .base(&[Yaml("nanoc.yaml", "base_url")]),
    known(
        "Franklin",
        "julia -e 'using Franklin; optimize()'",
        &["config.md"],
        &["__site"],
    )
    .and(|folder| folder.join("_layout").is_dir()),
    known(
        "pkgdown",
        "Rscript -e 'pkgdown::build_site()'",
        &["_pkgdown.yml", "_pkgdown.yaml", "pkgdown/_pkgdown.yml"],
        &["docs"],
    )
    .output(&[
        Yaml("_pkgdown.yml", "destination"),
        Yaml("_pkgdown.yaml", "destination"),
        Yaml("pkgdown/_pkgdown.yml", "destination"),
    ])
    .base(&[
        Yaml("_pkgdown.yml", "url"),
        Yaml("_pkgdown.yaml", "url"),
        Yaml("pkgdown/_pkgdown.yml", "url"),
    ]),
    known(
        "Documenter",
        "julia --project=docs docs/make.jl",
        &["docs/make.jl"],
        &["docs/build"],
    )
    .and(|folder| contains(folder, "docs/make.jl", "Documenter")),
    known("Trunk", "trunk build --release", &["Trunk.toml"], &["dist"])
        .output(&[Toml("Trunk.toml", "build.dist")])
        .base(&[Toml("Trunk.toml", "build.public_url")]),
    known(
        "Flutter",
        "flutter build web",
        &["pubspec.yaml"],
        &["build/web"],
    )
    .and(|folder| contains(folder, "pubspec.yaml", "sdk: flutter") && folder.join("web").is_dir()),
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
        "Sphinx",
        "make -C doc html",
        &["doc/conf.py", "doc/source/conf.py"],
        &["doc/_build/html", "doc/build/html", "doc/_build/dirhtml"],
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
    known("ExDoc", "mix docs", &["mix.exs"], &["doc"])
        .and(|folder| contains(folder, "mix.exs", "ex_doc"))
        .rank(Rank::Beside),
    known("YARD", "yard doc", &[".yardopts"], &["doc"]).rank(Rank::Beside),
    known("rustdoc", "cargo doc", &["Cargo.toml"], &["target/doc"]).rank(Rank::Beside),
];
