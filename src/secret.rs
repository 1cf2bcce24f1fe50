//! Secrets from where the configuration says: the environment, a file, or a program's output.

use std::env;
use std::fs;
use std::io;
use std::process::{Command, ExitStatus, Stdio};

use secrecy::{ExposeSecret, SecretString};

use crate::config::SecretSource;

/// Why a source does not give its secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// The variable is not set, or empty, as secrets are in the builds of forks.
    #[error("the environment variable {0} is not set; set it in the step that runs chathub")]
    Unset(String),
    /// The variable is not UTF-8.
    #[error("the environment variable {0} is not text")]
    NotText(String),
    /// The file cannot be read.
    #[error("{0}: {1}")]
    File(String, io::Error),
    /// The program cannot be started.
    #[error("`{0}` cannot be run: {1}")]
    Run(String, io::Error),
    /// The program says that it failed.
    #[error("`{0}` failed ({1}); run it by hand to see why")]
    Exit(String, ExitStatus),
    /// There is nothing in it.
    #[error("{0} is empty")]
    Empty(String),
}

impl SecretError {
    /// Whether the secret is simply not there, as opposed to there and out of reach.
    #[must_use]
    pub fn is_absence(&self) -> bool {
        match self {
            Self::Unset(_) => true,
            Self::File(_, error) => error.kind() == io::ErrorKind::NotFound,
            _ => false,
        }
    }
}

/// Reads a secret. Of a file or a program's output, the last line break is not part of it.
///
/// # Errors
///
/// See [`SecretError`]. No message shows what was read.
pub fn read(source: &SecretSource) -> Result<SecretString, SecretError> {
    let secret = match source {
        SecretSource::Env(variable) => match env::var(variable) {
            Ok(value) if value.is_empty() => return Err(SecretError::Unset(variable.clone())),
            Ok(value) => value.into(),
            Err(env::VarError::NotPresent) => return Err(SecretError::Unset(variable.clone())),
            Err(env::VarError::NotUnicode(_)) => {
                return Err(SecretError::NotText(variable.clone()));
            }
        },
        SecretSource::File(file) => {
            let text = fs::read_to_string(file)
                .map_err(|error| SecretError::File(file.display().to_string(), error))?;
            last_line_break_off(&text)
        }
        SecretSource::Command(command) => last_line_break_off(run(command)?.expose_secret()),
    };
    if secret.expose_secret().is_empty() {
        return Err(SecretError::Empty(name(source)));
    }
    Ok(secret)
}

/// Whether a secret is certainly not there: a variable that is not set, a file that does not exist. What a command
/// would say is only known once it has run.
#[must_use]
pub fn is_absent(source: &SecretSource) -> bool {
    match source {
        SecretSource::Env(variable) => env::var_os(variable).is_none_or(|value| value.is_empty()),
        SecretSource::File(file) => matches!(file.try_exists(), Ok(false)),
        SecretSource::Command(_) => false,
    }
}

fn run(command: &[String]) -> Result<SecretString, SecretError> {
    let program = command.first().cloned().unwrap_or_default();
    let output = Command::new(&program)
        .args(command.iter().skip(1))
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| SecretError::Run(program.clone(), error))?;
    if !output.status.success() {
        return Err(SecretError::Exit(program, output.status));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned().into())
}

/// What a source is called in messages.
#[must_use]
pub fn name(source: &SecretSource) -> String {
    match source {
        SecretSource::Env(variable) => variable.clone(),
        SecretSource::File(file) => file.display().to_string(),
        SecretSource::Command(command) => {
            format!("the output of `{}`", command.first().map_or("", |p| p))
        }
    }
}

fn last_line_break_off(text: &str) -> SecretString {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text).into()
}
