//! Why a site cannot be judged where it is served.

/// Why a run over a URL cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// It is not the address of a site.
    #[error("{url} cannot be verified: {why}")]
    Address {
        /// The address, without a login.
        url: String,
        /// What is wrong with it.
        why: String,
    },
    /// Nothing can be run for it.
    #[error("cannot prepare the connections: {0}")]
    Setup(String),
    /// The server does not answer.
    #[error("{origin} cannot be reached: {why}")]
    Unreachable {
        /// Where it should be.
        origin: String,
        /// What the system or the server says.
        why: String,
    },
    /// The whole site is somewhere else.
    #[error("{from} redirects to {to}, and a run stays on one origin; verify {to}/ instead")]
    Elsewhere {
        /// The origin that was asked.
        from: String,
        /// The one to ask.
        to: String,
    },
    /// Its robots.txt lets nobody in, or cannot be had.
    #[error("{0}")]
    Robots(String),
    /// The user asked to stop.
    #[error("the run was interrupted")]
    Interrupted,
}

impl LiveError {
    /// Whether the server is the reason, not what the user typed.
    #[must_use]
    pub fn is_servers(&self) -> bool {
        matches!(self, Self::Unreachable { .. })
    }

    /// Whether the user asked to stop.
    #[must_use]
    pub fn is_interrupt(&self) -> bool {
        matches!(self, Self::Interrupted)
    }
}
