//! The one pipeline: walk × rules × page, in parallel, to one report per page in a fixed order.
//!
//! Every command is this pipeline with another [`Step`] at its end. What a page should look like is decided here
//! ([`Examiner::examine`]) and nowhere else.

mod alias;
mod assets;
mod consent;
mod content;
mod copies;
mod diff;
mod examine;
mod excerpt;
mod folder;
mod following;
mod held;
mod hosting;
mod in_use;
mod inject;
mod notes;
mod order;
mod policy;
mod render;
mod route_file;
mod routes;
mod run;
mod survey;
mod tags;
mod told;
mod whereabouts;
mod write;

pub use crate::store::Cancel;
pub use assets::{AssetError, Assets};
pub use examine::{Examined, Examiner, Purpose, Verdict};
pub use excerpt::{Excerpts, Places, place};
pub use folder::{BrokenRules, FolderFiles, FolderRules};
pub use following::{Followed, Following, Lost};
pub use held::AssetState;
pub use hosting::{consent_notice, hosting_notice};
pub use in_use::in_use;
pub use inject::{EndError, Ending, InjectStep};
pub use policy::{Forbidden, forbidden};
pub use render::render;
pub use routes::{ROUTES_NAME, RouteFile};
pub use run::{Choice, FOLDER_CONFIG, Found, Job, Selection, Step, Stepped, report, run};
pub use survey::{Survey, survey};
pub use tags::Tags;
pub use whereabouts::{Elsewhere, Whereabouts};
pub use write::phrases;
