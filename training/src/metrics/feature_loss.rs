//! The audio-feature loss of the style-transfer papers, from its published definition: Steinmetz et al., *ST-ITO:
//! Controlling audio effects for style transfer with inference-time optimization* (ISMIR 2024); Vanka et al.,
//! *Diff-MST: Differentiable mixing style transfer* (ISMIR 2024), whose weights these are.
//!
//! `loss = Σ weight · mean squared difference` of: RMS and crest factor (dB) of each channel, stereo width
//! `E(L−R)/E(L+R)`, stereo imbalance `(E(R)−E(L))/(E(R)+E(L))`, and the bark spectrum of sum and difference.
//!
//! Departures: no padding at the ends of the file; spectra are scaled as in the paper's code (no window, no scaling).

use super::spectra::{Window, bin_hz, spectra};
use crate::sound::Sound;
use serde::Serialize;

const FFT_SIZE: usize = 32_768;
const BARK_BANDS: usize = 24;
const LOWEST_HZ: f64 = 20.0;
const HIGHEST_HZ: f64 = 20_000.0;

/// The weighted parts of the loss.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct FeatureLoss {
    /// 0.1 × mean squared difference of linear RMS.
    pub(crate) rms: f64,
    /// 0.001 × that of the crest factors in dB.
    pub(crate) crest: f64,
    /// That of the width ratio.
    pub(crate) width: f64,
    /// That of the imbalance.
    pub(crate) imbalance: f64,
    /// 0.1 × that of the natural logarithm of the bark spectra.
    pub(crate) bark: f64,
}

impl FeatureLoss {
    /// The loss.
    pub(crate) fn total(&self) -> f64 {
        self.rms + self.crest + self.width + self.imbalance + self.bark
    }
}

/// The features of one file.
#[derive(Clone, Debug)]
pub(super) struct Features {
    rms: [f64; 2],
    crest_db: [f64; 2],
    width: f64,
    imbalance: f64,
    log_bark: Vec<f64>,
}

impl Features {
    /// Measures a file.
    pub(super) fn measure(sound: &Sound) -> Self {
        let [left, right] = &sound.channels;
        let mean = |f: &dyn Fn(f64, f64) -> f64| {
            left.iter().zip(right).map(|(l, r)| f(f64::from(*l), f64::from(*r))).sum::<f64>() / left.len().max(1) as f64
        };
        let powers = [mean(&|l, _| l * l), mean(&|_, r| r * r)];
        let rms = powers.map(|power| power.max(1e-8).sqrt());
        let peak = sound.channels.each_ref().map(|channel| f64::from(channel.iter().fold(0f32, |p, x| p.max(x.abs()))));
        let [sum, difference] = sound.mid_side().map(|mut half| {
            half.iter_mut().for_each(|x| *x *= 2.0);
            half
        });
        Self {
            rms,
            crest_db: std::array::from_fn(|c| 20.0 * (peak[c] / rms[c]).max(1e-8).log10()),
            width: mean(&|l, r| (l - r).powi(2)) / mean(&|l, r| (l + r).powi(2)).max(1e-8),
            imbalance: (powers[1] - powers[0]) / (powers[1] + powers[0]).max(1e-8),
            log_bark: [sum, difference].iter().flat_map(|signal| log_bark_spectrum(signal)).collect(),
        }
    }

    /// The loss of this file against another.
    pub(super) fn loss(&self, other: &Self) -> FeatureLoss {
        let mse = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| (x - y).powi(2)).sum::<f64>() / a.len() as f64;
        FeatureLoss {
            rms: 0.1 * mse(&self.rms, &other.rms),
            crest: 0.001 * mse(&self.crest_db, &other.crest_db),
            width: (self.width - other.width).powi(2),
            imbalance: (self.imbalance - other.imbalance).powi(2),
            bark: 0.1 * mse(&self.log_bark, &other.log_bark),
        }
    }
}

/// Traunmüller's bark scale (1990), with his corrections at both ends.
fn hz_to_bark(hz: f64) -> f64 {
    let bark = 26.81 * hz / (1960.0 + hz) - 0.53;
    match bark {
        low if low < 2.0 => low + 0.15 * (2.0 - low),
        high if high > 20.1 => high + 0.22 * (high - 20.1),
        _ => bark,
    }
}

/// Logarithm of the mean magnitude spectrum under 24 triangles, evenly spaced in bark.
fn log_bark_spectrum(signal: &[f32]) -> Vec<f64> {
    // Undoes the scaling of `spectra`, which the published loss does not have.
    let unscale = FFT_SIZE as f64;
    let mut mean = vec![0.0; FFT_SIZE / 2 + 1];
    let mut frames = 0;
    for spectrum in spectra(signal, FFT_SIZE, FFT_SIZE / 4, Window::Rectangular) {
        mean.iter_mut().zip(&spectrum).for_each(|(sum, x)| *sum += f64::from(x.norm()) * unscale);
        frames += 1;
    }
    let (low, high) = (hz_to_bark(LOWEST_HZ), hz_to_bark(HIGHEST_HZ));
    let step = (high - low) / (BARK_BANDS + 1) as f64;
    let barks: Vec<f64> = (0..mean.len()).map(|bin| hz_to_bark(bin_hz(bin, FFT_SIZE))).collect();
    let band = |index: usize| {
        let centre = low + step * (index + 1) as f64;
        let under = |bark: f64| (1.0 - (bark - centre).abs() / step).max(0.0);
        let sum: f64 = mean.iter().zip(&barks).map(|(x, bark)| x * under(*bark)).sum();
        (sum / f64::from(frames.max(1)) + 1e-8).ln()
    };
    (0..BARK_BANDS).map(band).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(left: f64, right: f64) -> Sound {
        let sine = |gain: f64| (0..88_200).map(|n| (gain * (0.1 * f64::from(n)).sin()) as f32).collect();
        Sound { channels: [sine(left), sine(right)] }
    }

    #[test]
    fn parts_read_what_their_definitions_say() {
        let both = Features::measure(&tone(0.5, 0.5));
        let half = Features::measure(&tone(0.5, 0.25));
        let loss = half.loss(&both);
        // RMS 0.25/√2 against 0.5/√2 on one of two channels; crest 3.01 dB everywhere.
        assert!((loss.rms - 0.1 * 0.5 * (0.25f64 / 2f64.sqrt()).powi(2)).abs() < 1e-5, "{loss:?}");
        assert!(loss.crest < 1e-9, "{loss:?}");
        // Width (0.25/0.75)², imbalance (1/16 − 1/4)/(1/16 + 1/4), each against none.
        assert!((loss.width - (1.0f64 / 9.0).powi(2)).abs() < 1e-6, "{loss:?}");
        assert!((loss.imbalance - 0.36).abs() < 1e-4, "{loss:?}");
        assert!(both.loss(&both).total() == 0.0);
    }

    #[test]
    fn the_bark_scale_has_its_known_points() {
        // Traunmüller: 1 kHz is 8.53 bark, 20 Hz below 2 bark is corrected upward.
        assert!((hz_to_bark(1000.0) - 8.527).abs() < 1e-3);
        assert!((hz_to_bark(20.0) - (-0.2592 + 0.15 * 2.2592)).abs() < 1e-3);
    }
}
