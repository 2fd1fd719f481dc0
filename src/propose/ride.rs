//! The ride: what the leveler does to the mix's short-term loudness, computed from the timeline's rows instead of heard.
//!
//! With it go the loud windows of the same rows, where the limiter is to hold peaks.
//!
//! The leveler is slow and acts on loudness alone, so that its gain at every row is known without audio: the same window, map and
//! smoothing as [`crate::chain::leveler`], on rows of 100 ms instead of hops of 20 ms.

use crate::analysis::{LoudWindow, ROW_S, Timeline};
use crate::chain::leveler::{LevelerSettings, predicted_gain_db};
use crate::dsp::kweight::power_to_lufs;
use crate::dsp::smooth::hann_weights;
use std::cell::OnceCell;
use std::ops::{Range, RangeInclusive};

/// Amounts that are looked at, percent, and the step between two.
const AMOUNTS_PERCENT: RangeInclusive<i32> = -60..=85;
const STEP_PERCENT: usize = 5;

/// Largest gain that the leveler rides.
const RANGE_DB: f64 = 10.0;
/// The leveler holds its gain this far under the mix's loudness.
const GATE_LU: f64 = 25.0;

/// An amount, and what goes with it in this music: the pivot at its loudness, the gate under it.
pub(super) fn set_leveler(settings: &mut LevelerSettings, amount_percent: f64, mix_lufs: f64) {
    let (least, most) = (f64::from(*AMOUNTS_PERCENT.start()), f64::from(*AMOUNTS_PERCENT.end()));
    settings.amount_percent = amount_percent.round().clamp(least, most);
    settings.pivot_lufs = mix_lufs.round().clamp(-60.0, 0.0);
    settings.gate_lufs = (mix_lufs - GATE_LU).round().clamp(-80.0, -10.0);
    settings.range_db = RANGE_DB;
}

/// What the leveler would do to one mix.
pub(super) struct Ride<'a> {
    mix: &'a Timeline,
    /// All but the amount.
    settings: LevelerSettings,
    /// Loudness around each row, LUFS, as the leveler hears it.
    heard_lufs: Vec<f64>,
    weights: Vec<f64>,
    /// Loudness range at each amount, LUFS.
    ranges_lufs: OnceCell<Vec<(f64, RangeInclusive<f64>)>>,
    loud_windows: OnceCell<Vec<LoudWindow>>,
}

impl<'a> Ride<'a> {
    /// The ride of a mix of this loudness.
    pub(super) fn new(mix: &'a Timeline, mix_lufs: f64) -> Self {
        let mut settings = LevelerSettings::default();
        set_leveler(&mut settings, 0.0, mix_lufs);
        let half_window = (0.5 * settings.window_s / ROW_S).round() as usize;
        let heard_lufs = heard_lufs(&mix.k_powers(), half_window, settings.gate_lufs);
        let (ranges_lufs, loud_windows) = (OnceCell::new(), OnceCell::new());
        Self { mix, heard_lufs, weights: hann_weights(half_window / 2), settings, ranges_lufs, loud_windows }
    }

    /// The levels, LUFS, that bound the loudness range of the mix after the leveler.
    pub(super) fn range_lufs(&self, amount_percent: f64) -> RangeInclusive<f64> {
        self.mix.turned_range_lufs(&self.gains_db(amount_percent))
    }

    /// The rows of the mix.
    pub(super) fn rows(&self) -> Range<usize> {
        0..self.mix.rows()
    }

    /// The loud windows of the mix.
    pub(super) fn loud_windows(&self) -> &[LoudWindow] {
        self.loud_windows.get_or_init(|| self.mix.loud_windows(std::slice::from_ref(&(0..self.mix.rows()))))
    }

    /// The smallest amount, percent, that leaves a loudness range after all, where `length_lu` tells what the other stages leave of
    /// levels; of what the leveler can do the nearest.
    pub(super) fn amount_percent(&self, range_lu: f64, length_lu: impl Fn(&RangeInclusive<f64>) -> f64) -> f64 {
        let ranges = self.ranges_lufs.get_or_init(|| {
            let amounts = AMOUNTS_PERCENT.step_by(STEP_PERCENT).map(f64::from);
            amounts.map(|amount| (amount, self.range_lufs(amount))).collect()
        });
        let ranges: Vec<(f64, f64)> = ranges.iter().map(|(amount, range)| (*amount, length_lu(range))).collect();
        // From neutral on, down to what widens or up to what shortens.
        let neutral = ranges.partition_point(|(amount, _)| *amount < 0.0);
        let widens = ranges[neutral].1 < range_lu;
        let way: Vec<(f64, f64)> =
            if widens { ranges[..=neutral].iter().rev().copied().collect() } else { ranges[neutral..].to_vec() };
        let crosses = |pair: &&[(f64, f64)]| (pair[1].1 >= range_lu) == widens;
        match way.windows(2).find(crosses) {
            Some(&[(from, before), (to, after)]) => from + (to - from) * (range_lu - before) / (after - before),
            _ => way
                .into_iter()
                .min_by(|a, b| (a.1 - range_lu).abs().total_cmp(&(b.1 - range_lu).abs()))
                .map_or(0.0, |near| near.0),
        }
    }

    /// K-weighted power of each row of some pieces after the leveler.
    pub(super) fn powers(&self, amount_percent: f64, pieces: &[Range<usize>]) -> Vec<Vec<f64>> {
        let (powers, gains_db) = (self.mix.k_powers(), self.gains_db(amount_percent));
        let turned = |row: usize| powers[row] * 10f64.powf(gains_db[row] / 10.0);
        pieces.iter().map(|rows| rows.clone().map(turned).collect()).collect()
    }

    /// The leveler's gain at each row.
    fn gains_db(&self, amount_percent: f64) -> Vec<f64> {
        let settings = LevelerSettings { amount_percent, ..self.settings.clone() };
        let targets: Vec<f64> = self.heard_lufs.iter().map(|lufs| predicted_gain_db(&settings, *lufs)).collect();
        let (last, half) = (targets.len().saturating_sub(1), self.weights.len() / 2);
        let smoothed = |row: usize| -> f64 {
            let at = |tap: usize| targets[(row + tap).saturating_sub(half).min(last)];
            self.weights.iter().enumerate().map(|(tap, weight)| weight * at(tap)).sum()
        };
        (0..targets.len()).map(smoothed).collect()
    }
}

/// Mean loudness of the rows around each that pass the gate, held where none does.
fn heard_lufs(powers: &[f64], half_window: usize, gate_lufs: f64) -> Vec<f64> {
    let present = |power: f64| power_to_lufs(power) >= gate_lufs;
    let (mut sum, mut count, mut held) = (0.0, 0_u32, f64::NEG_INFINITY);
    let mut heard: Vec<f64> = Vec::with_capacity(powers.len());
    for row in 0..powers.len() + half_window {
        if let Some(power) = powers.get(row).filter(|power| present(**power)) {
            (sum, count) = (sum + power, count + 1);
        }
        let gone = row.checked_sub(2 * half_window).and_then(|old| powers.get(old));
        if let Some(power) = gone.filter(|power| present(**power)) {
            (sum, count) = (sum - power, count - 1);
        }
        if count > 0 {
            held = power_to_lufs(f64::max(sum, 1e-12) / f64::from(count));
        }
        if row >= half_window {
            heard.push(held);
        }
    }
    heard
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::analysis::Analyzer;
    use crate::chain::settings::StageSettings;

    const RATE_HZ: u32 = 44_100;

    /// Length of a range, LU.
    pub(in super::super) fn length_lu(range_lufs: &RangeInclusive<f64>) -> f64 {
        range_lufs.end() - range_lufs.start()
    }

    /// Verse, chorus, verse, bridge, a pause, chorus: noise, seven to nine seconds each.
    fn song() -> Vec<f32> {
        let mut state = 3u32;
        let parts = [(0.06, 9), (0.2, 8), (0.09, 7), (0.13, 8), (0.0, 2), (0.25, 9)];
        let part = |(level, seconds): (f32, u32)| {
            let noise = std::iter::repeat_with(move || {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                level * ((state >> 8) as f32 / (1 << 23) as f32 - 1.0)
            });
            noise.take((RATE_HZ * seconds) as usize).collect::<Vec<f32>>()
        };
        parts.into_iter().flat_map(part).collect()
    }

    fn measured(samples: Vec<f32>) -> Timeline {
        let mut analyzer = Analyzer::new(RATE_HZ, 1);
        analyzer.push(&[samples]);
        analyzer.finish()
    }

    #[test]
    fn the_range_that_is_computed_is_the_one_that_the_leveler_leaves() {
        let mix = measured(song());
        let mix_lufs = mix.loudness().integrated_lufs;
        let ride = Ride::new(&mix, mix_lufs);
        assert!((length_lu(&ride.range_lufs(0.0)) - mix.loudness().lra_lu).abs() < 1e-9);
        for amount_percent in [-40.0, 30.0, 70.0] {
            let mut settings = LevelerSettings::default();
            set_leveler(&mut settings, amount_percent, mix_lufs);
            let mut leveler = settings.processor(f64::from(RATE_HZ), 1);
            let mut audio = [song()];
            audio[0].extend(vec![0.0; leveler.latency_frames()]);
            leveler.process(&mut audio);
            let played = measured(audio[0].split_off(leveler.latency_frames())).loudness().lra_lu;
            let computed = length_lu(&ride.range_lufs(amount_percent));
            assert!((played - computed).abs() < 0.15, "{amount_percent} %: {computed} LU computed, {played} LU played");
        }
    }

    #[test]
    fn the_amount_for_a_range_leaves_that_range_or_the_nearest() {
        let mix = measured(song());
        let ride = Ride::new(&mix, mix.loudness().integrated_lufs);
        for range_lu in [1.2, 0.8, 0.4].map(|share| share * length_lu(&ride.range_lufs(0.0))) {
            let left = length_lu(&ride.range_lufs(ride.amount_percent(range_lu, length_lu)));
            assert!((left - range_lu).abs() < 0.1, "{left} LU for {range_lu} LU");
        }
        assert_eq!(ride.amount_percent(0.0, length_lu), 85.0);
        assert!(ride.amount_percent(99.0, length_lu) < 0.0);
    }

    #[test]
    fn a_file_of_nothing_has_no_range() {
        let mix = measured(vec![0.0; RATE_HZ as usize]);
        let ride = Ride::new(&mix, -70.0);
        assert_eq!(length_lu(&ride.range_lufs(50.0)), 0.0);
        assert!(
            ride.amount_percent(5.0, length_lu).is_finite()
                && length_lu(&Ride::new(&measured(Vec::new()), -70.0).range_lufs(50.0)) == 0.0
        );
    }
}
