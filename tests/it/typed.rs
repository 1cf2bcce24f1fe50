//! What the documents tell people to type, typed into a shell as it stands there: the first steps, and the lines of the generators' pages with the
//! configurations beside them, on sites of those generators. What a generator's own line does is proved where the generator is: by the tests in
//! `packages`, which take it from the same pages.

#![cfg(unix)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use walkdir::WalkDir;

use crate::common::{Run, Site};
use crate::docs::{blocks, path, read};
use crate::site::copy_folder;

/// Runs lines in the site's working folder until one fails.
fn typed(site: &Site, lines: &str) -> Run {
    // The binary is the shell's `$0`, under the name that readers type.
    let script = format!("set -e\nchathub() {{ \"$0\" \"$@\"; }}\n{lines}");
    Run::of(&mut site.command([""; 0]).under(&["sh", "-c", &script]))
}

/// The folder of the site that a configuration names.
fn site_of(config: &str) -> String {
    let config: toml::Table = config.parse().unwrap();
    config["site"].as_str().unwrap().to_owned()
}

/// The organizations that the site's tags are for.
fn organizations(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in WalkDir::new(folder) {
        let text = fs::read(entry.unwrap().path()).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let tags = text.split(" data-org=\"").skip(1);
        found.extend(tags.map(|rest| rest.split('"').next().unwrap().to_owned()));
    }
    found
}

/// The lines of a generator's page that run without a plugin, and its configuration.
fn page(name: &str) -> (String, String) {
    let page = format!("docs/generators/{name}.md");
    let mut lines = blocks(&page, "sh").into_iter();
    let lines = lines.find(|block| block.contains("chathub inject"));
    let config = blocks(&page, "toml").remove(0);
    (
        lines.unwrap_or_else(|| panic!("{page} has no plain lines")),
        config,
    )
}

/// Every organization of the configuration gets pages, and verify agrees with inject.
fn is_served(name: &str, site: &Site, config: &str, run: &Run) {
    // A page of each of these has a snippet by hand, for an organization that the documents leave out: it is refused and reported.
    let refused = ["astro", "jekyll", "pelican", "zola"].contains(&name);
    run.exits(if refused { 3 } else { 0 });
    let verified = typed(site, "chathub verify");
    verified.exits(i32::from(refused));
    let config: toml::Table = config.parse().unwrap();
    let wanted = config["organizations"].as_table().unwrap().keys().cloned();
    assert_eq!(organizations(site.folder()), wanted.collect(), "{name}");
}

#[test]
fn lines_and_configurations_of_the_generators() {
    let mut tried = 0;
    for entry in fs::read_dir(path("docs/generators")).unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        let name = file.strip_suffix(".md").unwrap();
        // The one lists the others, and has a plugin for whatever they have built.
        if ["index", "netlify"].contains(&name) {
            continue;
        }
        let (lines, config) = page(name);
        let own = site_of(&read(&format!("fixtures/{name}/chathub.toml")));
        let site = Site::new().config(&config);
        let from = path(&format!("fixtures/{name}/{own}"));
        copy_folder(&from, &site.folder().join(site_of(&config)));
        let (generator, ours) = lines.split_once('\n').unwrap();
        assert!(!generator.contains("chathub"), "{name}: {generator}");
        assert_eq!(ours, "chathub inject\nchathub verify", "{name}");
        let run = typed(&site, "chathub inject");
        is_served(name, &site, &config, &run);
        tried += 1;
    }
    assert!(tried > 10, "{tried}");
}

/// From the sources on, by the generator that every machine with the tests has.
#[test]
fn all_lines_for_hugo() {
    if std::env::var_os("CHATHUB_GENERATORS").is_none() {
        return;
    }
    let (lines, config) = page("hugo");
    let site = Site::new();
    copy_folder(&path("fixtures/hugo/source"), site.folder());
    let site = site.config(&config);
    let run = typed(&site, &lines);
    is_served("hugo", &site, &config, &run);
}

#[test]
fn the_first_steps() {
    for document in ["README.md", "docs/start.md"] {
        let site = Site::new();
        copy_folder(&path("fixtures/demo/public"), &site.path(""));
        let home = site.folder().join("home/.local/share");
        fs::create_dir_all(home.join("bash-completion/completions")).unwrap();
        fs::create_dir_all(home.join("man/man1")).unwrap();
        let blocks = blocks(document, "sh");
        let lines = blocks.iter().flat_map(|block| block.lines());
        // Those that go on until somebody ends them have tests of their own.
        let goes_on = ["chathub preview", "chathub watch"];
        let lines = lines.filter(|line| {
            line.starts_with("chathub ") && !goes_on.iter().any(|one| line.starts_with(one))
        });
        let lines: Vec<&str> = lines.collect();
        assert!(lines.len() >= 4, "{document}: {lines:?}");
        typed(&site, &lines.join("\n")).exits(0);
        assert!(
            site.text("index.html").contains("data-chathub"),
            "{document}"
        );
        if document == "docs/start.md" {
            let page = fs::read_to_string(home.join("man/man1/chathub.1")).unwrap();
            assert!(page.contains(".TH chathub"), "{page:.200}");
            let words = home.join("bash-completion/completions/chathub");
            assert!(fs::read_to_string(words).unwrap().contains("complete "));
        }
    }
}
