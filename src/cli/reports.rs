//! Small files: reports and plans, written whole or not at all.

use super::failure::Failure;
use automaster::audio::AudioError;
use automaster::error::Error;
use automaster::report::Report;
use automaster::report::files;
pub(crate) use automaster::report::files::ReportFormat;
use std::path::{Path, PathBuf};

/// Writes the report to every file. Errors: a file cannot be written, or was made by somebody else in the meantime.
pub(crate) fn write(report: &Report, reports: &[(PathBuf, ReportFormat)], overwrite: bool) -> Result<(), Failure> {
    reports.iter().try_for_each(|(path, format)| write_text(path, &format.text(report), overwrite))
}

/// Writes a text under a temporary name, then gives it its own. Errors: it cannot be written; without `overwrite`, the name was
/// taken since that was looked at.
pub(crate) fn write_text(path: &Path, text: &str, overwrite: bool) -> Result<(), Failure> {
    files::write_text(path, text, overwrite).map_err(|error| match error {
        Error::Audio(AudioError::Exists { .. }) => Failure::usage(
            format!("{}: was made by another program meanwhile", path.display()),
            "choose another name, or add --overwrite",
        ),
        other => Failure::unexpected(path, format!("cannot be written: {other}")),
    })
}

/// Where the reports are, for a person.
pub(crate) fn places(files: &[(PathBuf, ReportFormat)]) -> String {
    files.iter().map(|(path, _)| format!("report {}\n", path.display())).collect()
}
