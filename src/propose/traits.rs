//! Traits: the figures that rules and refinement work on, picked from an analysis.
//!
//! Tone, dynamics and image are the mean of the whole file's figure and the loud sections' figure: what a meter sees and
//! what a person compares.

use crate::analysis::{Analysis, Loudness, Section};
use crate::dsp::bands::{DYNAMICS_BANDS, THIRD_OCTAVE_HZ, THIRD_OCTAVES};
use crate::target::Target;
use crate::target::portrait::{Parts, Portrait};

/// The third octaves whose mean level anchors a tone curve: 100 Hz to 8 kHz, as far as the music reaches.
const ANCHOR_HZ: std::ops::RangeInclusive<u32> = 100..=8000;

/// The figures of one file or of excerpts.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Traits {
    /// Integrated loudness.
    pub(super) loudness_lufs: f64,
    /// Loudness range.
    pub(super) lra_lu: f64,
    /// Peak to short-term loudness.
    pub(super) psr_lu: f64,
    /// Full-band crest.
    pub(super) crest_db: f64,
    /// Left against right.
    pub(super) balance_db: f64,
    /// Mid level of each third octave.
    pub(super) mid_db: [f64; THIRD_OCTAVES],
    /// Side level of each third octave.
    pub(super) side_db: [f64; THIRD_OCTAVES],
    /// Crest of each dynamics band.
    pub(super) crest: [f64; DYNAMICS_BANDS],
    /// Spread of the 100 ms level of each dynamics band about its mean of a second.
    pub(super) spread: [f64; DYNAMICS_BANDS],
    /// Third octaves that the music says something about: up to a codec's low-pass, or half the sample rate.
    pub(super) full_bands: usize,
    /// By how much the music is louder from two speakers than `loudness_lufs` says; PSR counts it already.
    pub(super) of_two_lu: f64,
}

impl Traits {
    /// The traits of an analysis.
    pub(super) fn of(analysis: &Analysis) -> Self {
        let traits = Self::from_parts(&analysis.loudness, &analysis.whole, &analysis.loud);
        let full_bands = THIRD_OCTAVE_HZ.iter().filter(|hz| f64::from(**hz) <= analysis.reach_hz()).count();
        Self { full_bands, of_two_lu: analysis.of_two_lu(), ..traits }
    }

    /// The traits of a mix and of its target, which are compared: as far as both reach, and as loud as the target is in the mix's channels.
    pub(super) fn pair(mix: &Analysis, target: &Target) -> (Self, Self) {
        let (mut of_mix, mut of_target) = (Self::of(mix), Self::of(&target.value));
        let shared = of_mix.full_bands.min(of_target.full_bands);
        (of_mix.full_bands, of_target.full_bands) = (shared, shared);
        of_target.loudness_lufs += of_target.of_two_lu - of_mix.of_two_lu;
        of_target.of_two_lu = of_mix.of_two_lu;
        (of_mix, of_target)
    }

    /// The traits of a whole section, its loud part, and the loudness of the whole, as if the music reached all the way up.
    pub(super) fn from_parts(loudness: &Loudness, whole: &Section, loud: &Section) -> Self {
        let both = |read: &dyn Fn(&Section) -> f64| 0.5 * (read(whole) + read(loud));
        Self {
            loudness_lufs: loudness.integrated_lufs,
            lra_lu: loudness.lra_lu,
            psr_lu: loudness.psr_lu,
            crest_db: both(&|s| s.crest_db),
            balance_db: both(&|s| s.balance_db),
            mid_db: std::array::from_fn(|i| both(&|s| s.spectrum.mid_dbfs[i])),
            side_db: std::array::from_fn(|i| both(&|s| s.spectrum.side_dbfs[i])),
            crest: std::array::from_fn(|b| both(&|s| s.dynamics[b].crest_db)),
            spread: std::array::from_fn(|b| both(&|s| s.dynamics[b].spread_db)),
            full_bands: THIRD_OCTAVES,
            of_two_lu: 0.0,
        }
    }

    /// The portrait that the learned parts know.
    pub(super) fn portrait(&self) -> Portrait {
        Portrait::assemble(&Parts {
            mid_db: self.mid_db,
            side_db: self.side_db,
            lra_lu: self.lra_lu,
            psr_lu: self.psr_lu,
            crest_db: self.crest_db,
            band_crest_db: self.crest,
            band_spread_db: self.spread,
            loudness_lufs: self.loudness_lufs + self.of_two_lu,
        })
    }

    /// Every figure of `self` and `other` through `f(self, other)`.
    pub(super) fn zip(&self, other: &Self, f: impl Fn(f64, f64) -> f64) -> Self {
        Self {
            loudness_lufs: f(self.loudness_lufs, other.loudness_lufs),
            lra_lu: f(self.lra_lu, other.lra_lu),
            psr_lu: f(self.psr_lu, other.psr_lu),
            crest_db: f(self.crest_db, other.crest_db),
            balance_db: f(self.balance_db, other.balance_db),
            mid_db: std::array::from_fn(|i| f(self.mid_db[i], other.mid_db[i])),
            side_db: std::array::from_fn(|i| f(self.side_db[i], other.side_db[i])),
            crest: std::array::from_fn(|b| f(self.crest[b], other.crest[b])),
            spread: std::array::from_fn(|b| f(self.spread[b], other.spread[b])),
            full_bands: self.full_bands,
            of_two_lu: self.of_two_lu,
        }
    }

    /// These figures of the whole, moved by what happened to the excerpts: `self + (after − before)`.
    pub(super) fn moved(&self, before: &Self, after: &Self) -> Self {
        self.zip(&after.zip(before, |a, b| a - b), |s, d| s + d)
    }

    /// Mean level of the mid from 100 Hz to 8 kHz, as far as the music reaches.
    pub(super) fn anchor_db(&self) -> f64 {
        anchor_db(&self.mid_db, self.full_bands)
    }

    /// The mid's curve without its level: zero mean where it is anchored.
    pub(super) fn tone_db(&self) -> [f64; THIRD_OCTAVES] {
        let anchor = self.anchor_db();
        self.mid_db.map(|v| v - anchor)
    }

    /// Side level over mid level in each third octave.
    pub(super) fn width_db(&self) -> [f64; THIRD_OCTAVES] {
        std::array::from_fn(|i| self.side_db[i] - self.mid_db[i])
    }
}

/// Mean of a curve from 100 Hz to 8 kHz, of the first `full_bands` third octaves alone.
pub(super) fn anchor_db(curve: &[f64; THIRD_OCTAVES], full_bands: usize) -> f64 {
    let bands = THIRD_OCTAVE_HZ.iter().zip(curve).take(full_bands);
    let inside: Vec<f64> = bands.filter(|(hz, _)| ANCHOR_HZ.contains(hz)).map(|(_, v)| *v).collect();
    inside.iter().sum::<f64>() / inside.len().max(1) as f64
}

/// The dynamics band that a third octave belongs to.
pub(super) fn band_of(third_octave: usize) -> usize {
    let hz = f64::from(THIRD_OCTAVE_HZ[third_octave]);
    crate::dsp::bands::DYNAMICS_CROSSOVERS_HZ.iter().filter(|f| hz >= **f).count()
}
