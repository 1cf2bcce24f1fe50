//! Generators in their watch modes, for real: `scripts/test` installs them, and says where in `CHATHUB_GENERATORS`. Without it
//! there are none to run.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::*;

/// A generator that runs until the value is dropped.
struct Generator(Child);

impl Drop for Generator {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Where generators from npm are.
fn generators() -> Option<PathBuf> {
    let folder = std::env::var_os("CHATHUB_GENERATORS")?;
    Some(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder))
}

/// A program in the working folder, of which nobody hears.
fn program(site: &Site, words: &[&str]) -> Command {
    let mut command = Command::new(words[0]);
    command
        .args(&words[1..])
        .current_dir(site.folder())
        .env("HOME", site.folder().join("home"))
        .env("ASTRO_TELEMETRY_DISABLED", "1")
        .env("HUGO_CACHEDIR", site.folder().join("home/hugo"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// Waits until a page says this and has one loader, of this organization.
#[track_caller]
fn shows(site: &Site, path: &str, text: &str, organization: &str) {
    let organization = format!(" data-org=\"{organization}\"");
    wait_until(&format!("{path}: {text}"), || {
        fs::read_to_string(site.path(path)).is_ok_and(|page| {
            page.contains(text)
                && page.matches("data-chathub").count() == 1
                && page.contains(&organization)
                && page.contains("</html>")
        })
    });
}

fn write(site: &Site, path: &str, text: &str) {
    let file = site.folder().join(path);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}

/// A site that its generator has yet to write to `public`, and the watch that waits for it.
fn project(files: &[(&str, &str)]) -> (Site, Server) {
    let site = Site::new().config(RULES);
    for (path, text) in files {
        write(&site, path, text);
    }
    let watch = watch_nothing(&site);
    (site, watch)
}

#[test]
fn hugo_rebuilds() {
    const LAYOUT: &str = "<!doctype html><html><head><title>{{ .Title }}</title></head><body>{{ .Content }}</body></html>";
    if generators().is_none() {
        return;
    }
    let (site, watch) = project(&[
        (
            "config.toml",
            "baseURL = \"https://example.com/\"\ndisableKinds = [\"taxonomy\", \"term\", \"RSS\", \"sitemap\"]\n",
        ),
        ("layouts/index.html", LAYOUT),
        ("layouts/_default/single.html", LAYOUT),
        ("layouts/_default/list.html", LAYOUT),
        (
            "content/_index.md",
            "---\ntitle: Home\n---\nThe first version\n",
        ),
        (
            "content/shop/prices.md",
            "---\ntitle: Prices\n---\nEverything is free\n",
        ),
    ]);
    let hugo = program(
        &site,
        &[
            "hugo",
            "--watch",
            "--cleanDestinationDir",
            "--destination",
            "public",
        ],
    );
    let hugo = Generator({ hugo }.spawn().unwrap());
    shows(&site, "index.html", "The first version", "support");
    shows(
        &site,
        "shop/prices/index.html",
        "Everything is free",
        "sales",
    );
    write(
        &site,
        "content/_index.md",
        "---\ntitle: Home\n---\nThe second version\n",
    );
    shows(&site, "index.html", "The second version", "support");
    write(
        &site,
        "content/shop/more.md",
        "---\ntitle: More\n---\nThere is more\n",
    );
    shows(&site, "shop/more/index.html", "There is more", "sales");
    drop(hugo);
    // Its server writes to the disk on demand.
    let server = [
        "hugo",
        "server",
        "--renderToDisk",
        "--port",
        "0",
        "--destination",
        "public",
    ];
    delete(&site.path(""));
    let hugo = Generator(program(&site, &server).spawn().unwrap());
    shows(&site, "index.html", "The second version", "support");
    write(
        &site,
        "content/_index.md",
        "---\ntitle: Home\n---\nThe third version\n",
    );
    shows(&site, "index.html", "The third version", "support");
    drop(hugo);
    ends(&site, watch);
}

#[test]
fn eleventy_rebuilds() {
    const LAYOUT: &str = "<!doctype html><html><head><title>{{ title }}</title></head><body>{{ content }}</body></html>";
    let Some(generators) = generators() else {
        return;
    };
    let (site, watch) = project(&[
        ("source/_includes/page.html", LAYOUT),
        (
            "source/index.md",
            "---\nlayout: page.html\n---\nThe first version\n",
        ),
        (
            "source/shop/prices.md",
            "---\nlayout: page.html\n---\nEverything is free\n",
        ),
    ]);
    let eleventy = generators.join("eleventy/node_modules/@11ty/eleventy/cmd.cjs");
    let eleventy = eleventy.to_str().unwrap();
    let words = [
        "node",
        eleventy,
        "--watch",
        "--input=source",
        "--output=public",
    ];
    let eleventy = Generator(program(&site, &words).spawn().unwrap());
    shows(&site, "index.html", "The first version", "support");
    shows(
        &site,
        "shop/prices/index.html",
        "Everything is free",
        "sales",
    );
    write(
        &site,
        "source/index.md",
        "---\nlayout: page.html\n---\nThe second version\n",
    );
    shows(&site, "index.html", "The second version", "support");
    write(
        &site,
        "source/shop/more.md",
        "---\nlayout: page.html\n---\nThere is more\n",
    );
    shows(&site, "shop/more/index.html", "There is more", "sales");
    drop(eleventy);
    ends(&site, watch);
}

/// `astro dev` keeps pages in memory: what it has for writing is `astro build`, which deletes all that it wrote before.
#[test]
fn astro_builds_again_and_again() {
    let Some(generators) = generators() else {
        return;
    };
    let page = |text: &str| {
        format!(
            "<!doctype html><html><head><title>Astro</title></head><body><p>{text}</p></body></html>\n"
        )
    };
    let (site, watch) = project(&[
        (
            "astro.config.mjs",
            "export default { outDir: \"./public\", publicDir: \"./static\" };\n",
        ),
        ("package.json", "{ \"type\": \"module\" }\n"),
        ("src/pages/index.astro", &page("The first version")),
        ("src/pages/shop/prices.astro", &page("Everything is free")),
    ]);
    let modules = generators.join("astro/node_modules");
    std::os::unix::fs::symlink(&modules, site.folder().join("node_modules")).unwrap();
    let build = || {
        let astro = modules.join("astro/astro.js");
        let status = program(&site, &["node", astro.to_str().unwrap(), "build"]).status();
        assert!(status.unwrap().success());
    };
    build();
    shows(&site, "index.html", "The first version", "support");
    shows(
        &site,
        "shop/prices/index.html",
        "Everything is free",
        "sales",
    );
    write(&site, "src/pages/index.astro", &page("The second version"));
    build();
    shows(&site, "index.html", "The second version", "support");
    shows(
        &site,
        "shop/prices/index.html",
        "Everything is free",
        "sales",
    );
    ends(&site, watch);
}
