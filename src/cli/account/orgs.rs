//! `chathub orgs`

use serde::Serialize;

use super::args::OrgsArgs;
use super::{Account, table, write};
use crate::cli::ExitCode;

/// An organization, and what `chathub.toml` calls it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    id: u64,
    name: String,
    /// Its names in `chathub.toml`.
    configured_as: Vec<String>,
}

pub(in crate::cli) fn orgs(args: &OrgsArgs) -> anyhow::Result<ExitCode> {
    let account = Account::open(&args.account)?;
    let organizations = account.wait(account.client.organizations())?;
    let configured = |id| {
        let all = account.config.organizations.iter();
        let names = all.filter(|(_, organization)| organization.id == id);
        names.map(|(name, _)| name.clone()).collect()
    };
    let rows: Vec<Row> = organizations
        .into_iter()
        .map(|organization| Row {
            configured_as: configured(organization.id),
            id: organization.id,
            name: organization.name,
        })
        .collect();
    write(args.account.output.format, &rows, |rows| {
        table(
            &["id", "name", "in chathub.toml"],
            rows.iter().map(|row| {
                vec![
                    row.id.to_string(),
                    row.name.clone(),
                    row.configured_as.join(", "),
                ]
            }),
        )
    })?;
    Ok(ExitCode::Success)
}
