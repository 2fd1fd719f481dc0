//! Sides of a record: the order is kept and the sides are as equal as it allows; what would sound better on vinyl is told.
//!
//! Toward the centre of a record a groove runs slower and its highs distort, so what is loud and bright is best outside (first on a
//! side) and what is soft inside (practice of cutting engineers).

use super::assemble::spilled;
use super::figures::{Album, Track};
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

/// A 12-inch side at 33 1/3 rpm holds this much at a fair level (practice).
const SIDE_MINUTES: f64 = 22.0;
/// What a brighter tilt of 1 dB an octave counts beside 1 LU of loudness.
const TILT_WEIGHT: f64 = 1.0;
/// Up to so many tracks all ways to part them are tried.
const MOST_TRIED: usize = 20;

/// How much a track needs the outside of a side.
fn demand(track: &Track) -> f64 {
    track.after.integrated_lufs + TILT_WEIGHT * track.after.tilt_db_per_octave
}

/// How many sides so much music needs: an even number.
fn sides_for(seconds: f64) -> usize {
    2 * ((seconds / 60.0 / SIDE_MINUTES / 2.0).ceil() as usize).max(1)
}

/// Ends of the sides of tracks in their order: the longest side is as short as it can be.
fn split(seconds: &[f64], sides: usize) -> Vec<usize> {
    // best[k][n]: the shortest longest side that holds the first n tracks on k sides, and where the last one begins.
    let sum = |from: usize, to: usize| seconds[from..to].iter().sum::<f64>();
    let tracks = seconds.len();
    let mut best = vec![vec![(f64::INFINITY, 0); tracks + 1]; sides + 1];
    best[0][0] = (0.0, 0);
    for k in 1..=sides {
        for n in 0..=tracks {
            for from in 0..=n {
                let longest = best[k - 1][from].0.max(sum(from, n));
                if longest < best[k][n].0 {
                    best[k][n] = (longest, from);
                }
            }
        }
    }
    let mut ends = vec![tracks];
    for k in (1..=sides).rev() {
        ends.push(best[k][ends[ends.len() - 1]].1);
    }
    ends.reverse();
    ends.remove(0);
    ends
}

/// An order for vinyl: two sides of lengths as equal as can be (of up to 20 tracks every way is tried), each from loud and bright to
/// soft. Gives the tracks' indices by side.
pub(super) fn arranged(tracks: &[Track]) -> Vec<Vec<usize>> {
    let seconds: Vec<f64> = tracks.iter().map(|track| track.seconds).collect();
    let total: f64 = seconds.iter().sum();
    if tracks.len() > MOST_TRIED || tracks.len() < 2 || sides_for(total) > 2 {
        return Vec::new();
    }
    // Of two halves of about the same length, the one that keeps the first track on side A.
    let of = |set: u32| (0..tracks.len()).filter(move |track| set & (1 << track) != 0);
    let unequal = |set: u32| (2.0 * of(set).map(|track| seconds[track]).sum::<f64>() - total).abs();
    let sets = (1..1u32 << tracks.len()).step_by(2).filter(|set| set.count_ones() as usize != tracks.len());
    let chosen = sets.min_by(|a, b| unequal(*a).total_cmp(&unequal(*b)).then(a.cmp(b))).unwrap_or(1);
    let side = |set: u32| {
        let mut side: Vec<usize> = of(set).collect();
        side.sort_by(|a, b| demand(&tracks[*b]).total_cmp(&demand(&tracks[*a])).then(a.cmp(b)));
        side
    };
    vec![side(chosen), side(((1u32 << tracks.len()) - 1) & !chosen)]
}

/// Makes the sides' pre-masters in `vinyl/`; gives notes. Errors: those of a delivery; interrupted.
pub(super) fn make(record: &Record, album: &Album, progress: &Progress) -> Result<Vec<String>, Error> {
    let seconds: Vec<f64> = album.tracks.iter().map(|track| track.seconds).collect();
    let ends = split(&seconds, sides_for(seconds.iter().sum()).min(album.tracks.len()));
    let mut notes = Vec::new();
    let mut from = 0;
    for (n, end) in ends.into_iter().enumerate() {
        let letter = char::from(b'A' + n as u8);
        let tracks = &album.tracks[from..end];
        from = end;
        let minutes = tracks.iter().map(|track| track.seconds).sum::<f64>() / 60.0;
        let titles: Vec<&str> = tracks.iter().map(|track| track.title.as_str()).collect();
        notes.push(format!("Side {letter}, {minutes:.1} min: {}.", titles.join(", ")));
        notes.extend(inner_note(letter, tracks));
        let Some(profile) = profile_named("vinyl") else { continue };
        let file = side_file(record, letter, tracks)?;
        progress.piece(1, 1)?;
        let song = job::load_mix(&file, progress)?;
        let folder = record.folder().join(format!("vinyl/side {letter}"));
        let delivered = deliver::deliver(&song, &[profile], &folder, progress)?;
        notes.extend(delivered.places.iter().flat_map(|place| &place.notes).map(|note| format!("Side {letter}: {note}")));
    }
    let better = arranged(&album.tracks);
    if !better.is_empty() {
        let side = |side: &Vec<usize>| {
            let titles: Vec<&str> = side.iter().map(|track| album.tracks[*track].title.as_str()).collect();
            titles.join(", ")
        };
        let sides: Vec<String> = better.iter().map(side).collect();
        notes.push(format!("Best for the groove would be: {}.", sides.join(" | ")));
    }
    Ok(notes)
}

/// What ends a side and had better not.
fn inner_note(letter: char, tracks: &[Track]) -> Option<String> {
    let last = tracks.last().filter(|_| tracks.len() > 1)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_are_as_equal_as_the_order_allows() {
        assert_eq!(split(&[3.0, 3.0, 3.0, 3.0], 2), [2, 4]);
        assert_eq!(split(&[10.0, 1.0, 1.0, 1.0, 1.0], 2), [1, 5]);
        assert_eq!(split(&[1.0, 1.0, 5.0, 4.0, 1.0, 2.0], 4).len(), 4);
        assert_eq!((sides_for(40.0 * 60.0), sides_for(60.0 * 60.0), sides_for(10.0)), (2, 4, 2));
    }
}
