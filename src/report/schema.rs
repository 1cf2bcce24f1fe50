//! The JSON Schema of the `json` and `ndjson` formats, generated from their structs.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;

use super::json::Document;
use super::ndjson::Line;

/// What one run of `chathub inject`, `remove` or `verify` did to a site: the whole output of `--format json`, and
/// each line of `--format ndjson`.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(title = "chathub report, version 1")]
#[allow(dead_code)] // Stands for the two formats in the schema; the reporters write their parts one by one.
enum Report<'a> {
    Document(Document<'a>),
    Line(Line<'a>),
}

/// The schema, as checked in at `schemas/report-v1.schema.json`.
#[must_use]
pub fn report_schema() -> serde_json::Value {
    SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<Report<'_>>()
        .to_value()
}
