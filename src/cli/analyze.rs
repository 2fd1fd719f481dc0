//! `automaster analyze FILE…`: what files measure.

use super::args::AnalyzeArgs;
use super::failure::Failure;
use super::guard;
use super::session::Session;
use automaster::error::Error;
use automaster::job::{self, Progress};
use automaster::report::{Source, text};
use std::path::{Path, PathBuf};

/// Runs the command.
pub(super) fn run(args: &AnalyzeArgs, session: &Session) -> Result<(), Failure> {
    guard::measured(args.files.iter().map(PathBuf::as_path), args.keep_truncated)?;
    let mut sources = Vec::new();
    for file in &args.files {
        sources.push(session.work(|progress| source(file, args, progress))?);
    }
    session.warn_of(&sources);
    let text = |look| sources.iter().map(|s| text::source(s, look)).collect::<Vec<_>>().join("\n");
    session.show(&sources, text)
}

/// Measures a file, and recognises its genres where asked to.
fn source(file: &Path, args: &AnalyzeArgs, progress: &Progress) -> Result<Source, Error> {
    if args.keep_truncated {
        return Ok(Source::from(&job::measure(file, progress)?));
    }
    if !args.genre {
        return Ok(Source::from(&job::load_reference(file, progress)?));
    }
    let song = job::load_mix(file, progress)?;
    Ok(Source::from(&song).recognised(&job::genre(&song, progress)?))
}
