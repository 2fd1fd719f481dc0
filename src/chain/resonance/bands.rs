//! Sixth-octave levels out of a power spectrum, and how far each sticks out of its neighbourhood.

use crate::dsp::gain::power_to_db;

/// Bands to an octave.
pub(super) const PER_OCTAVE: f64 = 6.0;
/// Centre of the lowest band that may be cut: below, single bass notes fill a band each.
const LOWEST_HZ: f64 = 125.0;
/// Highest centre that may be cut: above, the ear hears no single resonances.
const HIGHEST_HZ: f64 = 10_000.0;
/// Bands beyond both ends that are listened to only: the reach of a neighbourhood, two thirds of an octave.
const REACH: usize = 4;
/// Nearest neighbours that count: the next one shares the band's own power.
const NEAREST: usize = 2;
/// Power that every band has at least, −100 dBFS: silence has no resonances.
const FLOOR_POWER: f64 = 1e-10;

/// Power that no band exceeds, so that samples beyond all reason do not spoil the levels for good.
const LARGEST_POWER: f64 = 1e12;

/// The bins of one band and their weights, a half cosine over the logarithm of the frequency, an octave's third wide.
struct Band {
    first_bin: usize,
    weights: Vec<f32>,
}

impl Band {
    fn new(centre_hz: f64, bin_hz: f64, bins: usize) -> Self {
        let weight = |bin: usize| {
            let octaves = (bin as f64 * bin_hz / centre_hz).log2();
            (0.5 * std::f64::consts::PI * octaves * PER_OCTAVE).cos().max(0.0)
                * f64::from(u8::from(octaves.abs() * PER_OCTAVE < 1.0))
        };
        let ratio = (1.0 / PER_OCTAVE).exp2();
        let first_bin = ((centre_hz / ratio / bin_hz).ceil() as usize).clamp(1, bins - 1);
        let end = ((centre_hz * ratio / bin_hz).floor() as usize + 1).clamp(first_bin + 1, bins);
        let mut weights: Vec<f64> = (first_bin..end).map(weight).collect();
        // Bands narrower than a few bins take their mean power times their width, so that all are on one scale.
        let width = centre_hz * (ratio - 1.0 / ratio) / bin_hz * 2.0 / std::f64::consts::PI;
        let sum: f64 = weights.iter().sum();
        weights.iter_mut().for_each(|w| *w *= width / sum.max(1e-3));
        Self { first_bin, weights: weights.iter().map(|w| *w as f32).collect() }
    }

    fn power(&self, power: &[f32]) -> f64 {
        let sum: f64 = power[self.first_bin..].iter().zip(&self.weights).map(|(p, w)| f64::from(p * w)).sum();
        sum.min(LARGEST_POWER)
    }
}

/// Smoothed sixth-octave levels.
pub(super) struct Bands {
    bands: Vec<Band>,
    smoothed: Vec<f64>,
    keep: f64,
}

impl Bands {
    /// Bands for spectra of `size` frames; `keep` is what smoothing keeps from one spectrum to the next.
    pub(super) fn new(size: usize, sample_rate_hz: f64, keep: f64) -> Self {
        let (bin_hz, bins) = (sample_rate_hz / size as f64, size / 2 + 1);
        let top_hz = (0.5 * sample_rate_hz * 0.85).min(HIGHEST_HZ * (REACH as f64 / PER_OCTAVE).exp2() * 1.01);
        let centre = |i: usize| LOWEST_HZ * ((i as f64 - REACH as f64) / PER_OCTAVE).exp2();
        let bands: Vec<Band> = (0..).map(centre).take_while(|f| *f <= top_hz).map(|f| Band::new(f, bin_hz, bins)).collect();
        Self { smoothed: vec![0.0; bands.len()], bands, keep }
    }

    /// Centres of the bands that may be cut, in Hz.
    pub(super) fn centres_hz(&self) -> Vec<f64> {
        let cuttable = self.bands.len().saturating_sub(2 * REACH);
        (0..cuttable).map(|i| LOWEST_HZ * (i as f64 / PER_OCTAVE).exp2()).collect()
    }

    /// Takes the next spectrum.
    pub(super) fn listen(&mut self, power: &[f32]) {
        for (level, band) in self.smoothed.iter_mut().zip(&self.bands) {
            let now = band.power(power);
            *level = now + (*level - now) * self.keep;
        }
    }

    /// How far band `i` of [`Bands::centres_hz`] sticks out of its neighbourhood, in dB. The neighbourhood is the mean of the
    /// levels (in dB) on both sides, so that a spectrum's tilt is no resonance.
    pub(super) fn excess_db(&self, i: usize) -> f64 {
        let at = i + REACH;
        let mean_db = |side: &[f64]| power_to_db(side.iter().sum::<f64>() / side.len() as f64 + FLOOR_POWER);
        let below_db = mean_db(&self.smoothed[at - REACH..=at - NEAREST]);
        let above_db = mean_db(&self.smoothed[at + NEAREST..=at + REACH]);
        power_to_db(self.smoothed[at] + FLOOR_POWER) - 0.5 * (below_db + above_db)
    }

    pub(super) fn reset(&mut self) {
        self.smoothed.fill(0.0);
    }
}
