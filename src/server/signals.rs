//! What the user or the system asks of a server while it runs.

use tokio::sync::mpsc;

/// The signals from when this is made: to end (Ctrl-C, or SIGTERM where there is such a thing), and to read everything anew.
/// None of them is lost; one that arrives while this is being made may be, so make it before anybody knows that the program runs.
#[derive(Debug)]
pub struct Signals {
    ends: mpsc::UnboundedReceiver<()>,
    reloads: mpsc::UnboundedReceiver<()>,
}

impl Signals {
    /// Listens from now on; belongs on a tokio runtime.
    #[must_use]
    pub fn listen() -> Self {
        let (end, ends) = mpsc::unbounded_channel();
        let (reload, reloads) = mpsc::unbounded_channel();
        #[cfg(unix)]
        {
            use tokio::signal::unix::SignalKind;
            forward(SignalKind::interrupt(), end.clone());
            forward(SignalKind::terminate(), end);
            forward(SignalKind::hangup(), reload);
        }
        #[cfg(not(unix))]
        {
            drop(reload);
            tokio::spawn(async move {
                while tokio::signal::ctrl_c().await.is_ok() && end.send(()).is_ok() {}
            });
        }
        Self { ends, reloads }
    }

    /// Comes true at the next signal to end.
    pub async fn end(&mut self) {
        if self.ends.recv().await.is_none() {
            // No handler could be set: the signal ends the process by itself.
            std::future::pending::<()>().await;
        }
    }

    /// Takes the signals to read everything anew (SIGHUP).
    pub fn reloads(&mut self) -> mpsc::UnboundedReceiver<()> {
        let (_, none) = mpsc::unbounded_channel();
        std::mem::replace(&mut self.reloads, none)
    }
}

#[cfg(unix)]
fn forward(kind: tokio::signal::unix::SignalKind, send: mpsc::UnboundedSender<()>) {
    if let Ok(mut signal) = tokio::signal::unix::signal(kind) {
        tokio::spawn(
            async move { while signal.recv().await.is_some() && send.send(()).is_ok() {} },
        );
    }
}
