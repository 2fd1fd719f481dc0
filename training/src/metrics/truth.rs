//! Distance to the known truth: how far each moment of the master's spectrum is from the record's.
//!
//! After aligning loudness and time: `mean over frames and bins of |10·log10((P_master + f)/(P_truth + f))|`, bins weighted
//! so that each octave above 300 Hz counts alike, up to 16 kHz (lossy corpus files hold nothing reliable above). The
//! floor `f`, 60 dB below the strongest bin of an average frame, keeps silence from counting; cells where the truth is below it are
//! left out. Mid and side each make half, the side only where it is within 40 dB of the mid.

use super::align::{lag_frames, overlap};
use super::spectra::{Window, bin_hz, spectra};
use crate::sound::Sound;

const FFT_SIZE: usize = 2048;
const HIGHEST_HZ: f64 = 16_000.0;

/// The distance in dB, given what brings the master to the truth's loudness.
pub(super) fn distance_db(master: &Sound, truth: &Sound, master_gain_db: f64) -> f64 {
    let (truth, master) = (truth.mid_side(), master.mid_side());
    let lag = lag_frames(&truth[0], &master[0]);
    let gain = 10f64.powf(master_gain_db / 10.0);
    let distance = |channel: usize| {
        let (t, m) = overlap(&truth[channel], &master[channel], lag);
        spectral_distance_db(t, m, gain)
    };
    let energy = |channel: usize| truth[channel].iter().map(|x| f64::from(*x).powi(2)).sum::<f64>();
    if energy(1) < 1e-4 * energy(0) { distance(0) } else { 0.5 * (distance(0) + distance(1)) }
}

fn spectral_distance_db(truth: &[f32], master: &[f32], master_gain: f64) -> f64 {
    let powers = |samples: &[f32]| -> Vec<Vec<f64>> {
        let frames = spectra(samples, FFT_SIZE, FFT_SIZE / 2, Window::Hann);
        frames.map(|bins| bins.iter().map(|x| f64::from(x.norm_sqr())).collect()).collect()
    };
    let (truth, master) = (powers(truth), powers(master));
    let strongest: f64 = truth.iter().map(|bins| bins.iter().fold(0f64, |a, b| a.max(*b))).sum();
    let floor = 1e-6 * strongest / truth.len().max(1) as f64;
    let (mut sum, mut weights) = (0.0, 0.0);
    for (t, m) in truth.iter().zip(&master) {
        for bin in 1..t.len() {
            let hz = bin_hz(bin, FFT_SIZE);
            if t[bin] < floor || hz > HIGHEST_HZ {
                continue;
            }
            let weight = 1.0 / hz.max(300.0);
            sum += weight * (10.0 * ((m[bin] * master_gain + floor) / (t[bin] + floor)).log10()).abs();
            weights += weight;
        }
    }
    if weights > 0.0 { sum / weights } else { 0.0 }
}
