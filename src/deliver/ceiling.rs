//! The smallest change of the ceiling that keeps what listeners decode under a limit.
//!
//! `samples ─ limiter at c ─ codec ─ decode ─ true peak ≤ limit?` Peaks that a codec raises do not fall as far as the ceiling does:
//! steps of what is too much lead below, halving leads back up.

use super::samples;
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

/// What was found.
pub(super) struct Found {
    /// The ceiling to limit to; none: the master passes as it is.
    pub(super) ceiling_dbtp: Option<f64>,
    /// How far below the first ceiling that is.
    pub(super) lowered_db: f64,
    /// Codecs that are not available, in words.
    pub(super) missing: Vec<String>,
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
    while bad - good > CLOSE_DB && too_much <= 0.0 {
        let middle = 0.5 * (bad + good);
        if over(middle, &failing)?.0 > 0.0 { bad = middle } else { good = middle }
    }
    let ceiling_dbtp = (good < peak).then_some(good);
    Ok(Found { ceiling_dbtp, lowered_db: start - good, missing })
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
