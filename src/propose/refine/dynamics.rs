//! Dynamics: loudness range by the leveler, spread and crest of each band by the multiband stage, glue by the compressor.

use super::super::aim::Aim;
use super::Prediction;
use crate::analysis::Analysis;
use crate::chain::ChainSettings;
use crate::chain::compressor::CompressorSettings;
use crate::chain::leveler::LevelerSettings;
use crate::chain::multiband::BandSettings;
use crate::dsp::bands::DYNAMICS_BANDS;

/// Loudness range that is off by less is right.
const LRA_TOLERANCE_LU: f64 = 0.7;
/// Share of a deviation that the leveler may take or add, percent.
const LEVELER_PERCENT: (f64, f64) = (-60.0, 85.0);
/// Largest gain that the leveler rides.
const LEVELER_RANGE_DB: f64 = 8.0;
/// The leveler holds its gain this far under the mix's loudness.
const LEVELER_GATE_LU: f64 = 25.0;

/// Corrects the loudness range; whether it was out of tolerance.
pub(super) fn correct_range(settings: &mut LevelerSettings, predicted: &Prediction, aim: &Aim) -> bool {
    let (now, goal) = (predicted.traits.lra_lu, aim.goal.lra_lu);
    if (now - goal).abs() < LRA_TOLERANCE_LU || now < 0.2 {
        return false;
    }
    let keep = (1.0 - settings.amount_percent / 100.0) * (goal / now).clamp(0.5, 1.6);
    let before = settings.amount_percent;
    settings.amount_percent = (100.0 * (1.0 - keep)).round().clamp(LEVELER_PERCENT.0, LEVELER_PERCENT.1);
    settings.pivot_lufs = aim.mix.loudness_lufs.round().clamp(-60.0, 0.0);
    settings.gate_lufs = (aim.mix.loudness_lufs - LEVELER_GATE_LU).round().clamp(-80.0, -10.0);
    settings.range_db = LEVELER_RANGE_DB;
    settings.amount_percent != before
}

/// A band's spread or crest that is off by less is left alone: fast gain changes cost more than they correct, and music
/// differs by this much from arrangement alone.
const SPREAD_TOLERANCE_DB: f64 = 3.0;
const CREST_TOLERANCE_DB: f64 = 1.0;
/// Strongest upward and downward bend of a band's static curve: `1 − 1/ratio`.
const BEND: (f64, f64) = (-0.15, 0.2);
/// Largest transient gain.
const TRANSIENT_DB: f64 = 1.5;
/// Attack and release of each band: slower where periods are longer.
const ATTACK_MS: [f64; DYNAMICS_BANDS] = [30.0, 20.0, 10.0, 6.0];
const RELEASE_MS: [f64; DYNAMICS_BANDS] = [250.0, 180.0, 140.0, 100.0];

/// Corrects spread and crest of each band, and the glue; whether anything was out of tolerance.
pub(super) fn correct_bands(
    chain: &mut ChainSettings,
    predicted: &Prediction,
    aim: &Aim,
    analysis: &Analysis,
    round: usize,
) -> bool {
    let mut moved = false;
    for (b, band) in chain.multiband.bands_mut().into_iter().enumerate() {
        let level = &analysis.loud.dynamics[b];
        moved |= correct_spread(band, predicted.traits.spread[b], aim.goal.spread[b], (level.p10_dbfs, level.p95_dbfs));
        moved |= correct_crest(band, predicted.traits.crest[b] - aim.goal.crest[b]);
        if !band.is_neutral() {
            band.attack_ms = ATTACK_MS[b];
            band.release_ms = RELEASE_MS[b];
        }
    }
    if round == 0 {
        glue(&mut chain.compressor, aim, analysis);
    }
    moved
}

fn correct_spread(band: &mut BandSettings, now: f64, goal: f64, (p10, p95): (f64, f64)) -> bool {
    if (now - goal).abs() < SPREAD_TOLERANCE_DB || now < 1.0 {
        return false;
    }
    // Bending the upper half of the levels by `bend` takes half of `bend` from the spread.
    let before = 1.0 - 1.0 / band.high_ratio;
    let bend = (before + 0.5 * (1.0 - goal / now)).clamp(BEND.0, BEND.1);
    band.high_ratio = round_to(1.0 / (1.0 - bend), 100.0);
    band.high_threshold_dbfs = (0.5 * (p10 + p95)).round().clamp(-80.0, 0.0);
    // Expansion also works downward, below the middle of the lower half.
    band.low_ratio = if bend < 0.0 { round_to(1.0 - 0.5 * bend, 100.0) } else { 1.0 };
    band.low_threshold_dbfs = (0.75 * p10 + 0.25 * p95).round().clamp(-90.0, 0.0);
    (bend - before).abs() > 0.01
}

fn correct_crest(band: &mut BandSettings, too_much: f64) -> bool {
    if too_much.abs() < CREST_TOLERANCE_DB {
        return false;
    }
    let before = band.transient_db;
    band.transient_db = round_to((before - 0.4 * too_much).clamp(-TRANSIENT_DB, TRANSIENT_DB), 10.0);
    band.transient_db != before
}

/// A mix whose PSR is over the goal's by this much gets glue.
const GLUE_FROM_LU: f64 = 3.0;
/// Deepest reduction that the glue aims for on loud passages.
const GLUE_DB: f64 = 1.0;
/// Its ratio.
const GLUE_RATIO: f64 = 1.5;

/// Gentle glue where the target is denser: 1.5:1, up to 1 dB on loud passages.
fn glue(settings: &mut CompressorSettings, aim: &Aim, analysis: &Analysis) {
    let denser = aim.mix.psr_lu - aim.goal.psr_lu;
    if denser < GLUE_FROM_LU {
        return;
    }
    let reduction = (0.2 * denser).min(GLUE_DB);
    let loud: f64 = analysis.loud.dynamics[1..].iter().map(|b| 10f64.powf(b.p95_dbfs / 10.0)).sum();
    let threshold = 10.0 * loud.max(1e-12).log10() - reduction / (1.0 - 1.0 / GLUE_RATIO);
    settings.ratio = GLUE_RATIO;
    settings.threshold_dbfs = threshold.round().clamp(-60.0, 0.0);
}

fn round_to(value: f64, steps: f64) -> f64 {
    (value * steps).round() / steps
}
