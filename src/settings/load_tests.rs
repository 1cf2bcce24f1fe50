//! Layers, discovery and merging.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::ffi::OsString;
use std::path::PathBuf;

use super::*;
use crate::settings::{Flag, Kind, Level, Mode, Operator, SecretSource, Wants, compile_glob};

/// A working folder with these files, and what is loaded there.
struct World {
    folder: tempfile::TempDir,
    inputs: Inputs<'static>,
}

impl World {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let inputs = Inputs {
            folder: folder.path().to_path_buf(),
            known_rules: &["unused-rule"],
            ..Inputs::default()
        };
        Self { folder, inputs }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn files(mut self, files: &[&str]) -> Self {
        self.inputs.files = files.iter().map(PathBuf::from).collect();
        self
    }

    fn variable(mut self, name: &str, value: &str) -> Self {
        self.inputs.environment.insert(name.into(), value.into());
        self
    }

    fn flag(mut self, path: &'static str, value: &str) -> Self {
        self.inputs.flags.push(Flag {
            path,
            name: "--flag",
            value: value.into(),
        });
        self
    }

    fn load(&self) -> Config {
        load(&self.inputs).unwrap_or_else(|error| panic!("{error}"))
    }
}

#[test]
fn nothing_at_all_is_the_default() {
    assert_eq!(World::new(&[]).load(), Config::default());
}

#[test]
fn the_nearest_file_upwards_is_read() {
    let mut world = World::new(&[
        ("chathub.toml", "site = \"outer\""),
        (
            "a/chathub.toml",
            "site = \"../inner\"\nrules = [{ widget = false }]",
        ),
        ("a/b/c/x", ""),
    ]);
    world.inputs.folder = world.path("a/b/c");
    let config = world.load();
    assert_eq!(config.files, [world.path("a/chathub.toml")]);
    assert_eq!(config.site, Some(world.path("a/../inner")));
    // A file elsewhere is shown by its whole path, one below the working folder by its relative one.
    let whole = format!("{}:2", world.path("a/chathub.toml").display());
    assert_eq!(config.rules[0].place.to_string(), whole);
    world.inputs.folder = world.path("a");
    assert_eq!(world.load().rules[0].place.to_string(), "chathub.toml:2");
}

#[test]
fn files_that_are_named_replace_the_discovered_one_and_the_later_wins() {
    let world = World::new(&[
        ("chathub.toml", "mode = \"static\""),
        (
            "base.toml",
            "site = \"base\"\nplaceholder.load = \"eager\"\nplaceholder.endpoint = \"/base\"\n\
             organizations.a = { id = 1, operator = 5, token = { env = \"A\" } }\n\
             organizations.b.id = 2\nverify.severity.unused-rule = \"off\"\n\
             rules = [{ organization = 'a' }]",
        ),
        (
            "conf/prod.toml",
            "site = \"prod\"\nplaceholder.endpoint = \"/prod\"\n\
             organizations.a = { operator = \"Ann\", token = { file = \"t\" } }\n\
             default-organization = \"b\"\nrules = [{ widget = true }]",
        ),
    ])
    .files(&["base.toml", "conf/prod.toml"]);
    let config = world.load();
    assert_eq!(config.mode, Mode::Placeholder);
    assert_eq!(config.site, Some(world.path("conf/prod")));
    assert_eq!(config.placeholder.endpoint, "/prod");
    assert_eq!(config.placeholder.load.as_str(), "eager");
    assert_eq!(config.verify.severity["unused-rule"], Level::Off);
    let a = &config.organizations["a"];
    assert_eq!(a.id, 1);
    assert_eq!(a.operator, Some(Operator::Name("Ann".to_owned())));
    assert_eq!(a.token, Some(SecretSource::File(world.path("conf/t"))));
    assert_eq!(a.place.to_string(), "base.toml:4");
    let rules: Vec<String> = config
        .rules
        .iter()
        .map(|rule| rule.place.to_string())
        .collect();
    assert_eq!(rules, ["base.toml:7", "conf/prod.toml:5"]);
    assert_eq!(config.rules[1].wants, Wants::Default);
    let files = ["base.toml", "conf/prod.toml"].map(|name| world.path(name));
    assert_eq!(config.files, files);
}

/// Three valid values of a setting as TOML, and as a variable or flag says them.
fn values(setting: &Setting) -> [(String, String); 3] {
    let text = |value: &str| (format!("\"{value}\""), value.to_owned());
    let bare = |value: &str| (value.to_owned(), value.to_owned());
    match setting.kind {
        Kind::Flag => [bare("false"), bare("true"), bare("false")],
        Kind::Count(..) => [bare("1"), bare("2"), bare("3")],
        Kind::Choice(words) => [text(words[0].0), text(words[1].0), text(words[0].0)],
        Kind::Path => [text("a"), text("b"), text("c")],
        Kind::List => {
            let three = match setting.path {
                "endpoint.origins" => ["https://a", "https://b", "https://c"],
                "csp.widget" => [
                    "connect-src https://a",
                    "connect-src https://b",
                    "img-src https://a",
                ],
                "endpoint.trusted-proxies" => ["10.0.0.1", "10.0.0.2", "fd00::/8"],
                _ => ["a", "b", "c"],
            };
            three.map(|item| {
                (
                    format!("[\"{item}\", \"{item}\"]"),
                    format!("{item}, {item}"),
                )
            })
        }
        Kind::Duration => [text("1m"), text("2m"), text("3m")],
        Kind::Secret | Kind::Operator => unreachable!("{} stands in files alone", setting.path),
        Kind::Text => match setting.path {
            "placeholder.contact" => [text("tel:1"), text("tel:2"), text("tel:3")],
            "endpoint.listen" | "endpoint.admin-listen" => {
                [text("[::1]:1"), text("[::1]:2"), text("[::1]:3")]
            }
            "widget.src" | "customer-widget.src" | "api.url" | "endpoint.forward-auth" => {
                [text("https://a/"), text("https://b/"), text("https://c/")]
            }
            "placeholder.endpoint" | "placeholder.base-url" => {
                [text("/a/"), text("/b/"), text("/c/")]
            }
            _ => [text("a"), text("b"), text("c")],
        },
    }
}

#[test]
fn every_setting_has_a_variable_that_beats_the_file_and_a_flag_that_beats_both() {
    const ORGANIZATIONS: &str =
        "[organizations]\na = { id = 1, contact = \"tel:112\" }\nb.id = 2\nc.id = 3\n";
    for setting in setting_names() {
        let [in_file, in_variable, in_flag] = values(setting);
        let with = |value: &str| format!("{} = {value}\n{ORGANIZATIONS}", setting.path);
        // What the setting's value makes of the configuration, told by a file alone.
        let expect = |value: &str| {
            let mut world = World::new(&[("chathub.toml", &with(value))]);
            world.inputs.folder = world.path("");
            normal(&world)
        };
        let variable = setting.variable();
        let world = World::new(&[("chathub.toml", &with(&in_file.0))]);
        assert_eq!(normal(&world), expect(&in_file.0), "{}", setting.path);
        let world = world.variable(&variable, &in_variable.1);
        assert_eq!(normal(&world), expect(&in_variable.0), "{variable}");
        assert_ne!(normal(&world), expect(&in_file.0), "{variable}");
        let world = world.flag(setting.path, &in_flag.1);
        assert_eq!(normal(&world), expect(&in_flag.0), "{}", setting.path);
        assert_ne!(normal(&world), expect(&in_variable.0), "{}", setting.path);
        // An empty variable is an unset one.
        let world = World::new(&[("chathub.toml", &with(&in_file.0))]).variable(&variable, "");
        assert_eq!(normal(&world), expect(&in_file.0), "{variable}");
    }
}

/// The configuration without what differs from one temporary folder to the next.
fn normal(world: &World) -> Config {
    let mut config = world.load();
    config.files.clear();
    config.overruled.clear();
    for folder in [
        &mut config.site,
        &mut config.pages.link_root,
        &mut config.verify.baseline,
    ] {
        let inside = folder.as_deref();
        let inside = inside.map(|folder| folder.strip_prefix(world.folder.path()).unwrap());
        *folder = inside.map(Path::to_path_buf);
    }
    config
}

#[test]
fn organizations_can_come_from_a_variable() {
    let file = (
        "chathub.toml",
        "[organizations.sales]\nid = 1\noperator = 7\n",
    );
    let load = |value: &str| {
        World::new(&[file])
            .variable("CHATHUB_ORGANIZATIONS", value)
            .load()
    };
    let config = load(" support = 6,sales=24, ");
    let ids: Vec<(&str, u64)> = config
        .organizations
        .iter()
        .map(|(name, organization)| (name.as_str(), organization.id))
        .collect();
    assert_eq!(ids, [("sales", 24), ("support", 6)]);
    assert_eq!(
        config.organizations["sales"].operator,
        Some(Operator::Id(7))
    );
    assert_eq!(load("").organizations.len(), 1);
    for wrong in [
        "support",
        "support=",
        "=6",
        "support=six",
        "a b=6",
        "x=6;y=7",
        "a.b=1",
    ] {
        let world = World::new(&[file]).variable("CHATHUB_ORGANIZATIONS", wrong);
        let error = super::load(&world.inputs).unwrap_err().to_string();
        assert!(error.contains("CHATHUB_ORGANIZATIONS"), "{error}");
        assert!(error.contains("support=6,sales=24"), "{error}");
    }
}

#[test]
fn variables_are_named_after_their_path() {
    let variables: Vec<String> = setting_names().iter().map(Setting::variable).collect();
    for name in [
        "CHATHUB_SITE",
        "CHATHUB_MODE",
        "CHATHUB_DEFAULT_ORGANIZATION",
        "CHATHUB_PLACEHOLDER_ENDPOINT",
        "CHATHUB_PAGES_FRAGMENTS",
        "CHATHUB_VERIFY_MIN_TTL",
    ] {
        assert!(variables.iter().any(|variable| variable == name), "{name}");
    }
    let unique: std::collections::BTreeSet<&String> = variables.iter().collect();
    assert_eq!(unique.len(), variables.len());
}

#[test]
fn examples_and_defaults_are_valid() {
    for setting in setting_names() {
        for value in setting.default.iter().chain([&setting.example]) {
            let text = format!(
                "{} = {value}\norganizations.support = {{ id = 1, contact = \"tel:112\" }}",
                setting.path
            );
            World::new(&[("chathub.toml", &text)]).load();
        }
        if let Some(default) = setting.default {
            let text = format!("{} = {default}", setting.path);
            let world = World::new(&[("chathub.toml", &text)]);
            assert_eq!(normal(&world), Config::default(), "{text}");
        }
    }
}

#[test]
fn sites_are_relative_to_where_they_are_named() {
    let world =
        World::new(&[("conf/chathub.toml", "site = \"public\"")]).files(&["conf/chathub.toml"]);
    assert_eq!(world.load().site, Some(world.path("conf/public")));
    let world = world.variable("CHATHUB_SITE", "from-variable");
    assert_eq!(world.load().site, Some(world.path("from-variable")));
    let world = world.flag("site", "/from/flag");
    assert_eq!(world.load().site, Some(PathBuf::from("/from/flag")));
}

#[cfg(unix)]
#[test]
fn a_site_need_not_be_utf_8() {
    use std::os::unix::ffi::OsStringExt;
    let mut world = World::new(&[]);
    let name = OsString::from_vec(b"s\xff".to_vec());
    world
        .inputs
        .environment
        .insert("CHATHUB_SITE".into(), name.clone());
    assert_eq!(world.load().site, Some(world.folder.path().join(&name)));
    world.inputs.environment.insert("CHATHUB_MODE".into(), name);
    let error = load(&world.inputs).unwrap_err().to_string();
    assert!(
        error.starts_with("error: environment variable `CHATHUB_MODE`: `mode` takes text in UTF-8")
    );
}

#[test]
fn flags_may_be_given_as_1_and_0() {
    let world = World::new(&[]).variable("CHATHUB_PAGES_AMP", "1");
    assert!(world.load().pages.amp);
    let world = world.flag("pages.amp", "0");
    assert!(!world.load().pages.amp);
}

#[test]
fn values_of_variables_are_text_and_never_toml() {
    let world = World::new(&[]).variable("CHATHUB_PLACEHOLDER_ASSET_DIR", "a\"\nmode = \"static");
    assert!(load(&world.inputs).is_err());
    let world = World::new(&[]).variable("CHATHUB_PLACEHOLDER_ENDPOINT", "/it's");
    assert!(load(&world.inputs).is_err());
    let world = World::new(&[]).variable("CHATHUB_VERIFY_MIN_PAGES", "0x10");
    assert!(load(&world.inputs).is_err());
}

#[test]
fn a_byte_order_mark_and_crlf_are_fine() {
    let world = World::new(&[(
        "chathub.toml",
        "\u{feff}mode = \"static\"\r\n\r\n[[rules]]\r\nwidget = false\r\n",
    )]);
    let config = world.load();
    assert_eq!(config.mode, Mode::Static);
    assert_eq!(config.rules[0].place.line, 3);
}

#[test]
fn single_strings_and_arrays_are_the_same() {
    let rules = |text: &str| World::new(&[("chathub.toml", text)]).load().rules;
    let one = rules("rules = [{ match = 'a', not = 'b', lang = 'uk', widget = false }]");
    let list = rules("rules = [{ match = ['a'], not = ['b'], lang = ['uk'], widget = false }]");
    assert_eq!(one, list);
}

#[test]
fn a_choice_lists_each_of_its_names() {
    for name in Mode::NAMES {
        assert_eq!(Mode::from_name(name).unwrap().to_string(), *name);
    }
    assert_eq!(Mode::from_name("Static"), None);
}

/// Begins terminal control sequences.
const ESCAPE: char = '\u{1b}';

const LINES: &[&str] = &[
    "site = \"a\"",
    "mode = \"static\"",
    "[placeholder]",
    "endpoint = \"é\"",
    "[organizations.a]",
    "id = 1",
    "id = -1",
    "token = { env = \"A\" }",
    "token = \"x",
    "[[rules]]",
    "match = [\"a\", \"**\", 3]",
    "lang = \"uk\"",
    "organizations = [\"a\", \"b\", \"a\"]",
    "widget = true",
    "default-organization = \"a\"",
    "[verify.severity]",
    "\"\\u001b\" = \"off\"",
    "x = '''",
    "# token: é",
    "]",
    "\u{feff}",
];

proptest::proptest! {
    #[test]
    fn no_file_makes_it_panic(
        lines in proptest::collection::vec(proptest::sample::select(LINES), 0..12),
        any in ".{0,20}",
    ) {
        let text = format!("{}\n{any}", lines.join("\n"));
        let mut draft = Draft::new(&[]);
        let source = Arc::new(Source::file(0, "x.toml", &text, PathBuf::new()));
        match parse(&source, &text) {
            Ok(document) => draft.apply(&source, Content::Table(document.get_ref())),
            Err(problems) => draft.record.problems.extend(problems),
        }
        match draft.finish() {
            Ok(config) => {
                for rule in &config.rules {
                    proptest::prop_assert!(rule.matches.iter().all(|glob| compile_glob(glob).is_ok()));
                }
            }
            Err(error) => {
                proptest::prop_assert!(error.to_string().starts_with("error: "));
                proptest::prop_assert!(!error.to_string().contains(ESCAPE));
                proptest::prop_assert!(!error.render(true).is_empty());
                proptest::prop_assert!(!error.summary().contains(ESCAPE));
            }
        }
    }
}
