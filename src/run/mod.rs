//! The driver: store × rules × page, in parallel, to one report per page in a fixed order.
//!
//! Every command that reads a site is this with another [`Step`] at its end. What a page should look like is decided here
//! ([`Examiner::examine`]) and nowhere else.

mod alias;
mod batches;
mod conceal;
mod content;
mod driver;
mod examine;
mod folder;
mod lines;
mod order;
mod step;
mod tags;

pub use driver::{Choice, FOLDER_CONFIG, Found, Job, Selection, report, run};
pub use examine::{Examined, Examiner, Purpose, Verdict};
pub use folder::{BrokenRules, FolderFiles, FolderRules, Told};
pub use lines::{LineIndex, place};
pub use step::{Step, Stepped};
pub use tags::{NO_CHAT, Tags};
