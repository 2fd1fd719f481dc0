//! The spectrum over time: mid and side in bands, sibilants, and the long-term spectrum up to the top.
//!
//! `M + i·S ─ Hann ─ FFT`: with `Z = FFT(M + iS)`, `2·FFT(M) = Z(k) + Z*(N−k)` and `2i·FFT(S) = Z(k) − Z*(N−k)`.

use crate::dsp::window::hann;
use rustfft::num_complex::Complex;
use rustfft::{Fft, FftPlanner};
use std::sync::Arc;

/// Length of a moment at least.
const MOMENT_S: f64 = 0.04;
/// The bands whose mono loss is told apart, Hz.
pub(super) const BANDS_HZ: [[f64; 2]; 4] = [[40.0, 250.0], [250.0, 1000.0], [1000.0, 4000.0], [4000.0, 12_000.0]];
/// The bands in which sibilants are looked for, third octaves, Hz.
pub(super) const SIBILANT_HZ: [[f64; 2]; 3] = [[4500.0, 5600.0], [5600.0, 7100.0], [7100.0, 9000.0]];
/// What is above sibilants: cymbals reach there, voices hardly.
const AIR_HZ: [f64; 2] = [11_000.0, 15_000.0];
/// The body of voices.
const BODY_HZ: [f64; 2] = [250.0, 3000.0];

/// Powers of one moment.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Moment {
    /// Mid, side and their product in each of [`BANDS_HZ`].
    pub(super) bands: [[f32; 3]; BANDS_HZ.len()],
    /// Mid, side and their product of all.
    pub(super) full: [f32; 3],
    /// Power in each of [`SIBILANT_HZ`].
    pub(super) sibilant: [f32; SIBILANT_HZ.len()],
    /// Power per hertz of the air.
    pub(super) air_per_hz: f32,
    /// Power of the body.
    pub(super) body: f32,
}

/// Measures moments of a stream.
pub(super) struct Moments {
    rate_hz: f64,
    size: usize,
    fft: Arc<dyn Fft<f32>>,
    window: Vec<f32>,
    staged: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
    /// Every moment.
    pub(super) all: Vec<Moment>,
    /// Sum of the power of each bin.
    power: Vec<f64>,
}

impl Moments {
    /// A meter at rest.
    pub(super) fn new(rate_hz: u32) -> Self {
        let size = ((f64::from(rate_hz) * MOMENT_S) as usize).next_power_of_two();
        let fft = FftPlanner::new().plan_fft_forward(size);
        let scratch = vec![Complex::default(); fft.get_inplace_scratch_len()];
        let window = hann(size);
        let energy = window.iter().map(|w| w * w).sum::<f64>() * size as f64;
        let window = window.iter().map(|w| (w / energy.sqrt()) as f32).collect();
        let staged = Vec::with_capacity(size);
        Self { rate_hz: rate_hz.into(), size, fft, window, staged, scratch, all: Vec::new(), power: vec![0.0; size / 2 + 1] }
    }

    /// Length of a moment in seconds.
    pub(super) fn moment_s(&self) -> f64 {
        self.size as f64 / self.rate_hz
    }

    /// Takes the next frames.
    pub(super) fn push(&mut self, channels: &[Vec<f32>]) {
        for n in 0..channels[0].len() {
            let left = channels[0][n];
            let right = channels.get(1).map_or(left, |right| right[n]);
            self.staged.push(Complex::new(0.5 * (left + right), 0.5 * (left - right)));
            if self.staged.len() == self.size {
                self.measure();
                self.staged.clear();
            }
        }
    }

    fn measure(&mut self) {
        self.staged.iter_mut().zip(&self.window).for_each(|(z, w)| *z *= *w);
        self.fft.process_with_scratch(&mut self.staged, &mut self.scratch);
        let mut moment = Moment::default();
        let bin_hz = self.rate_hz / self.size as f64;
        for k in 1..self.size / 2 {
            let (z, conjugate) = (self.staged[k], self.staged[self.size - k].conj());
            let (mid, side) = (z + conjugate, z - conjugate);
            // Both halves of the spectrum: twice a quarter. −i turns the side back.
            let side = Complex::new(side.im, -side.re);
            let powers = [0.5 * mid.norm_sqr(), 0.5 * side.norm_sqr(), 0.5 * (mid * side.conj()).re];
            let both = powers[0] + powers[1];
            self.power[k] += f64::from(both);
            let hz = k as f64 * bin_hz;
            let within = |band: &[f64; 2]| hz >= band[0] && hz < band[1];
            add(&mut moment.full, &powers);
            BANDS_HZ.iter().zip(&mut moment.bands).filter(|(band, _)| within(band)).for_each(|(_, sum)| add(sum, &powers));
            SIBILANT_HZ.iter().zip(&mut moment.sibilant).filter(|(band, _)| within(band)).for_each(|(_, sum)| *sum += both);
            if within(&AIR_HZ) {
                moment.air_per_hz += both / (AIR_HZ[1] - AIR_HZ[0]) as f32;
            }
            if within(&BODY_HZ) {
                moment.body += both;
            }
        }
        self.all.push(moment);
    }

    /// Mean power per hertz from `from_hz` to `to_hz`, and the largest smoothed over five bins, dB; none where no bin lies there.
    pub(super) fn long_term_db(&self, from_hz: f64, to_hz: f64) -> Option<(f64, f64)> {
        let bin_hz = self.rate_hz / self.size as f64;
        let range = (from_hz / bin_hz).ceil() as usize..(to_hz / bin_hz) as usize;
        let bins = self.power.get(range).filter(|bins| bins.len() >= 5)?;
        let scale = 1.0 / (self.all.len().max(1) as f64 * bin_hz);
        let db = |power: f64| 10.0 * (power * scale).max(1e-20).log10();
        let mean = bins.iter().sum::<f64>() / bins.len() as f64;
        let most = bins.windows(5).map(|w| w.iter().sum::<f64>() / 5.0).fold(0.0, f64::max);
        Some((db(mean), db(most)))
    }
}

fn add(sum: &mut [f32; 3], powers: &[f32; 3]) {
    sum.iter_mut().zip(powers).for_each(|(sum, power)| *sum += power);
}
