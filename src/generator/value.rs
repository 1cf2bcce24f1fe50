//! What generators' configurations say.

use std::path::Path;

use super::script::{self, Said};

/// Where a configuration says something.
#[derive(Clone, Copy)]
pub(super) enum Look {
    /// A dotted key of a TOML file, in any case, as Hugo has it.
    Toml(&'static str, &'static str),
    /// A key of a YAML file, or a key in a mapping, with a dot between.
    Yaml(&'static str, &'static str),
    /// The same of a JSON file.
    Json(&'static str, &'static str),
    /// A key of a program, whose file has one of the usual extensions.
    Script(&'static str, &'static [&'static str]),
    /// What a function is given in a program.
    Call(&'static str, &'static str),
    /// A variable of a Python file.
    Python(&'static str, &'static str),
    /// What a program's build command is given in a script of `package.json`, by a flag of one of these names.
    Flag(&'static str, &'static [&'static str]),
    /// Whatever takes more than that.
    Special(fn(&Path) -> Said),
}

/// A file's text; none where there is none, or what is there is no regular file: others may never come to an end.
pub(super) fn text(folder: &Path, file: &str) -> Option<String> {
    let content = crate::store::read_file(&folder.join(file)).ok()?;
    String::from_utf8(content.bytes).ok()
}

/// Extensions of configurations that are programs.
pub(super) const SCRIPTS: [&str; 7] = ["js", "mjs", "cjs", "ts", "mts", "cts", "json"];

/// The programs of this name that are there.
fn scripts(folder: &Path, name: &str) -> Vec<String> {
    let files = SCRIPTS
        .iter()
        .map(|extension| format!("{name}.{extension}"));
    files.filter_map(|file| text(folder, &file)).collect()
}

/// Whether a sign of a generator is there; `NAME.*` is a program.
pub(super) fn is_there(folder: &Path, sign: &str) -> bool {
    match sign.strip_suffix(".*") {
        Some(name) => SCRIPTS
            .iter()
            .any(|e| folder.join(format!("{name}.{e}")).is_file()),
        None => folder.join(sign).exists(),
    }
}

/// Whether `package.json` names a package that the project uses.
pub(super) fn uses(folder: &Path, package: &str) -> bool {
    let Some(json) = json(folder, "package.json") else {
        return false;
    };
    ["dependencies", "devDependencies"].iter().any(|list| {
        json.get(list)
            .is_some_and(|list| list.get(package).is_some())
    })
}

fn json(folder: &Path, file: &str) -> Option<serde_json::Value> {
    let text = text(folder, file)?;
    serde_json::from_str(text.trim_start_matches('\u{feff}')).ok()
}

/// What the first place says that says anything.
pub(super) fn first(folder: &Path, looks: &[Look]) -> Said {
    let said = looks.iter().map(|look| look.at(folder));
    let mut said = said.filter(|said| !matches!(said, Said::Nothing));
    said.next().unwrap_or(Said::Nothing)
}

impl Look {
    fn at(self, folder: &Path) -> Said {
        let plain = |value: Option<String>| match value.filter(|value| !value.is_empty()) {
            Some(value) => Said::Text(value),
            None => Said::Nothing,
        };
        let read = |file: &str| text(folder, file);
        match self {
            Self::Toml(file, key) => plain(read(file).and_then(|text| toml_value(&text, key))),
            Self::Yaml(file, key) => {
                read(file).map_or(Said::Nothing, |text| yaml_value(&text, key))
            }
            Self::Json(file, key) => {
                plain(json(folder, file).and_then(|json| json_value(&json, key)))
            }
            Self::Script(name, path) => {
                let said = scripts(folder, name).into_iter();
                let mut said = said.map(|text| script::said(&text, path));
                said.find(|said| *said != Said::Nothing)
                    .unwrap_or(Said::Nothing)
            }
            Self::Call(name, function) => {
                let said = scripts(folder, name).into_iter();
                let mut said = said.map(|text| script::given(&text, function));
                said.find(|said| *said != Said::Nothing)
                    .unwrap_or(Said::Nothing)
            }
            Self::Python(file, name) => {
                read(file).map_or(Said::Nothing, |text| python(&text, name))
            }
            Self::Flag(program, flags) => plain(flag(folder, program, flags)),
            Self::Special(look) => look(folder),
        }
    }
}

/// What a flag says in the script `build`, else in the first other one that says something.
fn flag(folder: &Path, program: &str, flags: &[&str]) -> Option<String> {
    let package = json(folder, "package.json")?;
    let scripts = package.get("scripts")?.as_object()?;
    let build = scripts.get("build").into_iter();
    let commands = build
        .chain(scripts.values())
        .filter_map(|script| script.as_str());
    let mut commands = commands.flat_map(|script| script.split(['&', ';', '|']));
    commands.find_map(|command| {
        let words = shlex::split(command)?;
        let at = words.iter().position(|word| word == program)?;
        // Only this one builds without being told to.
        let builds = program == "eleventy" || words[at..].iter().any(|word| word == "build");
        let mut words = words[at..].iter().filter(|_| builds);
        words
            .by_ref()
            .find_map(|word| {
                flags
                    .iter()
                    .find_map(|flag| match word.strip_prefix(flag)? {
                        "" => Some(None),
                        value => value.strip_prefix('=').map(|value| Some(value.to_owned())),
                    })
            })
            .and_then(|value| value.or_else(|| words.next().cloned()))
            // A variable's value is not known here.
            .filter(|value| !value.contains('$'))
    })
}

fn toml_value(text: &str, key: &str) -> Option<String> {
    let mut value = toml::Value::Table(text.parse().ok()?);
    for part in key.split('.') {
        let toml::Value::Table(table) = value else {
            return None;
        };
        let mut entries = table.into_iter();
        value = entries.find(|(name, _)| name.eq_ignore_ascii_case(part))?.1;
    }
    value.as_str().map(ToOwned::to_owned)
}

fn json_value(json: &serde_json::Value, key: &str) -> Option<String> {
    let mut value = json;
    for part in key.split('.') {
        let mut entries = value.as_object()?.iter();
        value = entries.find(|(name, _)| name.eq_ignore_ascii_case(part))?.1;
    }
    value.as_str().map(ToOwned::to_owned)
}

/// A key of the outermost mapping, or of a mapping in it, with a plain or quoted string. Generators' YAML has tags and
/// templates at which parsers stop.
fn yaml_value(text: &str, key: &str) -> Said {
    let (outer, inner) = match key.split_once('.') {
        Some((outer, inner)) => (Some(outer), inner),
        None => (None, key),
    };
    let mut inside = outer.is_none();
    for line in text.lines() {
        let indented = line.starts_with([' ', '\t']);
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        if let (Some(outer), false) = (outer, indented) {
            inside = name.trim_end() == outer;
        } else if inside && indented == outer.is_some() {
            let name = name.trim_end();
            let name = if outer.is_some() {
                name.trim_start()
            } else {
                name
            };
            if name.eq_ignore_ascii_case(inner) {
                return scalar(value);
            }
        }
    }
    Said::Nothing
}

fn scalar(value: &str) -> Said {
    let value = value.trim();
    for quote in ['"', '\''] {
        if let Some(rest) = value.strip_prefix(quote) {
            return match rest.split_once(quote) {
                Some(("", _)) | None => Said::Nothing,
                Some((value, _)) => Said::Text(value.to_owned()),
            };
        }
    }
    let value = value.split(" #").next().unwrap_or(value).trim();
    if value.is_empty() || value.starts_with('#') || matches!(value, "~" | "null") {
        Said::Nothing
    } else if value.starts_with(['!', '&', '*', '|', '>', '{', '[']) {
        Said::Unclear
    } else {
        Said::Text(value.to_owned())
    }
}

fn python(text: &str, name: &str) -> Said {
    let line = text.lines().rev().find_map(|line| {
        let value = line.strip_prefix(name)?.trim_start().strip_prefix('=')?;
        Some(value.trim())
    });
    let Some(value) = line else {
        return Said::Nothing;
    };
    for quote in ['"', '\''] {
        if let Some((text, behind)) = value.strip_prefix(quote).and_then(|v| v.split_once(quote)) {
            let behind = behind.trim();
            if behind.is_empty() || behind.starts_with('#') {
                return Said::Text(text.to_owned());
            }
        }
    }
    Said::Unclear
}
