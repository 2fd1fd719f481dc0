//! Small files: reports and plans, written whole or not at all.

use super::failure::Failure;
use super::guard;
use automaster::report::{Report, html, json, markdown};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Formats of a report file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReportFormat {
    /// For programs.
    Json,
    /// For people, with pictures.
    Html,
    /// For people, as plain text.
    Markdown,
}

/// Writes the report to every file. Errors: a file cannot be written, or was made by somebody else in the meantime.
pub(crate) fn write(report: &Report, files: &[(PathBuf, ReportFormat)], overwrite: bool) -> Result<(), Failure> {
    for (path, format) in files {
        let text = match format {
            ReportFormat::Json => json::pretty(report)?,
            ReportFormat::Html => html::report(report),
            ReportFormat::Markdown => markdown::report(report),
        };
        write_text(path, &text, overwrite)?;
    }
    Ok(())
}

/// Writes a text under a temporary name, then gives it its own. Errors: it cannot be written; without `overwrite`, the name was
/// taken since that was looked at.
pub(crate) fn write_text(path: &Path, text: &str, overwrite: bool) -> Result<(), Failure> {
    let written = || -> std::io::Result<()> {
        let mut file = tempfile::Builder::new().prefix(".automaster-").tempfile_in(guard::folder(path))?;
        file.write_all(text.as_bytes())?;
        share(file.as_file())?;
        if overwrite {
            file.persist(path)?
        } else {
            file.persist_noclobber(path)?
        };
        Ok(())
    };
    written().map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => Failure::usage(
            format!("{}: was made by another program meanwhile", path.display()),
            "choose another name, or add --overwrite",
        ),
        _ => Failure::unexpected(path, format!("cannot be written: {error}")),
    })
}

/// Temporary files are private; a report is as public as any new file.
#[cfg(unix)]
fn share(file: &std::fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn share(_: &std::fs::File) -> std::io::Result<()> {
    Ok(())
}

/// Where the reports are, for a person.
pub(crate) fn places(files: &[(PathBuf, ReportFormat)]) -> String {
    files.iter().map(|(path, _)| format!("report {}\n", path.display())).collect()
}
