//! The filters that cut: one narrow dip a band, and the rule that keeps overlapping dips within the range.
//!
//! A dip is `y = x + (g − 1)·bandpass(x)`, the band-pass with unit gain at its centre: at g = 1 bit-exact, its depth g free
//! to move at any speed, since the filter's state depends on its input alone.

use super::bands::PER_OCTAVE;
use crate::dsp::biquad::{Biquad, Coefficients, Lanes};
use crate::dsp::gain::{db_to_gain, power_to_db};
use rustfft::num_complex::Complex;
use std::f64::consts::PI;

/// Band-pass with unit gain at `freq_hz` and a bandwidth of one band (bilinear transform).
fn bandpass(freq_hz: f64, sample_rate_hz: f64) -> Coefficients {
    let half = (0.5 / PER_OCTAVE).exp2();
    let q = 1.0 / (half - 1.0 / half);
    let (sin, cos) = (2.0 * PI * freq_hz / sample_rate_hz).sin_cos();
    let alpha = sin / (2.0 * q);
    let a0 = 1.0 + alpha;
    Coefficients { b: [alpha / a0, 0.0, -alpha / a0], a: [-2.0 * cos / a0, (1.0 - alpha) / a0] }
}

fn response(Coefficients { b, a }: Coefficients, freq_hz: f64, sample_rate_hz: f64) -> Complex<f64> {
    let z1 = Complex::from_polar(1.0, -2.0 * PI * freq_hz / sample_rate_hz);
    (b[0] + z1 * (b[1] + z1 * b[2])) / (1.0 + z1 * (a[0] + z1 * a[1]))
}

/// One dip whose depth moves in a straight line.
pub(super) struct Bell {
    filter: Biquad,
    gain: f64,
    target: f64,
    slope: f64,
}

impl Bell {
    /// A dip of no depth.
    pub(super) fn new(freq_hz: f64, sample_rate_hz: f64) -> Self {
        Self { filter: Biquad::new(bandpass(freq_hz, sample_rate_hz)), gain: 1.0, target: 1.0, slope: 0.0 }
    }

    /// Starts on the way to another depth, to be reached after `frames`.
    pub(super) fn aim(&mut self, cut_db: f64, frames: usize) {
        self.gain = self.target;
        self.target = if cut_db == 0.0 { 1.0 } else { db_to_gain(-cut_db) };
        self.slope = (self.target - self.gain) / frames as f64;
        if !self.acts() {
            self.filter.reset();
        }
    }

    fn acts(&self) -> bool {
        self.gain != 1.0 || self.target != 1.0
    }

    /// Cuts the frames; costs nothing while it has no depth.
    pub(super) fn process(&mut self, frames: &mut [Lanes]) {
        if !self.acts() {
            return;
        }
        let (mut filter, mut gain) = (self.filter.clone(), self.gain);
        for frame in frames {
            let band = filter.process(*frame);
            gain += self.slope;
            for i in 0..2 {
                frame[i] += (gain - 1.0) * band[i];
            }
        }
        (self.filter, self.gain) = (filter, gain);
    }

    /// See [`Biquad::flush`].
    pub(super) fn flush(&mut self) {
        self.filter.flush();
    }

    pub(super) fn reset(&mut self) {
        self.filter.reset();
        (self.gain, self.target, self.slope) = (1.0, 1.0, 0.0);
    }
}

/// What each dip does at every centre and half way between two.
pub(super) struct Overlap {
    /// Responses of the band-passes: `[dip][point]`, points at centre, half way, centre, …
    responses: Vec<Vec<Complex<f64>>>,
    powers: Vec<f64>,
    shares: Vec<f64>,
}

impl Overlap {
    pub(super) fn new(centres_hz: &[f64], sample_rate_hz: f64) -> Self {
        let half = (0.5 / PER_OCTAVE).exp2();
        let points: Vec<f64> = centres_hz.iter().flat_map(|f| [*f, f * half]).collect();
        let row = |f: &f64| points.iter().map(|p| response(bandpass(*f, sample_rate_hz), *p, sample_rate_hz)).collect();
        Self {
            responses: centres_hz.iter().map(row).collect(),
            powers: vec![1.0; points.len()],
            shares: vec![0.0; centres_hz.len()],
        }
    }

    /// Turns the cuts wanted at the centres into cuts of the dips, which together go no deeper than `range_db`; gives the depth
    /// in dB that they reach together at their deepest point, 0 where nothing is cut.
    pub(super) fn share(&mut self, cuts_db: &mut [f64], range_db: f64) -> f64 {
        // A dip reaches |B|² of its depth (in dB, for small depths) at a neighbour's centre: each takes its part of the sum.
        for (i, share) in self.shares.iter_mut().enumerate() {
            let reach = |j: usize| self.responses[j][2 * i].norm_sqr();
            let sum: f64 = cuts_db.iter().enumerate().filter(|(_, c)| **c > 0.0).map(|(j, c)| reach(j) * c).sum();
            *share = if sum > 0.0 { cuts_db[i] / sum } else { 0.0 };
        }
        cuts_db.iter_mut().zip(&self.shares).for_each(|(cut, share)| *cut *= share);
        let mut deepest_db = self.deepest_db(cuts_db);
        for _ in 0..4 {
            if deepest_db <= range_db {
                break;
            }
            cuts_db.iter_mut().for_each(|cut| *cut *= range_db / deepest_db);
            deepest_db = self.deepest_db(cuts_db);
        }
        deepest_db
    }

    /// Depth of all dips together at their deepest point, in dB.
    fn deepest_db(&mut self, cuts_db: &[f64]) -> f64 {
        self.powers.fill(1.0);
        for (cut_db, row) in cuts_db.iter().zip(&self.responses).filter(|(c, _)| **c > 0.0) {
            let depth = db_to_gain(-cut_db) - 1.0;
            self.powers.iter_mut().zip(row).for_each(|(power, b)| *power *= (1.0 + depth * b).norm_sqr());
        }
        -power_to_db(self.powers.iter().copied().fold(1.0, f64::min))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlapping_dips_stay_within_the_range() {
        let centres: Vec<f64> = (0..20).map(|i| 500.0 * (f64::from(i) / PER_OCTAVE).exp2()).collect();
        let mut overlap = Overlap::new(&centres, 44_100.0);
        let mut all = vec![6.0; 20];
        overlap.share(&mut all, 6.0);
        let depth_db = overlap.deepest_db(&all);
        assert!(depth_db <= 6.05 && depth_db > 5.0, "{depth_db}");
        let mut one = vec![0.0; 20];
        one[7] = 6.0;
        assert!((overlap.share(&mut one, 6.0) - 6.0).abs() < 0.01);
        assert!((one[7] - 6.0).abs() < 1e-9);
        assert_eq!(overlap.share(&mut [0.0; 20], 6.0), 0.0);
    }

    /// Neighbours share their cut: together they reach deeper than any of them, and that is what is told.
    #[test]
    fn the_depth_is_that_of_all_dips_together() {
        let centres: Vec<f64> = (0..20).map(|i| 500.0 * (f64::from(i) / PER_OCTAVE).exp2()).collect();
        let mut overlap = Overlap::new(&centres, 44_100.0);
        for wanting in [7..8, 7..9, 7..10, 0..20] {
            let mut cuts_db = [0.0; 20];
            cuts_db[wanting.clone()].fill(4.0);
            let told_db = overlap.share(&mut cuts_db, 12.0);
            let at = |hz: f64| {
                let dip = |(cut_db, centre_hz): (&f64, &f64)| {
                    1.0 + (db_to_gain(-cut_db) - 1.0) * response(bandpass(*centre_hz, 44_100.0), hz, 44_100.0)
                };
                -power_to_db(cuts_db.iter().zip(&centres).map(dip).product::<Complex<f64>>().norm_sqr())
            };
            let deepest_db = (0..1000).map(|i| at(300.0 * (f64::from(i) / 200.0).exp2())).fold(0.0, f64::max);
            assert!((told_db - deepest_db).abs() < 0.1, "bands {wanting:?}: {told_db} dB told, {deepest_db} dB deep");
            let largest_db = cuts_db.iter().copied().fold(0.0, f64::max);
            assert!(wanting.len() == 1 || largest_db < told_db - 0.3, "bands {wanting:?}: {largest_db} of {told_db} dB");
        }
    }
}
