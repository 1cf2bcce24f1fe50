//! `chathub explain`: why a page gets what it gets, or what a rule of `verify` means.

mod account;
mod show;

use std::env;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use std::sync::Arc;

use super::ExitCode;
use super::args::ExplainArgs;
use super::say;
use super::settings::Settings;
use crate::config::nearest;
use crate::pipeline::{
    Cancel, Examiner, FOLDER_CONFIG, FolderFiles, FolderRules, Purpose, Tags, walk_options,
};
use crate::report::{Format, escape};
use crate::rules::RuleSet;
use crate::site::{PageFile, PagePath, Walk};
use crate::verify;
use account::Account;

pub(super) fn explain(args: &ExplainArgs) -> anyhow::Result<ExitCode> {
    if let [only] = &args.what[..]
        && let Some(rule) = only.to_str().and_then(verify::rule)
        && !only.exists()
    {
        return print(&show::rule(rule));
    }
    let (site, pages) = match args.what.split_first() {
        Some((first, rest)) if first.is_dir() && !is_in_site(first, args)? => (Some(first), rest),
        _ => (None, &args.what[..]),
    };
    let settings = Settings::resolve(&args.common, site.map(PathBuf::as_path), Vec::new())?;
    let site = settings.site()?;
    let explainer = Explainer::new(&settings, &site)?;
    let mut broken = false;
    let mut out = Vec::new();
    let accounts: Vec<Account> = if pages.is_empty() {
        explainer.all()?
    } else {
        pages
            .iter()
            .map(|page| explainer.page(page))
            .collect::<anyhow::Result<_>>()?
    };
    match settings.format {
        Format::Human if pages.is_empty() => out.extend(show::list(&accounts).bytes()),
        Format::Human => {
            for account in &accounts {
                out.extend(show::account(account, settings.color).bytes());
            }
        }
        Format::Json => {
            serde_json::to_writer_pretty(&mut out, &accounts)?;
            out.push(b'\n');
        }
        Format::Ndjson => {
            for account in &accounts {
                serde_json::to_writer(&mut out, account)?;
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

/// A first argument that is a folder names the site, unless it is a folder of the configured site.
fn is_in_site(folder: &Path, args: &ExplainArgs) -> anyhow::Result<bool> {
    let settings = Settings::resolve(&args.common, None, Vec::new())?;
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

struct Explainer<'a> {
    settings: &'a Settings,
    site: PathBuf,
    examiner: Examiner,
    rules: Arc<FolderRules>,
    files: FolderFiles,
}

impl<'a> Explainer<'a> {
    fn new(settings: &'a Settings, site: &Path) -> anyhow::Result<Self> {
        let config = &settings.config;
        let rules = Arc::new(RuleSet::new(config)?);
        Ok(Self {
            settings,
            site: fs::canonicalize(site).with_context(|| site.display().to_string())?,
            examiner: Examiner::new(config, Tags::new(config, None), Purpose::Ensure)?,
            rules: Arc::new(FolderRules::root(rules)),
            files: FolderFiles::default(),
        })
    }

    /// All pages of the site.
    fn all(&self) -> anyhow::Result<Vec<Account>> {
        let accounts = self.walk(|_| true)?;
        if accounts.is_empty() && !self.settings.allow_empty {
            bail!("no pages in {}", self.site.display());
        }
        Ok(accounts)
    }

    /// One page, named by its path in the site or from the working folder.
    fn page(&self, named: &Path) -> anyhow::Result<Account> {
        let file = self.find(named)?;
        let relative = file.strip_prefix(&self.site).unwrap_or(&file);
        let parts = relative.components().map(std::path::Component::as_os_str);
        let path = parts.fold(PagePath::default(), |path, part| path.join(part));
        let mut folder = FolderRules::root(Arc::clone(self.rules.set()));
        let mut above = PagePath::default();
        let mut real = self.site.clone();
        let folders = relative.parent().unwrap_or(Path::new(""));
        for part in std::iter::once(None).chain(folders.components().map(Some)) {
            if let Some(part) = part {
                above = above.join(part.as_os_str());
                real.push(part);
            }
            let own = real.join(FOLDER_CONFIG);
            if own.is_file() || own.is_symlink() {
                folder = folder.enter(&above, &own, &self.settings.config, &self.files);
            }
        }
        let file = PageFile {
            path,
            file,
            siblings: Vec::new(),
            link: None,
            outside: false,
        };
        Ok(self.account(&file, &folder))
    }

    fn account(&self, file: &PageFile, folder: &FolderRules) -> Account {
        match self.examiner.examine(file, folder, &Cancel::default()) {
            Ok(examined) => Account::of(&examined, folder),
            Err(error) => Account::unreadable(&file.path, &error),
        }
    }

    fn find(&self, named: &Path) -> anyhow::Result<PathBuf> {
        let here = env::current_dir().context("the working folder cannot be found")?;
        for base in [&self.site, &here] {
            let mut file = base.join(named);
            if file.is_dir() {
                file.push("index.html");
            }
            if let Ok(file) = fs::canonicalize(&file)
                && file.starts_with(&self.site)
            {
                return Ok(file);
            }
        }
        let name = named.display().to_string();
        if let Some(rule) = nearest(&name, verify::ids()) {
            bail!(
                "there is no page {name} in {}; did you mean the rule {rule}?",
                self.site.display()
            );
        }
        let mut paths = Vec::new();
        self.walk(|path| {
            paths.push(path.to_string());
            false
        })?;
        let hint = nearest(&name, paths.iter().map(String::as_str));
        let hint = hint
            .map(|path| format!("; did you mean {path}?"))
            .unwrap_or_default();
        bail!("there is no page {name} in {}{hint}", self.site.display())
    }

    fn walk(&self, mut wanted: impl FnMut(&PagePath) -> bool) -> anyhow::Result<Vec<Account>> {
        let options = walk_options(&self.settings.config.pages, false);
        let enter = |parent: &Arc<FolderRules>, path: &PagePath, file: &Path| {
            Arc::new(parent.enter(path, file, &self.settings.config, &self.files))
        };
        let walk = Walk::new(&self.site, options, &self.rules, enter)
            .with_context(|| self.site.display().to_string())?;
        let mut accounts = Vec::new();
        for entry in walk {
            match entry {
                crate::site::Entry::Page(file, folder) if wanted(&file.path) => {
                    accounts.push(self.account(&file, &folder));
                }
                crate::site::Entry::Alias(alias) if wanted(&alias.page.path) => {
                    let why = crate::site::Skipped::Elsewhere(alias.other);
                    accounts.push(Account::skipped(&alias.page.path, &why.to_string()));
                }
                crate::site::Entry::Skipped(path, _, why) if wanted(&path) => {
                    accounts.push(Account::skipped(&path, &why.to_string()));
                }
                _ => {}
            }
        }
        Ok(accounts)
    }
}
