//! From an organization to an operator token that has been seen to work.

use std::time::Duration;

use jiff::Timestamp;

use super::client::Client;
use super::error::ApiError;
use super::types::{Operator, OperatorToken, Organization, Status, Validity};
use crate::settings;
use crate::token::LONGEST_LIFETIME;

/// A token, and whose it is.
#[derive(Debug, Clone)]
pub struct Minted {
    /// The token.
    pub token: OperatorToken,
    /// Its operator.
    pub operator: Operator,
}

/// Why an organization gets no token.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MintError {
    /// A call failed.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// The company has no such organization.
    #[error("the company has no organization {id}; it has {known}; use one of these ids")]
    NoOrganization {
        /// The id.
        id: u64,
        /// Those that it has.
        known: String,
    },
    /// The organization has no such operator.
    #[error(
        "organization {organization} has no operator {wanted}; it has {known}; use one of these"
    )]
    NoOperator {
        /// The organization's id.
        organization: u64,
        /// As it was asked for.
        wanted: String,
        /// Those that it has.
        known: String,
    },
    /// Several operators have the name.
    #[error(
        "organization {organization} has several active operators {wanted}: {known}; name one by its id"
    )]
    Ambiguous {
        /// The organization's id.
        organization: u64,
        /// The name.
        wanted: String,
        /// Those that have it.
        known: String,
    },
    /// The operator that was asked for is not active, or none is.
    #[error(
        "organization {organization} has no active operator{wanted}; it has {known}; activate one in ChatHub's \
         dashboard, or by `chathub operators --org {organization} --status ID=active`"
    )]
    NotActive {
        /// The organization's id.
        organization: u64,
        /// The name or id with a space in front; empty if any would have done.
        wanted: String,
        /// Those that it has.
        known: String,
    },
    /// The API lists only operators of other organizations.
    #[error(
        "the API lists operator {operator} for organization {organization} and says that it belongs to {owner}: a token of \
         it would open another organization's chat; check the organization's id, which `chathub orgs` lists"
    )]
    Strangers {
        /// The organization's id.
        organization: u64,
        /// The first of them.
        operator: u64,
        /// The organization that it belongs to.
        owner: String,
    },
    /// The API minted a token and does not accept it.
    #[error(
        "the API does not accept the token that it has just minted for operator {operator}: {error}; try again"
    )]
    Rejected {
        /// The operator's id.
        operator: u64,
        /// What the API says about it.
        error: String,
    },
}

impl MintError {
    /// Whether the configuration names something that is not there, as opposed to trouble with the API or the account.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        match self {
            Self::Api(error) => error.is_usage(),
            Self::NoOrganization { .. } | Self::NoOperator { .. } | Self::Ambiguous { .. } => true,
            _ => false,
        }
    }
}

impl Client {
    /// A token for an organization's operator (see [`operator_for`](Self::operator_for)) that lives this long, 24 hours
    /// at most, and that the API says is valid.
    pub async fn token_for(
        &self,
        organization: u64,
        operator: Option<&settings::Operator>,
        lifetime: Duration,
    ) -> Result<Minted, MintError> {
        let operator = self.operator_for(organization, operator).await?;
        if lifetime > LONGEST_LIFETIME {
            return Err(ApiError::Lifetime.into());
        }
        let token = self.mint(operator.id, self.expiry(lifetime)).await?;
        let rejected = |error| MintError::Rejected {
            operator: operator.id,
            error,
        };
        let validity = self.validate(token.secret()).await?;
        let token = judge(&token, operator.id, validity, self.now()).map_err(rejected)?;
        Ok(Minted { token, operator })
    }

    /// A token that was minted earlier, for the operator of this id or for any, as far as it is still fit to be given out; or why
    /// it is not.
    pub async fn still(
        &self,
        token: &OperatorToken,
        operator: Option<u64>,
    ) -> Result<Result<OperatorToken, String>, ApiError> {
        let validity = self.validate(token.secret()).await?;
        let whose = match &validity {
            Validity::Valid { operator, .. } => *operator,
            Validity::Invalid { .. } => 0,
        };
        let now = self.now();
        Ok(judge(token, operator.unwrap_or(whose), validity, now))
    }

    /// The organization's operator with this id or exact name; if none is asked for, the first active one.
    pub async fn operator_for(
        &self,
        organization: u64,
        wanted: Option<&settings::Operator>,
    ) -> Result<Operator, MintError> {
        let operators = self.operators_of(organization).await?;
        choose(organization, operators, wanted)
    }

    /// The operators of an organization, whatever their status; an error that says so if there is no such organization.
    /// Those that the API lists for it and that are another's are left out.
    pub async fn operators_of(&self, organization: u64) -> Result<Vec<Operator>, MintError> {
        let operators = match self.operators(organization).await {
            Ok(operators) if !operators.is_empty() => return own(organization, operators),
            Err(error) if !error.may_be_unknown() => return Err(error.into()),
            unclear => unclear,
        };
        self.confirm(organization).await?;
        Ok(operators?)
    }

    /// An error if the company has no such organization.
    async fn confirm(&self, id: u64) -> Result<(), MintError> {
        let organizations = self.organizations().await?;
        if organizations.iter().any(|known| known.id == id) {
            return Ok(());
        }
        let known = organizations
            .iter()
            .map(|Organization { id, name }| format!("{id} ({name})"));
        let known = list(known);
        Err(MintError::NoOrganization { id, known })
    }
}

/// A token that the API handed out, by what it says about it: the same operator's, and valid for as long as both say.
fn judge(
    token: &OperatorToken,
    operator: u64,
    validity: Validity,
    now: Timestamp,
) -> Result<OperatorToken, String> {
    match validity {
        Validity::Invalid { error } => Err(error),
        Validity::Valid { operator: id, .. } if id != operator => {
            Err(format!("it is operator {id}'s"))
        }
        Validity::Valid { expires_at, .. } => {
            let expires_at = expires_at.map_or(token.expires_at(), |at| at.min(token.expires_at()));
            if expires_at <= now {
                return Err(format!("it expired at {expires_at}"));
            }
            Ok(OperatorToken::new(token.secret().clone(), expires_at))
        }
    }
}

/// Those of the listed operators that are the organization's.
fn own(organization: u64, listed: Vec<Operator>) -> Result<Vec<Operator>, MintError> {
    let of = |operator: &Operator| operator.organization.as_ref().map(|of| of.id);
    let (own, strangers): (Vec<_>, Vec<_>) = listed
        .into_iter()
        .partition(|operator| of(operator).is_none_or(|id| id == organization));
    for stranger in &strangers {
        tracing::warn!(
            "the API lists operator {} for organization {organization}, and it belongs to {}: it is passed over",
            stranger.id,
            of(stranger).unwrap_or_default()
        );
    }
    match strangers.first() {
        Some(stranger) if own.is_empty() => Err(MintError::Strangers {
            organization,
            operator: stranger.id,
            owner: stranger
                .organization
                .as_ref()
                .map_or_else(String::new, |Organization { id, name }| {
                    format!("organization {id} ({name})")
                }),
        }),
        _ => Ok(own),
    }
}

fn choose(
    organization: u64,
    operators: Vec<Operator>,
    wanted: Option<&settings::Operator>,
) -> Result<Operator, MintError> {
    let known = list(
        operators
            .iter()
            .map(|o| format!("{} ({}, {})", o.id, o.name, o.status)),
    );
    let fits = |operator: &Operator| match wanted {
        None => true,
        Some(settings::Operator::Id(id)) => operator.id == *id,
        Some(settings::Operator::Name(name)) => operator.name == *name,
    };
    let shown = match wanted {
        None => String::new(),
        Some(settings::Operator::Id(id)) => id.to_string(),
        Some(settings::Operator::Name(name)) => format!("`{name}`"),
    };
    let mut fitting = operators.into_iter().filter(fits).peekable();
    if fitting.peek().is_none() && wanted.is_some() {
        return Err(MintError::NoOperator {
            organization,
            wanted: shown,
            known,
        });
    }
    let mut active = fitting.filter(|operator| operator.status == Status::Active);
    match (active.next(), active.next()) {
        (Some(operator), None) => Ok(operator),
        (Some(operator), Some(_)) if wanted.is_none() => Ok(operator),
        (Some(_), Some(_)) => Err(MintError::Ambiguous {
            organization,
            wanted: shown,
            known,
        }),
        (None, _) => Err(MintError::NotActive {
            organization,
            wanted: wanted.map_or_else(String::new, |_| format!(" {shown}")),
            known,
        }),
    }
}

/// The first few of a list, as a phrase.
fn list(items: impl ExactSizeIterator<Item = String>) -> String {
    const SHOWN: usize = 10;
    let more = items.len().saturating_sub(SHOWN);
    let shown: Vec<String> = items.take(SHOWN).collect();
    match (shown.is_empty(), more) {
        (true, _) => "none".to_owned(),
        (false, 0) => shown.join(", "),
        (false, more) => format!("{} and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use jiff::SignedDuration;

    use super::*;

    fn operator(id: u64, name: &str, status: Status) -> Operator {
        Operator {
            id,
            name: name.to_owned(),
            status,
            organization: None,
        }
    }

    #[test]
    fn the_first_active_operator_or_the_one_that_is_named() {
        let operators = || {
            vec![
                operator(1, "Olena", Status::Inactive),
                operator(2, "Taras", Status::Active),
                operator(3, "Olena", Status::Active),
                operator(4, "Desk", Status::Active),
                operator(5, "Desk", Status::Active),
                operator(6, "Former", Status::Deleted),
            ]
        };
        let id = |id| Some(settings::Operator::Id(id));
        let name = |name: &str| Some(settings::Operator::Name(name.to_owned()));
        let chosen = |wanted: Option<settings::Operator>| {
            choose(24, operators(), wanted.as_ref()).map(|operator| operator.id)
        };
        assert_eq!(chosen(None).unwrap(), 2);
        assert_eq!(chosen(id(5)).unwrap(), 5);
        assert_eq!(chosen(name("Taras")).unwrap(), 2);
        assert_eq!(chosen(name("Olena")).unwrap(), 3);
        let error = |wanted| chosen(wanted).unwrap_err();
        assert!(matches!(error(name("Desk")), MintError::Ambiguous { .. }));
        assert!(matches!(error(name("desk")), MintError::NoOperator { .. }));
        assert!(matches!(error(id(7)), MintError::NoOperator { .. }));
        assert!(matches!(error(id(6)), MintError::NotActive { .. }));
        let none = choose(24, Vec::new(), None).unwrap_err();
        assert!(matches!(none, MintError::NotActive { .. }), "{none}");
        assert!(none.to_string().contains("it has none"), "{none}");
    }

    #[test]
    fn operators_of_other_organizations_are_nobodys_choice() {
        let listed = |ids: &[(u64, Option<u64>)]| {
            ids.iter()
                .map(|(id, of)| Operator {
                    organization: of.map(|id| Organization {
                        id,
                        name: "Sales".to_owned(),
                    }),
                    ..operator(*id, "Desk", Status::Active)
                })
                .collect::<Vec<_>>()
        };
        let ids = |own: Vec<Operator>| own.iter().map(|o| o.id).collect::<Vec<_>>();
        let some = own(6, listed(&[(1, Some(24)), (2, Some(6)), (3, None)])).unwrap();
        assert_eq!(ids(some), [2, 3]);
        let none = own(6, listed(&[(1, Some(24))])).unwrap_err();
        assert!(
            none.to_string().contains("organization 24 (Sales)"),
            "{none}"
        );
        assert!(own(6, Vec::new()).unwrap().is_empty());
    }

    #[test]
    fn a_token_is_the_operators_and_valid_for_as_long_as_the_api_says() {
        let now: Timestamp = "2026-01-20T14:00:00Z".parse().unwrap();
        let later = |hours| now + SignedDuration::from_hours(hours);
        let judged = |operator, expires_at| {
            let token = OperatorToken::new("t".into(), later(24));
            let validity = Validity::Valid {
                operator,
                expires_at,
            };
            judge(&token, 7, validity, now).map(|token| token.expires_at())
        };
        assert_eq!(judged(7, None), Ok(later(24)));
        assert_eq!(judged(7, Some(later(1))), Ok(later(1)));
        assert_eq!(judged(7, Some(later(48))), Ok(later(24)));
        assert!(judged(7, Some(now)).unwrap_err().contains("expired"));
        assert!(judged(8, None).unwrap_err().contains("operator 8"));
    }

    #[test]
    fn long_lists_are_cut() {
        let items = |n: u32| {
            list(
                (0..n)
                    .map(|i| i.to_string())
                    .collect::<Vec<_>>()
                    .into_iter(),
            )
        };
        assert_eq!(items(0), "none");
        assert_eq!(items(2), "0, 1");
        assert!(items(12).ends_with("9 and 2 more"));
    }
}
