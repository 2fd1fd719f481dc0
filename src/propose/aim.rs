//! The aim: the target, scaled by the wishes and held back where mix and target differ by arrangement, not by mastering.

use super::Wishes;
use super::restraint::{self, Held};
use super::traits::Traits;
use crate::analysis::{Analysis, Defect};
use crate::dsp::bands::{DYNAMICS_BANDS, THIRD_OCTAVE_HZ, THIRD_OCTAVES};
use crate::plan::{Clamp, ClampRule};
use crate::target::Target;

/// Largest change of loudness range, and the least range that is left.
const LARGEST_LRA_LU: f64 = 10.0;
const SMALLEST_LRA_LU: f64 = 1.5;
/// Largest change of a band's crest or spread, and of the PSR.
const LARGEST_CREST_DB: f64 = 6.0;
const LARGEST_SPREAD_DB: f64 = 4.0;
const LARGEST_PSR_LU: f64 = 8.0;

/// What refinement steers to, and what it was held back from.
#[derive(Clone, Debug)]
pub(super) struct Aim {
    /// The mix.
    pub(super) mix: Traits,
    /// The target before restraint, for the report.
    pub(super) target: Traits,
    /// Where to go.
    pub(super) goal: Traits,
    /// Where the tone of the mid was held back.
    pub(super) tone_clamps: [Option<Clamp>; THIRD_OCTAVES],
    /// Where the width was held back.
    pub(super) width_clamps: [Option<Clamp>; THIRD_OCTAVES],
    /// Whether there is an image to work on: both mix and target are stereo.
    pub(super) has_image: bool,
    /// Third octaves that mix and target both say something about: up to a codec's low-pass.
    pub(super) full_bands: usize,
}

/// What bounds an aim beside the figures.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    has_image: bool,
    cutoff_hz: f64,
}

impl Bounds {
    /// What this mix and this target are bounded by.
    pub(super) fn of(analysis: &Analysis, target: &Target) -> Self {
        Self {
            has_image: target.has_image && analysis.channels == 2,
            cutoff_hz: cutoff_hz(analysis).min(cutoff_hz(&target.value)),
        }
    }
}

impl Aim {
    /// The aim for a mix.
    pub(super) fn new(analysis: &Analysis, target: &Target, wishes: &Wishes) -> Self {
        Self::between(Traits::of(analysis), Traits::of(&target.value), Bounds::of(analysis, target), wishes)
    }

    /// The aim from one set of figures to another.
    pub(super) fn between(mix: Traits, target_traits: Traits, bounds: Bounds, wishes: &Wishes) -> Self {
        let Bounds { has_image, cutoff_hz } = bounds;
        let mut goal = mix.clone();

        let tone = restraint::tone(&mix.tone_db(), &target_traits.tone_db(), wishes.tone, cutoff_hz);
        let width = match has_image {
            true => restraint::width(&mix.width_db(), &target_traits.width_db(), wishes.width, cutoff_hz),
            false => Held::default(),
        };
        let mix_width = mix.width_db();
        for (i, mix_width) in mix_width.iter().enumerate() {
            goal.mid_db[i] = mix.mid_db[i] + tone.moves_db[i];
            goal.side_db[i] = goal.mid_db[i] + mix_width + width.moves_db[i];
        }

        let toward = |m: f64, t: f64, share: f64, most: f64| m + (share * (t - m)).clamp(-most, most);
        let d = wishes.dynamics;
        goal.lra_lu = toward(mix.lra_lu, target_traits.lra_lu, d, LARGEST_LRA_LU).max(SMALLEST_LRA_LU.min(mix.lra_lu));
        goal.psr_lu = toward(mix.psr_lu, target_traits.psr_lu, d, LARGEST_PSR_LU);
        goal.crest_db = toward(mix.crest_db, target_traits.crest_db, d, LARGEST_CREST_DB);
        for b in 0..DYNAMICS_BANDS {
            goal.crest[b] = toward(mix.crest[b], target_traits.crest[b], d, LARGEST_CREST_DB);
            goal.spread[b] = toward(mix.spread[b], target_traits.spread[b], d, LARGEST_SPREAD_DB);
        }
        if has_image {
            goal.balance_db = mix.balance_db + wishes.width * (target_traits.balance_db - mix.balance_db);
        }
        goal.loudness_lufs = wishes
            .loudness_lufs
            .unwrap_or(mix.loudness_lufs + wishes.loudness * (target_traits.loudness_lufs - mix.loudness_lufs));
        let full_bands = THIRD_OCTAVE_HZ.iter().filter(|hz| f64::from(**hz) <= cutoff_hz).count();
        Self { mix, target: target_traits, goal, tone_clamps: tone.clamps, width_clamps: width.clamps, has_image, full_bands }
    }
}

impl Aim {
    /// Whether the mix has next to nothing in a third octave, so that what was aimed for there was held back.
    pub(super) fn has_nothing(&self, third_octave: usize) -> bool {
        self.tone_clamps[third_octave].is_some_and(|clamp| clamp.rule == ClampRule::NothingThere)
    }
}

/// Where a lossy codec cut the spectrum, or beyond the audible band; a third octave reaches 12 % over its centre.
fn cutoff_hz(analysis: &Analysis) -> f64 {
    let lossy = analysis.defects.iter().find_map(|d| match d {
        Defect::LossyLowpass { freq_hz } => Some(*freq_hz),
        _ => None,
    });
    lossy.unwrap_or(0.5 * f64::from(analysis.sample_rate_hz)) / 1.12
}
