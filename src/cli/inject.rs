//! `chathub inject` and `chathub remove`

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, bail};

use super::ExitCode;
use super::args::{InjectArgs, RemoveArgs, WriteArgs};
use super::publication::Publication;
use super::session::Session;
use super::settings::Settings;
use super::{hosting, say};
use crate::config::Mode;
use crate::outcome::PageReport;
use crate::pipeline::{Assets, Followed, Following, InjectStep, Notes, Purpose, Tags, Whereabouts};
use crate::report::escape;
use crate::store::{Cancel, Dry, Folder, Overlay, Store};

pub(super) fn inject(args: &InjectArgs) -> anyhow::Result<ExitCode> {
    let settings = Settings::resolve(
        &args.common,
        Some(&args.run),
        args.site.as_deref(),
        args.settings.given(),
    )?;
    let config = &settings.config;
    let dry = args.write.is_dry();
    // Before the session, which takes care of the pages in hand when it is interrupted: nothing is in hand yet.
    let publication = match config.mode {
        Mode::Placeholder => Publication::default(),
        Mode::Static => {
            config.trust(&["api", "organizations", "widget"])?;
            Publication::new(&settings, dry)?
        }
    };
    let session = Session::begin(&settings, "inject", dry)?;
    let purpose = publication.purpose();
    let tags = Tags::new(config, Some(&publication.secrets()));
    write(
        session,
        &args.write,
        tags,
        purpose,
        args.prune,
        &publication,
    )
}

pub(super) fn remove(args: &RemoveArgs) -> anyhow::Result<ExitCode> {
    let settings = Settings::resolve(
        &args.common,
        Some(&args.run),
        args.site.as_deref(),
        args.settings.given(),
    )?;
    let session = Session::begin(&settings, "remove", args.write.is_dry())?;
    let tags = Tags::new(&settings.config, None);
    let nothing = Publication::default();
    write(session, &args.write, tags, Purpose::Remove, false, &nothing)
}

fn write(
    mut session: Session<'_>,
    args: &WriteArgs,
    tags: Tags,
    purpose: Purpose,
    prune: bool,
    publication: &Publication,
) -> anyhow::Result<ExitCode> {
    let config = &session.settings.config;
    let link_root = config.pages.link_root.as_deref();
    let store = destination(args, &session.site, link_root, session.cancel())?;
    let site = Folder::new(&session.site);
    let _lock = store.lock(&|| {
        say(format_args!(
            "another chathub is at work on {}: waiting for it",
            escape(&session.summary.site)
        ));
    });
    let of_site = Assets::new(&site, config);
    if config.mode == Mode::Placeholder && purpose == Purpose::Ensure {
        of_site.check()?;
        let hosting = hosting::notice(&site, config);
        session.tell(hosting);
    }
    let assets = Assets::written(&*store, config);
    let whereabouts = Whereabouts::new(&site);
    let excerpts = std::mem::take(&mut session.excerpts);
    let step = InjectStep {
        store: &*store,
        diff: args.diff,
        siblings: config.compressed_siblings,
        assets: &assets,
        whereabouts: &whereabouts,
        excerpts: &excerpts,
        remove_config_files: config.remove_config_files && purpose == Purpose::Ensure,
        config_files: Mutex::default(),
        notes: Notes::default(),
    };
    let following = Mutex::new(Following::of(&site, config));
    session.pages(&*store, tags, purpose, &step, |page| note(&following, page))?;
    let published = publication.notices(config, &session);
    session.tell(published);
    if store.copy().is_some() {
        assets.settle().context("the runtime cannot be written")?;
    }
    session.summary.files.extend(assets.done());
    if !session.is_cancelled() {
        let following = following.into_inner();
        match following.unwrap_or_else(PoisonError::into_inner).finish() {
            Followed::Routes(routes) => {
                let written = assets.write_routes(&routes);
                let written = written.context("the route file cannot be written")?;
                session.summary.files.extend(written);
            }
            Followed::Lost(lost) => session.tell(Some(format!(
                "{}: visitors keep the chat of the page by which they entered; set placeholder.route-file = \"always\"",
                lost.says()
            ))),
            Followed::Nothing => {}
        }
    }
    let whole =
        !session.is_cancelled() && session.outcomes("failed") + session.outcomes("refused") == 0;
    if whole && (purpose == Purpose::Remove || prune) {
        // Only when no page is left that loads it.
        let removed = assets
            .remove(purpose == Purpose::Ensure)
            .context("the runtime cannot be deleted")?;
        session.summary.files.extend(removed);
    }
    if purpose == Purpose::Ensure {
        let address = hosting::address_notices(&whereabouts, config);
        session.tell(address.iter().map(|notice| excerpts.mask(notice)));
        session.tell(hosting::left_behind(&assets, config));
        let brackets = session.brackets();
        session.tell(brackets.iter().map(ToString::to_string));
    }
    session.tell(step.notes.notices(&excerpts));
    // A copy that was interrupted is for nobody.
    if !session.is_cancelled() {
        let finished = store.finish();
        let notices = finished.context("the folders of the copy cannot be given their modes")?;
        session.tell(notices);
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

/// Tells of a page what it is assigned.
pub(super) fn note(following: &Mutex<Following<'_>>, page: &PageReport) {
    if let Some(options) = &page.route {
        let mut following = following.lock().unwrap_or_else(PoisonError::into_inner);
        following.note(&page.path, options);
    }
}

/// Where pages go; another folder must be empty, and apart from the site and what links in it may lead to.
fn destination(
    args: &WriteArgs,
    site: &Path,
    link_root: Option<&Path>,
    cancel: Arc<Cancel>,
) -> anyhow::Result<Box<dyn Store>> {
    let folder = Folder::new(site);
    if args.is_dry() {
        return Ok(Box::new(Dry(folder)));
    }
    let Some(output) = &args.output else {
        return Ok(Box::new(folder));
    };
    // Before anything is created; and again behind it, for a path that leads back through folders that were missing.
    let apart = |output: &Path| {
        apart(output, "the site", site)?;
        match link_root {
            Some(root) => apart(output, "the folder of --link-root", root),
            None => Ok(()),
        }
    };
    apart(&real(output)?)?;
    let empty = fs::read_dir(output).map(|mut entries| entries.next().is_none());
    let was_there = empty.is_ok();
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
    apart(&output)?;
    let overlay = Overlay::new(site, &output, was_there, link_root, cancel);
    let overlay = overlay.with_context(|| output.display().to_string())?;
    Ok(Box::new(overlay))
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

fn apart(output: &Path, what: &str, other: &Path) -> anyhow::Result<()> {
    let other = real(other)?;
    if output.starts_with(&other) || other.starts_with(output) {
        bail!(
            "--output {} and {what} {} are one inside the other",
            output.display(),
            other.display()
        );
    }
    Ok(())
}
