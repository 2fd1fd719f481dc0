//! Small files: reports and plans, written whole or not at all.

use super::failure::Failure;
use automaster::report::Report;
use automaster::report::files;
pub(crate) use automaster::report::files::ReportFormat;
use std::path::{Path, PathBuf};

/// Writes the report to every file. Errors: a file cannot be written.
pub(crate) fn write(report: &Report, reports: &[(PathBuf, ReportFormat)]) -> Result<(), Failure> {
    reports.iter().try_for_each(|(path, format)| write_text(path, &format.text(report)))
}

/// Writes a text under a temporary name, then gives it its own. Errors: it cannot be written.
pub(crate) fn write_text(path: &Path, text: &str) -> Result<(), Failure> {
    files::write_text(path, text).map_err(|error| Failure::unexpected(path, format!("cannot be written: {error}")))
}

/// Where the reports are, for a person.
pub(crate) fn places(files: &[(PathBuf, ReportFormat)]) -> String {
    files.iter().map(|(path, _)| format!("report {}\n", path.display())).collect()
}
