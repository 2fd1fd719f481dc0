//! The smallest change of the ceiling that keeps what listeners decode under a limit.
//!
//! `samples ─ limiter at c ─ codec ─ decode ─ true peak ≤ limit?` Peaks that a codec raises do not fall as far as the ceiling does:
//! steps of what is too much lead below, halving leads back up. What is written last has other dither than what was tried: its own
//! copies have the last word.

use super::{CodecFigures, samples};
use crate::audio::AudioBuffer;
use crate::audio::codec::{Coding, RoundTrip, round_trip_blocks};
use crate::audio::spill::Spill;
use crate::chain::{ChainSettings, MasteringChain, Stage};
use crate::error::Error;
use crate::job::Song;
use crate::progress::{Progress, Step};
use crate::render::BLOCK_FRAMES;

/// How close to the smallest change is close enough.
const CLOSE_DB: f64 = 0.1;
/// The ceiling is lowered by no more: a master that needs more is for a person to look at.
const MOST_DB: f64 = 6.0;
/// What a codec may do differently with the dithered file.
const ROOM_DB: f64 = 0.03;
/// How often a written file is lowered further before a person has to look at it.
const TRIES: usize = 4;

/// What was found.
pub(super) struct Found {
    /// The ceiling to limit to; none: the master passes as it is.
    pub(super) ceiling_dbtp: Option<f64>,
    /// The first ceiling: the place's, or the master's own peak where that is lower.
    pub(super) start_dbtp: f64,
    /// How far below the first ceiling that is.
    pub(super) lowered_db: f64,
    /// Codecs that are not available, in words.
    pub(super) missing: Vec<String>,
}

impl Found {
    fn lower(&mut self, by_db: f64) {
        self.lowered_db += by_db;
        self.ceiling_dbtp = Some(self.start_dbtp - self.lowered_db);
    }
}

/// Has `write` make the file for what was found and give its codecs' figures, and lowers the ceiling by what they are still over the
/// limit until they are not, or it was lowered by as much as it ever is. Gives the figures of the last file. Errors: those of `write`.
pub(super) fn settle(
    found: &mut Found,
    limit_dbtp: f64,
    mut write: impl FnMut(&Found) -> Result<Vec<CodecFigures>, Error>,
) -> Result<Vec<CodecFigures>, Error> {
    for _ in 0..TRIES {
        let figures = write(found)?;
        let over_db = figures.iter().map(|f| f.decoded_dbtp - limit_dbtp).fold(f64::NEG_INFINITY, f64::max);
        let room_db = MOST_DB - found.lowered_db;
        if over_db <= 0.0 || room_db < ROOM_DB {
            return Ok(figures);
        }
        found.lower((over_db + ROOM_DB).min(room_db));
    }
    write(found)
}

/// Looks for the ceiling, from `first_dbtp` (what the place asks for) downward. Errors: an encoder fails; interrupted.
pub(super) fn find(
    song: &Song,
    codecs: &[Coding],
    first_dbtp: f64,
    limit_dbtp: f64,
    progress: &Progress,
) -> Result<Found, Error> {
    let (codecs, missing) = available(codecs);
    let audio = samples(song)?;
    let peak = song.analysis.loudness.true_peak_dbtp;
    // Below the ceiling nothing is limited; the first try is the master itself where it is low enough.
    let start = peak.min(first_dbtp);
    let over = |ceiling: f64, codings: &[Coding]| -> Result<(f64, Vec<Coding>), Error> {
        let (mut most, mut failing) = (f64::NEG_INFINITY, Vec::new());
        for &coding in codings {
            let trip = trip(audio, coding, (ceiling < peak).then_some(ceiling), progress)?;
            let too_much = trip.decoded_dbtp + ROOM_DB - limit_dbtp;
            most = most.max(too_much);
            if too_much > 0.0 {
                failing.push(coding);
            }
        }
        Ok((most, failing))
    };
    let (mut too_much, mut failing) = over(start, &codecs)?;
    let (mut bad, mut good) = (start, start);
    while too_much > 0.0 && start - good < MOST_DB {
        bad = good;
        good = (good - too_much - ROOM_DB).max(start - MOST_DB);
        let (now, still) = over(good, &codecs)?;
        too_much = now;
        failing.extend(still.into_iter().filter(|coding| !failing.contains(coding)).collect::<Vec<_>>());
    }
    // What passed at the first ceiling may not pass at every one below: peaks of a copy move as the music under them does.
    let others: Vec<Coding> = codecs.iter().copied().filter(|coding| !failing.contains(coding)).collect();
    while bad - good > CLOSE_DB && too_much <= 0.0 {
        let middle = 0.5 * (bad + good);
        let fits = over(middle, &failing)?.0 <= 0.0 && over(middle, &others)?.0 <= 0.0;
        if fits { good = middle } else { bad = middle }
    }
    let ceiling_dbtp = (good < peak).then_some(good);
    Ok(Found { ceiling_dbtp, start_dbtp: start, lowered_db: start - good, missing })
}

/// The codecs that are here, and why the others are not.
pub(super) fn available(codecs: &[Coding]) -> (Vec<Coding>, Vec<String>) {
    let (mut here, mut missing) = (Vec::new(), Vec::new());
    for coding in codecs {
        match coding.codec.available() {
            Ok(()) => here.push(*coding),
            Err(error) => missing.push(format!("{coding} was not checked: {error}")),
        }
    }
    missing.dedup();
    (here, missing)
}

/// A codec's round trip of samples, limited on the way where a ceiling is given.
fn trip(audio: &Spill, coding: Coding, ceiling_dbtp: Option<f64>, progress: &Progress) -> Result<RoundTrip, Error> {
    round_trip_blocks(coding, audio.sample_rate_hz(), audio.channels(), |take| {
        blocks(audio, ceiling_dbtp, progress, |block| take(block).map_err(Error::from))
    })
}

/// The samples in blocks, limited where a ceiling is given; the limiter's delay is cut off.
pub(super) fn blocks(
    audio: &Spill,
    ceiling_dbtp: Option<f64>,
    progress: &Progress,
    take: impl FnMut(&[Vec<f32>]) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut settings = ChainSettings::default();
    settings.limiter.bypass = ceiling_dbtp.is_none();
    settings.limiter.ceiling_dbtp = ceiling_dbtp.unwrap_or(0.0);
    let mut chain = MasteringChain::of(&[Stage::Limiter], &settings, audio.sample_rate_hz().into(), audio.channels());
    through(audio, &mut chain, progress, take)
}

/// The samples through a chain, in blocks, its delay cut off.
pub(super) fn through(
    audio: &Spill,
    chain: &mut MasteringChain,
    progress: &Progress,
    mut take: impl FnMut(&[Vec<f32>]) -> Result<(), Error>,
) -> Result<(), Error> {
    let latency = chain.latency_frames();
    let (mut late, mut at) = (latency, 0);
    let mut block = AudioBuffer::default();
    while at < audio.frames() + latency as u64 {
        let read = audio.read(at, &mut block, BLOCK_FRAMES)?;
        if read < BLOCK_FRAMES {
            let rest = (audio.frames() + latency as u64 - at - read as u64).min((BLOCK_FRAMES - read) as u64) as usize;
            block.channels.iter_mut().for_each(|channel| channel.resize(read + rest, 0.0));
        }
        let frames = block.frames();
        at += frames as u64;
        progress.at(Step::Verify, at, audio.frames() + latency as u64)?;
        chain.process(&mut block.channels);
        let cut = late.min(frames);
        late -= cut;
        block.channels.iter_mut().for_each(|channel| drop(channel.drain(..cut)));
        take(&block.channels)?;
    }
    Ok(())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::audio::codec::Codec;

    /// A file's one copy, which decodes so high.
    pub(in crate::deliver) fn copy(decoded_dbtp: f64) -> CodecFigures {
        CodecFigures {
            coding: Coding { codec: Codec::Aac, bitrate_kbps: 256 },
            mean_kbps: 256.0,
            original_dbtp: -2.9,
            decoded_dbtp,
            noise_to_mask_db: -6.0,
            heard_percent: 0.0,
            bandwidth_hz: 20_000.0,
            original_bandwidth_hz: 20_000.0,
        }
    }

    #[test]
    fn the_written_files_own_copies_have_the_last_word() {
        let found = |lowered_db: f64| Found {
            ceiling_dbtp: (lowered_db > 0.0).then_some(-2.0 - lowered_db),
            start_dbtp: -2.0,
            lowered_db,
            missing: Vec::new(),
        };
        // What was tried decoded to -0.03 dBTP at -2.9; what is written does to 0.01.
        let mut near = found(0.9);
        let figures = settle(&mut near, 0.0, |found| Ok(vec![copy(found.ceiling_dbtp.unwrap() + 2.91)])).unwrap();
        assert!(figures[0].decoded_dbtp <= 0.0 && (near.lowered_db - 0.94).abs() < 1e-9, "{figures:?} {}", near.lowered_db);
        assert!((near.ceiling_dbtp.unwrap() + 2.94).abs() < 1e-9);
        // What is low enough is written once, and a master that passes as it is stays so.
        let (mut calm, mut written) = (found(0.0), 0);
        let mut write = |_: &Found| {
            written += 1;
            Ok(vec![copy(-0.5)])
        };
        settle(&mut calm, 0.0, &mut write).unwrap();
        assert_eq!((written, calm.ceiling_dbtp, calm.lowered_db), (1, None, 0.0));
        // What no ceiling helps is not lowered for ever.
        let mut never = found(0.9);
        let figures = settle(&mut never, 0.0, |_| Ok(vec![copy(2.0)])).unwrap();
        assert!(figures[0].decoded_dbtp > 0.0 && (never.lowered_db - MOST_DB).abs() < 1e-9, "{}", never.lowered_db);
    }
}
