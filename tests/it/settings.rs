//! Where settings come from, and which of them wins: flag, then environment, then file, then default.

use std::fs;

use crate::common::{Run, Site, plain};
use chathub::internal::settings::setting_names;

/// The tag that a page gets.
fn tag(site: &Site, arguments: &str) -> String {
    site.ok(&format!("inject public {arguments}"));
    let text = site.text("index.html");
    let (_, tag) = text.split_once("<script ").expect("there is a tag");
    tag.split_once("></script>").unwrap().0.to_owned()
}

#[test]
fn a_flag_beats_the_environment_beats_the_file_beats_the_default() {
    let cases = [
        (
            "placeholder",
            "endpoint",
            "--endpoint",
            "data-endpoint",
            ["/a", "/b", "/c"],
            "/api/chathub/token",
        ),
        (
            "placeholder",
            "load",
            "--load",
            "data-load",
            ["eager", "visible", "manual"],
            "idle",
        ),
        (
            "placeholder",
            "contact",
            "--contact",
            "data-contact",
            ["mailto:a@example.com", "mailto:b@example.com", "tel:112"],
            "",
        ),
        (
            "widget",
            "src",
            "--widget-src",
            "data-src",
            [
                "https://a.example/w.js",
                "https://b.example/w.js",
                "https://c.example/w.js",
            ],
            "",
        ),
    ];
    for (table, key, flag, attribute, [file, environment, flagged], default) in cases {
        let has = |tag: &str, value: &str| {
            let wanted = format!("{attribute}=\"{value}\"");
            if value.is_empty() {
                assert!(!tag.contains(&format!(" {attribute}=")), "{tag}");
            } else {
                assert!(tag.contains(&wanted), "{wanted} is not in {tag}");
            }
        };
        let site = Site::of(plain());
        has(&tag(&site, ""), default);
        let site = site.config(&format!("[{table}]\n{key} = \"{file}\"\n"));
        has(&tag(&site, ""), file);
        let variable = format!("CHATHUB_{table}_{key}").to_uppercase();
        let site = site.env(&variable, environment);
        has(&tag(&site, ""), environment);
        has(&tag(&site, &format!("{flag} {flagged}")), flagged);
        // An empty variable is as good as none.
        let site = site.env(&variable, "");
        has(&tag(&site, ""), file);
    }
}

#[test]
fn asset_folder_and_base_make_the_address_of_the_runtime() {
    let name = chathub::internal::runtime::hashed_name();
    let site = Site::of(plain()).env("CHATHUB_PLACEHOLDER_BASE_URL", "/docs/");
    let made = tag(&site, "--asset-dir chat/runtime");
    assert!(
        made.contains(&format!("src=\"/docs/chat/runtime/{name}\"")),
        "{made}"
    );
    let there = site.read(&format!("chat/runtime/{name}"));
    assert_eq!(there, chathub::internal::runtime::SOURCE);
}

#[test]
fn the_site_and_the_mode_follow_the_same_order() {
    let site = Site::of(plain())
        .file("one/index.html", plain())
        .file("two/index.html", plain())
        .config("site = \"one\"\n");
    let chosen = |run: &Run| crate::common::Report::of(&run.exits(0).stdout).0["summary"].clone();
    let run = |site: &Site, arguments: &str| {
        chosen(&site.run(&format!("inject -n --format json {arguments}")))
    };
    assert_eq!(run(&site, "")["site"], "one");
    let site = site.env("CHATHUB_SITE", "two");
    assert_eq!(run(&site, "")["site"], "two");
    assert_eq!(run(&site, "public")["site"], "public");
    let site = site.env("CHATHUB_MODE", "static");
    assert_eq!(run(&site, "--mode placeholder")["mode"], "placeholder");
}

#[test]
fn every_setting_has_a_variable_that_is_accepted_and_one_that_is_refused() {
    for setting in setting_names() {
        let site = Site::of(plain())
            .config(
                "[organizations.support]\nid = 6\ncontact = \"tel:112\"\n\
                 [organizations.sales]\nid = 7\n",
            )
            .env(&setting.variable(), setting.example.trim_matches('"'));
        // Static mode wants a token, which is another matter.
        let command = if setting.path == "mode" {
            "remove -n"
        } else {
            "inject -n"
        };
        site.ok(command);
        if !matches!(setting.kind, chathub::internal::settings::Kind::Path) {
            let site = site.env(&setting.variable(), "\u{1}no value at all\"");
            let run = site.run(command);
            run.fails(2, &[&setting.variable()]);
        }
    }
}

#[test]
fn of_several_files_the_later_wins_key_by_key() {
    let site = Site::of(plain())
        .config("[placeholder]\nload = \"manual\"\n")
        .file(
            "base.toml",
            "[placeholder]\nendpoint = \"/base\"\nload = \"eager\"\n",
        )
        .file(
            "conf/production.toml",
            "[placeholder]\nendpoint = \"/production\"\n",
        );
    let made = tag(&site, "-c base.toml --config conf/production.toml");
    assert!(made.contains("data-endpoint=\"/production\""), "{made}");
    assert!(made.contains("data-load=\"eager\""), "{made}");
    let made = tag(&site, "-c conf/production.toml -c base.toml");
    assert!(made.contains("data-endpoint=\"/base\""), "{made}");
}

#[test]
fn the_nearest_file_upwards_is_found_and_its_paths_are_relative_to_it() {
    let site = Site::of(plain())
        .config("site = \"public\"\n[placeholder]\nload = \"eager\"\n")
        .file("scripts/deploy/note.txt", "");
    let mut command = site.command(["inject"]);
    Run::of(command.current_dir(site.folder().join("scripts/deploy"))).exits(0);
    assert!(site.text("index.html").contains("data-load=\"eager\""));
    // A nearer one wins, and alone.
    fs::write(
        site.folder().join("scripts/chathub.toml"),
        "site = \"../public\"\n",
    )
    .unwrap();
    let mut command = site.command(["inject"]);
    Run::of(command.current_dir(site.folder().join("scripts/deploy"))).exits(0);
    assert!(site.text("index.html").contains("data-load=\"idle\""));
}

#[test]
fn a_mistake_in_a_file_upwards_names_that_file() {
    let site = Site::of(plain())
        .config("sit = 1\n")
        .file("sub/note.txt", "");
    let mut command = site.command(["inject"]);
    let run = Run::of(command.current_dir(site.folder().join("sub")));
    run.fails(2, &["chathub.toml:1:1", "`site`"]);
}
