//! Faults of the signal, found while listening.

mod flat_tops;
mod hum;
mod lowpass;
#[cfg(test)]
mod tests;

pub(super) use flat_tops::FlatTops;
pub(super) use hum::Hum;

use super::bands::MidSide;
use super::spectrum::FineSpectrum;
use super::{Defect, Loudness, Section};
use crate::dsp::gain::{db_to_gain, gain_to_db};

/// Level under which nothing is heard at the beginning or the end.
pub(super) const SILENCE_DBFS: f64 = -70.0;
/// Silence before the music that is worth a word.
const HEAD_S: f64 = 0.5;
/// Silence after the music that is worth a word.
const TAIL_S: f64 = 2.0;
/// Offset that costs headroom or clicks at an edit.
const DC_PERCENT: f64 = 0.1;
/// PSR under which a limiter was at work (pre-mastering checklists).
const LIMITED_PSR_LU: f64 = 8.0;
/// Loss in mono that is worth a word: more than two unrelated channels lose.
const MONO_LOSS_DB: f64 = 3.0;
/// Room over [`MONO_LOSS_DB`] so that unrelated channels, which lose 3.01 dB and a little chance, do not count.
const MONO_LOSS_ROOM_DB: f64 = 0.25;
/// Correlation under which channels cancel.
const OUT_OF_PHASE: f64 = -0.05;

/// What the defects of a file are told from, beside its figures.
#[derive(Clone, Debug, Default)]
pub(super) struct Findings {
    /// Runs of equal samples at the largest level, and that level.
    pub(super) flat_tops: (u64, f32),
    /// Mean of each channel.
    pub(super) offset: [f64; 2],
    /// Mains hum: frequency and excess.
    pub(super) hum: Option<(f64, f64)>,
    /// First frame, and the one after the last, above [`SILENCE_DBFS`]; none in a silent file.
    pub(super) sound: Option<(u64, u64)>,
    /// Fine spectrum of the treble.
    pub(super) treble: FineSpectrum,
}

/// Amplitude of [`SILENCE_DBFS`].
pub(super) fn silence_threshold() -> f32 {
    db_to_gain(SILENCE_DBFS) as f32
}

impl Findings {
    /// Amplitude of the flat top of a file that is clipped.
    pub(super) fn clipped_at(&self) -> Option<f32> {
        let (count, top) = self.flat_tops;
        (count >= if top >= flat_tops::FULL_SCALE { 1 } else { flat_tops::OWN_TOP_RUNS }).then_some(top)
    }
}

/// All defects, in the order of [`Defect`].
pub(super) fn defects(
    found: &Findings,
    loudness: &Loudness,
    whole: &Section,
    full: &MidSide,
    frames: u64,
    rate: u32,
) -> Vec<Defect> {
    let mut all = Vec::new();
    if let Some(top) = found.clipped_at() {
        all.push(Defect::ClippedRuns { count: found.flat_tops.0, level_dbfs: gain_to_db(f64::from(top)) });
    }
    let offset_percent = found.offset.iter().fold(0.0, |a: f64, o| a.max(100.0 * o.abs()));
    if offset_percent > DC_PERCENT {
        all.push(Defect::Dc { offset_percent });
    }
    if let Some((freq_hz, excess_db)) = found.hum {
        all.push(Defect::Hum { freq_hz, excess_db });
    }
    let seconds = |frames: u64| frames as f64 / f64::from(rate);
    if let Some((first, end)) = found.sound {
        if seconds(first) > HEAD_S {
            all.push(Defect::SilentHead { seconds: seconds(first) });
        }
        if seconds(frames - end) > TAIL_S {
            all.push(Defect::SilentTail { seconds: seconds(frames - end) });
        }
    }
    if let Some(freq_hz) = lowpass::find(&found.treble) {
        all.push(Defect::LossyLowpass { freq_hz });
    }
    if loudness.integrated_lufs > super::SILENCE_LUFS && loudness.psr_lu < LIMITED_PSR_LU {
        all.push(Defect::AlreadyLimited { psr_lu: loudness.psr_lu });
    }
    if whole.mono_loss_db > MONO_LOSS_DB + MONO_LOSS_ROOM_DB {
        all.push(Defect::MonoLoss { loss_db: whole.mono_loss_db });
    }
    if full.correlation() < OUT_OF_PHASE {
        all.push(Defect::OutOfPhase { correlation: full.correlation() });
    }
    all
}
