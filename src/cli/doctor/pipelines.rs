//! By what the site is built: pipelines and plugins, and whether chathub runs there, and when.

use std::fs;
use std::path::Path;

use super::check::{Check, Status, Topic};
use crate::generator::{plugins, without_comments};

const TOPIC: Topic = Topic::Generator;

/// Longer files are not pipelines, in bytes.
const LONGEST: u64 = 1 << 20;

/// Where pipelines stand, and whether the order of their lines is that in which they run.
const PIPELINES: [(&str, bool); 14] = [
    (".gitlab-ci.yml", true),
    ("netlify.toml", true),
    (".travis.yml", true),
    (".woodpecker.yml", true),
    (".circleci/config.yml", true),
    ("azure-pipelines.yml", true),
    ("bitbucket-pipelines.yml", true),
    ("Jenkinsfile", true),
    ("package.json", false),
    ("vercel.json", false),
    ("Makefile", false),
    ("justfile", false),
    ("Taskfile.yml", false),
    ("mise.toml", false),
];

/// A file by which something is built.
struct Pipeline {
    name: String,
    /// What in it may be a command.
    text: String,
    is_ordered: bool,
}

/// By what a project's site is built.
pub(super) struct Builds {
    pipelines: Vec<Pipeline>,
    /// Configurations that have the plugin.
    plugins: Vec<String>,
}

impl Builds {
    /// Of a project in this folder.
    pub(super) fn of(project: &Path) -> Self {
        Self {
            pipelines: pipelines(project),
            plugins: plugins(project),
        }
    }

    /// The configuration by which the build itself runs chathub.
    pub(super) fn plugin(&self) -> Option<&str> {
        self.plugins.first().map(String::as_str)
    }

    /// Whether something runs chathub, and where it should.
    pub(super) fn checks(&self, build: Option<&str>) -> Vec<Check> {
        match self.plugin() {
            Some(file) => {
                let message = format!("{file} has the plugin, so each build runs chathub");
                vec![Check::new(TOPIC, Status::Ok, message)]
            }
            None => by_pipelines(&self.pipelines, build),
        }
    }
}

fn pipelines(project: &Path) -> Vec<Pipeline> {
    let workflows = project.join(".github/workflows");
    let workflows = fs::read_dir(workflows).into_iter().flatten().flatten();
    let mut workflows: Vec<String> = workflows
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| {
            let extension = Path::new(name).extension();
            extension.is_some_and(|extension| extension == "yml" || extension == "yaml")
        })
        .map(|name| format!(".github/workflows/{name}"))
        .collect();
    workflows.sort();
    let others = PIPELINES.map(|(name, is_ordered)| (name.to_owned(), is_ordered));
    let all = workflows.into_iter().map(|name| (name, true)).chain(others);
    let read = |(name, is_ordered): (String, bool)| {
        let text = text(&project.join(&name))?;
        Some(Pipeline {
            text: commands(&name, &text),
            name,
            is_ordered,
        })
    };
    all.filter_map(read).collect()
}

/// Whether a pipeline runs chathub, and where it should.
fn by_pipelines(pipelines: &[Pipeline], build: Option<&str>) -> Vec<Check> {
    let runs: Vec<&Pipeline> = pipelines.iter().filter(|one| runs(&one.text)).collect();
    let too_early = runs.iter().find(|one| {
        let inject = one.text.find("chathub inject");
        let build = build.and_then(|build| command(&one.text, build));
        one.is_ordered && matches!((inject, build), (Some(inject), Some(build)) if inject < build)
    });
    if let (Some(one), Some(build)) = (too_early, build) {
        let message = format!("{} runs `chathub inject` before `{build}`", one.name);
        let check = Check::new(TOPIC, Status::Warning, message);
        return vec![check.remedy(format!(
            "Run it after `{build}`, which writes the pages anew."
        ))];
    }
    let builds = build.map(|build| {
        let builds = pipelines
            .iter()
            .filter(|one| command(&one.text, build).is_some());
        builds.map(|one| one.name.clone()).collect::<Vec<_>>()
    });
    match (&runs[..], builds.as_deref()) {
        ([], Some([first, ..])) => {
            let build = build.unwrap_or_default();
            let message = format!("{first} runs `{build}`, and no pipeline runs chathub");
            let check = Check::new(TOPIC, Status::Warning, message);
            vec![check.remedy(format!(
                "Add `chathub inject` and `chathub verify` after `{build}` in it."
            ))]
        }
        ([only, ..], _) => {
            let message = format!("{} runs chathub", only.name);
            vec![Check::new(TOPIC, Status::Ok, message)]
        }
        _ => Vec::new(),
    }
}

/// What in a file may be a command: not comments, and of `package.json` the scripts alone, since packages are listed there, too.
fn commands(name: &str, text: &str) -> String {
    match name {
        "package.json" => {
            let json = serde_json::from_str(text.trim_start_matches('\u{feff}'));
            let json: serde_json::Value = json.unwrap_or_default();
            let scripts = json["scripts"].as_object().into_iter().flatten();
            let scripts = scripts.filter_map(|(_, script)| script.as_str());
            scripts.flat_map(|script| [script, "\n"]).collect()
        }
        "Jenkinsfile" => {
            let is_code = |line: &&str| !line.trim_start().starts_with("//");
            let lines = text.lines().filter(is_code);
            lines.flat_map(|line| [line, "\n"]).collect()
        }
        "vercel.json" => text.to_owned(),
        _ => without_comments(text),
    }
}

/// Whether commands run chathub, and do not only name a file of its.
fn runs(text: &str) -> bool {
    text.match_indices("chathub").any(|(at, name)| {
        let rest = &text[at + name.len()..];
        let is_hidden = text[..at].ends_with('.');
        let files = [".toml", "-assets"];
        !is_hidden && !files.iter().any(|file| rest.starts_with(file))
    })
}

/// Where a build command stands in a file as a command, and not as a part of other words.
fn command(text: &str, build: &str) -> Option<usize> {
    let build = build.strip_prefix("npx ").unwrap_or(build);
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '/' | '@' | '.' | ':');
    text.match_indices(build).map(|(at, _)| at).find(|at| {
        let line = text[..*at].rsplit('\n').next().unwrap_or_default().trim();
        let begins = line.is_empty()
            || line.ends_with(['&', ';', '|', '"', '\'', ':', '@'])
            || line.ends_with("npx")
            || line == "-";
        begins && !text[at + build.len()..].starts_with(is_part)
    })
}

/// The text of a file that is not too long to be a part of a project's configuration.
pub(super) fn text(file: &Path) -> Option<String> {
    let metadata = fs::metadata(file).ok()?;
    (metadata.is_file() && metadata.len() <= LONGEST).then_some(())?;
    fs::read_to_string(file).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_command_is_told_from_words_that_hold_it() {
        for (text, wanted) in [
            ("      - run: hugo --minify\n", true),
            ("  script:\n    - hugo\n", true),
            ("command = \"hugo && chathub inject\"", true),
            ("npm ci && hugo", true),
            ("- run: sudo apt-get install -y hugo", false),
            ("uses: peaceiris/actions-hugo@v3", false),
            ("    - hugo-extended", false),
            ("# runs hugo", false),
        ] {
            assert_eq!(command(text, "hugo").is_some(), wanted, "{text}");
        }
        assert!(command("- run: npx astro build", "npx astro build").is_some());
        assert!(command("\"build\": \"astro build\"", "npx astro build").is_some());
    }

    #[test]
    fn what_names_a_file_or_stands_in_a_comment_runs_nothing() {
        for (name, text, wanted) in [
            (".gitlab-ci.yml", "- chathub inject\n", true),
            (".gitlab-ci.yml", "# - chathub inject\n", false),
            (".gitlab-ci.yml", "- true # no chathub inject here\n", false),
            (".gitlab-ci.yml", "changes: [chathub.toml]\n", false),
            (".gitlab-ci.yml", "- rm docs/.chathub.toml\n", false),
            (".gitlab-ci.yml", "paths: [public/chathub-assets]\n", false),
            ("site.yml", "- uses: example/chathub@v1\n", true),
            ("site.yml", "- uses: example/chathub-action@v1\n", true),
            (
                "package.json",
                "{\"devDependencies\":{\"chathub\":\"1\"},\"scripts\":{\"build\":\"hugo\"}}",
                false,
            ),
            (
                "package.json",
                "{\"scripts\":{\"postbuild\":\"npx chathub inject\"}}",
                true,
            ),
            ("package.json", "not JSON: chathub inject", false),
            ("Jenkinsfile", "// sh 'chathub inject'\n", false),
            ("Jenkinsfile", "sh 'chathub inject'\n", true),
            (
                "vercel.json",
                "{\"buildCommand\":\"hugo && chathub inject\"}",
                true,
            ),
        ] {
            assert_eq!(runs(&commands(name, text)), wanted, "{name}: {text}");
        }
    }
}
