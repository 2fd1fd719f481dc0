//! Dynamics: loudness range by the leveler, the spread that all bands share by the compressor, what single bands need
//! beyond it by the multiband stage.

use super::super::aim::Aim;
use super::Prediction;
use crate::analysis::{Analysis, BandDynamics};
use crate::chain::ChainSettings;
use crate::chain::compressor::CompressorSettings;
use crate::chain::leveler::LevelerSettings;
use crate::chain::multiband::BandSettings;
use crate::dsp::bands::DYNAMICS_BANDS;

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

/// Spread of the body and presence bands together that is off by less is left alone: music differs by this much from
/// arrangement alone.
const COMMON_TOLERANCE_DB: f64 = 3.0;
/// What is left in a single band, in its levels and in its peaks, is corrected down to these.
const SPREAD_TOLERANCE_DB: f64 = 1.5;
const CREST_TOLERANCE_DB: f64 = 0.5;
/// Strongest bend of the compressor's curve, and of a band's upward and downward: `1 − 1/ratio`.
const COMMON_BEND: f64 = 0.25;
const BEND: (f64, f64) = (-0.2, 0.3);
/// Largest transient gain, and what a decibel of crest asks for: few windows have their peak in an attack, so that peaks move by less.
const TRANSIENT_DB: f64 = 2.0;
const TRANSIENT_PER_CREST: f64 = 1.5;
/// The lowest band whose crest is steered: under it crest comes from few waves, not from attacks, and transients do not move it.
pub(in super::super) const LOWEST_WITH_ATTACKS: usize = 1;
/// Attack and release of the compressor, and of each band: slower where periods are longer.
const COMMON_ATTACK_MS: f64 = 15.0;
const COMMON_RELEASE_MS: f64 = 120.0;
const ATTACK_MS: [f64; DYNAMICS_BANDS] = [30.0, 20.0, 10.0, 6.0];
const RELEASE_MS: [f64; DYNAMICS_BANDS] = [250.0, 180.0, 140.0, 100.0];

/// Corrects the spread of all bands together by the compressor, and what is left in single bands by the multiband stage;
/// whether anything moved.
pub(super) fn correct_bands(chain: &mut ChainSettings, predicted: &Prediction, aim: &Aim, analysis: &Analysis) -> bool {
    let (now, goal) = (&predicted.traits, &aim.goal);
    let common = |spread: &[f64; DYNAMICS_BANDS]| 0.5 * (spread[1] + spread[2]);
    let bands = &analysis.loud.dynamics;
    let mut moved = correct_together(&mut chain.compressor, common(&now.spread), common(&goal.spread), bands);
    let excess = common(&now.spread) - common(&goal.spread);
    for (b, band) in chain.multiband.bands_mut().into_iter().enumerate() {
        let (beyond, own) = (now.spread[b] - excess - goal.spread[b], now.spread[b] - goal.spread[b]);
        // No band is moved away from its own goal, nor further than to it, because all together are off.
        let off = if beyond * own <= 0.0 { 0.0 } else { beyond.abs().min(own.abs()).copysign(own) };
        moved |= correct_spread(band, goal.spread[b] + off, goal.spread[b], (bands[b].p10_dbfs, bands[b].p95_dbfs));
        if b >= LOWEST_WITH_ATTACKS {
            moved |= correct_crest(band, now.crest[b] - goal.crest[b]);
        }
        if !band.is_neutral() {
            band.attack_ms = ATTACK_MS[b];
            band.release_ms = RELEASE_MS[b];
        }
    }
    moved
}

fn correct_together(settings: &mut CompressorSettings, now: f64, goal: f64, bands: &[BandDynamics; DYNAMICS_BANDS]) -> bool {
    let before = 1.0 - 1.0 / settings.ratio;
    if (now - goal).abs() < COMMON_TOLERANCE_DB || now < 1.0 || (before == 0.0 && now < goal) {
        return false;
    }
    let bend = (before + (1.0 - goal / now)).clamp(0.0, COMMON_BEND);
    set_compressor(settings, round_to(1.0 / (1.0 - bend), 100.0), bands);
    (bend - before).abs() > 0.01
}

/// A ratio, and what goes with it in this music: the threshold in the middle of its levels, attack and release.
pub(in super::super) fn set_compressor(settings: &mut CompressorSettings, ratio: f64, bands: &[BandDynamics; DYNAMICS_BANDS]) {
    // Above the lowest band the side chain hears all; its level is a peak, 3 dB over a sine's RMS.
    let level = |read: fn(&BandDynamics) -> f64| {
        3.0 + 10.0 * bands[1..].iter().map(|b| 10f64.powf(read(b) / 10.0)).sum::<f64>().max(1e-12).log10()
    };
    settings.ratio = ratio;
    settings.threshold_dbfs = (0.5 * (level(|b| b.p10_dbfs) + level(|b| b.p95_dbfs))).round().clamp(-60.0, 0.0);
    settings.attack_ms = COMMON_ATTACK_MS;
    settings.release_ms = COMMON_RELEASE_MS;
}

fn correct_spread(band: &mut BandSettings, now: f64, goal: f64, (p10, p95): (f64, f64)) -> bool {
    if (now - goal).abs() < SPREAD_TOLERANCE_DB || now < 1.0 {
        return false;
    }
    // Bending the upper half of the levels by `bend` takes half of `bend` from the spread.
    let before = 1.0 - 1.0 / band.high_ratio;
    let bend = (before + 0.5 * (1.0 - goal / now)).clamp(BEND.0, BEND.1);
    set_curve(band, bend, (p10, p95));
    (bend - before).abs() > 0.01
}

/// A bend of the band's curve, and what goes with it in this music: the thresholds, and expansion downward.
fn set_curve(band: &mut BandSettings, bend: f64, (p10, p95): (f64, f64)) {
    band.high_ratio = round_to(1.0 / (1.0 - bend), 100.0);
    band.high_threshold_dbfs = (0.5 * (p10 + p95)).round().clamp(-80.0, 0.0);
    // Expansion also works downward, below the middle of the lower half.
    band.low_ratio = if bend < 0.0 { round_to(1.0 - 0.5 * bend, 100.0) } else { 1.0 };
    band.low_threshold_dbfs = (0.75 * p10 + 0.25 * p95).round().clamp(-90.0, 0.0);
}

/// A band whose upper ratio and transients are given: the rest follows from the music.
pub(in super::super) fn complete_band(band: &mut BandSettings, number: usize, bands: &[BandDynamics; DYNAMICS_BANDS]) {
    if band.is_neutral() {
        return;
    }
    set_curve(band, 1.0 - 1.0 / band.high_ratio, (bands[number].p10_dbfs, bands[number].p95_dbfs));
    band.attack_ms = ATTACK_MS[number];
    band.release_ms = RELEASE_MS[number];
}

fn correct_crest(band: &mut BandSettings, too_much: f64) -> bool {
    if too_much.abs() < CREST_TOLERANCE_DB {
        return false;
    }
    let before = band.transient_db;
    band.transient_db = round_to((before - TRANSIENT_PER_CREST * too_much).clamp(-TRANSIENT_DB, TRANSIENT_DB), 10.0);
    band.transient_db != before
}

fn round_to(value: f64, steps: f64) -> f64 {
    (value * steps).round() / steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Analyzer;
    use crate::propose::Wishes;
    use crate::target::Target;

    #[test]
    fn punch_is_steered_above_the_bass_from_half_a_decibel_on_and_never_far() {
        let mut analyzer = Analyzer::new(44_100, 1);
        analyzer.push(&[(0..44_100 * 4).map(|n| (n as f32 * 0.05).sin() * 0.2).collect()]);
        let analysis = analyzer.finish().analysis();
        let target = Target::blend(&[("itself".into(), analysis.clone(), 1.0)]).unwrap();
        let aim = Aim::new(&analysis, &target, &Wishes::default());
        let corrected = |too_much: f64| {
            let (mut chain, mut traits) = (ChainSettings::default(), aim.mix.clone());
            traits.crest = aim.goal.crest.map(|crest| crest + too_much);
            let moved = correct_bands(&mut chain, &Prediction { traits }, &aim, &analysis);
            (moved, chain.multiband.bands().map(|band| band.transient_db))
        };
        assert_eq!(corrected(0.4), (false, [0.0; DYNAMICS_BANDS]));
        assert_eq!(corrected(0.8), (true, [0.0, -1.2, -1.2, -1.2]));
        assert_eq!(corrected(-6.0), (true, [0.0, 2.0, 2.0, 2.0]));
    }
}
