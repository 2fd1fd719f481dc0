//! Loudness range, by the leveler.

use super::super::aim::Aim;
use super::Prediction;
use crate::chain::leveler::LevelerSettings;

/// Loudness range that is off by less is right.
const LRA_TOLERANCE_LU: f64 = 0.7;
/// A shorter range is no range to steer.
const SHORTEST_RANGE_LU: f64 = 0.2;
/// Share of a deviation that the leveler may take or add, percent.
const LEVELER_PERCENT: (f64, f64) = (-60.0, 85.0);
/// A step of the kept share, in nepers, from which its power over the range can be read, and the powers that are believed.
const LEAST_STEP: f64 = 0.05;
const LEVELER_POWER: (f64, f64) = (0.5, 1.2);
/// Largest gain that the leveler rides.
const LEVELER_RANGE_DB: f64 = 10.0;
/// The leveler holds its gain this far under the mix's loudness.
const LEVELER_GATE_LU: f64 = 25.0;

/// What one setting of the leveler left of the loudness range.
#[derive(Clone, Copy, Debug)]
pub(super) struct RangeHeard {
    /// Share of each deviation that the leveler was told to keep.
    pub(super) kept_ratio: f64,
    /// The range that came out.
    pub(super) lra_lu: f64,
}

/// Corrects the loudness range; whether it was out of tolerance. The range goes as a power of the share that the leveler keeps, read from the
/// round before (`heard`, which this round then replaces); without one it is taken to be in proportion.
pub(super) fn correct_range(
    settings: &mut LevelerSettings,
    heard: &mut Option<RangeHeard>,
    predicted: &Prediction,
    aim: &Aim,
) -> bool {
    let (now, goal) = (predicted.traits.lra_lu, aim.goal.lra_lu);
    let kept = 1.0 - settings.amount_percent / 100.0;
    let before = heard.replace(RangeHeard { kept_ratio: kept, lra_lu: now });
    if (now - goal).abs() < LRA_TOLERANCE_LU || now < SHORTEST_RANGE_LU {
        return false;
    }
    let power = match before {
        Some(before) if before.lra_lu > SHORTEST_RANGE_LU && (kept / before.kept_ratio).ln().abs() > LEAST_STEP => {
            ((now / before.lra_lu).ln() / (kept / before.kept_ratio).ln()).clamp(LEVELER_POWER.0, LEVELER_POWER.1)
        }
        _ => 1.0,
    };
    let keep = kept * (goal / now).clamp(0.5, 1.6).powf(1.0 / power);
    let before = settings.amount_percent;
    set_leveler(settings, 100.0 * (1.0 - keep), aim.mix.loudness_lufs);
    settings.amount_percent != before
}

/// An amount, and what goes with it in this music: the pivot at its loudness, the gate under it.
pub(in super::super) fn set_leveler(settings: &mut LevelerSettings, amount_percent: f64, mix_lufs: f64) {
    settings.amount_percent = amount_percent.round().clamp(LEVELER_PERCENT.0, LEVELER_PERCENT.1);
    settings.pivot_lufs = mix_lufs.round().clamp(-60.0, 0.0);
    settings.gate_lufs = (mix_lufs - LEVELER_GATE_LU).round().clamp(-80.0, -10.0);
    settings.range_db = LEVELER_RANGE_DB;
}
