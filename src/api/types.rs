//! What the API talks about.

use std::fmt;

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};

use crate::token;

/// An organization of the company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
    /// Its id.
    pub id: u64,
    /// Its name.
    pub name: String,
}

/// An operator: who chats on the organization's side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operator {
    /// Its id.
    pub id: u64,
    /// Its name, which another operator may have, too.
    pub name: String,
    /// Whether it can be used.
    pub status: Status,
    /// Its organization; the reply to `synchronize` leaves it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<Organization>,
}

/// An operator's status. The API writes it as a number, we as a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(from = "i64")]
pub enum Status {
    /// 0
    Active,
    /// 1
    Inactive,
    /// 2
    Deleted,
    /// A number that the documentation does not name.
    Unknown(i64),
}

impl From<i64> for Status {
    fn from(number: i64) -> Self {
        match number {
            0 => Self::Active,
            1 => Self::Inactive,
            2 => Self::Deleted,
            number => Self::Unknown(number),
        }
    }
}

impl From<Status> for i64 {
    fn from(status: Status) -> Self {
        match status {
            Status::Active => 0,
            Status::Inactive => 1,
            Status::Deleted => 2,
            Status::Unknown(number) => number,
        }
    }
}

impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Deleted => "deleted",
            Self::Unknown(_) => "unknown",
        })
    }
}

/// An operator to be added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewOperator {
    /// The id of its organization.
    pub organization_id: u64,
    /// Its name.
    pub name: String,
}

/// An operator token: the credential that a widget works with, for 24 hours at most.
#[derive(Clone)]
pub struct OperatorToken {
    secret: SecretString,
    expires_at: Timestamp,
}

impl OperatorToken {
    /// A token that expires at this time.
    #[must_use]
    pub fn new(secret: SecretString, expires_at: Timestamp) -> Self {
        Self { secret, expires_at }
    }

    /// The token itself.
    #[must_use]
    pub fn secret(&self) -> &SecretString {
        &self.secret
    }

    /// When it stops being valid.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// Enough of it to tell it from others, too little to use.
    #[must_use]
    pub fn shown(&self) -> String {
        token::shorten(self.secret.expose_secret())
    }
}

impl fmt::Debug for OperatorToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OperatorToken")
            .field("secret", &format_args!("[redacted]"))
            .field("expires_at", &self.expires_at)
            .finish()
    }
}

/// What the API says about an operator token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Validity {
    /// It is valid.
    Valid {
        /// Whose it is.
        operator: u64,
        /// Until when; not every reply says so.
        expires_at: Option<Timestamp>,
    },
    /// It is not.
    Invalid {
        /// Why, in the API's words, on one line.
        error: String,
    },
}
