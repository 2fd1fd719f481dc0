//! Compact disc: 16 bits at 44.1 kHz, stereo, noise-shaped dither once, whole sectors, the sheets that burning programs read, and the
//! set that plants read (DDP).

use super::disc::{DISC_RATE_HZ, Disc, DiscTrack, SECTOR_FRAMES, SHORTEST_TRACK_S, msf, padded_sectors, padding_frames};
use super::shelf::{Shelf, io_error};
use super::{capacity, codes, ddp, plan, safe, samples, stem};
use crate::audio::AudioBuffer;
use crate::audio::format::{Container, Dither, SampleFormat};
use crate::audio::spill::{Spill, SpillWriter};
use crate::error::Error;
use crate::job::Song;
use crate::progress::Progress;
use crate::render;
use crate::target::delivery::Profile;

const BLOCK_FRAMES: usize = 8192;
/// A disc has two, whatever the music has.
const CHANNELS: usize = 2;

/// Makes image, cue, TOC, PQ list and checksums.
pub(super) fn make(shelf: &mut Shelf, song: &Song, profile: &Profile, progress: &Progress) -> Result<(), Error> {
    if shelf.whole(profile)? {
        return Ok(());
    }
    let seconds = song.analysis.frames as f64 / f64::from(song.info.sample_rate_hz);
    if seconds < SHORTEST_TRACK_S {
        let what = format!("only {seconds:.1} s long; a track of a compact disc lasts {SHORTEST_TRACK_S} s at least");
        return Err(Error::Music { path: song.path.clone(), what });
    }
    if let Some(what) = capacity::refusal(padded_sectors(song.analysis.frames, song.info.sample_rate_hz)) {
        return Err(Error::Music { path: song.path.clone(), what });
    }
    let peak = song.analysis.loudness.true_peak_dbtp;
    // Resampling moves peaks a little, and so does dither: the limiter is there, and idle where nothing reaches the ceiling.
    let mut plan = plan(song, (Container::Wav, SampleFormat::Int16, Dither::Shaped), DISC_RATE_HZ, Some(profile.ceiling_dbtp));
    plan.mix.channels = CHANNELS;
    let named = stem(song);
    // The sheets name the image in quotes, and have none for quotes within.
    let stem = safe(&named);
    let wav = format!("{stem}.wav");
    let made = shelf.sound(&wav, |path| {
        let whole = whole_sectors(samples(song)?)?;
        // Tags would be chunks that old burning programs take for sound.
        render::render(&whole, None, &plan, path, true, progress).map(drop)
    })?;
    let frames = made.audio.as_ref().map_or(0, |audio| audio.frames);
    let sectors = frames / SECTOR_FRAMES;
    let (disc, notes) = described(song, named, wav, sectors);
    shelf.text(&format!("{stem}.cue"), &disc.cue())?;
    shelf.text(&format!("{stem}.toc"), &disc.toc())?;
    shelf.text("PQ.txt", &disc.pq())?;
    ddp_set(shelf, &disc, &stem)?;
    shelf.text("checksums.md5", &format!("{}  {}\n", made.md5, disc.wav))?;
    if song.info.channels == 1 {
        shelf.note("The master is mono: both channels of the disc carry it.");
    }
    notes.into_iter().chain(disc.respelled()).chain(ddp::left_out(&disc)).for_each(|note| shelf.note(note));
    shelf.note(format!(
        "One track of {sectors} sectors, {} (min:s:frames) or {frames} frames of sound: every index falls on a sector.",
        msf(sectors)
    ));
    capacity::note(sectors).into_iter().for_each(|note| shelf.note(note));
    if peak > profile.ceiling_dbtp {
        let source = profile.ceiling_source.words();
        shelf.note(format!("The master's true peak of {peak:.1} dBTP was limited to {} dBTP ({source}).", profile.ceiling_dbtp));
    }
    Ok(())
}

/// The disc as the master's tags describe it, and what to know of that.
fn described(song: &Song, named: String, wav: String, sectors: u64) -> (Disc, Vec<String>) {
    let said = |text: Option<&str>| text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    let metadata = song.metadata.as_ref();
    let [title, artist, album] = metadata.map_or([None; 3], |metadata| metadata.title_artist_album()).map(said);
    let [isrc, barcode] = metadata.map_or([None; 2], |metadata| metadata.isrc_barcode()).map(said);
    let mut notes = Vec::new();
    if title.is_none() {
        notes.push(format!("The master's tags have no title: the disc's track is called \"{named}\", as its file is."));
    }
    let mut checked = |code: Option<String>, check: fn(&str) -> Result<String, String>| {
        let wrong = |what: String| notes.push(format!("A code of the master's tags is left out of the disc: {what}."));
        check(&code?).map_err(wrong).ok()
    };
    let (isrc, barcode) = (checked(isrc, codes::isrc), checked(barcode, codes::barcode));
    let (title, artist) = (title.unwrap_or(named), artist.unwrap_or_default());
    let track = DiscTrack { title: title.clone(), artist: artist.clone(), isrc, pause_sectors: 0, sectors };
    let ean = barcode.as_deref().map(codes::ean13);
    let disc = Disc { title: album.unwrap_or(title), artist, ean, wav, tracks: vec![track] };
    notes.extend(disc.nameless());
    (disc, notes)
}

/// The set for the plant, in `ddp/`.
fn ddp_set(shelf: &mut Shelf, disc: &Disc, master: &str) -> Result<(), Error> {
    let wav = shelf.path(&disc.wav);
    let mut names = Vec::new();
    for (name, bytes) in ddp::sheets(disc, master) {
        shelf.bytes(&format!("ddp/{name}"), &bytes)?;
        names.push(name);
    }
    shelf.plain(&format!("ddp/{}", ddp::IMAGE), |path| ddp::write_image(&wav, path))?;
    names.push(ddp::IMAGE);
    let folder = shelf.path("ddp");
    let [crc, md5] = ddp::checksums(&folder, &names).map_err(|source| io_error(&folder, source))?;
    shelf.text("ddp/CHECKSUM.TXT", &crc)?;
    shelf.text("ddp/CHECKSUM.MD5", &md5)?;
    Ok(())
}

/// The samples in two channels, with silence after them so that at 44.1 kHz they fill whole sectors.
fn whole_sectors(audio: &Spill) -> Result<Spill, Error> {
    let mut writer = SpillWriter::create(audio.sample_rate_hz(), CHANNELS)?;
    let mut block = AudioBuffer::default();
    let mut at = 0;
    while at < audio.frames() {
        at += audio.read(at, &mut block, BLOCK_FRAMES)? as u64;
        let right = block.channels.last().cloned().unwrap_or_default();
        writer.push(&[std::mem::take(&mut block.channels[0]), right])?;
    }
    let missing = padding_frames(audio.frames(), audio.sample_rate_hz());
    writer.push(&vec![vec![0.0; missing as usize]; CHANNELS])?;
    Ok(writer.finish()?)
}
