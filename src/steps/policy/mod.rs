//! What Content-Security-Policies forbid of what a page's chat needs: those in the page itself, and those
//! that its host sends.
//!
//! Browsers obey a policy in a page from its `meta` on: a tag before it still loads, and all that the runtime does afterwards is judged by
//! it. What the vendor's widget itself needs, only the configuration can tell.

mod blocking;
mod meta;
mod needs;
mod sent;
mod served;

pub(in crate::steps) use meta::Blocked;
pub use meta::{Forbidden, forbidden, needed};
pub use needs::{Lack, sources};
pub use sent::forbidden_by;
pub use served::{Block, Served, on_pages};
