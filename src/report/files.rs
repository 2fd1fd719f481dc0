//! Reports and other small texts as files, written whole or not at all.

use super::{Report, html, json, markdown};
use crate::audio::AudioError;
use crate::audio::temporary::Temporary;
use crate::error::Error;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Formats of a report file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportFormat {
    /// For programs.
    Json,
    /// For people, with pictures.
    Html,
    /// For people, as plain text.
    Markdown,
}

impl ReportFormat {
    /// The format of a file, by its extension. Errors: another one.
    pub fn of(path: &Path) -> Result<Self, Error> {
        match path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default().as_str() {
            "json" => Ok(Self::Json),
            "md" => Ok(Self::Markdown),
            "html" => Ok(Self::Html),
            _ => {
                let what = format!("{}: a report is .html, .md or .json", path.display());
                Err(Error::asked(what, "end its name in .html, .md or .json"))
            }
        }
    }

    /// The report in this format.
    pub fn text(self, report: &Report) -> String {
        match self {
            // A report holds maps with names as keys and finite numbers, which JSON always takes.
            Self::Json => json::pretty(report).unwrap_or_default(),
            Self::Html => html::report(report),
            Self::Markdown => markdown::report(report),
        }
    }
}

/// Writes the report to every file. Errors: as of [`write_text`].
pub fn write(report: &Report, files: &[(PathBuf, ReportFormat)], overwrite: bool) -> Result<(), Error> {
    files.iter().try_for_each(|(path, format)| write_text(path, &format.text(report), overwrite))
}

/// Writes a text under a temporary name, then gives it its own, and the rights of any new file. Errors: it cannot be written;
/// without `overwrite`, the name is taken, if only since somebody looked.
pub fn write_text(path: &Path, text: &str, overwrite: bool) -> Result<(), Error> {
    let written = || -> io::Result<()> {
        let (mut file, temporary) = Temporary::beside(path, "")?;
        file.write_all(text.as_bytes())?;
        drop(file);
        temporary.persist(path, overwrite)
    };
    written().map_err(|source| {
        let path = path.to_owned();
        let taken = source.kind() == io::ErrorKind::AlreadyExists;
        if taken { AudioError::Exists { path } } else { AudioError::Io { path, source } }.into()
    })
}
