//! Whose configuration is believed, as git's `safe.directory` has it: a file that was found, and not named, may be anybody's.
//! What it says about pages is taken from every user; what it says about commands and credentials is not.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::Metadata;
use std::path::Path;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::config::{Config, rows};
use super::distrusted::Distrusted;
use super::error::{ConfigError, Problem};
use super::source::{Source, SourceSpan};
use super::table::Setting;

impl Distrusted {
    /// Finds it in the file of this owner, which is shown by this name.
    pub(super) fn find(
        source: &Arc<Source>,
        document: &DeTable<'_>,
        owner: u32,
        file: &Path,
    ) -> Self {
        let mut search = Search {
            source,
            owner,
            file,
            found: Vec::new(),
        };
        search.table(&[], document);
        Self(search.found)
    }
}

impl Config {
    /// Whether these sections may be used for what takes credentials or runs commands. To be asked before either.
    ///
    /// # Errors
    ///
    /// All that a file of another user, which was found and not named, says there of commands and of where credentials go.
    pub fn trust(&self, sections: &[&str]) -> Result<(), ConfigError> {
        let concerned = |path: &str| {
            let section = path.split('.').next().unwrap_or_default();
            sections.contains(&section)
        };
        let problems: Vec<Problem> = self
            .distrusted
            .0
            .iter()
            .filter(|(path, _)| concerned(path))
            .map(|(_, problem)| problem.clone())
            .collect();
        if problems.is_empty() {
            Ok(())
        } else {
            Err(ConfigError::new(problems))
        }
    }
}

/// The owner of a file, if that is neither root, nor the user who runs this, nor the one who runs it through sudo. Anyone who
/// owns the file wrote it; whose folder it is in says nothing more. A link's owner chose what it leads to.
#[cfg(unix)]
pub(super) fn stranger(
    file: &Metadata,
    link: Option<&Metadata>,
    environment: &BTreeMap<OsString, OsString>,
) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    let user = rustix::process::geteuid().as_raw();
    let through_sudo = environment
        .get(std::ffi::OsStr::new("SUDO_UID"))
        .filter(|_| user == 0)
        .and_then(|id| id.to_str()?.parse().ok());
    [Some(file), link]
        .into_iter()
        .flatten()
        .map(MetadataExt::uid)
        .find(|owner| ![0, user].contains(owner) && Some(*owner) != through_sudo)
}

#[cfg(not(unix))]
pub(super) fn stranger(
    _: &Metadata,
    _: Option<&Metadata>,
    _: &BTreeMap<OsString, OsString>,
) -> Option<u32> {
    None
}

struct Search<'a> {
    source: &'a Arc<Source>,
    owner: u32,
    file: &'a Path,
    found: Vec<(String, Problem)>,
}

impl Search<'_> {
    fn table(&mut self, above: &[&str], table: &DeTable<'_>) {
        for (key, value) in table {
            let path: Vec<&str> = above.iter().copied().chain([&**key.get_ref()]).collect();
            let dotted = path.join(".");
            let is_source = matches!(path[..], ["api", _, _] | ["organizations", _, "token", _]);
            if is_source && path.last() == Some(&"command") {
                self.note(dotted, value, "would run a command");
            } else if is_guarded(&dotted, value) {
                self.note(dotted, value, "decides who gets credentials or tokens");
            } else if let DeValue::Table(table) = value.get_ref() {
                self.table(&path, table);
            }
        }
    }

    fn note(&mut self, path: String, value: &Spanned<DeValue<'_>>, what: &str) {
        let at = SourceSpan {
            source: Arc::clone(self.source),
            span: value.span(),
        };
        let problem = Problem::at(
            at,
            format!(
                "`{path}` {what}, and `{}` belongs to another user (uid {}), who is not trusted with that",
                self.source.name, self.owner
            ),
            "",
            format!(
                "read the file; to use it all the same, name it: `--config {}`",
                self.file.display()
            ),
        );
        self.found.push((path, problem));
    }
}

/// Whether a setting decides where credentials, and the tokens that are got with them, go, and says another thing than what holds
/// anyway.
fn is_guarded(path: &str, value: &Spanned<DeValue<'_>>) -> bool {
    let holds_anyway = |row: &Setting| match value.get_ref() {
        DeValue::String(text) => row.default.is_some_and(|d| d.trim_matches('"') == text),
        _ => false,
    };
    let mut guarded = rows().iter().filter(|row| row.guarded);
    guarded.any(|row| row.path == path && !holds_anyway(row))
}
