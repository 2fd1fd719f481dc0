//! Onsets: where energy rises, whatever the level.
//!
//! `band powers of 10 ms ─ two steps against the two before, dB ─ weighted sum of the rises ─▶ novelty ─ peaks ─▶ onsets`
//!
//! An energy flux in decibels (Bello et al., A Tutorial on Onset Detection, 2005, section III), over the four dynamics bands.
//! A floor 30 dB under each band's recent mean keeps decaying tails and noise between the notes from counting, so that the
//! same music at another level has the same onsets.

use crate::dsp::bands::DYNAMICS_BANDS;

/// Share of each band: the low band holds one or two periods in 10 ms and tells little about time.
const WEIGHTS: [f64; DYNAMICS_BANDS] = [0.1, 0.2, 0.35, 0.35];
/// Steps over which a band's recent mean is taken: 3 s.
const MEMORY_STEPS: f64 = 300.0;
/// The floor under the recent mean: −30 dB.
const FLOOR: f64 = 1e-3;
/// Power under which nothing rises: −100 dBFS.
const SILENCE: f64 = 1e-10;
/// How far a peak must stand above the mean of its surroundings, dB.
const THRESHOLD_DB: f64 = 2.0;
/// Steps before and after that a peak must top.
const NEIGHBOURS: usize = 3;
/// Steps before and after of which the mean is taken.
const SURROUNDINGS: (usize, usize) = (12, 6);
/// Shortest time between onsets: 60 ms.
const REFRACTORY_STEPS: usize = 6;

/// Novelty of each step.
#[derive(Clone, Debug, Default)]
pub(super) struct Onsets {
    recent: [[f64; DYNAMICS_BANDS]; 3],
    mean: [f64; DYNAMICS_BANDS],
    novelty: Vec<f32>,
}

impl Onsets {
    /// Takes the band powers of the next step.
    pub(super) fn push(&mut self, powers: [f64; DYNAMICS_BANDS]) {
        let steps = self.novelty.len() as f64 + 1.0;
        let mut novelty_db = 0.0;
        for (band, &power) in powers.iter().enumerate() {
            self.mean[band] += (power - self.mean[band]) / steps.min(MEMORY_STEPS);
            let floor = (self.mean[band] * FLOOR).max(SILENCE);
            let [before2, before1, last] = self.recent.map(|r| r[band]);
            let rise_db = 10.0 * ((power + last + 2.0 * floor) / (before1 + before2 + 2.0 * floor)).log10();
            novelty_db += WEIGHTS[band] * rise_db.max(0.0);
        }
        self.recent = [self.recent[1], self.recent[2], powers];
        self.novelty.push(novelty_db as f32);
    }

    /// Makes room for more steps.
    pub(super) fn reserve(&mut self, steps: usize) {
        self.novelty.reserve_exact(steps);
    }

    /// Steps at which something begins.
    pub(super) fn find(&self) -> Vec<usize> {
        let novelty = &self.novelty;
        let mut found: Vec<usize> = Vec::new();
        for (step, &value) in novelty.iter().enumerate() {
            let near = &novelty[step.saturating_sub(NEIGHBOURS)..(step + NEIGHBOURS + 1).min(novelty.len())];
            if f64::from(value) < THRESHOLD_DB || near.iter().any(|&n| n > value) {
                continue;
            }
            let around = &novelty[step.saturating_sub(SURROUNDINGS.0)..(step + SURROUNDINGS.1 + 1).min(novelty.len())];
            let mean = around.iter().map(|&n| f64::from(n)).sum::<f64>() / around.len() as f64;
            let rested = found.last().is_none_or(|&last| step - last >= REFRACTORY_STEPS);
            if f64::from(value) >= mean + THRESHOLD_DB && rested {
                found.push(step);
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::super::signals::{Noise, listen, sine};

    /// Decaying bursts of noise over quieter noise, `per_s` a second.
    fn drums(per_s: f64, gain: f64) -> Vec<f32> {
        let mut noise = Noise(5);
        let at = |n: usize| {
            let since_s = (n as f64 / 48_000.0 * per_s).fract() / per_s;
            (gain * noise.next() * (0.02 + (-since_s / 0.03).exp())) as f32
        };
        (0..480_000).map(at).collect()
    }

    #[test]
    fn counts_beats_at_any_level() {
        for per_s in [1.0, 4.0, 8.0] {
            for gain in [0.001, 0.2] {
                let measured = listen(48_000, &[drums(per_s, gain)]).section(std::slice::from_ref(&(0..100))).transients_per_s;
                assert!((measured - per_s).abs() <= 0.3, "{per_s} a second at {gain}: {measured}");
            }
        }
    }

    #[test]
    fn steady_sounds_have_none() {
        let noise = listen(48_000, &[Noise(9).samples(480_000, 0.1)]).analysis().whole.transients_per_s;
        assert!(noise <= 0.3, "{noise}");
        let tone = listen(48_000, &[sine(48_000, 480_000, 440.0, 0.5)]).analysis().whole.transients_per_s;
        assert!(tone <= 0.2, "{tone}");
    }
}
