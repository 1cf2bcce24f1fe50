//! What other programs use; the crate page shows how.

mod error;
mod page;
mod policy;
mod run;
mod store;

pub use error::Error;
pub use page::{EditedPage, inject_page, remove_page};
pub use policy::{Policy, PolicyBuilder};
pub use run::{Reply, baseline, explain, inject, remove, verify};
pub use store::Store;
