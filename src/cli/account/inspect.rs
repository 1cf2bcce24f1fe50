//! `chathub token inspect`

use std::fmt::Write as _;

use anyhow::anyhow;
use jiff::Timestamp;
use secrecy::ExposeSecret;
use serde::Serialize;
use serde_json::{Map, Value};

use super::args::InspectArgs;
use super::input::read;
use super::{remaining, write};
use crate::cli::ExitCode;
use crate::cli::say::say;
use crate::cli::settings::colour_errors;
use crate::report::escape;
use crate::token::{self, DEVELOPMENT_TOKEN, Judge, Unfit};

/// What a token says about itself. Its signature is not part of it: without that it is of no use to anybody.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Content {
    header: Map<String, Value>,
    claims: Map<String, Value>,
    issued_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
    /// Seconds until it expires; negative: since it did.
    remaining: Option<i64>,
    /// What is wrong with it, one sentence each.
    problems: Vec<String>,
}

pub(super) fn inspect(args: &InspectArgs) -> anyhow::Result<ExitCode> {
    colour_errors(args.color);
    let token = read(&args.input)?;
    let text = token.expose_secret();
    if text == DEVELOPMENT_TOKEN {
        say("this is the vendor's development token: no credential, and accepted on loopback only");
        return Ok(ExitCode::Findings);
    }
    let content = match content(text) {
        Ok(content) => content,
        Err(why) => {
            say(format_args!("this token cannot work: {why}"));
            return Ok(ExitCode::Findings);
        }
    };
    write(args.format, &content, human)?;
    Ok(if content.problems.is_empty() {
        ExitCode::Success
    } else {
        ExitCode::Findings
    })
}

fn content(token: &str) -> anyhow::Result<Content> {
    let claimed = token::inspect(token)?;
    let (header, claims) =
        token::content(token).ok_or_else(|| anyhow!("its claims are not a JSON object"))?;
    let time = |seconds: Option<i64>| Timestamp::from_second(seconds?).ok();
    let now = Timestamp::now().as_second();
    let problem = Judge::at(now).judge(token).err().map(|why| match why {
        // When stands above.
        Unfit::Expired(_) => "it has expired".to_owned(),
        Unfit::TooLong(_) => {
            "it claims to live longer than 24 hours, which the API does not allow".to_owned()
        }
        other => other.to_string(),
    });
    Ok(Content {
        header,
        claims,
        issued_at: time(claimed.issued_at),
        expires_at: time(claimed.expires_at),
        remaining: claimed.expires_at.map(|at| at - now),
        problems: problem.into_iter().collect(),
    })
}

fn human(content: &Content) -> String {
    let mut text = String::new();
    for (title, part) in [("header", &content.header), ("claims", &content.claims)] {
        let _ = writeln!(text, "{title}");
        for (name, value) in part {
            let value = match value {
                Value::String(value) => value.clone(),
                other => other.to_string(),
            };
            let _ = writeln!(text, "  {}: {}", escape(name), escape(&value));
        }
    }
    for (title, time) in [
        ("issued ", content.issued_at),
        ("expires", content.expires_at),
    ] {
        if let Some(time) = time {
            let seconds = time.as_second();
            let _ = writeln!(
                text,
                "{title}  {} ({})",
                token::date(seconds),
                remaining(seconds)
            );
        }
    }
    for problem in &content.problems {
        let _ = writeln!(text, "problem: {problem}");
    }
    text
}
