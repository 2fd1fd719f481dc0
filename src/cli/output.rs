//! Where results go: `-o` with its default and its template, and the reports beside the master.

use super::failure::Failure;
use super::reports::ReportFormat;
use automaster::audio::format::{Container, SampleFormat};
use clap::{Args, ValueEnum};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// File formats of masters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormatArg {
    /// RIFF WAVE
    Wav,
    /// FLAC
    Flac,
}

impl From<FormatArg> for Container {
    fn from(format: FormatArg) -> Self {
        match format {
            FormatArg::Wav => Self::Wav,
            FormatArg::Flac => Self::Flac,
        }
    }
}

/// Where to write.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArgs {
    /// The master, .wav or .flac, or a folder; {stem} is the mix's name [default: MIX.master.wav beside the mix]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace existing files; without it, they are left and nothing is done
    #[arg(long)]
    pub(crate) overwrite: bool,
    /// Write the report to this file, .html, .md or .json; repeatable [default: all three, beside the master]
    #[arg(long = "report", value_name = "FILE", conflicts_with = "no_report")]
    reports: Vec<PathBuf>,
    /// Write no report
    #[arg(long)]
    no_report: bool,
}

/// Where a master and its reports go.
#[derive(Debug, PartialEq)]
pub(crate) struct Destination {
    /// The master.
    pub(crate) master: PathBuf,
    /// Its format, by its extension.
    pub(crate) container: Container,
    /// The reports.
    pub(crate) reports: Vec<(PathBuf, ReportFormat)>,
}

impl Destination {
    /// Resolves the options for a mix; `default` is the format where `-o` names none. Errors: an extension that cannot
    /// be written.
    pub(crate) fn new(args: &OutputArgs, mix: &Path, default: Container) -> Result<Self, Failure> {
        let master = match &args.output {
            None => beside(mix, &master_name(mix, default)),
            Some(folder) if is_folder(folder) => filled(folder, mix).join(master_name(mix, default)),
            Some(file) => filled(file, mix),
        };
        let container = container_of(&master)?;
        let reports = match (args.no_report, args.reports.as_slice()) {
            (true, _) => Vec::new(),
            (false, []) => vec![
                (master.with_extension("report.html"), ReportFormat::Html),
                (master.with_extension("report.md"), ReportFormat::Markdown),
                (master.with_extension("report.json"), ReportFormat::Json),
            ],
            (false, named) => named.iter().map(|file| filled(file, mix)).map(with_format).collect::<Result<_, _>>()?,
        };
        Ok(Self { master, container, reports })
    }

    /// Checks that the format holds the words. Errors: FLAC holds 16 and 24 bits.
    pub(crate) fn check_words(&self, words: Option<SampleFormat>) -> Result<(), Failure> {
        match (self.container, words) {
            (Container::Flac, Some(SampleFormat::Int32 | SampleFormat::Float32)) => {
                let what = format!("{}: FLAC holds 16 or 24 bits, not 32", self.master.display());
                Err(Failure::usage(what, "use --bits 24, or a name that ends in .wav"))
            }
            _ => Ok(()),
        }
    }

    /// Every file that will be written.
    pub(crate) fn files(&self) -> Vec<&Path> {
        std::iter::once(self.master.as_path()).chain(self.reports.iter().map(|(file, _)| file.as_path())).collect()
    }
}

/// The mix's name without folder and extension.
fn stem(mix: &Path) -> OsString {
    mix.file_stem().unwrap_or_default().to_owned()
}

fn master_name(mix: &Path, container: Container) -> OsString {
    let mut name = stem(mix);
    name.push(match container {
        Container::Wav => ".master.wav",
        Container::Flac => ".master.flac",
    });
    name
}

/// `name` in the folder of `mix`.
pub(crate) fn beside(mix: &Path, name: &OsString) -> PathBuf {
    mix.with_file_name(name)
}

/// The plan of a mix: beside it, or as `-o` says.
pub(crate) fn plan_path(output: Option<&Path>, mix: &Path) -> PathBuf {
    let mut name = stem(mix);
    name.push(".plan.toml");
    match output {
        None => beside(mix, &name),
        Some(folder) if is_folder(folder) => filled(folder, mix).join(name),
        Some(file) => filled(file, mix),
    }
}

/// Where the review page saves its plan.
#[cfg(feature = "review")]
pub(crate) fn reviewed_plan_path(mix: &Path) -> PathBuf {
    let mut name = stem(mix);
    name.push(".reviewed.plan.toml");
    beside(mix, &name)
}

/// A path with `{stem}` filled in.
pub(crate) fn filled(path: &Path, mix: &Path) -> PathBuf {
    match (path.to_str(), stem(mix).to_str()) {
        (Some(text), Some(stem)) => text.replace("{stem}", stem).into(),
        _ => path.to_owned(),
    }
}

fn is_folder(path: &Path) -> bool {
    path.is_dir() || path.as_os_str().to_string_lossy().ends_with(['/', std::path::MAIN_SEPARATOR])
}

pub(crate) fn extension(path: &Path) -> String {
    path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default()
}

fn container_of(path: &Path) -> Result<Container, Failure> {
    match extension(path).as_str() {
        "wav" | "wave" => Ok(Container::Wav),
        "flac" => Ok(Container::Flac),
        "" => Err(Failure::usage(format!("{}: the name has no extension", path.display()), "end it in .wav or .flac")),
        other => {
            let what = format!("{}: masters are not written as .{other}", path.display());
            Err(Failure::usage(what, "end it in .wav or .flac; lossy copies are made from the master"))
        }
    }
}

fn with_format(path: PathBuf) -> Result<(PathBuf, ReportFormat), Failure> {
    match extension(&path).as_str() {
        "json" => Ok((path, ReportFormat::Json)),
        "md" => Ok((path, ReportFormat::Markdown)),
        "html" => Ok((path, ReportFormat::Html)),
        _ => {
            let what = format!("{}: a report is .html, .md or .json", path.display());
            Err(Failure::usage(what, "end its name in .html, .md or .json"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn destination(output: Option<&str>, reports: &[&str]) -> Result<Destination, Failure> {
        let reports = reports.iter().map(PathBuf::from).collect();
        let args = OutputArgs { output: output.map(PathBuf::from), overwrite: false, reports, no_report: false };
        Destination::new(&args, Path::new("in/song.one.wav"), Container::Wav)
    }

    #[test]
    fn the_default_lies_beside_the_mix() {
        let there = destination(None, &[]).unwrap();
        assert_eq!(there.master, Path::new("in/song.one.master.wav"));
        assert_eq!(there.files()[1], Path::new("in/song.one.master.report.html"));
        assert_eq!(there.files()[2], Path::new("in/song.one.master.report.md"));
        assert_eq!(there.files()[3], Path::new("in/song.one.master.report.json"));
        assert_eq!(plan_path(None, Path::new("in/song.wav")), Path::new("in/song.plan.toml"));
    }

    #[test]
    fn names_are_filled_and_extensions_decide() {
        let there = destination(Some("out/{stem}.FLAC"), &["{stem}.json"]).unwrap();
        assert_eq!(there.master, Path::new("out/song.one.FLAC"));
        assert_eq!(there.container, Container::Flac);
        assert_eq!(there.reports, [(PathBuf::from("song.one.json"), ReportFormat::Json)]);
        assert!(there.check_words(Some(SampleFormat::Float32)).is_err());
        assert_eq!(destination(Some("nowhere/"), &[]).unwrap().master, Path::new("nowhere/song.one.master.wav"));
        for bad in ["a.mp3", "a"] {
            assert_eq!(destination(Some(bad), &[]).unwrap_err().code(), 2);
        }
        assert_eq!(destination(None, &["a.pdf"]).unwrap_err().code(), 2);
    }
}
