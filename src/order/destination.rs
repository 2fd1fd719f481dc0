//! Where results go: the master's name from a template, and the reports beside it.

use crate::audio::format::Container;
use crate::error::Error;
use crate::report::files::ReportFormat;
use std::path::{Path, PathBuf};

/// Where a master and its reports go.
#[derive(Clone, Debug, PartialEq)]
pub struct Destination {
    /// The master.
    pub master: PathBuf,
    /// Its format, by its extension.
    pub container: Container,
    /// The reports.
    pub reports: Vec<(PathBuf, ReportFormat)>,
}

/// What a person named.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Named {
    /// The master, or a folder; none: beside the mix.
    pub output: Option<PathBuf>,
    /// The reports; none: all three, beside the master.
    pub reports: Option<Vec<PathBuf>>,
}

impl Destination {
    /// The destination for `mix`. `fill` replaces what stands in braces; `default` is the format where no name tells it.
    /// Errors: an extension that cannot be written.
    pub fn new(named: &Named, mix: &Path, default: Container, fill: impl Fn(&Path) -> PathBuf) -> Result<Self, Error> {
        let mut name = mix.file_stem().unwrap_or_default().to_owned();
        name.push(match default {
            Container::Wav => ".master.wav",
            Container::Flac => ".master.flac",
        });
        let master = match &named.output {
            None => mix.with_file_name(name),
            Some(folder) if is_folder(folder) => fill(folder).join(name),
            Some(file) => fill(file),
        };
        let container = container_of(&master)?;
        let reports = match &named.reports {
            None => vec![
                (master.with_extension("report.html"), ReportFormat::Html),
                (master.with_extension("report.md"), ReportFormat::Markdown),
                (master.with_extension("report.json"), ReportFormat::Json),
            ],
            Some(files) => {
                let format = |file: PathBuf| ReportFormat::of(&file).map(|format| (file, format));
                files.iter().map(|file| fill(file)).map(format).collect::<Result<_, _>>()?
            }
        };
        Ok(Self { master, container, reports })
    }

    /// Every file that will be written, the master first.
    pub fn files(&self) -> Vec<&Path> {
        std::iter::once(self.master.as_path()).chain(self.reports.iter().map(|(file, _)| file.as_path())).collect()
    }
}

/// Whether a path is, or is written as, a folder.
pub fn is_folder(path: &Path) -> bool {
    path.is_dir() || path.as_os_str().to_string_lossy().ends_with(['/', std::path::MAIN_SEPARATOR])
}

/// The container of a master, by its extension. Errors: neither .wav nor .flac.
pub fn container_of(path: &Path) -> Result<Container, Error> {
    let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
    match extension.as_str() {
        "wav" | "wave" => Ok(Container::Wav),
        "flac" => Ok(Container::Flac),
        "" => Err(Error::asked(format!("{}: the name has no extension", path.display()), "end it in .wav or .flac")),
        other => {
            let what = format!("{}: masters are not written as .{other}", path.display());
            Err(Error::asked(what, "end it in .wav or .flac; lossy copies are made from the master"))
        }
    }
}
