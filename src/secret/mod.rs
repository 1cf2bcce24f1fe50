//! Secrets from where the configuration says: the environment, a file, or a program's output. None of them may take for ever,
//! or all memory.

mod bounded;

use std::env;
use std::fs;
use std::io;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use secrecy::{ExposeSecret, SecretString};

use crate::redact;
use crate::settings::SecretSource;

use bounded::{MOST, Patience, ReadError, TIME};

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
    /// It is not UTF-8.
    #[error("{0} is not text (UTF-8)")]
    Binary(String),
    /// There is more than any secret has.
    #[error("{0} has more than {kib} KiB, more than any secret; check that it is the right one", kib = MOST >> 10)]
    TooLong(String),
    /// It did not come to an end.
    #[error("{0} did not finish within {seconds} s; try it by hand", seconds = TIME.as_secs())]
    TooSlow(String),
    /// Nobody wants it any more.
    #[error("{0} was stopped before it had finished")]
    Stopped(String),
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
    read_unless(source, &AtomicBool::new(false))
}

/// The same, unless `stopped` comes true meanwhile: then a program that is running is killed.
///
/// # Errors
///
/// See [`SecretError`]. No message shows what was read.
pub fn read_unless(
    source: &SecretSource,
    stopped: &AtomicBool,
) -> Result<SecretString, SecretError> {
    let secret = read_name_unless(source, stopped)?;
    redact::register(&secret);
    Ok(secret)
}

/// The same for what is kept like a secret and may be shown, such as a login name: pages may hold it.
///
/// # Errors
///
/// See [`SecretError`]. No message shows what was read.
pub fn read_name_unless(
    source: &SecretSource,
    stopped: &AtomicBool,
) -> Result<SecretString, SecretError> {
    let trouble = |trouble, io: fn(String, io::Error) -> SecretError, shown: String| match trouble {
        ReadError::Io(error) => io(shown, error),
        ReadError::TooLong => SecretError::TooLong(name(source)),
        ReadError::TooSlow => SecretError::TooSlow(name(source)),
        ReadError::Stopped => SecretError::Stopped(name(source)),
    };
    let patience = Patience::new(stopped);
    let (bytes, empty): (_, fn(String) -> SecretError) = match source {
        SecretSource::Env(variable) => {
            return match env::var(variable) {
                Ok(value) if value.is_empty() => Err(SecretError::Unset(variable.clone())),
                Ok(value) if value.len() > MOST => Err(SecretError::TooLong(variable.clone())),
                Ok(value) => Ok(value.into()),
                Err(env::VarError::NotPresent) => Err(SecretError::Unset(variable.clone())),
                Err(env::VarError::NotUnicode(_)) => Err(SecretError::NotText(variable.clone())),
            };
        }
        SecretSource::File(file) => {
            let bytes = bounded::file(file, patience)
                .map_err(|error| trouble(error, SecretError::File, name(source)))?;
            (bytes, SecretError::EmptyFile)
        }
        SecretSource::Command(words) => {
            let program = program(words);
            let mut command = Command::new(&program);
            command
                .args(words.iter().skip(1))
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::inherit());
            let (bytes, status) = bounded::output(&mut command, patience)
                .map_err(|error| trouble(error, SecretError::Run, program.clone()))?;
            if !status.success() {
                return Err(SecretError::Exit(program, status));
            }
            (bytes, SecretError::NoOutput)
        }
    };
    let text = String::from_utf8(bytes).map_err(|_| SecretError::Binary(name(source)))?;
    let secret = last_line_break_off(&text);
    if secret.expose_secret().is_empty() {
        return Err(empty(match source {
            SecretSource::Command(words) => program(words),
            source => name(source),
        }));
    }
    Ok(secret)
}

/// Reads without holding up other tasks, as [`read_unless`] does: a caller that stops waiting stops the programs that are read from.
/// None if it has come to no end.
pub async fn in_background<T: Send + 'static>(
    reading: impl FnOnce(&AtomicBool) -> T + Send + 'static,
) -> Option<T> {
    struct Stop(Arc<AtomicBool>);
    impl Drop for Stop {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Relaxed);
        }
    }
    let stop = Stop(Arc::default());
    let stopped = Arc::clone(&stop.0);
    tokio::task::spawn_blocking(move || reading(&stopped))
        .await
        .ok()
}

/// Why a secret is not there: a variable that is not set, a file that does not exist. None if it is, or cannot be known: no
/// command is run for this, and nothing taken out of a pipe.
#[must_use]
pub fn absence(source: &SecretSource) -> Option<SecretError> {
    match source {
        SecretSource::Command(_) => None,
        SecretSource::File(file) if fs::metadata(file).is_ok_and(|file| !file.is_file()) => None,
        source => read(source).err().filter(SecretError::is_absence),
    }
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
