//! Where pages get their tokens: asked where the user names it, as a visitor's browser asks it.

use super::asked::Answers;
use super::check::{Check, Status, Topic};
use super::seen::Seen;

const TOPIC: Topic = Topic::Endpoint;

pub(super) fn checks(seen: &Seen, answers: &Answers) -> Vec<Check> {
    let config = seen.config();
    let Some(asked) = &answers.endpoint else {
        if seen.invalid.is_some() {
            return Vec::new();
        }
        let message = if config.may_need_runtime() {
            let endpoint = &config.placeholder.endpoint;
            format!("pages ask {endpoint} for tokens; it was not asked")
        } else {
            "pages ask none for a token".to_owned()
        };
        return vec![Check::new(TOPIC, Status::Skipped, message)];
    };
    let mut checks = Vec::new();
    if seen.invalid.is_none() && !asked.is_meant(&config.placeholder.endpoint) {
        let endpoint = &config.placeholder.endpoint;
        let message = format!("pages ask {endpoint}, and this is {}", asked.url.path());
        let check = Check::new(TOPIC, Status::Warning, message);
        checks.push(check.remedy(
            "Set placeholder.endpoint to the path at which it answers, and run `chathub inject`.",
        ));
    }
    let mut refusing = Vec::new();
    let mut right = Vec::new();
    for (organization, reply) in &asked.replies {
        let named = organization.clone();
        let of = named.map_or_else(String::new, |name| format!("`{name}`: "));
        match reply {
            Err(why) => {
                let message = format!("{of}it cannot be asked: {why}");
                checks.push(Check::new(TOPIC, Status::Error, message).remedy(
                    "Start the endpoint, or correct the address; `chathub endpoint --check` tries all that it needs.",
                ));
            }
            Ok(reply) if matches!(reply.status, 401 | 403) => refusing.push(reply.status),
            Ok(reply) if reply.faults.is_empty() => right.push(organization),
            Ok(reply) => checks.extend(reply.faults.iter().map(|fault| {
                let check = Check::new(TOPIC, Status::Error, format!("{of}{fault}"));
                check.remedy(
                    "Let it answer as docs/own-endpoint.md says, or use `chathub endpoint`.",
                )
            })),
        }
    }
    let host = asked.url.host_str().unwrap_or_default();
    if let Some(status) = refusing.first() {
        let message = format!("{host} refuses visitors without a session ({status}), as it should");
        let check = Check::new(TOPIC, Status::Ok, message);
        checks.push(check.details(["whether those with a session get a token, it was not asked"]));
    }
    match right.len() {
        0 => {}
        1 => {
            let message = format!("{host} gives a token that is good for a chat");
            checks.push(Check::new(TOPIC, Status::Ok, message));
        }
        n => {
            let message = format!("{host} gives a token for each of {n} organizations");
            checks.push(Check::new(TOPIC, Status::Ok, message));
        }
    }
    checks
}
