//! `chathub token`

use anyhow::{Context, bail};
use jiff::Timestamp;
use secrecy::ExposeSecret;
use serde::Serialize;

use super::args::{CacheCommand, GetArgs, TokenCommand, ValidateArgs};
use super::input::read;
use super::inspect::inspect;
use super::{Account, remaining, write};
use crate::api::Validity;
use crate::cli::{ExitCode, generate};
use crate::report::escape;
use crate::settings::Operator;
use crate::token;
use crate::tokens::Cache;

pub(in crate::cli) fn token(command: &TokenCommand) -> anyhow::Result<ExitCode> {
    match command {
        TokenCommand::Get(args) => get(args),
        TokenCommand::Validate(args) => validate(args),
        TokenCommand::Inspect(args) => inspect(args),
        TokenCommand::Cache(CacheCommand::Clear) => clear(),
    }
}

/// A token with what belongs to it. This is the one document that holds a whole token: it was asked for.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Got {
    token: String,
    expires_at: Timestamp,
    operator_id: u64,
    organization_id: u64,
}

fn get(args: &GetArgs) -> anyhow::Result<ExitCode> {
    let account = Account::open(&args.account)?;
    let named = args
        .org
        .as_deref()
        .or(account.config.unnamed_organization());
    let (organization, configured) = match named {
        Some(named) => account.organization(named)?,
        None => (account.only_organization()?, None),
    };
    let asked = args.operator.as_ref().map(|named| match named.parse() {
        Ok(id) => Operator::Id(id),
        Err(_) => Operator::Name(named.clone()),
    });
    let operator = asked
        .as_ref()
        .or_else(|| configured.and_then(|configured| configured.operator.as_ref()));
    let minting = account
        .client
        .token_for(organization, operator, args.expires_in);
    let minted = account.wait(minting)?;
    tracing::info!(
        "minted {} for operator {} ({}), valid until {}",
        minted.token.shown(),
        minted.operator.id,
        minted.operator.name.escape_debug(),
        token::date(minted.token.expires_at().as_second())
    );
    let got = Got {
        token: minted.token.secret().expose_secret().to_owned(),
        expires_at: minted.token.expires_at(),
        operator_id: minted.operator.id,
        organization_id: organization,
    };
    write(args.account.output.format, &got, |got| {
        format!("{}\n", got.token)
    })?;
    Ok(ExitCode::Success)
}

/// What the API says about a token, in its own shape.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Judgement {
    valid: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    operator_id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

fn validate(args: &ValidateArgs) -> anyhow::Result<ExitCode> {
    let account = Account::open(&args.account)?;
    let token = read(&args.input)?;
    let judgement = match account.wait(account.client.validate(&token))? {
        Validity::Valid {
            operator,
            expires_at,
        } => Judgement {
            valid: true,
            operator_id: Some(operator),
            expires_at,
            error: None,
        },
        Validity::Invalid { error } => Judgement {
            valid: false,
            operator_id: None,
            expires_at: None,
            error: Some(error),
        },
    };
    write(args.account.output.format, &judgement, |judgement| {
        let operator = judgement
            .operator_id
            .map_or_else(String::new, |id| format!(": operator {id}"));
        let until = judgement.expires_at.map_or_else(String::new, |time| {
            let seconds = time.as_second();
            format!(", until {} ({})", token::date(seconds), remaining(seconds))
        });
        match &judgement.error {
            None => format!("valid{operator}{until}\n"),
            Some(error) => format!("not valid: {}\n", escape(error)),
        }
    })?;
    Ok(if judgement.valid {
        ExitCode::Success
    } else {
        ExitCode::Findings
    })
}

fn clear() -> anyhow::Result<ExitCode> {
    let Some(cache) = Cache::of_user() else {
        bail!("there is no cache: neither XDG_CACHE_HOME nor HOME is set");
    };
    let cleared = cache
        .clear()
        .with_context(|| format!("{cache} cannot be cleared"))?;
    let text = match cleared {
        1 => format!("1 token deleted from {cache}\n"),
        n => format!("{n} tokens deleted from {cache}\n"),
    };
    generate::print(text.as_bytes())
}
