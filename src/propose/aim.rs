//! The aim: the target, scaled by the wishes and held back where mix and target differ by arrangement, not by mastering.

use super::Wishes;
use super::traits::Traits;
use crate::analysis::{Analysis, Defect};
use crate::dsp::bands::{DYNAMICS_BANDS, THIRD_OCTAVE_HZ, THIRD_OCTAVES};
use crate::plan::{Clamp, ClampRule};
use crate::target::Target;

/// A tone difference up to this is taken over whole …
const FULL_TONE_DB: f64 = 8.0;
/// … and what is beyond it by this share, …
const BEYOND_SHARE: f64 = 0.5;
/// … up to this.
const LARGEST_TONE_DB: f64 = 12.0;
/// Largest change of the side against the mid.
const LARGEST_WIDTH_DB: f64 = 12.0;
/// No side is widened further beyond the mid than this: the channels would cancel in mono.
const WIDEST_DB: f64 = 3.0;
/// A band this far under the mix's loudest band has nothing to boost.
const NOTHING_THERE_DB: f64 = 62.0;
/// Side this far under mid is no image to widen.
const NO_SIDE_DB: f64 = 40.0;
/// What may still be boosted where there is nothing.
const BOOST_OF_NOTHING_DB: f64 = 2.0;
/// Largest change of loudness range, and the least range that is left.
const LARGEST_LRA_LU: f64 = 10.0;
const SMALLEST_LRA_LU: f64 = 1.5;
/// Largest change of a band's crest or spread, and of the PSR.
const LARGEST_CREST_DB: f64 = 6.0;
const LARGEST_SPREAD_DB: f64 = 8.0;
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

        let (mix_tone, target_tone) = (mix.tone_db(), target_traits.tone_db());
        let mut tone_clamps = [None; THIRD_OCTAVES];
        let loudest = mix_tone.iter().fold(f64::NEG_INFINITY, |a, b| a.max(*b));
        let mut last_move = 0.0;
        for i in 0..THIRD_OCTAVES {
            let wanted = wishes.tone * (target_tone[i] - mix_tone[i]);
            let freq_hz = Some(f64::from(THIRD_OCTAVE_HZ[i]));
            let (mut moved, rule) = limited_tone(wanted);
            let mut clamp = rule.map(|rule| Clamp { wanted, freq_hz, rule });
            if mix_tone[i] < loudest - NOTHING_THERE_DB && moved > BOOST_OF_NOTHING_DB {
                moved = BOOST_OF_NOTHING_DB;
                clamp = Some(Clamp { wanted, freq_hz, rule: ClampRule::NothingThere });
            }
            if f64::from(THIRD_OCTAVE_HZ[i]) > cutoff_hz {
                // Above a codec's low-pass neither file says anything: hold what the last full band got.
                moved = last_move;
                clamp = None;
            }
            last_move = moved;
            tone_clamps[i] = clamp;
            goal.mid_db[i] = mix.mid_db[i] + moved;
        }

        let (mix_width, target_width) = (mix.width_db(), target_traits.width_db());
        let mut width_clamps = [None; THIRD_OCTAVES];
        for i in 0..THIRD_OCTAVES {
            let wanted = if has_image { wishes.width * (target_width[i] - mix_width[i]) } else { 0.0 };
            let mut moved = wanted.clamp(-LARGEST_WIDTH_DB, LARGEST_WIDTH_DB);
            let mut rule = ClampRule::LargestMove;
            let room = (WIDEST_DB - mix_width[i]).max(0.0);
            if moved > room {
                (moved, rule) = (room, ClampRule::MonoSafe);
            }
            if mix_width[i] < -NO_SIDE_DB && moved > BOOST_OF_NOTHING_DB {
                (moved, rule) = (BOOST_OF_NOTHING_DB, ClampRule::NothingThere);
            }
            if f64::from(THIRD_OCTAVE_HZ[i]) > cutoff_hz {
                moved = 0.0;
            } else if moved != wanted {
                width_clamps[i] = Some(Clamp { wanted, freq_hz: Some(f64::from(THIRD_OCTAVE_HZ[i])), rule });
            }
            goal.side_db[i] = goal.mid_db[i] + mix_width[i] + moved;
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
        Self { mix, target: target_traits, goal, tone_clamps, width_clamps, has_image, full_bands }
    }
}

impl Aim {
    /// Whether the mix has next to nothing in a third octave, so that what was aimed for there was held back.
    pub(super) fn has_nothing(&self, third_octave: usize) -> bool {
        self.tone_clamps[third_octave].is_some_and(|clamp| clamp.rule == ClampRule::NothingThere)
    }
}

/// A tone move within limits, and the limit that held it.
fn limited_tone(wanted: f64) -> (f64, Option<ClampRule>) {
    let size = wanted.abs();
    if size <= FULL_TONE_DB {
        return (wanted, None);
    }
    let held = (FULL_TONE_DB + BEYOND_SHARE * (size - FULL_TONE_DB)).min(LARGEST_TONE_DB);
    (held.copysign(wanted), Some(ClampRule::LargestMove))
}

/// Where a lossy codec cut the spectrum, or beyond the audible band; a third octave reaches 12 % over its centre.
fn cutoff_hz(analysis: &Analysis) -> f64 {
    let lossy = analysis.defects.iter().find_map(|d| match d {
        Defect::LossyLowpass { freq_hz } => Some(*freq_hz),
        _ => None,
    });
    lossy.unwrap_or(0.5 * f64::from(analysis.sample_rate_hz)) / 1.12
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_tone_moves_are_held_back_and_said_so() {
        assert_eq!(limited_tone(-3.0), (-3.0, None));
        assert_eq!(limited_tone(12.0), (10.0, Some(ClampRule::LargestMove)));
        assert_eq!(limited_tone(-40.0).0, -LARGEST_TONE_DB);
    }
}
