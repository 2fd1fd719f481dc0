//! Radio and television: the file at the loudness that is required, as a broadcast WAV that tells its loudness.

use super::measured::measure;
use super::shelf::{Shelf, io_error};
use super::{bext, dither_24, plan, stem};
use crate::analysis::Loudness;
use crate::audio::format::{Container, Dither, SampleFormat};
use crate::error::Error;
use crate::job::{self, Song};
use crate::plan::Plan;
use crate::progress::Progress;
use crate::target::delivery::Profile;
use std::path::Path;
use std::time::UNIX_EPOCH;

/// A master this close is left as it is.
const NEAR_LU: f64 = 0.1;

/// Makes the file: turned down by a plain gain; turned up, its peaks are limited to the place's ceiling.
pub(super) fn make(shelf: &mut Shelf, song: &Song, profile: &Profile, progress: &Progress) -> Result<(), Error> {
    if shelf.whole(profile)? {
        return Ok(());
    }
    let (loudness, source) = (song.analysis.loudness, profile.loudness_source.words());
    let wanted = profile.loudness_lufs.unwrap_or(loudness.integrated_lufs);
    let gain_db = wanted - loudness.integrated_lufs;
    let moves = gain_db.abs() > NEAR_LU;
    let peak_dbtp = loudness.true_peak_dbtp + if moves { gain_db } else { 0.0 };
    let limited = peak_dbtp > profile.ceiling_dbtp;
    let dither = if moves { Dither::Tpdf } else { dither_24(song, limited) };
    let format = (Container::Wav, SampleFormat::Int24, dither);
    let mut plan = plan(song, format, song.info.sample_rate_hz, limited.then_some(profile.ceiling_dbtp));
    if moves {
        plan.chain.repair.gain_db = gain_db;
        plan.delivery.loudness_lufs = limited.then_some(wanted);
    }
    let name = format!("{}.{}.wav", stem(song), profile.name);
    let made = shelf.sound(&name, |path| write_wav(song, &plan, path, progress))?;
    let asked = format!("{} asks for {wanted} LUFS ({source})", profile.title);
    shelf.note(match gain_db {
        _ if !moves => format!("{asked}: the master has it."),
        down if down < 0.0 => format!("{asked}: turned down by {:.1} dB, nothing else is changed.", -down),
        up => format!("{asked}: turned up by {up:.1} dB."),
    });
    if limited {
        let ceiling = profile.ceiling_dbtp;
        shelf.note(format!("Peaks of {peak_dbtp:.1} dBTP were limited to {ceiling} dBTP ({}).", profile.ceiling_source.words()));
    }
    if let Some(audio) = made.audio {
        shelf.note(format!("The file has {:.1} LUFS, and its bext chunk says so.", audio.integrated_lufs));
    }
    Ok(())
}

/// Renders a plan into a WAV with a `bext` chunk of what was written.
pub(super) fn write_wav(song: &Song, plan: &Plan, path: &Path, progress: &Progress) -> Result<(), Error> {
    let fault = |source| io_error(path, source);
    let plain = path.with_extension("plain.wav");
    let written = job::render(song, plan, &plain, true, progress)?;
    // The peak as the page tells it; the render's own meter is a shorter one, and near half the rate they differ by tenths of a dB.
    let true_peak_dbtp = measure(&plain)?.true_peak_dbtp;
    let loudness = Loudness { true_peak_dbtp, ..written.analysis.loudness };
    let texts = song.metadata.as_ref().map_or([None; 3], |metadata| metadata.title_artist_album());
    let [title, artist, _] = texts;
    let description =
        [artist, title].into_iter().flatten().filter(|text| !text.trim().is_empty()).collect::<Vec<_>>().join(" - ");
    let mode = if song.info.channels == 1 { "mono" } else { "stereo" };
    let history = format!("A=PCM,F={},W=24,M={mode},T=automaster {}\r\n", song.info.sample_rate_hz, env!("CARGO_PKG_VERSION"));
    let made = std::fs::metadata(&song.path).and_then(|m| m.modified()).unwrap_or(UNIX_EPOCH);
    let bext = bext::Bext { description: &description, history: &history, made, loudness, texts };
    bext::insert(&plain, path, &bext).map_err(fault)?;
    std::fs::remove_file(&plain).map_err(fault)
}
