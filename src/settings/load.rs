//! Finding and reading the layers: files, then environment, then flags.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::Spanned;
use toml::de::DeTable;

use super::check;
use super::config::{Config, setting_names};
use super::distrusted::Distrusted;
use super::draft::Draft;
use super::error::{ConfigError, Problem};
use super::file::{File, decode, files};
use super::inputs::Inputs;
use super::model::RuleSpec;
use super::nearest::suggest;
use super::organization::Organization;
use super::rule::read_rules;
use super::secret;
use super::section::{Content, Record, Section};
use super::source::{Source, SourceSpan};
use super::table::Setting;

/// The variable that names organizations, which stand in a table of the user's own names and so in no setting.
const ORGANIZATIONS: &str = "CHATHUB_ORGANIZATIONS";

/// Reads all layers and merges them: flag > environment > files (later wins) > default.
///
/// Rules of several files are appended, so later files' rules are stronger; organizations merge by name, key by key.
///
/// # Errors
///
/// Everything that is wrong in any layer, and then everything that does not fit together; see [`ConfigError`].
///
/// # Examples
///
/// ```
/// use chathub::internal::settings::{Inputs, Mode, load};
///
/// let inputs = Inputs {
///     folder: "/path/of/the/working/folder".into(),
///     environment: [("CHATHUB_MODE".into(), "static".into())].into(),
///     ..Inputs::default()
/// };
/// assert_eq!(load(&inputs)?.mode, Mode::Static);
/// # Ok::<(), chathub::internal::settings::ConfigError>(())
/// ```
pub fn load(inputs: &Inputs<'_>) -> Result<Config, ConfigError> {
    let mut draft = Draft::new(inputs.known_rules);
    let mut rank = 0;
    let mut next_rank = || {
        rank += 1;
        rank
    };
    for file in files(inputs) {
        if let Err(problem) = read_file(&mut draft, inputs, &file, next_rank()) {
            draft.record.problems.push(problem);
        }
    }
    for setting in setting_names() {
        let variable = setting.variable();
        if let Some(value) = inputs.environment.get(OsStr::new(&variable))
            && !value.is_empty()
        {
            let name = format!("environment variable `{variable}`");
            let source = Source::named(next_rank(), &name, inputs.folder.clone());
            apply_setting(&mut draft, &Arc::new(source), setting, value);
        }
    }
    if let Some(value) = inputs.environment.get(OsStr::new(ORGANIZATIONS))
        && !value.is_empty()
    {
        let name = format!("environment variable `{ORGANIZATIONS}`");
        let source = Source::named(next_rank(), &name, inputs.folder.clone());
        apply_organizations(&mut draft, &Arc::new(source), value);
    }
    for flag in &inputs.flags {
        let name = format!("flag `{}`", flag.name);
        let source = Arc::new(Source::named(next_rank(), &name, inputs.folder.clone()));
        if let Some(setting) = setting_names().iter().find(|row| row.path == flag.path) {
            apply_setting(&mut draft, &source, setting, &flag.value);
        } else {
            let title = format!("{name}: there is no setting `{}`", flag.path);
            draft.record.problems.push(Problem::nowhere(title, ""));
        }
    }
    draft.finish()
}

/// What a program gives in place of files, environment and flags.
#[derive(Debug, Clone)]
pub enum Layer {
    /// A text of TOML, by this name in messages and in the places of rules.
    Text(String, String),
    /// A file, which has to exist.
    File(PathBuf),
    /// One setting by its path, such as `placeholder.endpoint`.
    Setting(String, OsString),
}

/// Merges layers, of which a later one wins. Nothing else is read; relative paths are relative to the file that they stand in,
/// or to the folder of `inputs`.
///
/// # Errors
///
/// As for [`load`].
pub fn load_layers(layers: &[Layer], inputs: &Inputs<'_>) -> Result<Config, ConfigError> {
    let mut draft = Draft::new(inputs.known_rules);
    for (rank, layer) in layers.iter().enumerate() {
        let read = match layer {
            Layer::Text(name, text) => {
                let text = text.strip_prefix('\u{feff}').unwrap_or(text);
                let source = Source::file(rank, name, text, inputs.folder.clone());
                apply_text(&mut draft, &Arc::new(source), text);
                Ok(())
            }
            Layer::File(file) => read_file(&mut draft, inputs, &File::named(inputs, file), rank),
            Layer::Setting(path, value) => {
                match setting_names().iter().find(|row| row.path == path) {
                    Some(setting) => {
                        let name = format!("setting `{path}`");
                        let source = Source::named(rank, &name, inputs.folder.clone());
                        apply_setting(&mut draft, &Arc::new(source), setting, value);
                        Ok(())
                    }
                    None => Err(unknown_setting(path)),
                }
            }
        };
        if let Err(problem) = read {
            draft.record.problems.push(problem);
        }
    }
    draft.finish()
}

fn unknown_setting(path: &str) -> Problem {
    let title = format!("there is no setting `{path}` that takes a single value");
    let known: Vec<&str> = setting_names().iter().map(|row| row.path).collect();
    Problem::nowhere(title, suggest(path, &known))
}

/// Reads a folder's own `.chathub.toml`, which holds nothing but `[[rules]]`; `path` is its name in messages and in
/// the places of the rules.
///
/// # Errors
///
/// The same as for rules in the main file, which `known` is made from: organizations, default organization and mode
/// are those that it configures.
pub fn load_folder(
    path: &Path,
    content: &[u8],
    known: &Config,
) -> Result<Vec<RuleSpec>, ConfigError> {
    let name = path.display().to_string();
    let text = decode(&name, content)?;
    let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
    let source = Arc::new(Source::file(0, &name, text, folder));
    let document = parse(&source, text).map_err(ConfigError::new)?;
    let mut record = Record::default();
    let content = Content::Table(document.get_ref());
    let drafts = Section::read(&source, String::new(), content, &mut record, |root| {
        root.describe_unknown_keys(
            "a folder's `.chathub.toml` holds only `[[rules]]`; all else belongs in `chathub.toml`",
        );
        read_rules(root)
    });
    let mut problems = record.problems;
    let mut specs = Vec::with_capacity(drafts.len());
    for draft in drafts {
        specs.extend(draft.finish(known, &mut problems));
    }
    if problems.is_empty() {
        Ok(specs)
    } else {
        Err(ConfigError::new(problems))
    }
}

fn read_file(
    draft: &mut Draft,
    inputs: &Inputs<'_>,
    file: &File,
    rank: usize,
) -> Result<(), Problem> {
    let shown = &file.shown;
    let (content, owner) = file.read(inputs)?;
    let text = decode(shown, &content)?;
    let folder = file.path.parent().unwrap_or(&inputs.folder).to_path_buf();
    let source = Arc::new(Source::file(rank, shown, text, folder));
    draft.config.files.push(file.path.clone());
    match parse(&source, text) {
        Ok(document) => {
            if let Some(owner) = owner {
                draft.config.distrusted =
                    Distrusted::find(&source, document.get_ref(), owner, &file.path);
            }
            draft.apply(&source, Content::Table(document.get_ref()));
        }
        Err(problems) => draft.record.problems.extend(problems),
    }
    Ok(())
}

fn apply_text(draft: &mut Draft, source: &Arc<Source>, text: &str) {
    match parse(source, text) {
        Ok(document) => draft.apply(source, Content::Table(document.get_ref())),
        Err(problems) => draft.record.problems.extend(problems),
    }
}

/// The document, if it is TOML and has no secret in it.
pub(super) fn parse<'t>(
    source: &Arc<Source>,
    text: &'t str,
) -> Result<Spanned<DeTable<'t>>, Vec<Problem>> {
    let document = DeTable::parse(text).map_err(|error| {
        // What is missing at the end is missing on the last line that says something.
        let end = text.trim_end().len();
        let span = error.span().unwrap_or(end..end);
        let at = SourceSpan {
            source: Arc::clone(source),
            span: span.start.min(end)..span.end.min(end),
        };
        let help = if error.message() == "duplicate key" {
            "keep one of the two"
        } else {
            "the syntax is TOML's: https://toml.io"
        };
        vec![Problem::at(
            at,
            format!("this is not valid TOML: {}", error.message()),
            "",
            help,
        )]
    })?;
    let secrets = secret::find(source, document.get_ref());
    if secrets.is_empty() {
        Ok(document)
    } else {
        Err(secrets)
    }
}

/// Applies one setting from a variable or flag.
fn apply_setting(draft: &mut Draft, source: &Arc<Source>, setting: &Setting, value: &OsStr) {
    draft.config.distrusted.overrule(setting.path);
    match secret::find_in_text(source, setting.path, &value.to_string_lossy()) {
        Some(problem) => draft.record.problems.push(problem),
        None => draft.apply(source, Content::One(setting.path, value)),
    }
}

/// Applies the organizations of a variable: names with their ids, such as `support=6,sales=24`.
fn apply_organizations(draft: &mut Draft, source: &Arc<Source>, value: &OsStr) {
    let text = value.to_string_lossy();
    if let Some(problem) = secret::find_in_text(source, "organizations", &text) {
        draft.record.problems.push(problem);
        return;
    }
    let at = SourceSpan {
        source: Arc::clone(source),
        span: 0..0,
    };
    let items = text
        .split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty());
    for item in items {
        let organization = item.split_once('=').and_then(|(name, id)| {
            let name = check::organization_name(name.trim()).ok()?;
            Some((name, id.trim().parse::<u64>().ok()?))
        });
        let Some((name, id)) = organization else {
            let title = "it takes names of organizations with their ids";
            let help = "write it like `support=6,sales=24`; `chathub orgs` lists the ids";
            let problem = Problem::at(at, title, "", help);
            draft.record.problems.push(problem);
            return;
        };
        let path = format!("organizations.{name}.id");
        draft.record.note(path, at.clone());
        let organizations = draft.config.organizations.entry(name);
        let new = || Organization {
            place: at.place(),
            ..Organization::default()
        };
        organizations.or_insert_with(new).id = id;
    }
}

#[cfg(test)]
#[path = "error_tests.rs"]
mod error_tests;

#[cfg(test)]
#[path = "load_tests.rs"]
mod tests;
