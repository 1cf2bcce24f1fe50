//! A token to publish, and the run that it is for.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use jiff::Timestamp;
use secrecy::SecretString;

use crate::api::OperatorToken;
use crate::token;

/// A token that is fit to be published.
#[derive(Debug)]
pub struct Token {
    /// The token itself.
    pub secret: SecretString,
    /// Enough of it to tell it from others.
    pub shown: String,
    /// When it expires, as people read it.
    pub expires: String,
    /// The same as a time, if it is known.
    pub expires_at: Option<Timestamp>,
}

impl From<OperatorToken> for Token {
    fn from(token: OperatorToken) -> Self {
        Self {
            secret: token.secret().clone(),
            shown: token.shown(),
            expires: token::date(token.expires_at().as_second()),
            expires_at: Some(token.expires_at()),
        }
    }
}

/// The run that tokens are for.
pub trait Run {
    /// The folder that is published.
    fn site(&self) -> &Path;

    /// Those of the organizations that pages of the site use. This may take as long as reading the site does.
    ///
    /// # Errors
    ///
    /// If the site cannot be read.
    fn in_use(&self, organizations: BTreeSet<String>) -> io::Result<BTreeSet<String>>;

    /// Hears that the ChatHub API is being asked about an organization's token.
    fn asking(&self, organization: &str);
}
