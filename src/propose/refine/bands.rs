//! Dynamics of the bands: how far their levels spread, by the multiband stage; what all bands need beyond what their curves may do, by the
//! compressor. How far their peaks stand out is a matter of [`super::attacks`].
//!
//! A band's curve bends at one level, upward below and downward above, by the same ratio: what un-does a ratio. By how much is
//! told from the mix alone, so that it needs no audition: the spread of levels about their mean of a second goes with the ratio of
//! expansion of records that were expanded by known ratios (0.95 of what all bands share, 0.28 of what a band has of its own: a trial on 48
//! records of the train split, not kept as a command).

use super::super::aim::Aim;
use crate::analysis::{Analysis, BandDynamics};
use crate::chain::ChainSettings;
use crate::chain::compressor::CompressorSettings;
use crate::chain::multiband::BandSettings;
use crate::dsp::bands::DYNAMICS_BANDS;
use std::f64::consts::LN_10;

/// Levels that spread by less hardly move, so that nothing can be told from them.
const LEAST_SPREAD_DB: f64 = 2.0;
/// Share that is believed of what a band's spread is off beyond what all bands are: arrangement differs too.
const OWN_SHARE: f64 = 0.3;
/// Strongest bend of a curve, outward and inward: `1 − 1/ratio`.
const BEND: (f64, f64) = (-0.2, 0.3);
/// Most that the spread of all bands together may be changed by, bands and compressor together.
const MOST_SHARED: f64 = 0.5;
/// A bend that does less is none.
pub(in super::super) const LEAST_BEND: f64 = 0.05;
/// Deviations from the 10th to the 95th percentile of what is normal.
const NORMAL_P10_TO_P95: f64 = 1.282 + 1.645;
/// The softest music of a mix: all but its softest tenth, which may be pauses, and not farther under the loud parts than this …
const SOFT_PARTS_UNDER_DB: f64 = 12.0;
/// … under which by so much is the floor of a band that is compressed upward: what is softer still is a pause or the end of a fade.
const FLOOR_UNDER_DB: f64 = 6.0;
/// Attack and release of the compressor: glue, slower than the bands.
const GLUE_MS: (f64, f64) = (15.0, 120.0);
/// Attack and release of each band: slower where periods are longer.
const ATTACK_MS: [f64; DYNAMICS_BANDS] = [9.0, 6.0, 3.0, 2.0];
const RELEASE_MS: [f64; DYNAMICS_BANDS] = [125.0, 90.0, 70.0, 50.0];

/// Sets the curves of bands and compressor by the spread of the mix and of the aim. Nothing that is heard later changes them.
pub(super) fn set_curves(chain: &mut ChainSettings, aim: &Aim, analysis: &Analysis) {
    let (bends, glue) = bends(&aim.mix.spread, &aim.goal.spread);
    let levels = &analysis.loud.dynamics;
    for (b, band) in chain.multiband.bands_mut().into_iter().enumerate().filter(|(b, _)| bends[*b].abs() >= LEAST_BEND) {
        set_curve(band, bends[b], &levels[b]);
        set_floor(band, &levels[b], &analysis.whole.dynamics[b]);
        set_times(band, b);
    }
    if glue >= LEAST_BEND {
        set_compressor(&mut chain.compressor, glue, levels);
    }
}

/// Share of the loudness range that bands (the lowest counts little in loudness) and compressor keep, by their slopes; in the median 0.94 of it, and within
/// 15 % for half, of 51 masters of the train split (a trial, not kept as a command).
pub(super) fn kept_ratio(chain: &ChainSettings) -> f64 {
    let bands = chain.multiband.bands().map(|band| 1.0 / band.high_ratio);
    bands[1..].iter().sum::<f64>() / (DYNAMICS_BANDS - 1) as f64 / chain.compressor.ratio
}

/// Bend of each band's curve, and of the compressor's, that take the spread of the bands' levels, in decibels, from `now` to `goal`; none
/// where levels hardly move.
fn bends(now: &[f64; DYNAMICS_BANDS], goal: &[f64; DYNAMICS_BANDS]) -> ([f64; DYNAMICS_BANDS], f64) {
    let tighter: [Option<f64>; DYNAMICS_BANDS] =
        std::array::from_fn(|b| (now[b] >= LEAST_SPREAD_DB).then(|| (1.0 - goal[b] / now[b]).clamp(-MOST_SHARED, MOST_SHARED)));
    let shared = tighter.iter().flatten().sum::<f64>() / tighter.iter().flatten().count().max(1) as f64;
    let bands = tighter.map(|own| own.map_or(0.0, |own| (shared + OWN_SHARE * (own - shared)).clamp(BEND.0, BEND.1)));
    // Slopes multiply: that of the bands at their bound, and that of the compressor.
    (bands, (1.0 - (1.0 - shared) / (1.0 - BEND.1)).max(0.0))
}

/// A bend of the compressor's curve, and what goes with it in this music: the threshold in the middle of its levels, attack and release.
fn set_compressor(settings: &mut CompressorSettings, bend: f64, bands: &[BandDynamics; DYNAMICS_BANDS]) {
    // Above the lowest band the side chain hears all; its level is a peak, 3 dB over a sine's RMS.
    let level = |read: fn(&BandDynamics) -> f64| {
        3.0 + 10.0 * bands[1..].iter().map(|b| 10f64.powf(read(b) / 10.0)).sum::<f64>().max(1e-12).log10()
    };
    settings.ratio = round_to(1.0 / (1.0 - bend), 100.0);
    settings.threshold_dbfs = (0.5 * (level(|b| b.p10_dbfs) + level(|b| b.p95_dbfs))).round().clamp(-60.0, 0.0);
    (settings.attack_ms, settings.release_ms) = GLUE_MS;
}

/// A bend of the band's curve, and what goes with it in this music: the lower half, and both thresholds where the band keeps its power. For
/// levels that are normal in decibels with mean power `P` and deviation `σ`, that is `P + ln(10)/20·σ²·(1 − bend)`.
fn set_curve(band: &mut BandSettings, bend: f64, levels: &BandDynamics) {
    band.high_ratio = round_to(1.0 / (1.0 - bend), 100.0);
    band.low_ratio = round_to(1.0 - bend, 100.0);
    let deviation_db = (levels.p95_dbfs - levels.p10_dbfs) / NORMAL_P10_TO_P95;
    let still_dbfs = levels.rms_dbfs + LN_10 / 20.0 * deviation_db.powi(2) * (1.0 - bend);
    let threshold_dbfs = still_dbfs.min(levels.p95_dbfs).round().clamp(-80.0, 0.0);
    (band.high_threshold_dbfs, band.low_threshold_dbfs) = (threshold_dbfs, threshold_dbfs);
}

/// The floor of a band that is raised, by the levels of the loud parts and of the whole mix.
fn set_floor(band: &mut BandSettings, loud: &BandDynamics, whole: &BandDynamics) {
    let softest_dbfs = whole.p10_dbfs.max(loud.p10_dbfs - SOFT_PARTS_UNDER_DB);
    let floor_dbfs = (softest_dbfs - FLOOR_UNDER_DB).round().clamp(-120.0, 0.0);
    band.floor_dbfs = if band.low_ratio < 1.0 { floor_dbfs } else { BandSettings::default().floor_dbfs };
}

pub(super) fn set_times(band: &mut BandSettings, number: usize) {
    if !band.is_neutral() {
        band.attack_ms = ATTACK_MS[number];
        band.release_ms = RELEASE_MS[number];
    }
}

/// A band whose upper ratio and transients are given: the rest follows from the music.
pub(in super::super) fn complete_band(band: &mut BandSettings, number: usize, analysis: &Analysis) {
    if !band.is_neutral() {
        set_curve(band, 1.0 - 1.0 / band.high_ratio, &analysis.loud.dynamics[number]);
        set_floor(band, &analysis.loud.dynamics[number], &analysis.whole.dynamics[number]);
        set_times(band, number);
    }
}

pub(super) fn round_to(value: f64, steps: f64) -> f64 {
    (value * steps).round() / steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_band_that_is_raised_has_a_floor_and_it_is_under_what_plays() {
        let levels = BandDynamics { rms_dbfs: -24.0, crest_db: 12.0, spread_db: 4.0, p95_dbfs: -20.0, p10_dbfs: -34.4 };
        let floor = |bend: f64, whole_p10_dbfs: f64| {
            let mut band = BandSettings::default();
            set_curve(&mut band, bend, &levels);
            set_floor(&mut band, &levels, &BandDynamics { p10_dbfs: whole_p10_dbfs, ..levels });
            band.floor_dbfs
        };
        assert_eq!([floor(0.2, -40.4), floor(-0.2, -40.4)], [-46.0, -120.0]);
        assert_eq!(floor(0.2, -90.0), -52.0, "a mix of which more than a tenth is pause");
    }

    #[test]
    fn slopes_multiply_in_what_is_kept_of_the_range() {
        let mut chain = ChainSettings::default();
        assert_eq!(kept_ratio(&chain), 1.0);
        chain.multiband.bands_mut().into_iter().for_each(|band| band.high_ratio = 1.25);
        chain.compressor.ratio = 2.0;
        assert!((kept_ratio(&chain) - 0.4).abs() < 1e-9);
    }

    #[test]
    fn what_all_bands_share_is_taken_whole_and_what_one_has_of_its_own_in_part() {
        let bends_for = |goal: [f64; DYNAMICS_BANDS]| bends(&[5.0; DYNAMICS_BANDS], &goal).0;
        let glue_for = |goal: f64| bends(&[5.0; DYNAMICS_BANDS], &[goal; DYNAMICS_BANDS]).1;
        assert_eq!(bends_for([5.0; DYNAMICS_BANDS]), [0.0; DYNAMICS_BANDS]);
        assert!(bends_for([4.0; DYNAMICS_BANDS]).iter().all(|bend| (bend - 0.2).abs() < 1e-9));
        let one = bends_for([5.0, 5.0, 5.0, 4.0]);
        assert!((one[3] - (0.05 + OWN_SHARE * 0.15)).abs() < 1e-9 && one[0].abs() < 0.05, "{one:?}");
        // Looser than the mix, and much tighter: within bounds.
        assert!(bends_for([9.0; DYNAMICS_BANDS]).iter().all(|bend| *bend == BEND.0));
        assert!(bends_for([1.0; DYNAMICS_BANDS]).iter().all(|bend| *bend == BEND.1));
        // What all need beyond the bands' bound is the compressor's: 0.7 · (1 − 1/7) = 0.6.
        assert_eq!([glue_for(5.0), glue_for(3.5), glue_for(9.0)], [0.0; 3]);
        assert!((glue_for(3.0) - 1.0 / 7.0).abs() < 1e-9 && glue_for(1.0) == glue_for(2.5));
        // A band that hardly moves is left out, of its own bend and of what is shared.
        let one_still = bends(&[1.0, 5.0, 5.0, 5.0], &[5.0, 4.0, 4.0, 4.0]).0;
        assert!(one_still[0] == 0.0 && one_still[1..].iter().all(|bend| (bend - 0.2).abs() < 1e-9), "{one_still:?}");
    }
}
