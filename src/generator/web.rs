//! Generators that are written in JavaScript and configured by it.

use super::known::{Known, Rank, contains, known};
use super::special::{angular, next, react_router, vite};
use super::value::Look::{Call, Flag, Json, Script, Special, Yaml};

/// In this order: what is surest first.
pub(super) const KNOWN: &[Known] = &[
    known(
        "Eleventy",
        "npx @11ty/eleventy",
        &[".eleventy.*", "eleventy.config.*", "npm:@11ty/eleventy"],
        &["_site", "dist"],
    )
    .output(&[
        Flag("eleventy", &["--output"]),
        Script(".eleventy", &["dir", "output"]),
        Script("eleventy.config", &["dir", "output"]),
        Call(".eleventy", "setOutputDirectory"),
        Call("eleventy.config", "setOutputDirectory"),
    ])
    .base(&[
        Flag("eleventy", &["--pathprefix"]),
        Script(".eleventy", &["pathPrefix"]),
        Script("eleventy.config", &["pathPrefix"]),
    ]),
    known(
        "Astro",
        "npx astro build",
        &["astro.config.*", "npm:astro"],
        &["dist", "dist/client"],
    )
    .output(&[
        Flag("astro", &["--outDir"]),
        Script("astro.config", &["outDir"]),
    ])
    .base(&[
        Flag("astro", &["--base"]),
        Script("astro.config", &["base"]),
    ]),
    known(
        "Docusaurus",
        "npx docusaurus build",
        &["docusaurus.config.*"],
        &["build"],
    )
    .base(&[Script("docusaurus.config", &["baseUrl"])]),
    known(
        "Docusaurus",
        "npm --prefix website run build",
        &["website/docusaurus.config.*"],
        &["website/build"],
    )
    .base(&[Script("website/docusaurus.config", &["baseUrl"])]),
    known(
        "Docusaurus",
        "npm --prefix docs run build",
        &["docs/docusaurus.config.*"],
        &["docs/build"],
    )
    .base(&[Script("docs/docusaurus.config", &["baseUrl"])]),
    known(
        "VitePress",
        "npx vitepress build",
        &[".vitepress"],
        &[".vitepress/dist"],
    )
    .output(&[
        Script(".vitepress/config", &["outDir"]),
        Script(".vitepress/config/index", &["outDir"]),
    ])
    .base(&[
        Script(".vitepress/config", &["base"]),
        Script(".vitepress/config/index", &["base"]),
    ]),
    known(
        "VitePress",
        "npx vitepress build docs",
        &["docs/.vitepress"],
        &["docs/.vitepress/dist"],
    )
    .within("docs")
    .output(&[
        Script("docs/.vitepress/config", &["outDir"]),
        Script("docs/.vitepress/config/index", &["outDir"]),
    ])
    .base(&[
        Script("docs/.vitepress/config", &["base"]),
        Script("docs/.vitepress/config/index", &["base"]),
    ]),
    known(
        "VuePress",
        "npx vuepress build docs",
        &["docs/.vuepress"],
        &["docs/.vuepress/dist"],
    )
    .output(&[Script("docs/.vuepress/config", &["dest"])])
    .base(&[Script("docs/.vuepress/config", &["base"])]),
    known(
        "VuePress",
        "npx vuepress build src",
        &["src/.vuepress"],
        &["src/.vuepress/dist"],
    )
    .output(&[Script("src/.vuepress/config", &["dest"])])
    .base(&[Script("src/.vuepress/config", &["base"])]),
    known(
        "VuePress",
        "npx vuepress build",
        &[".vuepress"],
        &[".vuepress/dist"],
    )
    .output(&[Script(".vuepress/config", &["dest"])])
    .base(&[Script(".vuepress/config", &["base"])]),
    known(
        "Rspress",
        "npx rspress build",
        &["rspress.config.*"],
        &["doc_build"],
    )
    .output(&[Script("rspress.config", &["outDir"])])
    .base(&[Script("rspress.config", &["base"])]),
    known(
        "Next.js",
        "npx next build",
        &["next.config.*", "npm:next"],
        &["out"],
    )
    .output(&[Special(next)])
    .base(&[Script("next.config", &["basePath"])]),
    known(
        "Nuxt",
        "npx nuxt generate",
        &["nuxt.config.*", "npm:nuxt"],
        &[".output/public", "dist"],
    )
    .output(&[Script("nuxt.config", &["nitro", "output", "publicDir"])])
    .base(&[Script("nuxt.config", &["app", "baseURL"])]),
    known(
        "React Router",
        "npx react-router build",
        &["react-router.config.*", "npm:@react-router/dev"],
        &["build/client"],
    )
    .output(&[Special(react_router)])
    .base(&[Script("react-router.config", &["basename"])]),
    known(
        "Remix",
        "npx remix build",
        &["remix.config.*", "npm:@remix-run/dev"],
        &["build/client"],
    ),
    known(
        "TanStack Start",
        "npm run build",
        &[
            "npm:@tanstack/react-start",
            "npm:@tanstack/solid-start",
            "npm:@tanstack/start",
        ],
        &["dist/client", ".output/public"],
    ),
    known(
        "SolidStart",
        "npm run build",
        &["npm:@solidjs/start"],
        &[".output/public", "dist/public"],
    ),
    known(
        "SvelteKit",
        "npm run build",
        &["npm:@sveltejs/kit"],
        &["build"],
    )
    .output(&[Script("svelte.config", &["pages"])])
    .base(&[Script("svelte.config", &["paths", "base"])]),
    known(
        "Gatsby",
        "npx gatsby build",
        &["gatsby-config.*", "npm:gatsby"],
        &["public"],
    )
    .base(&[Script("gatsby-config", &["pathPrefix"])]),
    known(
        "Angular",
        "npx ng build",
        &["angular.json"],
        &["dist/*/browser", "dist/*"],
    )
    .output(&[Special(angular)])
    .base(&[
        Script("angular", &["options", "baseHref"]),
        Script("angular", &["production", "baseHref"]),
    ]),
    known(
        "Qwik",
        "npm run build",
        &[
            "npm:@builder.io/qwik-city",
            "npm:@builder.io/qwik",
            "npm:@qwik.dev/core",
        ],
        &["dist"],
    ),
    known(
        "Slidev",
        "npx slidev build",
        &["npm:@slidev/cli"],
        &["dist"],
    )
    .output(&[Flag("slidev", &["--out", "-o"])])
    .base(&[Flag("slidev", &["--base"])]),
    known(
        "Create React App",
        "npm run build",
        &["npm:react-scripts"],
        &["build"],
    )
    .base(&[Json("package.json", "homepage")]),
    known(
        "Vue CLI",
        "npm run build",
        &["vue.config.*", "npm:@vue/cli-service"],
        &["dist"],
    )
    .output(&[
        Flag("vue-cli-service", &["--dest"]),
        Script("vue.config", &["outputDir"]),
    ])
    .base(&[Script("vue.config", &["publicPath"])]),
    known(
        "Ember",
        "npm run build",
        &["ember-cli-build.js", "npm:ember-cli"],
        &["dist"],
    ),
    known(
        "Metalsmith",
        "npx metalsmith",
        &["metalsmith.*", "npm:metalsmith"],
        &["build"],
    )
    .output(&[
        Json("metalsmith.json", "destination"),
        Call("metalsmith", "destination"),
    ]),
    known(
        "HonKit",
        "npx honkit build",
        &["npm:honkit", "npm:gitbook-cli", "book.json"],
        &["_book"],
    ),
    known(
        "Lume",
        "deno task build",
        &["_config.ts", "_config.js", "deno.json", "deno.jsonc"],
        &["_site"],
    )
    .and(|folder| {
        let names = ["_config.ts", "_config.js", "deno.json", "deno.jsonc"];
        names.iter().any(|file| contains(folder, file, "lume"))
    })
    .output(&[Script("_config", &["dest"])]),
    known(
        "Antora",
        "npx antora antora-playbook.yml",
        &["antora-playbook.yml", "antora-playbook.yaml"],
        &["build/site"],
    )
    .output(&[
        Yaml("antora-playbook.yml", "output.dir"),
        Yaml("antora-playbook.yaml", "output.dir"),
    ])
    .base(&[
        Yaml("antora-playbook.yml", "site.url"),
        Yaml("antora-playbook.yaml", "site.url"),
    ]),
    known(
        "Quasar",
        "npx quasar build",
        &[
            "quasar.config.*",
            "npm:@quasar/app-vite",
            "npm:@quasar/app-webpack",
        ],
        &["dist/spa", "dist/pwa"],
    )
    .output(&[Script("quasar.config", &["build", "distDir"])])
    .base(&[Script("quasar.config", &["build", "publicPath"])]),
    known(
        "Analog",
        "npm run build",
        &["npm:@analogjs/platform"],
        &["dist/analog/public"],
    ),
    known("Waku", "npx waku build", &["npm:waku"], &["dist/public"]),
    known(
        "dumi",
        "npx dumi build",
        &[".dumirc.*", "npm:dumi"],
        &["docs-dist", "dist"],
    )
    .output(&[Script(".dumirc", &["outputPath"])])
    .base(&[Script(".dumirc", &["base"])]),
    known(
        "Stencil",
        "npx stencil build",
        &["stencil.config.*"],
        &["www"],
    ),
    known(
        "Vite",
        "npx vite build",
        &["vite.config.*", "npm:vite"],
        &["dist"],
    )
    .rank(Rank::Tool)
    .output(&[Flag("vite", &["--outDir"]), Special(vite)])
    .base(&[Flag("vite", &["--base"]), Script("vite.config", &["base"])]),
    known(
        "Parcel",
        "npx parcel build",
        &["npm:parcel", ".parcelrc"],
        &["dist"],
    )
    .rank(Rank::Tool)
    .output(&[Flag("parcel", &["--dist-dir"])])
    .base(&[Flag("parcel", &["--public-url"])]),
    known(
        "TypeDoc",
        "npx typedoc",
        &["typedoc.*", "npm:typedoc"],
        &["docs"],
    )
    .rank(Rank::Beside)
    .output(&[Json("typedoc.json", "out")]),
    known(
        "Storybook",
        "npx storybook build",
        &[".storybook"],
        &["storybook-static"],
    )
    .rank(Rank::Beside),
];
