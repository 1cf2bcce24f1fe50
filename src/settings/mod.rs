//! `chathub.toml`: discovery, layers, merging, and errors with line and column.
//!
//! [`load`] turns files, environment and flags ([`Inputs`]) into one [`Config`]; [`load_folder`] reads the rules
//! that a folder of the site carries. Every mistake is reported with its place and the way out ([`ConfigError`]), and no
//! message ever shows a secret.

mod attribute;
mod baseline;
mod check;
mod check_runtime;
mod config;
mod csp;
mod customer;
mod distrusted;
mod draft;
mod endpoint;
mod entry;
mod error;
mod file;
mod glob;
mod inputs;
mod kind;
mod language;
mod load;
mod mask;
mod model;
mod nearest;
mod organization;
mod overrides;
mod placeholder;
mod rule;
mod secret;
mod section;

mod source;
mod table;
#[cfg(test)]
mod testing;
mod trust;
mod url;
mod value;
mod whole;

pub use baseline::{BASELINE_VERSION, BaselineEntry, read_baseline};
pub use check::parse_duration;
pub use config::{
    Api, Config, CustomerWidget, Derived, Pages, Verify, Widget, rows, setting_names,
};
pub use customer::{Customer, OrganizationWidget};
pub use distrusted::Distrusted;
pub use endpoint::{Endpoint, Listen};
pub use error::{ConfigError, ProblemLine};
pub use glob::{BadGlob, compile_glob, literal_readings};
pub use inputs::{Flag, Inputs};
pub use kind::Kind;
pub use language::{language_fault, matches_language};
pub use load::{Layer, load, load_folder, load_layers};
pub use model::{
    FailOn, Header, IfNoCredentials, InsertPosition, Level, Manifests, Mode, Operator, RuleSpec,
    SecretSource, Siblings, Wants,
};
pub use nearest::nearest;
pub use organization::Organization;
pub use overrides::Override;
pub use placeholder::{
    Cookies, DEFAULT_ASSET_DIR, EARLIER_ASSET_DIR, Load, Placeholder, Refresh, Texts, Ui, Wording,
    WriteRoutes,
};
pub use source::{FileLine, Overruled};
pub use table::{FlagName, Setting, commands};
