//! `chathub csp`: what a Content-Security-Policy has to allow so that the pages have their chats.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use serde_json::{Value, json};

use super::account::Format;
use super::args::CspArgs;
use super::hosts::hosts;
use super::policy_host::PolicyHost;
use super::settings::{configuration, shorten, site};
use super::{ExitCode, say};
use crate::csp::{Host, HostFile, Missing, Style, add, ready};
use crate::report::escape;
use crate::rules::RuleSet;
use crate::run::{Examiner, FolderFiles, Job, LineIndex, Purpose, Selection, Tags, run};
use crate::settings::Config;
use crate::steps::{Block, Gathered, Lack, PolicyStep, Served, sources, unified};
use crate::store::{Cancel, Dry, Folder};

/// The directive that is needed only where a policy has it.
const TYPES: &str = "trusted-types";

pub(super) fn csp(args: &CspArgs) -> anyhow::Result<ExitCode> {
    let config = configuration(&args.config, args.site.as_deref(), Vec::new())?;
    let site = site(&config)?;
    let (gathered, served) = look(&config, &site, hosts(&config, &site)?)?;
    if gathered.pages == 0 {
        bail!(
            "no page of {} is to have a chat, so no policy has to allow anything",
            shorten(&site).display()
        );
    }
    if let Some(only) = &args.patch {
        return patch(args, &config, &site, only.as_deref(), &served);
    }
    let text = match (args.host, args.format) {
        (Some(host), _) => {
            say(
                "notice: this policy allows the chat and nothing else: add what your pages load themselves",
            );
            ready(&policy(&gathered), style(host))
        }
        (None, Format::Json) => format!("{:#}\n", data(&config, &gathered, &served)),
        (None, Format::Human) => human(&config, &gathered, &served),
    };
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(ExitCode::Success),
    }
}

fn style(host: PolicyHost) -> Style {
    match host {
        PolicyHost::Netlify | PolicyHost::Cloudflare => Style::Headers,
        PolicyHost::Vercel => Style::Vercel,
        PolicyHost::Azure => Style::Azure,
        PolicyHost::Firebase => Style::Firebase,
        PolicyHost::Nginx => Style::Nginx,
        PolicyHost::Caddy => Style::Caddy,
        PolicyHost::Meta => Style::Meta,
    }
}

/// What all pages need, and what these hosts forbid.
fn look(config: &Config, site: &Path, hosts: Vec<Host>) -> anyhow::Result<(Gathered, Served)> {
    let store = Dry(Folder::new(site));
    let examiner = Examiner::new(config, Tags::new(config, None), Purpose::Ensure)?;
    let job = Job {
        store: &store,
        config,
        rules: &Arc::new(RuleSet::new(config)?),
        examiner: &examiner,
        cancel: &Cancel::default(),
        folder_files: &FolderFiles::default(),
    };
    let step = PolicyStep::new(&store, config, hosts);
    run(&job, Selection::All, &step, |_| ()).with_context(|| site.display().to_string())?;
    Ok(step.end())
}

/// Directives, sources, and why each is needed.
fn table(gathered: &Gathered) -> BTreeMap<&'static str, BTreeMap<&str, Vec<String>>> {
    let mut table: BTreeMap<_, BTreeMap<_, Vec<String>>> = BTreeMap::new();
    for need in gathered.needs.keys() {
        let sources = table.entry(need.directive).or_default();
        let why = format!("{} ({})", need.what, need.address);
        let all = sources.entry(need.source.as_str()).or_default();
        if !all.contains(&why) {
            all.push(why);
        }
    }
    table
}

/// The least policy.
fn policy(gathered: &Gathered) -> String {
    let table = table(gathered);
    let directives = table.iter().filter(|(name, _)| **name != TYPES);
    let directives = directives.map(|(name, sources)| {
        let sources: Vec<_> = sources.keys().copied().collect();
        format!("{name} {}", sources.join(" "))
    });
    directives.collect::<Vec<_>>().join("; ")
}

/// The hashes by which a policy with `'strict-dynamic'` lets the loaders' script run.
fn hashes(gathered: &Gathered) -> Vec<&str> {
    let strict = gathered
        .needs
        .keys()
        .filter_map(|need| need.strict.as_deref());
    let mut hashes: Vec<_> = strict.filter(|source| source.starts_with("'sha")).collect();
    hashes.sort_unstable();
    hashes.dedup();
    hashes
}

fn human(config: &Config, gathered: &Gathered, served: &Served) -> String {
    let mut text = String::new();
    let pages = if gathered.pages == 1 { "page" } else { "pages" };
    let _ = writeln!(
        text,
        "What a Content-Security-Policy must allow for the chats of {} {pages} ({} mode):\n",
        gathered.pages, config.mode
    );
    for (name, sources) in table(gathered) {
        let when = if name == TYPES {
            "    only where the policy has this directive"
        } else {
            ""
        };
        let _ = writeln!(text, "  {name}{when}");
        for (source, why) in sources {
            let _ = writeln!(text, "    {source}\n        {}", escape(&why.join(", ")));
        }
    }
    for hash in hashes(gathered) {
        let _ = writeln!(
            text,
            "\nWhere the policy has 'strict-dynamic', the runtime needs its hash in script-src:\n\n    {hash}"
        );
    }
    let _ = writeln!(
        text,
        "\nNo script and no style stands in a page itself, so neither 'unsafe-inline' nor a hash of one is needed.\n\
         What the vendor's script loads afterwards, csp.widget in chathub.toml lists.\n\nAs a policy:\n\n    {}",
        policy(gathered)
    );
    let blocked = blocked(gathered, served);
    if blocked.is_empty() {
        text.push_str("\nNo policy that chathub finds today blocks any of it.\n");
    } else {
        text.push_str("\nPolicies of today that block some of it:\n\n");
        for one in blocked {
            let _ = writeln!(text, "  {}", escape(&one));
        }
    }
    text
}

/// What policies of today block, in sentences.
fn blocked(gathered: &Gathered, served: &Served) -> Vec<String> {
    let mut all = Vec::new();
    for block in served.blocks() {
        if let Some((file, span)) = block.place(served) {
            let at = LineIndex::new(file.text.as_bytes()).at(span.start);
            all.push(format!("{}:{at}: {}", file.name, block.message(served)));
        }
    }
    if let Some((pages, first, message)) = &gathered.blocked {
        all.push(format!(
            "in {pages} of the pages themselves, such as {first}: {message}"
        ));
    }
    all
}

fn data(config: &Config, gathered: &Gathered, served: &Served) -> Value {
    let needs = gathered.needs.iter().map(|(need, pages)| {
        let Lack { directive, what, address, source, .. } = need;
        json!({ "directive": directive, "source": source, "what": what, "address": address, "pages": pages })
    });
    let unread = served.hosts().iter().flat_map(|host| {
        host.unread.iter().filter_map(|one| {
            let file = host.files.get(one.file)?;
            let at = LineIndex::new(file.text.as_bytes()).place(&one.span);
            Some(json!({ "file": file.name, "line": at.line, "column": at.column, "why": one.why }))
        })
    });
    json!({
        "mode": config.mode.as_str(),
        "pages": gathered.pages,
        "needs": needs.collect::<Vec<_>>(),
        "hashes": hashes(gathered),
        "policy": policy(gathered),
        "blocked": blocked(gathered, served),
        "unread": unread.collect::<Vec<_>>(),
    })
}

/// Adds to the hosts' files what they lack.
fn patch(
    args: &CspArgs,
    config: &Config,
    site: &Path,
    only: Option<&Path>,
    served: &Served,
) -> anyhow::Result<ExitCode> {
    let is_meant = |file: &HostFile| {
        only.is_none_or(|only| fs::canonicalize(only).ok() == fs::canonicalize(&file.name).ok())
    };
    let files: Vec<&HostFile> = served
        .hosts()
        .iter()
        .flat_map(|host| &host.files)
        .filter(|file| is_meant(file))
        .collect();
    if let Some(only) = only.filter(|_| files.is_empty()) {
        bail!(
            "{} is not one of the files of hosts that are read; name it in csp.files",
            only.display()
        );
    }
    let mut texts: BTreeMap<&str, String> = BTreeMap::new();
    let mut by_header: BTreeMap<(usize, usize), Vec<Block>> = BTreeMap::new();
    for block in served.blocks() {
        by_header
            .entry((block.host, block.header))
            .or_default()
            .push(block);
    }
    // From the end, so that places in front stay what they are.
    for ((host, header), blocks) in by_header.iter().rev() {
        let Some(host) = served.hosts().get(*host) else {
            continue;
        };
        let Some(header) = host.headers.get(*header) else {
            continue;
        };
        let Some(file) = host.files.get(header.file).filter(|file| is_meant(file)) else {
            continue;
        };
        let text = texts.entry(&file.name).or_insert_with(|| file.text.clone());
        let now = HostFile {
            text: text.clone(),
            ..file.clone()
        };
        let added = add(&now, header, &missing(blocks));
        *text = added.map_err(|why| {
            let at = LineIndex::new(file.text.as_bytes()).at(header.span.start);
            anyhow::anyhow!(
                "{}:{at}: this policy is not changed, since {why}; nothing was written",
                file.name
            )
        })?;
    }
    texts.retain(|name, text| {
        files
            .iter()
            .any(|file| file.name == *name && file.text != *text)
    });
    judge(config, site, served, &texts)?;
    let mut out = String::new();
    for (name, text) in &texts {
        let old = files
            .iter()
            .find(|file| file.name == *name)
            .map_or("", |file| &file.text);
        if args.diff {
            out.push_str(&unified(name, old, text));
        } else {
            write(Path::new(name), old, text)?;
            let _ = writeln!(out, "wrote {name}");
        }
    }
    if texts.is_empty() {
        out.push_str("nothing to add\n");
    }
    match io::stdout().write_all(out.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(ExitCode::Success),
    }
}

/// What the directives of one policy lack, by the directive that each need is about.
fn missing(blocks: &[Block]) -> Vec<Missing> {
    let mut all: Vec<Missing> = Vec::new();
    for block in blocks {
        let mut wanted: BTreeMap<&str, Vec<&Lack>> = BTreeMap::new();
        for lack in &block.lacks {
            wanted.entry(lack.directive).or_default().push(lack);
        }
        all.extend(wanted.into_iter().map(|(wanted, lacks)| Missing {
            name: block.name.clone(),
            value: block.value.clone(),
            wanted: wanted.to_owned(),
            sources: sources(&block.value, lacks),
        }));
    }
    all
}

/// Makes sure, by all pages, that the new texts block nothing, and say nothing else that cannot be read.
fn judge(
    config: &Config,
    site: &Path,
    served: &Served,
    texts: &BTreeMap<&str, String>,
) -> anyhow::Result<()> {
    let files = served.hosts().iter().flat_map(|host| &host.files);
    let files = files.map(|file| HostFile {
        text: texts.get(file.name.as_str()).unwrap_or(&file.text).clone(),
        ..file.clone()
    });
    let hosts = Host::read(files.collect());
    let unread = |hosts: &[Host]| hosts.iter().map(|host| host.unread.len()).sum::<usize>();
    if unread(&hosts) > unread(served.hosts()) {
        let new = hosts.iter().flat_map(|host| &host.unread).last();
        bail!(
            "with the sources added, {}; nothing was written",
            new.map_or("a file cannot be read", |new| &new.why)
        );
    }
    let (_, after) = look(config, site, hosts)?;
    let still = after.blocks().into_iter().find(|block| {
        let place = block.place(&after);
        place.is_some_and(|(file, _)| texts.contains_key(file.name.as_str()))
    });
    match still {
        None => Ok(()),
        Some(block) => bail!(
            "with the sources added, {}; nothing was written",
            block.message(&after)
        ),
    }
}

/// Writes a file at once, if it still says what was read.
fn write(path: &Path, old: &str, new: &str) -> anyhow::Result<()> {
    let real: PathBuf = fs::canonicalize(path).with_context(|| path.display().to_string())?;
    let now = fs::read(&real).with_context(|| path.display().to_string())?;
    if now != old.as_bytes() {
        bail!(
            "{} has changed, or is not UTF-8; nothing was written",
            path.display()
        );
    }
    let folder = real.parent().unwrap_or(Path::new("."));
    let mut file =
        tempfile::NamedTempFile::new_in(folder).with_context(|| path.display().to_string())?;
    file.write_all(new.as_bytes())?;
    file.as_file()
        .set_permissions(fs::metadata(&real)?.permissions())?;
    file.persist(&real)
        .with_context(|| path.display().to_string())?;
    Ok(())
}
