//! Archive and download: FLAC and broadcast WAV of the master as it is, and listening copies that do not clip.

use super::ceiling::{available, blocks, find};
use super::shelf::{Shelf, io_error};
use super::{broadcast, dither_24, plan, samples, stem, stream};
use crate::audio::codec::{CodecEncoder, Coding};
use crate::audio::format::{Container, SampleFormat};
use crate::audio::metadata::{Gains, write_copy_tags};
use crate::error::Error;
use crate::job::{self, Song};
use crate::progress::Progress;
use crate::target::delivery::Profile;
use std::path::Path;

/// Makes all files.
pub(super) fn make(shelf: &mut Shelf, song: &Song, profile: &Profile, progress: &Progress) -> Result<(), Error> {
    if shelf.whole(profile)? {
        return Ok(());
    }
    let (stem, rate_hz) = (stem(song), song.info.sample_rate_hz);
    let plan = |container| plan(song, (container, SampleFormat::Int24, dither_24(song, false)), rate_hz, None);
    let loudness = song.analysis.loudness;
    let gains = Gains::new(loudness.integrated_lufs, loudness.true_peak_dbtp);
    shelf.sound(&format!("{stem}.flac"), |path| {
        job::render(song, &plan(Container::Flac), path, true, progress)?;
        Ok(write_copy_tags(path, song.metadata.as_ref(), &gains)?)
    })?;
    shelf.sound(&format!("{stem}.wav"), |path| broadcast::write_wav(song, &plan(Container::Wav), path, progress))?;
    // A peak of the master that copies would clip is limited in the copies alone.
    let found = find(
        song,
        &profile.codecs,
        profile.ceiling_dbtp.max(song.analysis.loudness.true_peak_dbtp),
        profile.decoded_dbtp,
        progress,
    )?;
    let (codecs, missing) = available(&profile.codecs);
    for coding in codecs {
        let name = format!("{stem}.{}", coding.codec.extension());
        shelf.sound(&name, |path| {
            listening_copy(song, coding, found.ceiling_dbtp, path, progress)?;
            Ok(write_copy_tags(path, song.metadata.as_ref(), &gains)?)
        })?;
    }
    shelf.place().codecs = stream::check(&shelf.path(&format!("{stem}.flac")), &profile.codecs)?;
    if let Some(ceiling) = found.ceiling_dbtp {
        shelf.note(format!("The lossy copies are made of the master limited to {ceiling:.1} dBTP, so that they decode under {} dBTP; the codec figures are those of the master itself.", profile.decoded_dbtp));
    }
    let sums: String =
        shelf.place().files.iter().map(|f| format!("{}  {}\n", f.md5, f.file.rsplit('/').next().unwrap_or_default())).collect();
    shelf.text("checksums.md5", &sums)?;
    missing.into_iter().for_each(|text| shelf.note(text));
    Ok(())
}

fn listening_copy(song: &Song, coding: Coding, ceiling: Option<f64>, path: &Path, progress: &Progress) -> Result<(), Error> {
    let audio = samples(song)?;
    let mut encoder = CodecEncoder::new(coding, audio.sample_rate_hz(), audio.channels())?;
    blocks(audio, ceiling, progress, |block| Ok(encoder.push(block)?))?;
    std::fs::write(path, encoder.finish()?.bytes).map_err(|source| io_error(path, source))
}
