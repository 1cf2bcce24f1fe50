//! `chathub inject` and `chathub remove`

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use anyhow::{Context, bail};
use secrecy::SecretString;

use super::ExitCode;
use super::args::{InjectArgs, RemoveArgs, WriteArgs};
use super::say;
use super::session::Session;
use super::settings::{Settings, switch};
use crate::config::Mode;
use crate::outcome::PageReport;
use crate::pipeline::{Assets, Destination, InjectStep, Purpose, Tags};
use crate::report::{Verbosity, escape};
use crate::site::lock;
use crate::tokens;

pub(super) fn inject(args: &InjectArgs) -> anyhow::Result<ExitCode> {
    let more = switch(
        "remove-config-files",
        "--remove-config-files",
        args.remove_config_files,
    );
    let settings = Settings::resolve(
        &args.common,
        args.site.as_deref(),
        more.into_iter().collect(),
    )?;
    let mut session = Session::begin(&settings, "inject", args.write.is_dry())?;
    let config = &settings.config;
    let mut published = BTreeMap::new();
    if config.mode == Mode::Static {
        let (tokens, notices) = static_tokens(&settings, &session.site)?;
        if settings.verbosity == Verbosity::Quiet {
            for notice in &notices {
                say(format_args!("notice: {notice}"));
            }
        }
        session.summary.notices.extend(notices);
        published = tokens;
    }
    let tags = Tags::new(config, Some(&published));
    write(session, &args.write, tags, Purpose::Ensure, args.prune)
}

pub(super) fn remove(args: &RemoveArgs) -> anyhow::Result<ExitCode> {
    let settings = Settings::resolve(&args.common, args.site.as_deref(), Vec::new())?;
    let session = Session::begin(&settings, "remove", args.write.is_dry())?;
    let tags = Tags::new(&settings.config, None);
    write(session, &args.write, tags, Purpose::Remove, false)
}

fn write(
    mut session: Session<'_>,
    args: &WriteArgs,
    tags: Tags,
    purpose: Purpose,
    prune: bool,
) -> anyhow::Result<ExitCode> {
    let config = &session.settings.config;
    let destination = destination(args, &session.site)?;
    let root = match &destination {
        Destination::Folder(folder) => folder.clone(),
        _ => session.site.clone(),
    };
    let in_place = destination == Destination::InPlace;
    let _lock = in_place.then(|| {
        let site = session.summary.site.clone();
        lock(&session.site, || {
            say(format_args!(
                "another chathub is at work on {}: waiting for it",
                escape(&site)
            ));
        })
    });
    let dry = destination == Destination::Nowhere;
    let assets = Assets::new(&root, &config.placeholder.asset_dir);
    let excerpts = std::mem::take(&mut session.excerpts);
    let step = InjectStep {
        destination,
        diff: args.diff,
        siblings: config.compressed_siblings,
        assets: &assets,
        excerpts: &excerpts,
        remove_config_files: config.remove_config_files && purpose == Purpose::Ensure,
        config_files: Mutex::default(),
    };
    session.pages(tags, purpose, &step, |_: &mut PageReport| {})?;
    if matches!(step.destination, Destination::Folder(_)) {
        assets.settle().context("the runtime cannot be written")?;
    }
    session.summary.files.extend(assets.written());
    let whole =
        !session.is_cancelled() && session.outcomes("failed") + session.outcomes("refused") == 0;
    if whole && (purpose == Purpose::Remove || prune) {
        // Only when no page is left that loads it.
        let removed = assets
            .remove(purpose == Purpose::Ensure, dry)
            .context("the runtime cannot be deleted")?;
        session.summary.files.extend(removed);
    }
    let mut config_files = step
        .config_files
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    config_files.sort();
    if config.remove_config_files {
        session.summary.files.extend(config_files);
    } else if purpose == Purpose::Ensure && !config_files.is_empty() {
        session.summary.notices.push(format!(
            "{} would be deployed with the site; --remove-config-files, in the last run before that, deletes such files",
            config_files.join(", ")
        ));
    }
    let changes = ["injected", "updated", "deduplicated", "removed"]
        .iter()
        .any(|name| session.outcomes(name) > 0);
    let changes = changes || !session.summary.files.is_empty();
    session.end(if args.check && changes {
        ExitCode::Findings
    } else {
        ExitCode::Success
    })
}

/// Where pages go; another folder must be empty and apart from the site.
fn destination(args: &WriteArgs, site: &Path) -> anyhow::Result<Destination> {
    if args.is_dry() {
        return Ok(Destination::Nowhere);
    }
    let Some(output) = &args.output else {
        return Ok(Destination::InPlace);
    };
    // Before anything is created; and again behind it, for a path that leads back through folders that were missing.
    apart(&real(output)?, site)?;
    let empty = fs::read_dir(output).map(|mut entries| entries.next().is_none());
    match empty {
        Ok(true) => {}
        Ok(false) => bail!(
            "{} is not empty: files that the site no longer has would stay in it; delete it first, or name another",
            output.display()
        ),
        Err(_) => fs::create_dir_all(output)
            .with_context(|| format!("cannot create {}", output.display()))?,
    }
    let output = real(output)?;
    apart(&output, site)?;
    Ok(Destination::Folder(output))
}

/// The path without links. What is not there yet is as it is named, below the nearest folder that is there.
fn real(path: &Path) -> anyhow::Result<PathBuf> {
    let path = std::path::absolute(path).with_context(|| path.display().to_string())?;
    let there = path.ancestors().find(|folder| folder.exists());
    let there = there.unwrap_or(&path);
    let below = path.strip_prefix(there).unwrap_or(Path::new(""));
    let real = fs::canonicalize(there).with_context(|| there.display().to_string())?;
    Ok(if below.as_os_str().is_empty() {
        real
    } else {
        real.join(below)
    })
}

fn apart(output: &Path, site: &Path) -> anyhow::Result<()> {
    let site = real(site)?;
    if output.starts_with(&site) || site.starts_with(output) {
        bail!(
            "--output {} and the site {} are one inside the other",
            output.display(),
            site.display()
        );
    }
    Ok(())
}

/// The tokens that static mode publishes, and what the user must know of that.
fn static_tokens(
    settings: &Settings,
    site: &Path,
) -> anyhow::Result<(BTreeMap<String, SecretString>, Vec<String>)> {
    let tokens = tokens::resolve(&settings.config, site)?;
    let notices = tokens
        .iter()
        .map(|(name, token)| {
            format!(
                "static mode publishes the operator token of `{name}` ({}): whoever reads a page can use it until {}",
                token.shown, token.expires
            )
        })
        .collect();
    Ok((
        tokens
            .into_iter()
            .map(|(name, token)| (name, token.secret))
            .collect(),
        notices,
    ))
}
