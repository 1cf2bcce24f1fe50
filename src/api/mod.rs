//! The ChatHub API: organizations, operators, and the operator tokens that widgets need.
//!
//! [`Client`] makes the calls of the vendor's public documentation, gently: it keeps to the rate limits, repeats what
//! failed for a passing reason, and sends its credential over https (or to this machine) and to one origin alone.
//! It is asynchronous and belongs on a tokio runtime; one client serves any number of tasks.

mod call;
mod client;
mod clock;
mod credentials;
mod error;
mod failure;
mod mint;
mod pace;
mod reply;
mod retry;
mod session;
mod transport;
mod types;

pub use call::Call;
pub use client::Client;
pub use credentials::{Credentials, CredentialsError};
pub use error::ApiError;
#[cfg(any(feature = "endpoint", feature = "live"))]
pub(crate) use failure::{connect_timeout, innermost, too_slow};
pub use mint::{MintError, Minted};
#[cfg(any(feature = "endpoint", feature = "live"))]
pub(crate) use retry::{date, retry_after};
#[cfg(feature = "live")]
pub(crate) use transport::is_loopback;
#[cfg(any(feature = "endpoint", feature = "live"))]
pub(crate) use transport::{built, http_client};
pub use types::{NewOperator, Operator, OperatorToken, Organization, Status, Validity};
