//! `chathub operators`

use std::collections::BTreeSet;

use anyhow::bail;

use super::args::OperatorsArgs;
use super::{Account, table, write};
use crate::api::{NewOperator, Operator};
use crate::cli::ExitCode;
use crate::cli::say::say;
use crate::report::escape;

pub(in crate::cli) fn operators(args: &OperatorsArgs) -> anyhow::Result<ExitCode> {
    let account = Account::open(&args.account)?;
    let (organization, _) = account.organization(&args.org)?;
    let mut operators = account.wait(account.client.operators_of(organization))?;
    let new = new_operators(
        &args.add,
        organization,
        &operators,
        args.account.output.quiet,
    )?;
    // All names are looked up before anything is changed.
    let changes = args
        .status
        .iter()
        .map(|(named, status)| Ok((find(&operators, named)?, *status)))
        .collect::<anyhow::Result<Vec<_>>>()?;
    if !new.is_empty() {
        account.wait(account.client.synchronize(&new))?;
    }
    for (id, status) in &changes {
        account.wait(account.client.set_status(*id, *status))?;
    }
    if !new.is_empty() || !changes.is_empty() {
        operators = account.wait(account.client.operators(organization))?;
    }
    for (id, status) in changes {
        if !operators.iter().any(|o| o.id == id && o.status == status) {
            say(format_args!(
                "warning: the API accepted the change of operator {id} to {status} and does not list it so; the vendor \
                 does not document that call: see ChatHub's dashboard"
            ));
        }
    }
    let unlisted: Vec<&str> = new
        .iter()
        .map(|new| new.name.as_str())
        .filter(|name| operators.iter().all(|operator| operator.name != *name))
        .collect();
    for name in &unlisted {
        say(format_args!(
            "error: the API accepted operator `{}` and does not list it for the organization; see ChatHub's dashboard before \
             you add it again",
            escape(name)
        ));
    }
    write(args.account.output.format, &operators, |operators| {
        table(
            &["id", "name", "status"],
            operators.iter().map(|operator| {
                vec![
                    operator.id.to_string(),
                    operator.name.clone(),
                    operator.status.to_string(),
                ]
            }),
        )
    })?;
    Ok(if unlisted.is_empty() {
        ExitCode::Success
    } else {
        ExitCode::Api
    })
}

/// The operators to add: the API would add a name that is there a second time.
fn new_operators(
    names: &[String],
    organization: u64,
    operators: &[Operator],
    quiet: bool,
) -> anyhow::Result<Vec<NewOperator>> {
    let mut new = Vec::new();
    let mut seen = BTreeSet::new();
    for name in names {
        if name.trim().is_empty() {
            bail!("--add takes the name of an operator, and one is empty");
        }
        if let Some(there) = operators.iter().find(|operator| operator.name == *name) {
            if !quiet {
                say(format_args!(
                    "operator `{}` is there already: {}, {}",
                    escape(name),
                    there.id,
                    there.status
                ));
            }
        } else if seen.insert(name) {
            new.push(NewOperator {
                organization_id: organization,
                name: name.clone(),
            });
        }
    }
    Ok(new)
}

/// The id of the operator with this id or exact name, whatever its status.
fn find(operators: &[Operator], named: &str) -> anyhow::Result<u64> {
    let by_id = named.parse().ok();
    if let Some(operator) = operators.iter().find(|operator| Some(operator.id) == by_id) {
        return Ok(operator.id);
    }
    let ids: Vec<u64> = operators
        .iter()
        .filter(|operator| operator.name == named)
        .map(|operator| operator.id)
        .collect();
    match ids[..] {
        [id] => Ok(id),
        [] => bail!(
            "the organization has no operator `{named}`; the same command without --status lists them"
        ),
        _ => bail!("several operators are named `{named}`; name one by its id: {ids:?}"),
    }
}
