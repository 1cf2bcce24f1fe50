//! `chathub init`: a first `chathub.toml`, after a look at the folder.

mod template;

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;

use anyhow::{Context, bail};

use super::ExitCode;
use super::args::InitArgs;
use super::generate::print;
use super::stale;
use crate::generator::{Found, chosen, detect, newest};
use crate::report::escape;
use crate::steps::{Survey, survey};
use crate::store::{Dry, Folder};
use template::template;

const FILE: &str = "chathub.toml";
/// The JSON schema of that file, for editors. It comes from the program itself, so that it fits its version, and needs no network.
const SCHEMA: &str = include_str!("../../../schemas/chathub.schema.json");

pub(super) fn init(args: &InitArgs) -> anyhow::Result<ExitCode> {
    if args.schema {
        return print(SCHEMA.as_bytes());
    }
    if !args.stdout && !args.force && fs::symlink_metadata(FILE).is_ok() {
        bail!(
            "{FILE} is there already and stays as it is; --force replaces it, --stdout shows what would be written"
        );
    }
    let found = match &args.site {
        Some(site) => chosen(Path::new("."), site),
        None => settle(detect(Path::new(".")))?,
    };
    let survey = match &found.site {
        Some(site) if found.exists => survey(&Dry(Folder::new(Path::new(site)))),
        _ => Survey::default(),
    };
    let text = template(&found, &survey);
    let mut account = account(&found, &survey);
    if args.stdout {
        // Standard output is for the file alone.
        let _ = io::stderr().write_all(account.as_bytes());
        return print(text.as_bytes());
    }
    write(&text, args.force).with_context(|| format!("cannot write {FILE}"))?;
    let _ = write!(account, "Wrote {FILE}. {}", next(&found));
    print(account.as_bytes())
}

/// Lets the user choose where several folders could be the site.
fn settle(found: Found) -> anyhow::Result<Found> {
    if found.candidates.is_empty() {
        return Ok(found);
    }
    let names: Vec<String> = found.candidates.iter().map(|site| shown(site)).collect();
    if !(io::stdin().is_terminal() && io::stdout().is_terminal() && io::stderr().is_terminal()) {
        bail!(
            "{}; name the one that is deployed, as in `chathub init {}`",
            shown(&found.doubt()),
            names[0]
        );
    }
    let written = |site: &String| newest(Path::new(site));
    let last = (0..names.len()).max_by_key(|at| written(&found.candidates[*at]));
    let answer = dialoguer::Select::new()
        .with_prompt("Which folder is deployed")
        .items(&names)
        .default(last.unwrap_or_default())
        .interact_opt()
        .context("no folder could be chosen; name one, as in `chathub init PATH`")?;
    match answer.and_then(|at| found.candidates.get(at)) {
        Some(site) => Ok(chosen(Path::new("."), site)),
        None => bail!("no folder was chosen; nothing is written"),
    }
}

fn write(text: &str, force: bool) -> io::Result<()> {
    let mut options = File::options();
    options.write(true);
    if force {
        options.create(true).truncate(true);
    } else {
        // Anyone who wrote one in the meantime keeps it.
        options.create_new(true);
    }
    options.open(FILE)?.write_all(text.as_bytes())
}

/// What was found, for people.
fn account(found: &Found, survey: &Survey) -> String {
    let mut text = String::new();
    let name = found
        .generator
        .map_or("No generator that chathub knows", |g| g.name);
    let site = found.site.as_deref().map(shown);
    let _ = match (&site, found.exists) {
        (Some(site), true) if found.generator.is_none() && site == "." => {
            writeln!(
                text,
                "Pages by hand: the site is this folder itself, so inject changes your own files; --output ../SITE \
                 leaves them alone."
            )
        }
        (Some(site), true) => writeln!(text, "{name}; the site is {site}/."),
        (Some(site), false) => writeln!(
            text,
            "{name}; it will write the site to {site}/, which is not there yet."
        ),
        (None, _) if found.generator.is_some() => writeln!(
            text,
            "{name}; only its own program can tell where it writes: name that folder as `site` in {FILE}."
        ),
        (None, _) => writeln!(text, "{name}, and no site yet."),
    };
    if let Some(base) = &found.base {
        let _ = writeln!(
            text,
            "It is served under {}, so the runtime is, too.",
            shown(base)
        );
    }
    if found.exists {
        let more = if survey.more { "at least " } else { "" };
        let _ = writeln!(
            text,
            "{more}{}{}{}.",
            count(survey.pages, "page"),
            in_sections(survey),
            languages(survey)
        );
    }
    if let (Some(site), true, Some(generator)) = (&found.site, found.exists, found.generator)
        && let Some(source) = stale::newer_source(Path::new("."), site)
    {
        let _ = writeln!(
            text,
            "The site is older than its sources: {} has changed since. Build it again (`{}`) before inject.",
            shown(&source.to_string_lossy()),
            generator.build
        );
    }
    if survey.pasted > 0 {
        let _ = writeln!(
            text,
            "{} a widget tag already: chathub inject makes it what the rules ask for, in place.",
            match survey.pasted {
                1 => "1 page carries".to_owned(),
                n => format!("{n} pages carry"),
            }
        );
    }
    for file in &survey.rules_files {
        let file = shown(file);
        let _ = writeln!(
            text,
            "{file} holds rules of its own: configure the organizations that it names."
        );
    }
    text
}

fn in_sections(survey: &Survey) -> String {
    const SHOWN: usize = 8;
    let names: Vec<String> = survey
        .sections
        .keys()
        .take(SHOWN)
        .map(|name| shown(name))
        .collect();
    let more = if survey.sections.len() > SHOWN {
        ", …"
    } else {
        ""
    };
    match names.len() {
        0 => String::new(),
        _ => format!(
            " in {} ({}{more})",
            count(survey.sections.len(), "folder"),
            names.join(", ")
        ),
    }
}

fn languages(survey: &Survey) -> String {
    const SHOWN: usize = 8;
    let list: Vec<String> = survey
        .languages
        .iter()
        .take(SHOWN)
        .map(|(language, pages)| format!("{language} ({pages})"))
        .collect();
    let more = if survey.languages.len() > SHOWN {
        ", …"
    } else {
        ""
    };
    match list.len() {
        0 => String::new(),
        _ => format!("; languages {}{more}", list.join(", ")),
    }
}

fn count(n: usize, what: &str) -> String {
    match n {
        1 => format!("1 {what}"),
        n => format!("{n} {what}s"),
    }
}

fn shown(name: &str) -> String {
    escape(name).into_owned()
}

/// The next command.
fn next(found: &Found) -> String {
    let build = match found.generator {
        Some(generator) if !found.exists => {
            format!("Build the site (`{}`), then:\n", generator.build)
        }
        None if !found.exists => "Build the site, then:\n".to_owned(),
        _ => "Next:\n".to_owned(),
    };
    format!(
        "{build}  chathub inject --dry-run   shows what would change\n  chathub inject             \
         changes it; run it again after every build\nPages then fetch a token from /api/chathub/token, where \
         `chathub endpoint` can answer.\n"
    )
}
