//! What a run does with the pages that the driver hands on: write them, say what is wrong with them, or take notes.
//!
//! Each command is one [`Step`](crate::run::Step). What several of them need stands beside them: the runtime's files, the
//! route file, where the site is published, what policies forbid.

mod assets;
mod consent;
mod copies;
mod diff;
mod following;
mod held;
mod hosting;
mod in_use;
mod inject;
mod notes;
mod policy;
mod render;
mod route_file;
mod routes;
mod survey;
mod told;
pub mod verify;
mod whereabouts;
mod write;

pub use assets::{AssetError, Assets};
pub use following::{Followed, Following, Lost};
pub use held::AssetState;
pub use hosting::{consent_notice, hosting_notice};
pub use in_use::in_use;
pub use inject::{EndError, Ending, InjectStep};
pub use policy::{Forbidden, forbidden};
pub use render::render;
pub use routes::{ROUTES_NAME, RouteFile};
pub use survey::{Survey, survey};
pub use whereabouts::{Elsewhere, Whereabouts};
pub use write::phrases;
