//! Where results go: `-o` with its default and its template, and the reports beside the master.

use super::failure::Failure;
use automaster::audio::format::{Container, SampleFormat};
pub(crate) use automaster::order::Destination;
use automaster::order::{Named, is_folder};
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

impl OutputArgs {
    /// What was named.
    pub(crate) fn named(&self) -> Named {
        let reports = match (self.no_report, self.reports.as_slice()) {
            (true, _) => Some(Vec::new()),
            (false, []) => None,
            (false, named) => Some(named.to_vec()),
        };
        Named { output: self.output.clone(), reports }
    }

    /// Where results go for a mix; `default` is the format where `-o` names none. Errors: an extension that cannot be written.
    pub(crate) fn destination(&self, mix: &Path, default: Container) -> Result<Destination, Failure> {
        Ok(Destination::new(&self.named(), mix, default, |path| filled(path, mix))?)
    }
}

/// Checks that the format holds the words. Errors: FLAC holds 16 and 24 bits.
pub(crate) fn check_words(destination: &Destination, words: Option<SampleFormat>) -> Result<(), Failure> {
    match (destination.container, words) {
        (Container::Flac, Some(SampleFormat::Int32 | SampleFormat::Float32)) => {
            let what = format!("{}: FLAC holds 16 or 24 bits, not 32", destination.master.display());
            Err(Failure::usage(what, "use --bits 24, or a name that ends in .wav"))
        }
        _ => Ok(()),
    }
}

/// The mix's name without folder and extension.
fn stem(mix: &Path) -> OsString {
    mix.file_stem().unwrap_or_default().to_owned()
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

pub(crate) fn extension(path: &Path) -> String {
    path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use automaster::report::files::ReportFormat;

    fn destination(output: Option<&str>, reports: &[&str]) -> Result<Destination, Failure> {
        let reports = reports.iter().map(PathBuf::from).collect();
        let args = OutputArgs { output: output.map(PathBuf::from), overwrite: false, reports, no_report: false };
        args.destination(Path::new("in/song.one.wav"), Container::Wav)
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
        assert!(check_words(&there, Some(SampleFormat::Float32)).is_err());
        assert_eq!(destination(Some("nowhere/"), &[]).unwrap().master, Path::new("nowhere/song.one.master.wav"));
        for bad in ["a.mp3", "a"] {
            assert_eq!(destination(Some(bad), &[]).unwrap_err().code(), 2);
        }
        assert_eq!(destination(None, &["a.pdf"]).unwrap_err().code(), 2);
    }
}
