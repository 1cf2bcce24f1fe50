//! What systemd learns, if it started the program: <https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html>.
//! Where it did not, nothing happens.

/// Requests are answered from now on.
pub(super) fn ready(status: &str) {
    tell(Word::Ready(status));
}

/// The configuration is being read again; [`ready`] ends it.
pub(super) fn reloading() {
    tell(Word::Reloading);
}

/// The end has begun.
pub(super) fn stopping() {
    tell(Word::Stopping);
}

#[derive(Clone, Copy)]
enum Word<'a> {
    Ready(&'a str),
    Reloading,
    Stopping,
    Alive,
}

#[cfg(unix)]
fn tell(word: Word<'_>) {
    use sd_notify::NotifyState;
    let told = match word {
        Word::Ready(status) => {
            sd_notify::notify(&[NotifyState::Ready, NotifyState::Status(status)])
        }
        Word::Reloading => NotifyState::monotonic_usec_now()
            .and_then(|now| sd_notify::notify(&[NotifyState::Reloading, now])),
        Word::Stopping => sd_notify::notify(&[NotifyState::Stopping]),
        Word::Alive => sd_notify::notify(&[NotifyState::Watchdog]),
    };
    if let Err(error) = told {
        tracing::debug!(error.message = %error, "the service manager cannot be notified");
    }
}

#[cfg(not(unix))]
fn tell(word: Word<'_>) {
    let (Word::Ready(_) | Word::Reloading | Word::Stopping | Word::Alive) = word;
}

/// Says again and again that the program is not stuck, if the service manager wants to hear it. Runs where requests run:
/// when those hang, so does this.
pub(super) async fn keep_watchdog() {
    #[cfg(unix)]
    if let Some(most) = sd_notify::watchdog_enabled() {
        loop {
            tell(Word::Alive);
            tokio::time::sleep(most / 2).await;
        }
    }
    #[cfg(not(unix))]
    tell(Word::Alive);
}
