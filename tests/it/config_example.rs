//! `chathub.toml.example` is true: it parses, shows the real defaults, and leaves no setting out.

use chathub::internal::settings::{
    Config, Inputs, Operator, SecretSource, Wants, load, setting_names,
};

const EXAMPLE: &str = include_str!("../../chathub.toml.example");
const RULES: &[&str] = &["unused-rule", "token-expires-soon", "inert-instance"];

/// The configuration in a file of this text, as if nothing were known of the file.
fn config(text: &str) -> Config {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("chathub.toml"), text).unwrap();
    let inputs = Inputs {
        folder: folder.path().to_path_buf(),
        known_rules: RULES,
        ..Inputs::default()
    };
    let mut config = load(&inputs).unwrap_or_else(|error| panic!("{error}"));
    config.files.clear();
    let relative = |path: &std::path::Path| path.strip_prefix(folder.path()).unwrap().to_path_buf();
    config.site = config.site.as_deref().map(relative);
    config.verify.baseline = config.verify.baseline.as_deref().map(relative);
    for organization in config.organizations.values_mut() {
        if let Some(SecretSource::File(file)) = &mut organization.token {
            *file = relative(file);
        }
    }
    config
}

/// The example with its commented keys and headers switched on; prose comments have a space after the `#`.
pub(crate) fn switched_on() -> String {
    let lines = EXAMPLE.lines().map(|line| match line.strip_prefix('#') {
        Some(key) if key.starts_with(|first: char| first.is_ascii_lowercase() || first == '[') => {
            key
        }
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_example_changes_nothing() {
    assert_eq!(config(EXAMPLE), config(""));
    assert_eq!(config(EXAMPLE), Config::default());
}

#[test]
fn every_setting_stands_in_it_with_its_default() {
    let defaults: toml::Table = EXAMPLE.parse().unwrap();
    let all: toml::Table = switched_on().parse().unwrap();
    for setting in setting_names() {
        let get = |document: &toml::Table| {
            let mut value = toml::Value::Table(document.clone());
            for key in setting.path.split('.') {
                value = value.as_table()?.get(key)?.clone();
            }
            Some(value.to_string().replace('\'', "\""))
        };
        assert_eq!(
            get(&defaults).as_deref(),
            setting.default,
            "{}",
            setting.path
        );
        assert!(get(&all).is_some(), "{}", setting.path);
    }
}

#[test]
fn its_organizations_and_rules_work() {
    let config = config(&switched_on());
    assert_eq!(config.site.unwrap().to_str(), Some("public"));
    assert_eq!(config.default_organization.as_deref(), Some("support"));
    assert_eq!(config.verify.severity.len(), 2);
    assert_eq!(config.verify.overrides[0].severity.len(), 1);

    let api = &config.api;
    let company = SecretSource::File("/run/secrets/chathub-company-token".into());
    assert_eq!(api.company_token, Some(company));
    let login = SecretSource::Env("SHOP_CHATHUB_LOGIN".to_owned());
    assert_eq!(api.login, Some(login));
    assert!(matches!(api.password, Some(SecretSource::Command(_))));

    let organization = |name: &str| &config.organizations[name];
    assert_eq!(organization("support").operator, Some(Operator::Id(101)));
    assert_eq!(organization("support").token, None);
    assert_eq!(
        organization("support").contact.as_deref(),
        Some("tel:+380441234567")
    );
    let label = |language| organization("support").texts.in_language(language).label;
    assert_eq!(label(Some("pl")).as_deref(), Some("Help"));
    assert_eq!(label(Some("uk-UA")).as_deref(), Some("Допомога"));
    let texts = |language| config.placeholder.texts.in_language(language);
    assert_eq!(texts(None).contact.as_deref(), Some("Write to us"));
    assert_eq!(texts(Some("it")).contact.as_deref(), Some("Scriveteci"));
    assert_eq!(texts(Some("it")).loading, texts(None).loading);
    assert_eq!(
        organization("sales").operator,
        Some(Operator::Name("Sales desk".to_owned()))
    );
    assert_eq!(
        organization("sales").token,
        Some(SecretSource::Env("CHATHUB_SALES_TOKEN".to_owned()))
    );
    assert_eq!(
        organization("archive").token,
        Some(SecretSource::File("secrets/archive-token".into()))
    );
    let words = ["op", "read", "op://chat/events/token"].map(str::to_owned);
    assert_eq!(
        organization("events").token,
        Some(SecretSource::Command(words.to_vec()))
    );

    let wants: Vec<&Wants> = config.rules.iter().map(|rule| &rule.wants).collect();
    let named =
        |names: &[&str]| Wants::Organizations(names.iter().map(|&name| name.to_owned()).collect());
    assert_eq!(
        wants,
        [
            &named(&["sales"]),
            &named(&["support"]),
            &named(&["sales", "support"]),
            &Wants::Nothing,
        ]
    );
}

#[test]
fn every_key_of_a_list_stands_in_it() {
    let lists = [
        "extensions",
        "xml-extensions",
        "id",
        "operator",
        "token",
        "loading",
        "failed",
        "label",
        "company-token",
        "login",
        "password",
        "match",
        "not",
        "lang",
        "organization",
        "organizations",
        "widget",
        "min-pages",
    ];
    for key in lists {
        let stands = |line: &str| {
            let line = line.trim_start_matches('#');
            line.starts_with(&format!("{key} = ")) || line.contains(&format!("{{ {key} = "))
        };
        assert!(
            EXAMPLE.lines().any(stands),
            "chathub.toml.example has no {key}"
        );
    }
    for source in ["env", "file", "command"] {
        assert!(
            EXAMPLE.contains(&format!("token = {{ {source} = ")),
            "{source}"
        );
    }
}
