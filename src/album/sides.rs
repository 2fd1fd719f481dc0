//! Sides of a record, as `parting.rs` parts the tracks: a file and a pre-master of each.

use super::assemble::spilled;
use super::figures::{Album, Track};
use super::parting::{arranged, demand, sides_for, split};
use super::record::{Record, key, sha256};
use crate::audio::AudioBuffer;
use crate::audio::encode::{EncodeFormat, Encoder};
use crate::audio::format::{Container, Dither, SampleFormat};
use crate::deliver;
use crate::error::Error;
use crate::job;
use crate::progress::Progress;
use crate::render::BLOCK_FRAMES;
use crate::target::delivery::profile_named;

/// Makes the sides' pre-masters in `vinyl/`; gives notes. Errors: those of a delivery; interrupted.
pub(super) fn make(record: &Record, album: &Album, progress: &Progress) -> Result<Vec<String>, Error> {
    let Some(profile) = profile_named("vinyl") else { return Ok(Vec::new()) };
    let most = profile.vinyl.as_ref().and_then(|vinyl| vinyl.side_minutes.last());
    let most_s = most.map_or(f64::INFINITY, |minutes| 60.0 * minutes);
    let seconds: Vec<f64> = album.tracks.iter().map(|track| track.seconds).collect();
    let goes_on: Vec<bool> = album.tracks.iter().map(|track| track.goes_on).collect();
    let ends = split(&seconds, &goes_on, sides_for(seconds.iter().sum()), most_s);
    let mut notes = Vec::new();
    let (mut from, count) = (0, ends.len());
    let mut written: Vec<Vec<usize>> = Vec::new();
    for (n, end) in ends.into_iter().enumerate() {
        let letter = char::from(b'A' + n as u8);
        let tracks = &album.tracks[from..end];
        written.push((from..end).collect());
        from = end;
        let minutes = tracks.iter().map(|track| track.seconds).sum::<f64>() / 60.0;
        let titles: Vec<&str> = tracks.iter().map(|track| track.title.as_str()).collect();
        notes.push(format!("Side {letter}, {minutes:.1} min: {}.", titles.join(", ")));
        notes.extend(torn_note(letter, &album.tracks, end));
        notes.extend(inner_note(letter, tracks));
        let file = side_file(record, letter, tracks)?;
        progress.piece(1, 1)?;
        let song = job::load_mix(&file, progress)?;
        let folder = record.folder().join(format!("vinyl/side {letter}"));
        let delivered = deliver::deliver(&song, &[profile], &folder, record.overwrite(), progress)?;
        notes.extend(delivered.places.iter().flat_map(|place| &place.notes).map(|note| format!("Side {letter}: {note}")));
    }
    for letter in (b'A'..=b'Z').skip(count).map(char::from) {
        if record.folder().join(format!("vinyl/side {letter}")).is_dir() {
            notes.push(format!("vinyl/side {letter} is of an earlier run, and no part of this album."));
        }
    }
    let better = arranged(&album.tracks);
    // What is so already needs no advice.
    if !better.is_empty() && better != written {
        let side = |side: &Vec<usize>| {
            let titles: Vec<&str> = side.iter().map(|track| album.tracks[*track].title.as_str()).collect();
            titles.join(", ")
        };
        let sides: Vec<String> = better.iter().map(side).collect();
        notes.push(format!("Best for the groove would be: {}.", sides.join(" | ")));
    }
    Ok(notes)
}

/// What is parted and should not be: the side ends where the next track goes on.
fn torn_note(letter: char, tracks: &[Track], end: usize) -> Option<String> {
    let (last, next) = (tracks.get(end.checked_sub(1)?)?, tracks.get(end).filter(|next| next.goes_on)?);
    Some(format!(
        "Side {letter} ends where \"{}\" goes on into \"{}\": no other break gives sides that can be cut. Let it end there.",
        last.title, next.title
    ))
}

/// What ends a side and had better not; a track that goes on from the one before it has no other place.
fn inner_note(letter: char, tracks: &[Track]) -> Option<String> {
    let last = tracks.last().filter(|last| tracks.len() > 1 && !last.goes_on)?;
    let loudest = tracks.iter().all(|track| demand(track) <= demand(last));
    loudest.then(|| {
        format!(
            "Side {letter} ends with its loudest and brightest track, \"{}\", where highs distort most: put it first if you can.",
            last.title
        )
    })
}

/// The tracks of a side in one file, their words as they are.
fn side_file(record: &Record, letter: char, tracks: &[Track]) -> Result<std::path::PathBuf, Error> {
    let mut made_from = vec!["side".to_owned()];
    for track in tracks {
        made_from.push(sha256(&record.path(&track.file))?);
    }
    let parts: Vec<&str> = made_from.iter().map(String::as_str).collect();
    // The file's name is that of the pre-master; the folder knows what is on it.
    let folder = record.path(&format!(".album/side-{}", &key(&parts)[..16]));
    let file = folder.join(format!("side {letter}.wav"));
    if file.is_file() {
        return Ok(file);
    }
    std::fs::create_dir_all(&folder).map_err(|source| super::record::io_error(&folder, source))?;
    let mut encoder: Option<Encoder> = None;
    let temporary = record.making("side.wav");
    for track in tracks {
        let spill = spilled(&record.path(&track.file))?;
        let (mut at, mut block) = (0, AudioBuffer::default());
        while at < spill.frames() {
            at += spill.read(at, &mut block, BLOCK_FRAMES)? as u64;
            if encoder.is_none() {
                let format = EncodeFormat {
                    container: Container::Wav,
                    sample_format: SampleFormat::Int24,
                    dither: Dither::None,
                    sample_rate_hz: spill.sample_rate_hz(),
                    channels: 2,
                };
                encoder = Some(Encoder::create(&temporary, format, true)?);
            }
            let right = block.channels.last().cloned().unwrap_or_default();
            let both = [std::mem::take(&mut block.channels[0]), right];
            encoder.iter_mut().try_for_each(|encoder| encoder.push(&both))?;
        }
    }
    if let Some(encoder) = encoder {
        encoder.finish()?.keep()?;
    }
    std::fs::rename(&temporary, &file).map_err(|source| super::record::io_error(&file, source))?;
    Ok(file)
}
