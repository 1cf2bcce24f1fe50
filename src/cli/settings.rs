//! From flags to one resolved value that everything else is built from.

use std::env;
use std::fmt::Display;
use std::fs;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::ValueEnum;

use super::args::{Common, RunArgs};
use super::color::Color;
use crate::generator::{Found, USUAL_SITES, detect, empty_site, is_empty};
use crate::live::{is_url, without_login};
use crate::report::{Format, Verbosity};
use crate::settings::{self, Config, Flag, Inputs};
use crate::steps::verify;
use crate::watch::Watched;

/// A run's settings.
// Each is a switch of its own; folding them into one type would only hide that.
#[allow(clippy::struct_excessive_bools)]
pub(super) struct Settings {
    /// The configuration, merged.
    pub config: Config,
    /// Further reports.
    pub reports: Vec<(Format, PathBuf)>,
    /// How much is printed.
    pub verbosity: Verbosity,
    /// Whether standard output is coloured.
    pub color: bool,
    /// Whether errors are coloured.
    pub color_errors: bool,
    /// Whether progress is shown.
    pub progress: bool,
    /// Whether a site without pages is allowed.
    pub allow_empty: bool,
    /// Number of threads; 0: one per core.
    pub threads: usize,
}

impl Settings {
    /// Resolves flags, environment and files; `flags` are settings, `run` is of commands that run over the site.
    pub(super) fn resolve<F>(
        common: &Common<F>,
        run: Option<&RunArgs>,
        site: Option<&Path>,
        flags: Vec<Flag>,
    ) -> anyhow::Result<Self>
    where
        F: ValueEnum + Default + Display + Send + Sync + 'static,
    {
        colour_errors(common.color);
        let config = configuration(&common.config, site, flags)?;
        Ok(Self {
            config,
            reports: run.map_or_else(Vec::new, |run| run.report.clone()),
            verbosity: run.map_or(Verbosity::Normal, |run| {
                Verbosity::from_flags(run.quiet, run.verbose)
            }),
            color: is_coloured(common.color, io::stdout().is_terminal()),
            color_errors: is_coloured(common.color, io::stderr().is_terminal()),
            progress: run.is_some_and(|run| !run.no_progress && !run.quiet)
                && io::stderr().is_terminal(),
            allow_empty: common.allow_empty,
            threads: run.and_then(|run| run.threads).map_or(0, usize::from),
        })
    }

    /// See [`site`].
    pub(super) fn site(&self) -> anyhow::Result<PathBuf> {
        site(&self.config)
    }
}

/// Whether what is written to a stream is coloured, which is a terminal or not.
pub(super) fn is_coloured(color: Color, terminal: bool) -> bool {
    let no_color = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            terminal && !no_color && env::var_os("TERM").is_none_or(|term| term != "dumb")
        }
    }
}

/// Sets the colours of what goes through anstream: standard error, also of errors that end the run before it begins.
pub(super) fn colour_errors(color: Color) {
    match color {
        Color::Always => anstream::ColorChoice::Always.write_global(),
        Color::Never => anstream::ColorChoice::Never.write_global(),
        Color::Auto => {}
    }
}

/// The configuration from these files, the environment, and flags; SITE is one of them.
pub(super) fn configuration(
    files: &[PathBuf],
    site: Option<&Path>,
    mut flags: Vec<Flag>,
) -> anyhow::Result<Config> {
    if let Some(url) = site.and_then(Path::to_str).filter(|site| is_url(site)) {
        bail!(
            "{} is a URL, and this command needs the folder that the generator wrote; `chathub verify` alone takes a URL",
            without_login(url)
        );
    }
    flags.extend(site.map(|site| Flag {
        path: "site",
        name: "SITE",
        value: site.as_os_str().to_owned(),
    }));
    Ok(settings::load(&Inputs {
        files: files.to_vec(),
        folder: env::current_dir().context("the working folder cannot be found")?,
        environment: env::vars_os().collect(),
        flags,
        known_rules: &verify::ids(),
    })?)
}

/// The site's folder: the configured one, else the one that the generator of this folder writes.
pub(super) fn site(config: &Config) -> anyhow::Result<PathBuf> {
    if let Some(site) = &config.site {
        let site = shorten(site);
        return match fs::metadata(&site) {
            Ok(metadata) if metadata.is_dir() => Ok(site),
            Ok(_) => bail!(
                "{} is a file; SITE has to be the folder that the generator wrote",
                site.display()
            ),
            Err(error) if error.kind() == io::ErrorKind::NotFound => bail!(
                "there is no folder {}; run the generator first, or name the folder that it writes as SITE",
                site.display()
            ),
            Err(error) => bail!("{}: {error}", site.display()),
        };
    }
    let here = detect(Path::new("."));
    // From a folder below, it is the site of the project that the configuration belongs to.
    let (folder, found) = project(config, &here).unwrap_or((PathBuf::new(), here));
    let how = "name the folder that it writes, as in `chathub inject PATH` or `site = \"PATH\"` in chathub.toml";
    match (&found.site, &found.candidates[..], found.generator) {
        // Pages that are their own source are not changed unless somebody says so.
        (Some(site), _, _) if found.exists && site != "." => Ok(shorten(&folder.join(site))),
        (_, [first, ..], _) => bail!(
            "{}; name the one that is deployed, as in `chathub inject {first}` or `site = \"{first}\"` in chathub.toml",
            found.doubt()
        ),
        // A build that came out empty is an error of its own, or allowed.
        (Some(site), _, Some(_)) if is_empty(Path::new(site)) => Ok(site.into()),
        (Some(site), _, Some(generator)) => bail!(
            "no site here: {} writes it to {site}, which holds no pages yet; run `{}` first, or {how}",
            generator.name,
            generator.build
        ),
        (None, _, Some(generator)) => bail!(
            "cannot be sure of the site: {} is configured to write it to a folder that only its own program knows; {how}",
            generator.name
        ),
        _ if let Some(empty) = empty_site(Path::new(".")) => Ok(empty.into()),
        _ => bail!(
            "no site here: none of {} holds built pages; run the generator first, or {how}",
            USUAL_SITES.join(", ")
        ),
    }
}

/// The site's folder, also where its generator has yet to write it.
pub(super) fn planned_site(config: &Config) -> anyhow::Result<PathBuf> {
    let error = match site(config) {
        Ok(site) => return Ok(site),
        Err(error) => error,
    };
    if let Some(site) = &config.site {
        let site = shorten(site);
        return if site.exists() { Err(error) } else { Ok(site) };
    }
    let here = detect(Path::new("."));
    match (here.site, here.generator) {
        (Some(site), Some(_)) if here.candidates.is_empty() => Ok(site.into()),
        _ => Err(error),
    }
}

/// What is found beside the configuration file, if there is nothing in the working folder.
fn project(config: &Config, here: &Found) -> Option<(PathBuf, Found)> {
    let nothing = here.site.is_none() && here.candidates.is_empty() && here.generator.is_none();
    let folder = config.files.last()?.parent()?;
    let elsewhere = env::current_dir().is_ok_and(|here| here != folder);
    let found = (nothing && elsewhere).then(|| detect(folder))?;
    found.exists.then(|| (folder.to_owned(), found))
}

/// A path relative to the working folder where it is below it, as the user would type it.
pub(super) fn shorten(path: &Path) -> PathBuf {
    let folder = env::current_dir().unwrap_or_default();
    match path.strip_prefix(&folder) {
        Ok(relative) if relative.as_os_str().is_empty() => ".".into(),
        Ok(relative) => relative.to_owned(),
        Err(_) => path.to_owned(),
    }
}

/// Where the site and the configuration are, for those who watch them.
pub(super) fn watched(config: &Config, folder: &Path) -> anyhow::Result<Watched> {
    let here = env::current_dir().context("the working folder cannot be found")?;
    let mut files: Vec<PathBuf> = config.files.iter().map(|file| here.join(file)).collect();
    if files.is_empty() {
        files.push(here.join("chathub.toml"));
    }
    Ok(Watched {
        site: here.join(folder),
        config: files,
        pages: config.pages.clone(),
    })
}
