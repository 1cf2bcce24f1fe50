//! What others are asked, where the user wants it: the ChatHub API and the token endpoint.

use jiff::SignedDuration;

use super::args::DoctorArgs;
use super::check::{Check, Status, Topic};
use super::seen::Seen;
use crate::api::{Client, Credentials};
use crate::cli::say::with_causes;
use crate::live::{Reply, ask_endpoint};
use crate::report::Progress;
use crate::settings::{Config, Cookies, SecretSource};

/// How many organizations the endpoint is asked for.
const MOST: usize = 32;

/// What they say. Nothing where nobody was asked.
#[derive(Default)]
pub(super) struct Answers {
    /// How far the clocks of those who told the time are ahead of this machine's.
    pub(super) clocks: Vec<(String, SignedDuration)>,
    /// The organizations of the account, or why the API does not list them.
    organizations: Option<Result<Vec<(u64, String)>, String>>,
    /// What the token endpoint says.
    pub(super) endpoint: Option<Asked>,
}

/// An endpoint that was asked.
pub(super) struct Asked {
    pub(super) url: url::Url,
    /// Its replies by organization, or why there is none.
    pub(super) replies: Vec<(Option<String>, Result<Reply, String>)>,
}

impl Asked {
    /// Whether pages ask it that ask for this.
    pub(super) fn is_meant(&self, configured: &str) -> bool {
        self.url
            .join(configured)
            .is_ok_and(|configured| configured == self.url)
    }
}

impl Answers {
    /// Asks whom the user wants to be asked.
    pub(super) fn ask(seen: &Seen, args: &DoctorArgs) -> Self {
        let mut answers = if args.online {
            Self::of_api(seen)
        } else {
            Self::default()
        };
        answers.ask_endpoint(seen, args);
        answers
    }

    /// Asks the API which organizations there are, if there are credentials; and what time it is there.
    fn of_api(seen: &Seen) -> Self {
        let config = seen.config();
        let mut answers = Self::default();
        let trusted = seen.invalid.is_none() && config.trust(&["api"]).is_ok();
        if !trusted || (Credentials::are_absent(&config.api) && !run_a_command(config)) {
            return answers;
        }
        let _waiting = Progress::waiting(seen.settings.progress, "asking the ChatHub API");
        // That there are none, or none that can be read, has a line of its own.
        let Ok(Some(credentials)) = Credentials::find(&config.api) else {
            return answers;
        };
        let listed = list(config, credentials, &mut answers.clocks);
        answers.organizations = Some(listed.map_err(|error| with_causes(&error)));
        answers
    }

    /// Asks the endpoint once for each organization.
    fn ask_endpoint(&mut self, seen: &Seen, args: &DoctorArgs) {
        let config = seen.config();
        let configured = url::Url::parse(&config.placeholder.endpoint).ok();
        let configured = configured.filter(|_| args.online && config.may_need_runtime());
        let Some(url) = args.endpoint.clone().or(configured) else {
            return;
        };
        let _waiting = Progress::waiting(seen.settings.progress, "asking the token endpoint");
        let mut names: Vec<Option<String>> = config
            .organizations
            .keys()
            .take(MOST)
            .cloned()
            .map(Some)
            .collect();
        if names.is_empty() {
            names.push(None);
        }
        // Only pages of another origin have to be allowed.
        let origins = config.endpoint.origins.iter();
        let mut others = origins.filter(|origin| **origin != url.origin().ascii_serialization());
        let origin = others.next().map(String::as_str);
        let cookies = config.placeholder.cookies == Cookies::Include;
        let mut replies = Vec::new();
        for name in names {
            let reply = ask_endpoint(
                &url,
                name.as_deref(),
                origin.map(|origin| (origin, cookies)),
            );
            // Where nobody answers, nobody answers for the others either.
            let is_end = reply.is_err();
            replies.push((name.filter(|_| !is_end), reply));
            if is_end {
                break;
            }
        }
        let told = replies
            .iter()
            .find_map(|(_, reply)| reply.as_ref().ok()?.ahead);
        self.clocks
            .extend(told.map(|ahead| ("the endpoint's".to_owned(), ahead)));
        self.endpoint = Some(Asked { url, replies });
    }

    /// What the API says about the credentials and the configured organizations.
    pub(super) fn api(&self, config: &Config) -> Vec<Check> {
        let topic = Topic::Credentials;
        let url = &config.api.url;
        match &self.organizations {
            None => Vec::new(),
            Some(Err(why)) => {
                let message = format!("{url} does not take them: {why}");
                vec![Check::new(topic, Status::Error, message)]
            }
            Some(Ok(known)) => {
                let message = match known.len() {
                    1 => format!("{url} takes them; the account has 1 organization"),
                    n => format!("{url} takes them; the account has {n} organizations"),
                };
                let mut checks = vec![Check::new(topic, Status::Ok, message)];
                let listed = known.iter().map(|(id, name)| format!("{id} ({name})"));
                let listed = listed.collect::<Vec<_>>().join(", ");
                let strange = config.organizations.iter();
                let strange = strange.filter(|(_, own)| !known.iter().any(|(id, _)| *id == own.id));
                checks.extend(strange.map(|(name, own)| {
                    let message = format!(
                        "the account has no organization {}, which `{name}` is",
                        own.id
                    );
                    Check::new(topic, Status::Error, message).remedy(format!(
                        "Correct its id in chathub.toml; the account has {listed}."
                    ))
                }));
                checks
            }
        }
    }
}

/// Whether reading the credentials would run a command.
pub(super) fn run_a_command(config: &Config) -> bool {
    let sources = [
        ("CHATHUB_COMPANY_TOKEN", &config.api.company_token),
        ("CHATHUB_LOGIN", &config.api.login),
        ("CHATHUB_PASSWORD", &config.api.password),
    ];
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    sources.into_iter().any(|(variable, source)| {
        matches!(source, Some(SecretSource::Command(_))) && !is_set(variable)
    })
}

fn list(
    config: &Config,
    credentials: Credentials,
    clocks: &mut Vec<(String, SignedDuration)>,
) -> anyhow::Result<Vec<(u64, String)>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    #[cfg(feature = "endpoint")]
    if let Ok(Some(ahead)) = runtime.block_on(crate::endpoint::clock(&config.api.url)) {
        clocks.push(("the ChatHub API's".to_owned(), ahead));
    }
    #[cfg(not(feature = "endpoint"))]
    let _ = clocks;
    let client = Client::following(&config.api, credentials)?;
    let organizations = runtime.block_on(client.organizations())?;
    let organizations = organizations.into_iter();
    Ok(organizations.map(|one| (one.id, one.name)).collect())
}
