#![allow(clippy::too_many_lines)]
use super::detect;
use super::tests::{Files, folder};

/// What is found before the site is built: the generator, where it will write, the base path.
#[test]
fn knows_generators_and_where_they_write() {
    let cases: &[(Files, &str, &str, Option<&str>)] = &[
        (
            &[(
                "hugo.toml",
                "publishDir = 'www'\nbaseURL = 'https://x.example/docs/'",
            )],
            "Hugo",
            "www",
            Some("/docs/"),
        ),
        (
            &[("hugo.yaml", "title: x\npublishDir: \"www\" # here\n")],
            "Hugo",
            "www",
            None,
        ),
        (
            &[("hugo.json", "{\"publishdir\": \"www\"}")],
            "Hugo",
            "www",
            None,
        ),
        (
            &[("config/_default/hugo.yaml", "publishDir: www\n")],
            "Hugo",
            "www",
            None,
        ),
        (
            &[("config/_default/config.toml", "publishDir = 'www'")],
            "Hugo",
            "www",
            None,
        ),
        (
            &[
                ("config.toml", "baseURL = 'https://x.example/'"),
                ("content/", ""),
                ("layouts/", ""),
            ],
            "Hugo",
            "public",
            None,
        ),
        (
            &[(
                "config.toml",
                "base_url = 'https://x.example/a/b'\noutput_dir = 'docs/'",
            )],
            "Zola",
            "docs",
            Some("/a/b/"),
        ),
        (
            &[
                ("config.toml", "base_url = '/'"),
                ("content/", ""),
                ("themes/", ""),
            ],
            "Zola",
            "public",
            None,
        ),
        (
            &[("_config.yml", "title: shop\nbaseurl: /shop # x\n")],
            "Jekyll",
            "_site",
            Some("/shop/"),
        ),
        (
            &[("_config.yml", "destination: ./www # out\nbaseurl: ''\n")],
            "Jekyll",
            "www",
            None,
        ),
        (
            &[("_config.yml", "title: x\n"), ("_toc.yml", "")],
            "Jupyter Book",
            "_build/html",
            None,
        ),
        (
            &[
                ("_config.yml", "public_dir: public\nroot: /blog/\n"),
                ("scaffolds/", ""),
            ],
            "Hexo",
            "public",
            Some("/blog/"),
        ),
        (
            &[
                ("_config.yml", "url: http://x.example/y\n"),
                ("package.json", "{\"dependencies\":{\"hexo\":\"7\"}}"),
            ],
            "Hexo",
            "public",
            Some("/y/"),
        ),
        (&[(".eleventy.js", "")], "Eleventy", "_site", None),
        (
            &[(
                "eleventy.config.mjs",
                "export default (c) => ({ dir: { input: 'src', output: 'www' }, pathPrefix: '/p/' })",
            )],
            "Eleventy",
            "www",
            Some("/p/"),
        ),
        (
            &[(
                "eleventy.config.js",
                "export default function (c) { c.setOutputDirectory('www'); }",
            )],
            "Eleventy",
            "www",
            None,
        ),
        (
            &[(
                "astro.config.mjs",
                "// outDir: 'no'\nexport default defineConfig({ outDir: './www', base: 'b' })",
            )],
            "Astro",
            "www",
            Some("/b/"),
        ),
        (
            &[(
                "mkdocs.yml",
                "nav:\n  site_dir: no\nsite_dir: 'www'\nsite_url: https://x.example/docs/\n",
            )],
            "MkDocs",
            "www",
            Some("/docs/"),
        ),
        (
            &[(
                "book.toml",
                "[build]\nbuild-dir = 'out'\n[output.html]\nsite-url = '/b/'",
            )],
            "mdBook",
            "out",
            Some("/b/"),
        ),
        (
            &[(
                "docusaurus.config.ts",
                "const config: Config = { baseUrl: '/d/', };",
            )],
            "Docusaurus",
            "build",
            Some("/d/"),
        ),
        (
            &[(
                "docusaurus.config.js",
                "module.exports = { baseUrl: '/d/' }",
            )],
            "Docusaurus",
            "build",
            Some("/d/"),
        ),
        (
            &[(
                "docs/.vitepress/config.mts",
                "export default defineConfig({ base: '/v/' })",
            )],
            "VitePress",
            "docs/.vitepress/dist",
            Some("/v/"),
        ),
        (
            &[(
                "docs/.vuepress/config.js",
                "module.exports = { base: '/v/' }",
            )],
            "VuePress",
            "docs/.vuepress/dist",
            Some("/v/"),
        ),
        (
            &[(
                "rspress.config.ts",
                "export default defineConfig({ base: '/r/' })",
            )],
            "Rspress",
            "doc_build",
            Some("/r/"),
        ),
        (
            &[(
                "next.config.mjs",
                "export default { output: 'export', basePath: '/n' }",
            )],
            "Next.js",
            "out",
            Some("/n/"),
        ),
        (
            &[(
                "next.config.mjs",
                "const c = x({ output: 'export', distDir: 'www' })",
            )],
            "Next.js",
            "www",
            None,
        ),
        (
            &[(
                "nuxt.config.ts",
                "export default defineNuxtConfig({ app: { baseURL: '/n/' } })",
            )],
            "Nuxt",
            ".output/public",
            Some("/n/"),
        ),
        (
            &[("react-router.config.ts", ""), ("vite.config.ts", "")],
            "React Router",
            "build/client",
            None,
        ),
        (
            &[("react-router.config.ts", "x({ buildDirectory: 'www' })")],
            "React Router",
            "www/client",
            None,
        ),
        (
            &[
                (
                    "package.json",
                    "{\"dependencies\":{\"@tanstack/react-start\":\"1\"}}",
                ),
                ("vite.config.ts", ""),
            ],
            "TanStack Start",
            "dist/client",
            None,
        ),
        (
            &[
                (
                    "package.json",
                    "{\"devDependencies\":{\"@sveltejs/kit\":\"2\"}}",
                ),
                (
                    "svelte.config.js",
                    "const c = { kit: { adapter: adapter({ pages: 'www' }), paths: { base: '/s' } } };",
                ),
            ],
            "SvelteKit",
            "www",
            Some("/s/"),
        ),
        (
            &[("gatsby-config.js", "x({ pathPrefix: `/g` })")],
            "Gatsby",
            "public",
            Some("/g/"),
        ),
        (
            &[("angular.json", "{\"projects\":{}}")],
            "Angular",
            "dist/NAME/browser",
            None,
        ),
        (
            &[(
                "angular.json",
                "{/* c */\"a\":{\"builder\":\"@angular/build:application\",\"options\":{\"outputPath\":\"dist/app\",\"baseHref\":\"/a/\"}}}",
            )],
            "Angular",
            "dist/app/browser",
            Some("/a/"),
        ),
        (
            &[(
                "vite.config.ts",
                "export default defineConfig({ base: '/v/', build: { outDir: 'www' } })",
            )],
            "Vite",
            "www",
            Some("/v/"),
        ),
        (
            &[(
                "vite.config.ts",
                "export default { root: './src', build: { outDir: '../www' } }",
            )],
            "Vite",
            "www",
            None,
        ),
        (
            &[("vite.config.ts", "export default { root: 'app' }")],
            "Vite",
            "app/dist",
            None,
        ),
        (
            &[(
                "package.json",
                "{\"dependencies\":{\"react-scripts\":\"5\"},\"homepage\":\"https://x.example/app\"}",
            )],
            "Create React App",
            "build",
            Some("/app/"),
        ),
        (
            &[(
                "antora-playbook.yml",
                "site:\n  url: https://x.example/docs\noutput:\n  dir: ./www\n",
            )],
            "Antora",
            "www",
            Some("/docs/"),
        ),
        (
            &[(
                "_quarto.yml",
                "project:\n  type: website\n  output-dir: www\n",
            )],
            "Quarto",
            "www",
            None,
        ),
        (
            &[("pelicanconf.py", "OUTPUT_PATH = 'www'  # x\n")],
            "Pelican",
            "www",
            None,
        ),
        (
            &[("conf.py", "import nikola\nOUTPUT_FOLDER = 'www'\n")],
            "Nikola",
            "www",
            None,
        ),
        (
            &[("conf.py", "BLOG_TITLE = 'x'\nPOSTS = ()\nPAGES = ()\n")],
            "Nikola",
            "output",
            None,
        ),
        (&[("docs/conf.py", "")], "Sphinx", "docs/_build/html", None),
        (
            &[("conf.py", "extensions = []\n")],
            "Sphinx",
            "_build/html",
            None,
        ),
        (
            &[("bridgetown.config.yml", "")],
            "Bridgetown",
            "output",
            None,
        ),
        (
            &[("config.rb", ""), ("Gemfile", "gem 'middleman'")],
            "Middleman",
            "build",
            None,
        ),
        (
            &[("_config.ts", "import lume from 'lume/mod.ts';")],
            "Lume",
            "_site",
            None,
        ),
        (
            &[("package.json", "{\"devDependencies\":{\"honkit\":\"6\"}}")],
            "HonKit",
            "_book",
            None,
        ),
        (
            &[(
                "package.json",
                "{\"devDependencies\":{\"@slidev/cli\":\"6\"}}",
            )],
            "Slidev",
            "dist",
            None,
        ),
    ];
    for (files, name, site, base) in cases {
        let folder = folder(files);
        let found = detect(folder.path());
        assert_eq!(found.generator.map(|g| g.name), Some(*name), "{files:?}");
        assert_eq!(found.site.as_deref(), Some(*site), "{files:?}");
        assert_eq!(found.base.as_deref(), *base, "{files:?}");
        assert!(!found.exists, "{files:?}");
    }
}
