//! Compact disc: 16 bits at 44.1 kHz, noise-shaped dither once, whole sectors, and the sheets that burning programs read.

use super::disc::{DISC_RATE_HZ, Disc, DiscTrack, SECTOR_FRAMES, SHORTEST_TRACK_S, msf, padding_frames};
use super::shelf::Shelf;
use super::{plan, samples, stem};
use crate::audio::AudioBuffer;
use crate::audio::format::{Container, Dither, SampleFormat};
use crate::audio::spill::{Spill, SpillWriter};
use crate::error::Error;
use crate::job::Song;
use crate::progress::Progress;
use crate::render;
use crate::target::delivery::Profile;

const BLOCK_FRAMES: usize = 8192;

/// Makes image, cue, TOC, PQ list and checksums.
pub(super) fn make(shelf: &mut Shelf, song: &Song, profile: &Profile, progress: &Progress) -> Result<(), Error> {
    if shelf.whole()? {
        return Ok(());
    }
    let seconds = song.analysis.frames as f64 / f64::from(song.info.sample_rate_hz);
    if seconds < SHORTEST_TRACK_S {
        let what = format!("only {seconds:.1} s long; a track of a compact disc lasts {SHORTEST_TRACK_S} s at least");
        return Err(Error::Music { path: song.path.clone(), what });
    }
    let peak = song.analysis.loudness.true_peak_dbtp;
    // Resampling moves peaks a little, and so does dither: the limiter is there, and idle where nothing reaches the ceiling.
    let plan = plan(song, (Container::Wav, SampleFormat::Int16, Dither::Shaped), DISC_RATE_HZ, Some(profile.ceiling_dbtp));
    let (wav, stem) = (format!("{}.wav", stem(song)), stem(song));
    let made = shelf.sound(&wav, |path| {
        let whole = whole_sectors(samples(song)?)?;
        // Tags would be chunks that old burning programs take for sound.
        render::render(&whole, None, &plan, path, true, progress).map(drop)
    })?;
    let frames = made.audio.as_ref().map_or(0, |audio| audio.frames);
    let [title, artist, album] =
        song.metadata.as_ref().map_or([None; 3], |metadata| metadata.title_artist_album()).map(|text| text.map(str::to_owned));
    let sectors = frames / SECTOR_FRAMES;
    let (title, artist) = (title.unwrap_or_else(|| stem.clone()), artist.unwrap_or_default());
    let track = DiscTrack { title: title.clone(), artist: artist.clone(), sectors, ..DiscTrack::default() };
    let disc = Disc { title: album.unwrap_or(title), artist, ean: None, wav, tracks: vec![track] };
    shelf.text(&format!("{stem}.cue"), &disc.cue())?;
    shelf.text(&format!("{stem}.toc"), &disc.toc())?;
    shelf.text("PQ.txt", &disc.pq())?;
    shelf.text("checksums.md5", &format!("{}  {}\n", made.md5, disc.wav))?;
    shelf.note(format!("One track of {sectors} sectors ({}), {frames} frames: every index falls on a sector.", msf(sectors)));
    if peak > profile.ceiling_dbtp {
        let source = profile.ceiling_source.words();
        shelf.note(format!("The master's true peak of {peak:.1} dBTP was limited to {} dBTP ({source}).", profile.ceiling_dbtp));
    }
    Ok(())
}

/// The samples, with silence after them so that at 44.1 kHz they fill whole sectors.
fn whole_sectors(audio: &Spill) -> Result<Spill, Error> {
    let mut writer = SpillWriter::create(audio.sample_rate_hz(), audio.channels())?;
    let mut block = AudioBuffer::default();
    let mut at = 0;
    while at < audio.frames() {
        at += audio.read(at, &mut block, BLOCK_FRAMES)? as u64;
        writer.push(&block.channels)?;
    }
    let missing = padding_frames(audio.frames(), audio.sample_rate_hz());
    writer.push(&vec![vec![0.0; missing as usize]; audio.channels()])?;
    Ok(writer.finish()?)
}
