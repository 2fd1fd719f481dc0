//! JSON for programs: the report itself, and its schema.

use super::Report;
use serde::Serialize;

/// Any of the house's results as indented JSON with a final newline.
pub fn pretty(value: &impl Serialize) -> Result<String, serde_json::Error> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}

/// The JSON schema of [`Report`] (draft 2020-12).
pub fn report_schema() -> Result<String, serde_json::Error> {
    pretty(&schemars::schema_for!(Report))
}
