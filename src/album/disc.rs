//! A compact disc of the masters: one image of 16 bits at 44.1 kHz, dithered once, with cue, TOC, PQ list and checksums in
//! `cd/`, and the set that plants read in `cd/ddp/`.
//!
//! After a pause the music begins on a sector: the pause is that much longer. Where music goes on, the index is put on the nearest
//! sector, at most 6.7 ms off, and no sample is added.

use super::assemble::spilled;
use super::figures::Album;
use super::names::Names;
use super::programme::Layout;
use super::record::{Record, io_error, key, sha256};
use super::{Request, heard};
use crate::audio::AudioBuffer;
use crate::audio::format::{Container, Dither, SampleFormat};
use crate::audio::resample::frames_at;
use crate::audio::spill::{Spill, SpillWriter};
use crate::chain::ChainSettings;
use crate::deliver::codes::ean13;
use crate::deliver::disc::{DISC_RATE_HZ, Disc, DiscTrack, SECTOR_FRAMES, SHORTEST_TRACK_S, msf, padding_frames};
use crate::deliver::{capacity, ddp, safe};
use crate::error::Error;
use crate::plan::{Delivery, Plan};
use crate::progress::Progress;
use crate::render::{self, BLOCK_FRAMES};
use crate::target::delivery::profile_named;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Ceiling where the profile is not to be had: practice.
const CEILING_DBTP: f64 = -0.3;

/// Looks before any work whether the masters, laid out at `rate_hz`, make a disc. Errors: a track is too short; all are too long.
pub(super) fn check(request: &Request, names: &Names, layouts: &[Layout], rate_hz: u32) -> Result<(), Error> {
    let mut music = Vec::new();
    for layout in layouts {
        let mut files = layout.file_frames();
        if let Some(last) = files.last_mut() {
            *last = last.saturating_sub(layout.gap_frames);
        }
        music.extend(files);
    }
    for (track, frames) in names.tracks.iter().zip(&music) {
        long_enough(*frames as f64 / f64::from(rate_hz), &request.output.join(&track.file))?;
    }
    let frames = music.iter().sum::<u64>() + layouts.iter().map(|layout| layout.gap_frames).sum::<u64>();
    not_too_long(frames_at(frames, rate_hz, DISC_RATE_HZ) / SECTOR_FRAMES, &request.output)
}

fn long_enough(seconds: f64, track: &Path) -> Result<(), Error> {
    if seconds < SHORTEST_TRACK_S {
        let what = format!("only {seconds:.1} s long; a track of a compact disc lasts {SHORTEST_TRACK_S} s at least");
        return Err(Error::Album { path: track.to_owned(), what });
    }
    Ok(())
}

fn not_too_long(sectors: u64, folder: &Path) -> Result<(), Error> {
    capacity::refusal(sectors).map_or(Ok(()), |what| Err(Error::Album { path: folder.join("cd"), what }))
}

/// Makes the set; gives notes. Errors: a track is too short, or all are too long; the disk; interrupted.
pub(super) fn make(record: &mut Record, request: &Request, album: &Album, progress: &Progress) -> Result<Vec<String>, Error> {
    let mut made_from = vec!["cd".to_owned(), format!("{:?} {:?} {:?}", album.title, album.artist, album.upc)];
    for track in &album.tracks {
        long_enough(track.seconds - track.pause_s, &record.path(&track.file))?;
        made_from.push(format!("{} {:?} {:?} {:?}", sha256(&record.path(&track.file))?, track.title, track.artist, track.isrc));
    }
    let parts: Vec<&str> = made_from.iter().map(String::as_str).collect();
    let key = key(&parts);
    let stem = safe(&album.title);
    let name = format!("cd/{stem}.wav");
    let (image, disc) = lay_out(record, album, &format!("{stem}.wav"))?;
    not_too_long(disc.sectors(), record.folder())?;
    if !record.is_there(&name, &key)? {
        progress.piece(1, 1)?;
        let temporary = record.making("disc.wav");
        render::render(&image, None, &plan(&image), &temporary, true, progress)?;
        record.put(&name, &key, &temporary)?;
    }
    record.text(&format!("cd/{stem}.cue"), &disc.cue())?;
    record.text(&format!("cd/{stem}.toc"), &disc.toc())?;
    record.text("cd/PQ.txt", &disc.pq())?;
    let sum = md5_of(&record.path(&name))?;
    ddp_set(record, &disc, &stem, &key)?;
    record.text("cd/checksums.md5", &format!("{sum}  {}\n", disc.wav))?;
    let long = msf(disc.sectors());
    let mut notes = vec![format!("Compact disc: {} tracks, {long} (min:s:frames) in all, {}.", disc.tracks.len(), disc.wav)];
    if heard::said_title(request).is_none() {
        notes.push(format!("Neither the sheet nor the first mix's tags name the album: the disc is called \"{}\".", disc.title));
    }
    notes.extend(disc.nameless());
    notes.extend(disc.respelled());
    notes.extend(ddp::left_out(&disc));
    notes.extend(capacity::note(disc.sectors()));
    Ok(notes)
}

/// The set for the plant, in `cd/ddp/`; `made_from` is the image's key.
fn ddp_set(record: &mut Record, disc: &Disc, master: &str, made_from: &str) -> Result<(), Error> {
    let wav = record.path(&format!("cd/{}", disc.wav));
    let mut names = Vec::new();
    for (name, bytes) in ddp::sheets(disc, master) {
        record.bytes(&format!("cd/ddp/{name}"), &bytes)?;
        names.push(name);
    }
    let (image, key) = (format!("cd/ddp/{}", ddp::IMAGE), key(&["ddp", made_from]));
    if !record.is_there(&image, &key)? {
        let temporary = record.making("image");
        ddp::write_image(&wav, &temporary).map_err(|source| io_error(&temporary, source))?;
        record.put(&image, &key, &temporary)?;
    }
    names.push(ddp::IMAGE);
    let folder = record.path("cd/ddp");
    let [crc, md5] = ddp::checksums(&folder, &names).map_err(|source| io_error(&folder, source))?;
    record.text("cd/ddp/CHECKSUM.TXT", &crc)?;
    record.text("cd/ddp/CHECKSUM.MD5", &md5)
}

/// MD5 of a file, for people's tools.
fn md5_of(path: &Path) -> Result<String, Error> {
    let read = || -> std::io::Result<String> {
        let (mut file, mut sum, mut buffer) = (File::open(path)?, md5::Context::new(), vec![0; 1 << 16]);
        loop {
            let bytes = file.read(&mut buffer)?;
            if bytes == 0 {
                return Ok(format!("{:x}", sum.finalize()));
            }
            sum.consume(&buffer[..bytes]);
        }
    };
    read().map_err(|source| io_error(path, source))
}

/// The image before resampling, stereo, every track's start on a sector; and where everything lies.
fn lay_out(record: &Record, album: &Album, wav: &str) -> Result<(Spill, Disc), Error> {
    let rate_hz = album.sample_rate_hz;
    let mut writer = SpillWriter::create(rate_hz, 2)?;
    let mut frames = 0;
    // Sector at which the pause before a track begins, and at which its music does.
    let (mut pauses, mut starts) = (vec![0], vec![0]);
    let last = album.tracks.len() - 1;
    let nearest = |frames: u64| (frames_at(frames, rate_hz, DISC_RATE_HZ) + SECTOR_FRAMES / 2) / SECTOR_FRAMES;
    for (n, track) in album.tracks.iter().enumerate() {
        let spill = spilled(&record.path(&track.file))?;
        let pause = (track.pause_s * f64::from(rate_hz)).round() as u64;
        copy(&spill, &mut writer)?;
        let music_end = frames + spill.frames().saturating_sub(pause);
        frames += spill.frames();
        if n < last && album.tracks[n + 1].goes_on {
            let at = nearest(frames);
            pauses.push(at);
            starts.push(at);
            continue;
        }
        let more = padding_frames(frames, rate_hz);
        writer.push(&vec![vec![0.0; more as usize]; 2])?;
        frames += more;
        let at = frames_at(frames, rate_hz, DISC_RATE_HZ) / SECTOR_FRAMES;
        pauses.push(frames_at(music_end, rate_hz, DISC_RATE_HZ).div_ceil(SECTOR_FRAMES).min(at));
        starts.push(at);
    }
    let track = |(n, track): (usize, &super::Track)| {
        let end = if n == last { starts[n + 1] } else { pauses[n + 1] };
        DiscTrack {
            title: track.title.clone(),
            artist: track.artist.clone(),
            isrc: track.isrc.clone(),
            pause_sectors: starts[n] - pauses[n],
            sectors: end - starts[n],
        }
    };
    let disc = Disc {
        title: album.title.clone(),
        artist: album.artist.clone(),
        ean: album.upc.as_deref().map(ean13),
        wav: wav.to_owned(),
        tracks: album.tracks.iter().enumerate().map(track).collect(),
    };
    Ok((writer.finish()?, disc))
}

/// Everything of a file, mono as both channels.
fn copy(spill: &Spill, writer: &mut SpillWriter) -> Result<(), Error> {
    let (mut at, mut block) = (0, AudioBuffer::default());
    while at < spill.frames() {
        at += spill.read(at, &mut block, BLOCK_FRAMES)? as u64;
        let right = block.channels.last().cloned().unwrap_or_default();
        writer.push(&[std::mem::take(&mut block.channels[0]), right])?;
    }
    Ok(())
}

/// Resampling, the limiter (idle where nothing reaches the ceiling), shaped dither.
fn plan(image: &Spill) -> Plan {
    let ceiling_dbtp = profile_named("cd").map_or(CEILING_DBTP, |profile| profile.ceiling_dbtp);
    let mut chain = ChainSettings::default();
    chain.limiter.ceiling_dbtp = ceiling_dbtp;
    let delivery = Delivery {
        container: Container::Wav,
        sample_format: SampleFormat::Int16,
        dither: Dither::Shaped,
        sample_rate_hz: DISC_RATE_HZ,
        loudness_lufs: None,
        ceiling_dbtp,
        psr_floor_lu: None,
    };
    let mix = crate::plan::MixIdentity {
        file: String::new(),
        sample_rate_hz: image.sample_rate_hz(),
        channels: image.channels(),
        frames: image.frames(),
    };
    Plan { mix, delivery, chain, decisions: Vec::new(), concessions: Vec::new(), notes: Default::default(), history: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::album::Sheet;
    use crate::album::names::NamedTrack;
    use crate::job::{Aims, Wishes};

    #[test]
    fn what_makes_no_disc_is_refused_before_any_work() {
        let request = Request {
            sheet: Sheet::default(),
            aims: Aims::default(),
            wishes: Wishes::default(),
            container: None,
            instructions: None,
            cohesion: 0.5,
            output: "out".into(),
            overwrite: false,
            releases: Vec::new(),
        };
        // A group of its own for each file, with a pause of 2 s behind.
        let checked = |minutes: &[f64]| {
            let frames = |minutes: &f64| (60.0 * minutes * 48_000.0) as u64;
            let layout = |minutes: &f64| Layout {
                starts: vec![0],
                fades: vec![Vec::new()],
                frames: frames(minutes),
                cuts: vec![0],
                gap_frames: 96_000,
            };
            let layouts: Vec<Layout> = minutes.iter().map(layout).collect();
            let named = |n: usize| NamedTrack { entry: n, title: String::new(), artist: String::new(), file: format!("{n}.wav") };
            let names = Names { album: String::new(), tracks: (0..minutes.len()).map(named).collect() };
            check(&request, &names, &layouts, 48_000).map_err(|error| error.to_string())
        };
        assert_eq!(checked(&[40.0, 45.0]), Ok(()));
        let error = checked(&[3.0, 0.05]).unwrap_err();
        assert!(error.starts_with("out/1.wav: only 3.0 s long"), "{error}");
        let error = checked(&[60.0, 40.0]).unwrap_err();
        assert!(error.contains("two discs"), "{error}");
    }
}
