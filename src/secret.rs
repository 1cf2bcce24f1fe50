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
    /// There is nothing in the file, as where a secret that is not there was written to it.
    #[error("{0} is empty")]
    EmptyFile(String),
    /// The program printed nothing.
    #[error("the output of `{0}` is empty")]
    NoOutput(String),
}

impl SecretError {
    /// Whether the secret is simply not there, as opposed to there and out of reach.
    #[must_use]
    pub fn is_absence(&self) -> bool {
        match self {
            Self::Unset(_) | Self::EmptyFile(_) => true,
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
            let secret = last_line_break_off(&text);
            if secret.expose_secret().is_empty() {
                return Err(SecretError::EmptyFile(file.display().to_string()));
            }
            secret
        }
        SecretSource::Command(command) => {
            let secret = last_line_break_off(run(command)?.expose_secret());
            if secret.expose_secret().is_empty() {
                return Err(SecretError::NoOutput(program(command)));
            }
            secret
        }
    };
    Ok(secret)
}

/// Why a secret is not there: a variable that is not set, a file that does not exist. None if it is, or cannot be known:
/// no command is run for this.
#[must_use]
pub fn absence(source: &SecretSource) -> Option<SecretError> {
    match source {
        SecretSource::Command(_) => None,
        source => read(source).err().filter(SecretError::is_absence),
    }
}

fn run(command: &[String]) -> Result<SecretString, SecretError> {
    let program = program(command);
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

fn program(command: &[String]) -> String {
    command.first().cloned().unwrap_or_default()
}

/// What a source is called in messages.
#[must_use]
pub fn name(source: &SecretSource) -> String {
    match source {
        SecretSource::Env(variable) => variable.clone(),
        SecretSource::File(file) => file.display().to_string(),
        SecretSource::Command(command) => {
            format!("the output of `{}`", program(command))
        }
    }
}

fn last_line_break_off(text: &str) -> SecretString {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text).into()
}
