//! `automaster album …`: tracks as one work; `--suggest-order`: only an order with its reasons.

use super::args::AlbumArgs;
use super::failure::Failure;
use super::guard;
use super::session::Session;
use super::suggest::order;
use automaster::album::{self, COHESION_PERCENT, Release, Request, Sheet};
use automaster::audio::format::Container;
use clap::ValueEnum;
use std::path::PathBuf;

/// What is made of the masters beside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReleaseArg {
    /// Image, cue, TOC, PQ list: cd/
    Cd,
    /// Pre-masters of the sides: vinyl/
    Vinyl,
}

/// Runs the command.
pub(super) fn run(args: &AlbumArgs, session: &Session) -> Result<(), Failure> {
    let sheet = sheet(&args.tracks)?;
    let order = order(&args.order)?;
    let container = args.format.map(Container::from);
    let (aims, mut wishes) = (order.aims()?, order.wishes(container.unwrap_or(Container::Wav))?);
    let instructions = order.instructions()?;
    if let Some(lufs) = args.order.delivery.album_lufs() {
        wishes.loudness_lufs = Some(lufs);
    }
    let percent = args.cohesion.map(|share| 100.0 * share).or(sheet.cohesion_percent).unwrap_or(COHESION_PERCENT);
    let releases = args.deliver.iter().map(|release| match release {
        ReleaseArg::Cd => Release::Cd,
        ReleaseArg::Vinyl => Release::Vinyl,
    });
    let files: Vec<PathBuf> = sheet.tracks.iter().map(|track| track.file.clone()).chain(aims.files()).collect();
    guard::inputs(files.iter().map(PathBuf::as_path))?;
    // An order needs no folder; what is heard for it is kept in one that is asked for, and with none goes when it is told.
    let (output, _scratch) = match &args.output {
        Some(output) => (output.clone(), None),
        None => {
            let scratch = tempfile::tempdir().map_err(|error| Failure::unexpected(&std::env::temp_dir(), error))?;
            (scratch.path().to_owned(), Some(scratch))
        }
    };
    let request = Request {
        cohesion: percent / 100.0,
        container,
        instructions,
        output,
        overwrite: args.overwrite,
        releases: releases.collect(),
        sheet,
        aims,
        wishes,
    };
    if args.suggest_order {
        let order = session.work(|progress| album::suggest_order(&request, progress))?;
        return session.show(&order, |_| album::order_text(&order));
    }
    let made = session.work(|progress| album::make(&request, progress))?;
    made.tracks.iter().flat_map(|track| &track.warnings).for_each(|warning| session.warn(&warning.to_string()));
    session.show(&made, |_| album::text(&made))?;
    session.say(|| format!("\nreport   {}\n", request.output.join("album.html").display()))
}

/// One folder, one sheet, or tracks in order.
fn sheet(tracks: &[PathBuf]) -> Result<Sheet, Failure> {
    Ok(match tracks {
        [folder] if folder.is_dir() => Sheet::of_folder(folder)?,
        [sheet] if sheet.extension().is_some_and(|e| e.eq_ignore_ascii_case("toml")) => Sheet::read(sheet)?,
        files => Sheet::of_files(files)?,
    })
}
