//! Plugins, which run chathub in each build: the doctor knows them in the files that generators are configured by.

use super::*;

type Files = &'static [(&'static str, &'static str)];

/// Projects with the plugin: the file that has it, what builds the site, and the project's files.
const WITH_PLUGIN: [(&str, &str, Files); 10] = [
    (
        "astro.config.mjs",
        "npx astro build",
        &[(
            "astro.config.mjs",
            "import chathub from \"chathub/astro\";\nexport default x({ integrations: [chathub()] });\n",
        )],
    ),
    (
        "eleventy.config.js",
        "npx @11ty/eleventy",
        &[(
            "eleventy.config.js",
            "import chathub from \"chathub/eleventy\";\nexport default (config) => config.addPlugin(chathub);\n",
        )],
    ),
    (
        "docusaurus.config.ts",
        "npx docusaurus build",
        &[(
            "docusaurus.config.ts",
            "export default { plugins: [[\"chathub/docusaurus\", { verify: false }]] };\n",
        )],
    ),
    (
        ".vitepress/config.mts",
        "npx vitepress build",
        &[(
            ".vitepress/config.mts",
            "import chathub from \"chathub/vitepress\";\nexport default x({ buildEnd: chathub() });\n",
        )],
    ),
    (
        "svelte.config.js",
        "npm run build",
        &[
            (
                "svelte.config.js",
                "import chathub from \"chathub/sveltekit\";\nexport default { kit: { adapter: chathub(x()) } };\n",
            ),
            (
                "package.json",
                "{\"devDependencies\":{\"@sveltejs/kit\":\"2\",\"@sveltejs/adapter-static\":\"3\"}}",
            ),
        ],
    ),
    (
        "mkdocs.yml",
        "mkdocs build",
        &[(
            "mkdocs.yml",
            "site_name: Docs\nplugins:\n  - search\n  - chathub\n",
        )],
    ),
    (
        "conf.py",
        "make html",
        &[("conf.py", "extensions = [\n    \"chathub.sphinx\",\n]\n")],
    ),
    (
        "pelicanconf.py",
        "pelican content",
        &[("pelicanconf.py", "PLUGINS = [\"chathub.pelican\"]\n")],
    ),
    (
        "Gemfile",
        "bundle exec jekyll build",
        &[
            ("_config.yml", "title: Docs\n"),
            (
                "Gemfile",
                "group :jekyll_plugins do\n  gem \"jekyll-chathub\"\nend\n",
            ),
        ],
    ),
    (
        "netlify.toml",
        "hugo",
        &[
            ("hugo.toml", ""),
            (
                "netlify.toml",
                "[build]\ncommand = \"hugo\"\n[[plugins]]\npackage = \"./node_modules/chathub/netlify\"\n",
            ),
        ],
    ),
];

/// A pipeline that builds, without chathub, is fine where the build itself runs it.
#[test]
fn a_plugin_runs_chathub_in_each_build() {
    for (file, build, files) in WITH_PLUGIN {
        let project = |change: &dyn Fn(&str) -> String| {
            let site = Site::of(plain()).config(CONFIG);
            let site = site.file(
                ".github/workflows/site.yml",
                format!("steps:\n  - run: {build}\n"),
            );
            let add = |site: Site, (name, text): &(&str, &str)| site.file(name, change(text));
            let site = files.iter().fold(site, add);
            site.ok("inject");
            examined(&site, "").1
        };
        let document = project(&str::to_owned);
        let told = on(&document, "generator");
        let messages: Vec<&str> = told.iter().map(|check| text(check, "message")).collect();
        let wanted = format!("{file} has the plugin, so each build runs chathub");
        assert_eq!(messages.last(), Some(&&*wanted), "{document:#}");
        assert_eq!(wrong(&document), BTreeSet::new(), "{document:#}");
        // Another plugin does not run it.
        let document = project(&|text| text.replace("chathub", "another"));
        let told = on(&document, "generator");
        let last = told.last().map(|check| text(check, "message"));
        let wanted =
            format!(".github/workflows/site.yml runs `{build}`, and no pipeline runs chathub");
        assert_eq!(last, Some(&*wanted), "{document:#}");
    }
}
