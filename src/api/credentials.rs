//! What the company proves itself with.

use std::env;
use std::fmt;
use std::sync::atomic::AtomicBool;

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use crate::redact;
use crate::secret::{self, SecretError};
use crate::settings::{Api, SecretSource};

const COMPANY_TOKEN: &str = "CHATHUB_COMPANY_TOKEN";
const LOGIN: &str = "CHATHUB_LOGIN";
const PASSWORD: &str = "CHATHUB_PASSWORD";

/// The company's credential, held in memory only. `Debug` prints `[redacted]`.
#[derive(Clone)]
pub enum Credentials {
    /// A company token, as the dashboard or `get-token` hands it out.
    CompanyToken(SecretString),
    /// What a company token can be had for.
    Login {
        /// The login.
        login: SecretString,
        /// Its password.
        password: SecretString,
    },
}

/// Why there are no usable credentials.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialsError {
    /// A source is there and does not give its secret.
    #[error("cannot get the {what}: {source}")]
    Source {
        /// What it would be.
        what: &'static str,
        /// Why not.
        source: SecretError,
    },
    /// Half of a pair.
    #[error(
        "there is a {0} and no {1}; set both CHATHUB_LOGIN and CHATHUB_PASSWORD, or `login` and `password` in [api]"
    )]
    Half(&'static str, &'static str),
    /// Something that no token holds.
    #[error(
        "the company token contains {0}, which no token contains; give the bare token, without quotes and line breaks"
    )]
    Malformed(&'static str),
}

impl Credentials {
    /// The credentials of this environment: `CHATHUB_COMPANY_TOKEN`, else `CHATHUB_LOGIN` and `CHATHUB_PASSWORD`; where
    /// a variable is unset or empty, the source that `[api]` names for it. None: there are none, not even one that is
    /// named and missing.
    ///
    /// # Errors
    ///
    /// A source that is there and cannot be read, a login without a password, a company token that cannot be one.
    pub fn find(api: &Api) -> Result<Option<Self>, CredentialsError> {
        Self::find_unless(api, &AtomicBool::new(false))
    }

    /// The same, unless `stopped` comes true meanwhile.
    pub(super) fn find_unless(
        api: &Api,
        stopped: &AtomicBool,
    ) -> Result<Option<Self>, CredentialsError> {
        let value = |what, variable, source: &Option<SecretSource>| {
            value(what, variable, source.as_ref(), stopped)
        };
        let company = value("company token", COMPANY_TOKEN, &api.company_token)?;
        if let Some(token) = company {
            if let Some(found) = malformed(token.expose_secret()) {
                return Err(CredentialsError::Malformed(found));
            }
            return Ok(Some(Self::CompanyToken(token)));
        }
        let login = value("login", LOGIN, &api.login)?;
        let password = value("password", PASSWORD, &api.password)?;
        match (login, password) {
            (Some(login), Some(password)) => Ok(Some(Self::Login { login, password })),
            (None, None) => Ok(None),
            (Some(_), None) => Err(CredentialsError::Half("login", "password")),
            (None, Some(_)) => Err(CredentialsError::Half("password", "login")),
        }
    }

    /// Whether there are certainly none: no variable is set, and no source is named but variables and files that are
    /// not there. Runs no command.
    #[must_use]
    pub fn are_absent(api: &Api) -> bool {
        let variables = [COMPANY_TOKEN, LOGIN, PASSWORD];
        let sources = [&api.company_token, &api.login, &api.password];
        !variables.into_iter().any(is_set)
            && sources
                .into_iter()
                .flatten()
                .all(|source| secret::absence(source).is_some())
    }

    /// What to do where there are none, and what is the matter with the sources that are named.
    #[must_use]
    pub fn advice(api: &Api) -> String {
        let sources = [&api.company_token, &api.login, &api.password];
        let absent: Vec<String> = sources
            .into_iter()
            .flatten()
            .filter_map(secret::absence)
            .map(|why| why.to_string())
            .collect();
        if absent.is_empty() {
            "set CHATHUB_COMPANY_TOKEN, or CHATHUB_LOGIN and CHATHUB_PASSWORD, or name their sources in [api]".to_owned()
        } else {
            format!(
                "of their sources in [api], {}; CHATHUB_COMPANY_TOKEN is not set either",
                absent.join(", and ")
            )
        }
    }

    /// Where they come from in this environment, as messages call it.
    #[must_use]
    pub fn origin(&self, api: &Api) -> String {
        let of = |variable: &str, source: &Option<SecretSource>| match source {
            Some(source) if !is_set(variable) => secret::name(source),
            _ => variable.to_owned(),
        };
        match self {
            Self::CompanyToken(_) => of(COMPANY_TOKEN, &api.company_token),
            Self::Login { .. } => {
                let (login, password) = (of(LOGIN, &api.login), of(PASSWORD, &api.password));
                format!("{login} and {password}")
            }
        }
    }

    /// The secrets themselves, for masking them wherever they turn up.
    #[must_use]
    pub fn secrets(&self) -> Vec<&SecretString> {
        match self {
            Self::CompanyToken(token) => vec![token],
            Self::Login { login, password } => vec![login, password],
        }
    }

    /// Takes our secrets, also the one in hand, and everybody's tokens out of what the API says.
    pub(super) fn mask(&self, text: &str, token: Option<&SecretString>) -> String {
        let mut text = redact::mask(text);
        for secret in self.secrets().into_iter().chain(token) {
            let secret = secret.expose_secret();
            // As it is, and as it is written inside a JSON string.
            let quoted = json!(secret).to_string();
            for form in [&quoted[1..quoted.len() - 1], secret] {
                if !form.is_empty() {
                    text = text.replace(form, "…");
                }
            }
        }
        text
    }
}

impl PartialEq for Credentials {
    fn eq(&self, other: &Self) -> bool {
        let exposed = |credentials: &Self| -> Vec<String> {
            let secrets = credentials.secrets().into_iter();
            secrets.map(|s| s.expose_secret().to_owned()).collect()
        };
        exposed(self) == exposed(other)
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Whether a variable is set to anything; an empty one is as good as none, as the secrets of forks' builds are.
fn is_set(variable: &str) -> bool {
    env::var_os(variable).is_some_and(|value| !value.is_empty())
}

fn value(
    what: &'static str,
    variable: &str,
    source: Option<&SecretSource>,
    stopped: &AtomicBool,
) -> Result<Option<SecretString>, CredentialsError> {
    let variable = is_set(variable).then(|| SecretSource::Env(variable.to_owned()));
    let Some(source) = variable.as_ref().or(source) else {
        return Ok(None);
    };
    // A login is a name that pages may hold, too.
    let read = match what {
        "login" => secret::read_name_unless,
        _ => secret::read_unless,
    };
    match read(source, stopped) {
        Ok(secret) => Ok(Some(secret)),
        Err(error) if error.is_absence() => Ok(None),
        Err(source) => Err(CredentialsError::Source { what, source }),
    }
}

/// What in a text cannot stand in an HTTP header, or was pasted along.
fn malformed(token: &str) -> Option<&'static str> {
    if token.contains(['\n', '\r']) {
        Some("a line break")
    } else if token.contains(['"', '\'']) {
        Some("a quote")
    } else if token.contains(char::is_whitespace) {
        Some("white space")
    } else if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        Some("a character outside ASCII's printable ones")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing() {
        let login = Credentials::Login {
            login: "me@example.com".into(),
            password: "correct horse".into(),
        };
        assert_eq!(format!("{login:?}"), "[redacted]");
        let token = Credentials::CompanyToken("abc".into());
        assert_eq!(format!("{:?}", Some(token)), "Some([redacted])");
    }

    #[test]
    fn a_company_token_fits_into_a_header() {
        assert_eq!(malformed("eyJ-_.~+/="), None);
        for wrong in ["a\nb", "\"a\"", "a b", "é", "a\u{7f}"] {
            assert!(malformed(wrong).is_some(), "{wrong}");
        }
    }
}
