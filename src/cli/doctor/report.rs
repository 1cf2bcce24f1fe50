//! All that the doctor says, as one document.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;

use super::check::{Check, Status};
use crate::settings::FailOn;

/// Version of the document; a change that could break a reader makes a new one.
const SCHEMA_VERSION: u32 = 1;

/// What is right and what is wrong between a folder and a working chat: the output of `chathub doctor --format json`.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "chathub doctor, version 1")]
pub(super) struct Report {
    /// Version of this schema.
    pub schema_version: u32,
    /// Version of chathub.
    pub version: &'static str,
    /// Nothing is wrong that fails the command: it exits with 0.
    pub ok: bool,
    /// The site's folder; null: there is none.
    pub site: Option<String>,
    /// All checks, by topic: what comes first decides about what follows.
    pub checks: Vec<Check>,
    /// How many checks came to what.
    pub summary: Summary,
}

/// How many checks came to what.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Summary {
    /// Those that found nothing wrong.
    pub ok: usize,
    /// What was not looked at.
    pub skipped: usize,
    /// What is worth knowing.
    pub notes: usize,
    /// What is probably wrong.
    pub warnings: usize,
    /// What is wrong.
    pub errors: usize,
}

impl Report {
    pub(super) fn new(site: Option<String>, checks: Vec<Check>, fail_on: FailOn) -> Self {
        let count = |status| checks.iter().filter(|check| check.status == status).count();
        Self {
            schema_version: SCHEMA_VERSION,
            version: env!("CARGO_PKG_VERSION"),
            ok: !checks.iter().any(|check| check.status.fails(fail_on)),
            site,
            summary: Summary {
                ok: count(Status::Ok),
                skipped: count(Status::Skipped),
                notes: count(Status::Note),
                warnings: count(Status::Warning),
                errors: count(Status::Error),
            },
            checks,
        }
    }
}

/// The schema, as checked in at `schemas/doctor-v1.schema.json`.
#[must_use]
pub fn schema() -> serde_json::Value {
    SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<Report>()
        .to_value()
}
