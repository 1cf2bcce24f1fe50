//! What a run does with the pages that the driver hands on: write them, say what is wrong with them, or take notes.
//!
//! Each command is one [`Step`](crate::run::Step). What several of them need stands beside them: the runtime's files, the
//! route file, where the site is published, what policies forbid.

mod asset_folder;
mod assets;
mod base_path;
mod beginning;
mod consent;
mod copies;
mod diff;
mod explain;
mod following;
mod hosting;
mod in_use;
mod inject;
mod lists;
mod notes;
mod ours;
mod policies;
mod policy;
mod render;
mod route_file;
mod routes;
mod survey;
pub mod verify;
mod write;

pub use asset_folder::AssetState;
pub use assets::{AssetError, Assets};
pub use base_path::{BasePath, OtherBase};
pub use diff::unified;
pub use explain::{ExplainStep, Explanation, TriedRule};
pub use following::{Followed, Following, Lost};
pub use hosting::{consent_notice, hosting_notice};
pub use in_use::in_use;
pub use inject::{EndError, Ending, InjectStep};
pub use policies::{Gathered, PolicyStep};
pub use policy::{
    Block, Forbidden, Lack, Served, forbidden, forbidden_by, needed, on_pages, sources,
};
pub use render::render;
pub use routes::{ROUTES_NAME, RouteFile};
pub use survey::{Survey, survey};
pub use write::phrases;
