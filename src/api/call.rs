//! The calls that the API has.

use std::fmt;

use reqwest::Method;

/// One of the API's calls. Displays as `POST /api/operator/get-token`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// A company token for a login and a password.
    CompanyToken,
    /// The company's organizations.
    Organizations,
    /// The operators of an organization.
    Operators,
    /// A token for an operator.
    OperatorToken,
    /// Whether an operator token is valid.
    Validate,
    /// Adds operators to organizations.
    Synchronize,
    /// Changes an operator's status.
    Status,
}

impl Call {
    pub(super) fn method(self) -> Method {
        match self {
            Self::Organizations | Self::Operators => Method::GET,
            _ => Method::POST,
        }
    }

    /// The path, relative to the API's address.
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::CompanyToken => "api/company/get-token",
            Self::Organizations => "api/company/organization",
            Self::Operators => "api/operator",
            Self::OperatorToken => "api/operator/get-token",
            Self::Validate => "api/operator/validate-token",
            Self::Synchronize => "api/operator/synchronize",
            Self::Status => "api/operator/status",
        }
    }

    /// Whether it hands out a token: the API wants a second between two of these.
    pub(super) fn is_authentication(self) -> bool {
        matches!(self, Self::CompanyToken | Self::OperatorToken)
    }

    /// Whether making it twice is as good as once. `synchronize` would add an operator of the same name again.
    pub(super) fn is_repeatable(self) -> bool {
        self != Self::Synchronize
    }

    /// What to do about a refusal with this HTTP status.
    pub(super) fn remedy(self, status: u16) -> &'static str {
        match (self, status) {
            (Self::CompanyToken, 400 | 401 | 403) => {
                "check CHATHUB_LOGIN and CHATHUB_PASSWORD, or set CHATHUB_COMPANY_TOKEN"
            }
            (Self::OperatorToken, 400) => {
                "check that the operator is there and active, and this machine's clock: a token may live 24 hours at most"
            }
            (Self::Operators, 400 | 404) => {
                "check the organization's id; `chathub orgs` lists them"
            }
            (Self::OperatorToken | Self::Status, 404) => {
                "check the operator's id; `chathub operators --org ID` lists them"
            }
            (Self::Status, 400) => {
                "the body of this call is not documented: change the status in ChatHub's dashboard"
            }
            (_, 400) => "the API does not accept the request; see whether a newer chathub does",
            (_, 401) => "check CHATHUB_COMPANY_TOKEN: it is wrong or has expired",
            (_, 403) => {
                "check that the credential is the company's, not an operator's, and has the right to do this"
            }
            (_, 429) => "the API is busy; try again later",
            (_, 500..) => "the API is in trouble; try again later",
            _ => "check the API's address: `url` in [api], or CHATHUB_API_URL",
        }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} /{}", self.method(), self.path())
    }
}
