//! `chathub endpoint --check`: everything that serving tokens takes, tried once.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use anstyle::{AnsiColor, Style};
use anyhow::Context;
use jiff::SignedDuration;
use serde::Serialize;

use super::ExitCode;
use super::account::write;
use super::args::EndpointArgs;
use super::log;
use super::machine::{clock_fault, open_mode};
use crate::endpoint::{Configured, Mint as _, answers, clock, stranger};
use crate::report::{Progress, Verbosity, escape};
use crate::settings::{Config, SecretSource};

/// What was tried.
#[derive(Serialize)]
struct Report {
    ok: bool,
    checks: Vec<Check>,
}

/// One thing that was tried, and what came of it.
#[derive(Serialize)]
struct Check {
    #[serde(rename = "check")]
    name: &'static str,
    status: Status,
    /// What it is about, such as an organization.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Ok,
    Warning,
    Error,
}

impl Report {
    fn add(
        &mut self,
        name: &'static str,
        status: Status,
        subject: Option<&str>,
        message: impl Into<String>,
    ) {
        self.ok &= status != Status::Error;
        self.checks.push(Check {
            name,
            status,
            subject: subject.map(str::to_owned),
            message: message.into(),
        });
    }
}

pub(super) fn run(config: &Config, args: &EndpointArgs) -> anyhow::Result<ExitCode> {
    log::to_stderr(match Verbosity::from_flags(args.quiet, args.verbose) {
        // Each failure has a line of its own below.
        Verbosity::Normal => Verbosity::Quiet,
        other => other,
    });
    let mut report = Report {
        ok: true,
        checks: Vec::new(),
    };
    configuration(config, &mut report);
    files(config, &mut report);
    let runtime = tokio::runtime::Runtime::new().context("no threads to be had")?;
    let waiting = Progress::waiting(
        !args.quiet,
        "asking the ChatHub API and the authentication service",
    );
    let mut code = runtime.block_on(network(config, &mut report))?;
    drop(waiting);
    runtime.shutdown_background();
    if !report.ok && code == ExitCode::Success {
        code = ExitCode::Findings;
    }
    write(args.format, &report, human)?;
    Ok(code)
}

fn configuration(config: &Config, report: &mut Report) {
    let files: Vec<String> = config
        .files
        .iter()
        .map(|file| file.display().to_string())
        .collect();
    let from = if files.is_empty() {
        "defaults and variables alone".to_owned()
    } else {
        files.join(", ")
    };
    report.add("configuration", Status::Ok, None, from);
    if config.endpoint.is_open() {
        let words = "allow-anyone: everybody who can reach the endpoint gets an operator's token";
        report.add("configuration", Status::Warning, None, words);
    }
}

/// Who could read secrets, or change what is configured.
fn files(config: &Config, report: &mut Report) {
    for file in &config.files {
        judge_mode(file, 0o022, "can be changed by others: chmod go-w", report);
    }
    let api = &config.api;
    let sources = [&api.company_token, &api.login, &api.password]
        .into_iter()
        .flatten();
    let tokens = config
        .organizations
        .values()
        .filter_map(|organization| organization.token.as_ref());
    for source in sources.chain(tokens) {
        if let SecretSource::File(file) = source {
            judge_mode(file, 0o007, "can be read by everybody: chmod o-rwx", report);
        }
    }
}

fn judge_mode(file: &Path, forbidden: u32, words: &str, report: &mut Report) {
    let (status, words) = match open_mode(file, forbidden) {
        Ok(Ok(mode)) => (Status::Ok, format!("mode {mode:03o}")),
        Ok(Err(mode)) => (Status::Error, format!("mode {mode:03o}: it {words}")),
        Err(error) => (Status::Error, error.to_string()),
    };
    let subject = file.display().to_string();
    report.add("permissions", status, Some(&subject), words);
}

/// What has to be asked of others. Gives the exit code that the API's answers ask for.
async fn network(config: &Config, report: &mut Report) -> anyhow::Result<ExitCode> {
    let mut code = ExitCode::Success;
    let needs_api = config
        .organizations
        .values()
        .any(|organization| organization.token.is_none());
    if needs_api {
        match clock(&config.api.url).await {
            Ok(ahead) => {
                report.add("api", Status::Ok, Some(&config.api.url), "can be reached");
                judge_clock(ahead, report);
            }
            Err(why) => {
                code = ExitCode::Api;
                report.add("api", Status::Error, Some(&config.api.url), why);
            }
        }
    }
    match Configured::new(config, None) {
        Ok(mint) => {
            if needs_api {
                report.add("credentials", Status::Ok, None, "can be read");
            }
            for name in config.organizations.keys() {
                match mint.mint(name).await {
                    Ok(fresh) => {
                        let until = format!("a token that is valid until {}", fresh.expires_at);
                        report.add("token", Status::Ok, Some(name), until);
                    }
                    Err(failure) => {
                        code = ExitCode::Api;
                        report.add("token", Status::Error, Some(name), failure.why);
                    }
                }
            }
        }
        Err(error) => report.add("credentials", Status::Error, None, error.to_string()),
    }
    let service = config.endpoint.forward_auth.as_deref();
    match stranger(config).await? {
        None => {}
        Some(Ok(false)) => {
            let words = "refuses a visitor without a session";
            report.add("authentication", Status::Ok, service, words);
        }
        Some(Ok(true)) => {
            let words = "says yes to a visitor without a session: everybody would get a token";
            report.add("authentication", Status::Error, service, words);
        }
        Some(Err(why)) => report.add("authentication", Status::Error, service, why),
    }
    for answer in answers(config).await? {
        let words = match answer.status {
            200 => "gets a token".to_owned(),
            401 => "must log in first (401)".to_owned(),
            403 => "is refused (403)".to_owned(),
            status => format!("gets {status}"),
        };
        report.add("visitor", Status::Ok, Some(&answer.visitor), words);
    }
    Ok(code)
}

fn judge_clock(ahead: Option<SignedDuration>, report: &mut Report) {
    let Some(ahead) = ahead else {
        report.add(
            "clock",
            Status::Warning,
            None,
            "the API does not say what time it is",
        );
        return;
    };
    match clock_fault(ahead, "the API's") {
        None => report.add("clock", Status::Ok, None, "as the API's"),
        Some(words) => report.add("clock", Status::Error, None, words),
    }
}

fn human(report: &Report) -> String {
    let mut text = String::new();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for check in &report.checks {
        let (word, colour) = match check.status {
            Status::Ok => ("ok", AnsiColor::Green),
            Status::Warning => ("warning", AnsiColor::Yellow),
            Status::Error => ("error", AnsiColor::Red),
        };
        *counts.entry(word).or_default() += 1;
        let style = Style::new().fg_color(Some(colour.into()));
        let subject = check
            .subject
            .as_ref()
            .map_or_else(String::new, |subject| format!("{}: ", escape(subject)));
        let _ = writeln!(
            text,
            "{style}{word:<7}{style:#}  {:<14}  {subject}{}",
            check.name,
            escape(&check.message)
        );
    }
    let count = |word: &str| counts.get(word).copied().unwrap_or(0);
    let _ = writeln!(
        text,
        "\n{} checks, {} errors, {} warnings",
        report.checks.len(),
        count("error"),
        count("warning")
    );
    text
}
