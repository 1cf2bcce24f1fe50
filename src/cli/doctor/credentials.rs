//! What mints tokens: whether it is there, readable, well-formed, out of sight of others, and not about to expire. It is never shown.

use std::path::Path;

use jiff::Timestamp;
use secrecy::ExposeSecret as _;

use super::asked::{Answers, run_a_command};
use super::check::{Check, Status, Topic, sentence};
use super::seen::Seen;
use crate::api::Credentials;
use crate::cli::machine::open_mode;
use crate::cli::settings::shorten;
use crate::secret;
use crate::settings::{Config, IfNoCredentials, Mode, SecretSource};
use crate::token;
use crate::tokens;

const TOPIC: Topic = Topic::Credentials;

/// From when on it is said that a company token is about to expire, in seconds.
const SOON: i64 = 7 * 24 * 3600;

pub(super) fn checks(seen: &Seen, online: bool, answers: &Answers) -> Vec<Check> {
    let config = seen.config();
    let mut checks = files(config, seen.site.as_deref().ok());
    if config.trust(&["api", "organizations"]).is_err() {
        let message = "not read, since the configuration belongs to another user";
        checks.push(Check::new(TOPIC, Status::Skipped, message));
        return checks;
    }
    checks.push(company(seen, online));
    if config.mode == Mode::Static {
        checks.extend(tokens(config, seen.site.as_deref().ok(), online));
    }
    checks.extend(answers.api(config));
    checks
}

/// Whether something here has to mint tokens.
fn is_needed(config: &Config) -> bool {
    let mut organizations = config.organizations.values();
    config.mode == Mode::Static && organizations.any(|own| own.token.is_none())
}

/// The company's credential.
fn company(seen: &Seen, online: bool) -> Check {
    let config = seen.config();
    if run_a_command(config) && !online {
        let message = "a command gives them, which is not run unless you ask for it (--online)";
        return Check::new(TOPIC, Status::Skipped, message);
    }
    let credentials = match Credentials::find(&config.api) {
        Ok(Some(credentials)) => credentials,
        Ok(None) if seen.invalid.is_some() => {
            let message = "none in the environment; whether they are needed, chathub.toml must say";
            return Check::new(TOPIC, Status::Skipped, message);
        }
        Ok(None) if !is_needed(config) => {
            let message = match config.mode {
                Mode::Placeholder => {
                    "none here, and none are needed: the token endpoint has its own"
                }
                Mode::Static => "none here, and none are needed: each organization has a token",
            };
            return Check::new(TOPIC, Status::Skipped, message);
        }
        Ok(None) if config.api.if_no_credentials == IfNoCredentials::Skip => {
            let message =
                "none here, so inject leaves every page as it is (if-no-credentials = \"skip\")";
            return Check::new(TOPIC, Status::Warning, message).remedy(format!(
                "To have chats, {}.",
                Credentials::advice(&config.api)
            ));
        }
        Ok(None) => {
            let message = "none here, and inject needs them to mint tokens in static mode";
            let advice = Credentials::advice(&config.api);
            return Check::new(TOPIC, Status::Error, message).remedy(sentence(&advice));
        }
        Err(error) => {
            let text = error.to_string();
            let (what, remedy) = text.split_once("; ").unwrap_or((&text, ""));
            return Check::new(TOPIC, Status::Error, what).remedy(sentence(remedy));
        }
    };
    let origin = credentials.origin(&config.api);
    match &credentials {
        Credentials::CompanyToken(token) => expiry(token.expose_secret(), &origin),
        Credentials::Login { .. } => Check::new(
            TOPIC,
            Status::Ok,
            format!("login and password, from {origin}"),
        ),
    }
}

/// When the company token expires, if it says so.
fn expiry(text: &str, origin: &str) -> Check {
    let at = token::inspect(text)
        .ok()
        .and_then(|claims| claims.expires_at);
    let Some(at) = at else {
        let message = format!("a company token from {origin}, which does not say when it expires");
        return Check::new(TOPIC, Status::Ok, message);
    };
    let left = at - Timestamp::now().as_second();
    let date = token::date(at);
    if left <= 0 {
        let message = format!("the company token from {origin} expired at {date}");
        Check::new(TOPIC, Status::Error, message)
            .remedy("Get a new one from the ChatHub dashboard.")
    } else if left < SOON {
        let message = format!("the company token from {origin} expires at {date}");
        Check::new(TOPIC, Status::Warning, message)
            .remedy("Get a new one from the ChatHub dashboard before that.")
    } else {
        let message = format!("a company token from {origin}, valid until {date}");
        Check::new(TOPIC, Status::Ok, message)
    }
}

/// The tokens that static mode publishes, where they have a source of their own.
fn tokens(config: &Config, site: Option<&Path>, online: bool) -> Vec<Check> {
    let site = site.unwrap_or(Path::new("."));
    let check = |name: &str, source: &SecretSource| {
        if matches!(source, SecretSource::Command(_)) && !online {
            let message =
                format!("a command gives the token of `{name}`, which is not run (--online)");
            return Check::new(TOPIC, Status::Skipped, message);
        }
        match tokens::token(source, site) {
            Ok(token) => {
                let message = format!("the token of `{name}` is valid until {}", token.expires);
                Check::new(TOPIC, Status::Ok, message)
            }
            Err(error) => {
                let skip = config.api.if_no_credentials == IfNoCredentials::Skip
                    && secret::absence(source).is_some();
                let status = if skip { Status::Warning } else { Status::Error };
                let text = error.to_string();
                let (what, remedy) = text.split_once("; ").unwrap_or((&text, ""));
                let message = format!("the token of `{name}`: {what}");
                Check::new(TOPIC, status, message).remedy(sentence(remedy))
            }
        }
    };
    let organizations = config.organizations.iter();
    let sources = organizations.filter_map(|(name, own)| Some((name, own.token.as_ref()?)));
    sources.map(|(name, source)| check(name, source)).collect()
}

/// Files with secrets: who else may read them, and whether they are published.
fn files(config: &Config, site: Option<&Path>) -> Vec<Check> {
    let api = &config.api;
    let sources = [&api.company_token, &api.login, &api.password];
    let tokens = config.organizations.values().map(|own| &own.token);
    let sources = sources.into_iter().chain(tokens).flatten();
    let mut checks = Vec::new();
    for source in sources {
        let SecretSource::File(file) = source else {
            continue;
        };
        let name = shorten(file).display().to_string();
        if let Some(Err(error)) = site.map(|site| tokens::outside(source, site)) {
            let check = Check::new(TOPIC, Status::Error, error.to_string());
            checks.push(check.remedy(format!(
                "Move {name} out of the site, and revoke what was in it."
            )));
        }
        if let Ok(Err(mode)) = open_mode(file, 0o007) {
            let message = format!("everybody on this machine can use {name} (mode {mode:03o})");
            let check = Check::new(TOPIC, Status::Error, message);
            checks.push(check.remedy(format!("Run `chmod o-rwx {name}`.")));
        }
    }
    checks
}
