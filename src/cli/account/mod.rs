//! The commands that ask the ChatHub API: `orgs`, `operators` and `token`.

mod args;
mod input;
mod inspect;
mod operators;
mod orgs;
mod token;

pub(super) use args::Format;
pub(super) use args::{OperatorsArgs, OrgsArgs, TokenCommand};
pub(super) use operators::operators;
pub(super) use orgs::orgs;
pub(super) use token::token;

use std::io::Write as _;

use anyhow::{Context, anyhow, bail};
use comfy_table::{CellAlignment, ContentArrangement};
use jiff::Timestamp;
use serde::Serialize;
use tokio::runtime::Runtime;

use super::session::terminal_width;
use super::settings::{colour_errors, configuration};
use super::{generate, log};
use crate::api::{Client, Credentials};
use crate::report::{Progress, Verbosity, escape, frame};
use crate::settings::{Config, Organization};
use args::{AccountArgs, OutputArgs};

/// A client for the configured account, and what it runs on.
struct Account {
    config: Config,
    client: Client,
    runtime: Runtime,
    /// Whether it is shown that something is waited for.
    progress: bool,
}

impl Account {
    /// Reads the configuration and the credentials; sends nothing.
    fn open(args: &AccountArgs) -> anyhow::Result<Self> {
        prepare(&args.output);
        let config = configuration(&args.config, None, args.settings.given())?;
        config.trust(&["api"])?;
        let credentials = Credentials::find(&config.api)?.ok_or_else(|| {
            let advice = Credentials::advice(&config.api);
            anyhow!("there are no credentials for the ChatHub API: {advice}")
        })?;
        let client = Client::following(&config.api, credentials)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .context("the HTTP client cannot be started")?;
        Ok(Self {
            config,
            client,
            runtime,
            progress: !args.output.quiet,
        })
    }

    /// The id of an organization that is named by its id, its name in `chathub.toml`, or its exact name at ChatHub; and
    /// what is configured of it.
    fn organization(&self, named: &str) -> anyhow::Result<(u64, Option<&Organization>)> {
        if let Some(configured) = self.config.organizations.get(named) {
            return Ok((configured.id, Some(configured)));
        }
        if self.config.customers.contains_key(named) {
            bail!("organization `{named}` has the customer widget, which needs no token");
        }
        if let Ok(id) = named.parse() {
            return Ok((id, None));
        }
        let organizations = self.wait(self.client.organizations())?;
        let fits: Vec<u64> = organizations
            .iter()
            .filter(|organization| organization.name == named)
            .map(|organization| organization.id)
            .collect();
        match fits[..] {
            [id] => Ok((id, None)),
            [] => {
                let known: Vec<String> = organizations
                    .iter()
                    .map(|organization| format!("{} ({})", organization.id, organization.name))
                    .collect();
                Err(anyhow!(
                    "there is no organization `{named}`, neither in chathub.toml nor at ChatHub, which has {}",
                    known.join(", ")
                ))
            }
            _ => Err(anyhow!(
                "several organizations are named `{named}`; name one by its id: {fits:?}"
            )),
        }
    }

    /// The id of the one organization that there is to choose from.
    fn only_organization(&self) -> anyhow::Result<u64> {
        if self.config.organizations.is_empty()
            && let [only] = &self.wait(self.client.organizations())?[..]
        {
            return Ok(only.id);
        }
        Err(anyhow!(
            "name the organization with --org, since there are several; `chathub orgs` lists them, and \
             default-organization in chathub.toml sets one"
        ))
    }

    /// Waits for a call.
    fn wait<T, E>(&self, call: impl Future<Output = Result<T, E>>) -> anyhow::Result<T>
    where
        E: Into<anyhow::Error>,
    {
        let _waiting = Progress::waiting(self.progress, "asking the ChatHub API");
        self.runtime.block_on(call).map_err(Into::into)
    }
}

/// Sets colours and how much is printed.
fn prepare(args: &OutputArgs) {
    colour_errors(args.color);
    log::to_stderr(Verbosity::from_flags(args.quiet, args.verbose));
}

/// Writes a document to standard output: as text for people, or as JSON.
pub(super) fn write<T: Serialize>(
    format: Format,
    document: &T,
    human: impl FnOnce(&T) -> String,
) -> anyhow::Result<()> {
    let text = match format {
        Format::Human => human(document),
        Format::Json => serde_json::to_string_pretty(document)? + "\n",
    };
    let mut out = Vec::new();
    // Styles only where they are wanted.
    let mut stream = anstream::AutoStream::new(&mut out, anstream::stdout().current_choice());
    stream.write_all(text.as_bytes())?;
    generate::print(&out).map(drop)
}

/// A table as people read it.
fn table(header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut table = frame(false);
    table.set_header(header.iter().copied());
    for row in rows {
        table.add_row(row.iter().map(|cell| escape(cell).into_owned()));
    }
    // Ids come first.
    if let Some(ids) = table.column_mut(0) {
        ids.set_cell_alignment(CellAlignment::Right);
    }
    if let Some(width) = terminal_width() {
        table
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(u16::try_from(width).unwrap_or(u16::MAX));
    }
    let bold = anstyle::Style::new().bold();
    let mut titles = true;
    let line = |line: String| {
        // Titles take more lines than one on a narrow terminal; a rule follows them.
        titles &= !line.starts_with('├');
        if titles && line.starts_with('│') {
            format!("{bold}{line}{bold:#}\n")
        } else {
            line + "\n"
        }
    };
    table.lines().map(line).collect()
}

/// How far away a time is, such as `7 h 59 min left`.
fn remaining(seconds: i64) -> String {
    let away = seconds - Timestamp::now().as_second();
    // To the nearest minute: a token for eight hours has eight left, though a second has passed.
    let rounded = (away.abs() + 30) / 60;
    let (hours, minutes) = (rounded / 60, rounded % 60);
    let time = match (hours, minutes) {
        _ if away.abs() < 60 => format!("{} s", away.abs()),
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    };
    if away > 0 {
        format!("{time} left")
    } else {
        format!("{time} ago")
    }
}
