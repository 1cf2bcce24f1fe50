//! `chathub preview`

use std::collections::HashSet;
use std::fmt::{Display, Write as _};
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use anyhow::{Context, bail};
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::args::PreviewArgs;
use super::say::{print_error, say};
use super::settings::{colour_errors, configuration, shorten, site, watched};
use super::{ExitCode, log};
use crate::endpoint::{Configured, Renewer};
use crate::event::Organizations;
use crate::preview::{Key, Live, Real, Served, Site, Survey, bind, routes};
use crate::report::{Verbosity, escape};
use crate::run::BrokenRules;
use crate::server::{self, Limits, Listener, Signals, Slots, serve};
use crate::settings::{Config, Mode};
use crate::store::Cancel;
use crate::token::DEVELOPMENT_TOKEN;
use crate::watch::Watch;

/// For one user's browsers.
const CONNECTIONS: usize = 256;

pub(super) fn preview(args: &PreviewArgs) -> anyhow::Result<ExitCode> {
    colour_errors(args.color);
    let config = configure(args)?;
    let folder = site(&config)?;
    let mint = args.live.then(|| real_tokens(args, &config)).transpose()?;
    // Before the first look, so that no change falls between the two.
    let watch = watched(&config, &folder).and_then(|watched| Ok(Watch::new(watched)?));
    let looked = Site::look(&folder, &config, !args.live)?;
    let survey = looked.survey(&Cancel::default())?;
    say_broken(&looked);
    let live = Arc::new(Live::new(looked));
    let runtime = tokio::runtime::Runtime::new().context("no threads to be had")?;
    runtime.block_on(async {
        let listener = bind(args.port).await?;
        // Before anybody knows that it runs: a handler that is only being set up loses the signal.
        let signals = Signals::listen();
        let address = listener.local_addr()?;
        let key = args
            .live
            .then(|| Key::new(address.port()))
            .transpose()
            .context("the system gives no random numbers")?
            .map(Arc::new);
        let at = |path: &str| format!("http://{address}{path}");
        let url = at(&key
            .as_ref()
            .map_or_else(|| live.site().base().to_owned(), |key| key.path()));
        if !args.quiet {
            show(start_screen(&url, &folder, &config, &survey, args.live));
        } else if args.live {
            // There is no other way in.
            show(&url);
        }
        match watch {
            Ok(watch) => follow(args, watch, &config, &folder, &live),
            Err(error) => say(format_args!(
                "notice: changes are not noticed ({error}); reload by hand"
            )),
        }
        if args.open {
            // Every user can read the arguments of programs, and so the address.
            let once = key
                .as_ref()
                .map_or_else(|| url.clone(), |key| at(&key.path_once()));
            if let Err(error) = open::that_detached(once) {
                say(format_args!(
                    "notice: no browser can be opened ({error}); open the address above yourself"
                ));
            }
        }
        let start = |mint| {
            Renewer::start(
                &Arc::new(mint),
                config.organizations.keys().cloned(),
                &Arc::default(),
                None,
            )
        };
        let real = mint.map(start).zip(key);
        let real = real.map(|(tokens, key)| Real { tokens, key });
        run(args, listener, address, &live, real, signals).await;
        if !args.quiet {
            say("ended");
        }
        Ok(ExitCode::Success)
    })
}

/// Where `--live` gets its tokens.
fn real_tokens(args: &PreviewArgs, config: &Config) -> anyhow::Result<Configured> {
    if config.mode == Mode::Static {
        bail!(
            "--live is for placeholder mode; in static mode the pages themselves carry tokens: see them after `chathub inject`"
        );
    }
    if config.organizations.is_empty() {
        bail!(
            "--live needs organizations to mint tokens for: add [organizations.NAME] to chathub.toml"
        );
    }
    config.trust(&["api", "organizations"])?;
    let verbosity = if args.verbose {
        Verbosity::Verbose
    } else {
        Verbosity::Normal
    };
    log::to_stderr(verbosity);
    Ok(Configured::new(config, None)?)
}

fn configure(args: &PreviewArgs) -> anyhow::Result<Config> {
    configuration(&args.config, args.site.as_deref(), args.settings.given())
}

/// What pages get, in words.
fn widget(organizations: &Organizations) -> String {
    match organizations {
        Organizations::Unassigned | Organizations::None => "no widget".to_owned(),
        Organizations::ByEndpoint => "any organization".to_owned(),
        Organizations::Named(names) => names.join(" + "),
    }
}

/// Says something on standard output. It is not an error if nobody reads it.
fn show(text: impl Display) {
    let _ = writeln!(anstream::stdout(), "{text}");
}

/// Serves until Ctrl-C.
async fn run(
    args: &PreviewArgs,
    listener: TcpListener,
    address: SocketAddr,
    live: &Arc<Live>,
    real: Option<Real>,
    mut signals: Signals,
) {
    let (verbose, quiet) = (args.verbose, args.quiet);
    let told = Mutex::new(HashSet::new());
    let tell = move |served: &Served| {
        // The preview's own scripts are nobody's business.
        if verbose && !served.path.starts_with("/.chathub/") {
            show(line(served));
        }
        if let Some(page) = served
            .page
            .as_ref()
            .filter(|page| page.has_policy && !quiet)
        {
            let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
            if told.insert(page.page.clone()) {
                say(format_args!(
                    "notice: {} has a Content-Security-Policy of its own; where it lacks 'self' in script-src and \
                     connect-src, it keeps the stand-in and the reloading out",
                    escape(&page.page)
                ));
            }
        }
    };
    let app = routes(Arc::clone(live), address.port(), real, tell);
    let limits = Limits {
        places: Arc::new(Slots::new(CONNECTIONS)),
        head_time: Duration::from_mins(1),
        write_time: Duration::from_mins(1),
        grace: Duration::from_secs(2),
    };
    let (stop, stopped) = watch::channel(false);
    let serving = serve(Listener::Tcp(listener), server::app(app), limits, stopped);
    let ending = async {
        signals.end().await;
        live.end();
        let _ = stop.send(true);
    };
    tokio::join!(serving, ending);
}

/// Looks again after every change, on a thread of its own.
fn follow(args: &PreviewArgs, mut watch: Watch, config: &Config, folder: &Path, live: &Arc<Live>) {
    let live = Arc::clone(live);
    let (args, config, folder) = (args.clone(), config.clone(), folder.to_owned());
    // What comes through a pipe comes once.
    let can_reread = config.files.iter().all(|file| file.is_file());
    thread::spawn(move || {
        let mut is_gone = false;
        loop {
            let mut look = || -> anyhow::Result<Option<Site>> {
                watch.wait(None)?;
                let config = if can_reread {
                    configure(&args)?
                } else {
                    config.clone()
                };
                // One that was found stays, whatever else could be taken for a site by now.
                let folder = config
                    .site
                    .as_ref()
                    .map_or(folder.clone(), |site| shorten(site));
                watch.turn_to(watched(&config, &folder)?)?;
                if folder.is_dir() {
                    return Ok(Some(Site::look(&folder, &config, !args.live)?));
                }
                if !is_gone && !args.quiet {
                    say(format_args!(
                        "notice: there is no folder {} any more; pages load again when it is back",
                        escape(&folder.display().to_string())
                    ));
                }
                Ok(None)
            };
            match look() {
                Ok(Some(site)) => {
                    is_gone = false;
                    say_broken(&site);
                    live.replace(site);
                    if args.verbose {
                        show("changed: pages load again");
                    }
                }
                Ok(None) => {
                    is_gone = true;
                    live.lose();
                }
                Err(error) => print_error(&error),
            }
        }
    });
}

fn say_broken(site: &Site) {
    for error in site.take_broken() {
        match error {
            BrokenRules::Config(error) => say(error.render(true)),
            other => say(format_args!("error: {}", escape(&other.to_string()))),
        }
    }
}

const DIM: Style = Style::new().dimmed();
const BOLD: Style = Style::new().bold();

fn start_screen(url: &str, folder: &Path, config: &Config, survey: &Survey, live: bool) -> String {
    let link = BOLD.fg_color(Some(AnsiColor::Cyan.into()));
    let mut screen = String::new();
    let site = folder.display().to_string();
    let plural = if survey.pages == 1 { "" } else { "s" };
    let _ = writeln!(screen, "\n  {BOLD}chathub preview{BOLD:#}\n");
    let _ = writeln!(screen, "  {DIM}open{DIM:#}    {link}{url}{link:#}");
    let _ = writeln!(
        screen,
        "  {DIM}site{DIM:#}    {}, {} page{plural}",
        escape(&site),
        survey.pages
    );
    let mut rows: Vec<(String, u64)> = survey
        .by_organization
        .iter()
        .map(|(organizations, pages)| (escape(&widget(organizations)).into_owned(), *pages))
        .collect();
    rows.sort_by_key(|(_, pages)| std::cmp::Reverse(*pages));
    rows.extend(
        survey
            .untouched
            .iter()
            .map(|(why, pages)| (format!("as it is: {why}"), *pages)),
    );
    let width = rows
        .iter()
        .map(|(name, _)| name.chars().count())
        .max()
        .unwrap_or_default();
    for (name, pages) in rows {
        let _ = writeln!(screen, "          {name:width$}  {pages:>4}");
    }
    let (token, widget) = if live {
        ("minted through the ChatHub API", "the vendor's")
    } else {
        (DEVELOPMENT_TOKEN, "a stand-in that names its organization")
    };
    let endpoint = &config.placeholder.endpoint;
    let _ = writeln!(screen, "  {DIM}token{DIM:#}   {token}, from {endpoint}");
    if live {
        let _ = writeln!(
            screen,
            "          {DIM}only for browsers that have opened the address above{DIM:#}"
        );
    }
    let _ = writeln!(screen, "  {DIM}widget{DIM:#}  {widget}");
    let _ = writeln!(
        screen,
        "\n  {DIM}Nothing is written to the site. Pages load again when it or chathub.toml changes. Ctrl-C ends.{DIM:#}"
    );
    screen
}

/// One request, in a line.
fn line(served: &Served) -> String {
    let color = match served.status.as_u16() {
        200..=299 => AnsiColor::Green,
        300..=399 => AnsiColor::Cyan,
        _ => AnsiColor::Red,
    };
    let style = Style::new().fg_color(Some(color.into()));
    let mut line = format!(
        "{style}{}{style:#} {} {}",
        served.status.as_u16(),
        served.method,
        escape(&served.path)
    );
    if let Some(page) = &served.page {
        let widget = widget(&page.organizations);
        let why = page.untouched.as_ref().or(page.because.as_ref());
        let why = why.map_or_else(String::new, |why| format!(" ({why})"));
        let _ = write!(
            line,
            " {DIM}→{DIM:#} {}: {}{}",
            escape(&page.page),
            escape(&widget),
            escape(&why)
        );
    }
    let _ = write!(line, " {DIM}{} ms{DIM:#}", served.elapsed.as_millis());
    line
}
