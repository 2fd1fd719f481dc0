//! Short-time spectra and the third-octave grid over their bins.

use crate::sound::SAMPLE_RATE_HZ;
use automaster::dsp::bands::{THIRD_OCTAVES, third_octave_centre_hz};
use realfft::RealFftPlanner;
use realfft::num_complex::Complex;
use std::ops::Range;

/// How a frame fades at its ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Window {
    /// Raised cosine.
    Hann,
    /// None.
    Rectangular,
}

/// All whole frames of a signal: `size` samples each, `hop` apart. Each spectrum has `size/2 + 1` bins and is scaled by
/// `1/√(size · Σ window²)`, so that the powers of the bins 0 to `size` add up to the mean power of the frame.
pub(super) fn spectra(samples: &[f32], size: usize, hop: usize, window: Window) -> impl Iterator<Item = Vec<Complex<f32>>> {
    let fft = RealFftPlanner::<f32>::new().plan_fft_forward(size);
    let shape: Vec<f64> = match window {
        Window::Hann => (0..size).map(|n| 0.5 - 0.5 * (std::f64::consts::TAU * n as f64 / size as f64).cos()).collect(),
        Window::Rectangular => vec![1.0; size],
    };
    let scale = 1.0 / (size as f64 * shape.iter().map(|w| w * w).sum::<f64>()).sqrt();
    let shape: Vec<f32> = shape.iter().map(|w| (w * scale) as f32).collect();
    let mut scratch = fft.make_scratch_vec();
    samples.windows(size).step_by(hop).map(move |frame| {
        let mut input: Vec<f32> = frame.iter().zip(&shape).map(|(x, w)| x * w).collect();
        let mut bins = fft.make_output_vec();
        // Lengths come from the plan itself, so the transform cannot fail.
        let done = fft.process_with_scratch(&mut input, &mut bins, &mut scratch);
        debug_assert!(done.is_ok());
        bins
    })
}

/// Frequency of a bin.
pub(super) fn bin_hz(bin: usize, size: usize) -> f64 {
    bin as f64 * f64::from(SAMPLE_RATE_HZ) / size as f64
}

/// The bins of each third octave; a band narrower than a bin has none.
pub(super) fn third_octave_bins(size: usize) -> [Range<usize>; THIRD_OCTAVES] {
    let bin = |hz: f64| ((hz * size as f64 / f64::from(SAMPLE_RATE_HZ)).ceil() as usize).min(size / 2 + 1);
    std::array::from_fn(|band| {
        let centre_hz = third_octave_centre_hz(band);
        bin(centre_hz * 10f64.powf(-0.05))..bin(centre_hz * 10f64.powf(0.05))
    })
}

/// Mean power of the signal in each third octave.
pub(super) fn third_octave_powers(samples: &[f32]) -> [f64; THIRD_OCTAVES] {
    const SIZE: usize = 16_384;
    let bins = third_octave_bins(SIZE);
    let mut powers = [0.0; THIRD_OCTAVES];
    let mut frames = 0;
    for spectrum in spectra(samples, SIZE, SIZE / 2, Window::Hann) {
        for (power, range) in powers.iter_mut().zip(&bins) {
            // Twice: the bins below zero hold as much.
            *power += 2.0 * spectrum[range.clone()].iter().map(|x| f64::from(x.norm_sqr())).sum::<f64>();
        }
        frames += 1;
    }
    powers.map(|power| power / f64::from(frames.max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_reads_its_power_in_its_band_alone() {
        let tone: Vec<f32> =
            (0..88_200).map(|n| (std::f64::consts::TAU * 1000.0 * f64::from(n) / 44_100.0).sin() as f32).collect();
        let powers = third_octave_powers(&tone);
        assert!((powers[17] - 0.5).abs() < 1e-3, "{}", powers[17]);
        assert!(powers.iter().sum::<f64>() - powers[17] < 1e-6);
    }
}
