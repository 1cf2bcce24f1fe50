//! `chathub explain`: why a page gets what it gets, or what a rule of `verify` means.

mod named;
mod show;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};

use super::ExitCode;
use super::args::{AccountsFormat as Format, ExplainArgs};
use super::say::say;
use super::secrets::secrets;
use super::settings::Settings;
use crate::report::escape;
use crate::rules::RuleSet;
use crate::run::{Examiner, FolderFiles, Job, Purpose, Selection, Tags, run};
use crate::settings::Mode;
use crate::steps::verify;
use crate::steps::{Assets, ExplainStep, Explanation};
use crate::store::Cancel;
use crate::store::{Dry, Folder, PagePath};
use crate::tokens;

pub(super) fn explain(args: &ExplainArgs) -> anyhow::Result<ExitCode> {
    if let [only] = &args.what[..]
        && let Some(rule) = only.to_str().and_then(verify::rule)
        && !only.exists()
    {
        return print(&match args.common.format {
            Format::Human => show::rule(rule),
            Format::Json => format!("{:#}\n", show::rule_as_data(rule)),
            Format::Ndjson => format!("{}\n", show::rule_as_data(rule)),
        });
    }
    let (site, pages) = match args.what.split_first() {
        Some((first, rest)) if first.is_dir() && !is_in_site(first, args)? => (Some(first), rest),
        _ => (None, &args.what[..]),
    };
    let settings = resolve(args, site.map(PathBuf::as_path))?;
    let site = settings.site()?;
    let explainer = Explainer::new(&settings, &site)?;
    let mut broken = false;
    let mut out = Vec::new();
    let explanations: Vec<Explanation> = if pages.is_empty() {
        explainer.all()?
    } else {
        explainer.some(pages)?
    };
    match args.common.format {
        Format::Human if pages.is_empty() => out.extend(show::list(&explanations).bytes()),
        Format::Human => {
            for explanation in &explanations {
                out.extend(show::account(explanation, settings.color).bytes());
            }
        }
        Format::Json => {
            serde_json::to_writer_pretty(&mut out, &explanations)?;
            out.push(b'\n');
        }
        Format::Ndjson => {
            for explanation in &explanations {
                serde_json::to_writer(&mut out, explanation)?;
                out.push(b'\n');
            }
        }
    }
    for error in explainer.files.take_broken() {
        broken = true;
        say(format_args!("error: {}", escape(&error.to_string())));
    }
    print(&String::from_utf8_lossy(&out))?;
    Ok(if broken {
        ExitCode::Usage
    } else {
        ExitCode::Success
    })
}

fn resolve(args: &ExplainArgs, site: Option<&Path>) -> anyhow::Result<Settings> {
    Settings::resolve(&args.common, None, site, args.settings.given())
}

/// A first argument that is a folder names the site, unless it is a folder of the configured site.
fn is_in_site(folder: &Path, args: &ExplainArgs) -> anyhow::Result<bool> {
    let settings = resolve(args, None)?;
    let Ok(site) = settings.site() else {
        return Ok(false);
    };
    let (folder, site) = (fs::canonicalize(folder)?, fs::canonicalize(site)?);
    Ok(folder.starts_with(&site) && folder != site)
}

fn print(text: &str) -> anyhow::Result<ExitCode> {
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(ExitCode::Success),
    }
}

/// Runs what `inject` runs, and writes nothing: what it says is what `inject` does.
struct Explainer<'a> {
    settings: &'a Settings,
    site: PathBuf,
    store: Dry<Folder>,
    examiner: Examiner,
    rules: Arc<RuleSet>,
    files: FolderFiles,
    cancel: Cancel,
}

impl<'a> Explainer<'a> {
    fn new(settings: &'a Settings, site: &Path) -> anyhow::Result<Self> {
        let config = &settings.config;
        let site = fs::canonicalize(site).with_context(|| site.display().to_string())?;
        let store = Dry(Folder::new(&site));
        if config.may_need_runtime()
            && let Err(error) = Assets::new(&store, config).check()
        {
            say(format_args!(
                "notice: inject would do nothing at all: {}",
                escape(&error.to_string())
            ));
        }
        // Read once, they are shown nowhere.
        secrets(&config.api);
        Ok(Self {
            settings,
            site,
            store,
            examiner: Examiner::new(config, Tags::new(config, None), Purpose::Ensure)?,
            rules: Arc::new(RuleSet::new(config)?),
            files: FolderFiles::default(),
            cancel: Cancel::default(),
        })
    }

    /// All pages of the site.
    fn all(&self) -> anyhow::Result<Vec<Explanation>> {
        let explanations = self.look(Selection::All)?;
        if explanations.is_empty() && !self.settings.allow_empty {
            bail!("no pages in {}", self.site.display());
        }
        Ok(explanations)
    }

    /// Some pages, named by their paths in the site or from the working folder.
    fn some(&self, named: &[PathBuf]) -> anyhow::Result<Vec<Explanation>> {
        let paths = named.iter().map(|named| self.find(named));
        let paths = paths.collect::<anyhow::Result<Vec<PagePath>>>()?;
        let wanted = paths.iter().flat_map(named::and_above).collect();
        let found = self.look(Selection::These(&wanted))?;
        let explanation = |path: &PagePath| {
            // What stands for a folder stands for all that is below it.
            let found = named::and_above(path).find_map(|at| {
                let at = at.to_string();
                found.iter().find(|explanation| explanation.page == at)
            });
            match found {
                Some(explanation) => Explanation {
                    page: path.to_string(),
                    ..explanation.clone()
                },
                None => Explanation::ignored(path, &self.why_not(path)),
            }
        };
        Ok(paths.iter().map(explanation).collect())
    }

    /// What a dry run says about these pages.
    fn look(&self, selection: Selection<'_>) -> anyhow::Result<Vec<Explanation>> {
        let config = &self.settings.config;
        let leaves_all = config.mode == Mode::Static && tokens::are_skipped(config);
        let step = ExplainStep::new(&self.store, config, leaves_all);
        let mut explanations = Vec::new();
        run(&self.job(), selection, &step, |page| {
            explanations.push(step.explain(page));
        })
        .with_context(|| self.site.display().to_string())?;
        Ok(explanations)
    }

    fn job(&self) -> Job<'_> {
        Job {
            store: &self.store,
            config: &self.settings.config,
            rules: &self.rules,
            examiner: &self.examiner,
            cancel: &self.cancel,
            folder_files: &self.files,
        }
    }

    /// The path of what was named, if it is there.
    fn find(&self, named: &Path) -> anyhow::Result<PagePath> {
        if let Some(path) = named::find(&self.site, named)? {
            return Ok(path);
        }
        let found = self.job().list(Selection::All)?;
        let pages: Vec<String> = found
            .filter_map(|found| found.path().map(ToString::to_string))
            .collect();
        Err(named::is_not_there(&self.site, named, &pages))
    }

    /// Why `inject` does not come to a file that is there.
    fn why_not(&self, path: &PagePath) -> String {
        named::why_not(path, &self.settings.config.pages)
    }
}
