//! Mid and side in the four dynamics bands, and what is measured of them.

use crate::dsp::band_split::{BandSplit, SplitFrame};
use crate::dsp::bands::{DYNAMICS_BANDS, DYNAMICS_CROSSOVERS_HZ};
use wide::f32x4;

/// Sums over a stretch of mid and side: powers need one division by the number of frames.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct MidSide {
    /// Sum of M².
    pub(super) mid: f64,
    /// Sum of S².
    pub(super) side: f64,
    /// Sum of M·S: left is `mid + side + 2·cross`, right `mid + side − 2·cross`.
    pub(super) cross: f64,
}

impl MidSide {
    /// Adds another stretch, scaled.
    pub(super) fn add(&mut self, other: &Self, scale: f64) {
        self.mid += scale * other.mid;
        self.side += scale * other.side;
        self.cross += scale * other.cross;
    }

    /// Mean of the powers of left and right.
    pub(super) fn power(&self) -> f64 {
        self.mid + self.side
    }

    /// Powers of left and right.
    pub(super) fn left_right(&self) -> (f64, f64) {
        let at = |sign: f64| (self.power() + sign * 2.0 * self.cross).max(0.0);
        (at(1.0), at(-1.0))
    }

    /// Correlation of left and right: `(M² − S²)/√(L²·R²)`; 1 for silence, 0 where one channel is silent.
    pub(super) fn correlation(&self) -> f64 {
        let (left, right) = self.left_right();
        if self.power() <= 0.0 {
            return 1.0;
        }
        let scale = (left * right).sqrt();
        // A channel 70 dB below the other is below the resolution of these sums: it counts as silent.
        if scale < 3e-4 * self.power() { 0.0 } else { ((self.mid - self.side) / scale).clamp(-1.0, 1.0) }
    }
}

/// One band over a stretch.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct BandSum {
    /// Sums of powers.
    pub(super) sum: MidSide,
    /// Largest magnitude of left or right: `max(|M + S|, |M − S|) = |M| + |S|`.
    pub(super) peak: f32,
}

/// Splits mid and side into bands and sums them. The sums lag one frame behind.
#[derive(Clone, Debug)]
pub(super) struct BandMeter {
    split: BandSplit,
}

impl BandMeter {
    /// A meter at rest.
    pub(super) fn new(sample_rate_hz: u32) -> Self {
        Self { split: BandSplit::new(DYNAMICS_CROSSOVERS_HZ, f64::from(sample_rate_hz)) }
    }

    /// Sums of the next frames.
    #[inline(never)] // A profile is to know it by its name.
    pub(super) fn process(&mut self, mid: &[f32], side: &[f32]) -> [BandSum; DYNAMICS_BANDS] {
        let mut split = self.split.clone();
        let mut sums = LaneSums::default();
        for (&m, &s) in mid.iter().zip(side) {
            // The turned sign of the low bands is one that no power, no product of mid and side and no peak shows.
            sums.add(split.process(m, s));
        }
        split.flush();
        self.split = split;
        sums.bands()
    }
}

/// Sums of all bands, a lane each.
#[derive(Clone, Copy, Debug, Default)]
struct LaneSums {
    mid: f32x4,
    side: f32x4,
    cross: f32x4,
    peaks: f32x4,
}

impl LaneSums {
    #[inline(always)]
    fn add(&mut self, frame: SplitFrame) {
        let (even, odd) = (frame.even.to_array(), frame.odd.to_array());
        let mid = f32x4::new([even[0], odd[0], even[2], odd[2]]);
        let side = f32x4::new([even[1], odd[1], even[3], odd[3]]);
        self.mid += mid * mid;
        self.side += side * side;
        self.cross += mid * side;
        self.peaks = self.peaks.fast_max(mid.abs() + side.abs());
    }

    fn bands(&self) -> [BandSum; DYNAMICS_BANDS] {
        let (mid, side, cross) = (self.mid.to_array(), self.side.to_array(), self.cross.to_array());
        let peaks = self.peaks.to_array();
        std::array::from_fn(|b| {
            let sum = MidSide { mid: f64::from(mid[b]), side: f64::from(side[b]), cross: f64::from(cross[b]) };
            BandSum { sum, peak: peaks[b] }
        })
    }
}

/// Sums of the full band.
pub(super) fn full_band(mid: &[f32], side: &[f32]) -> MidSide {
    let (mut mm, mut ss, mut ms) = ([0.0f32; 4], [0.0f32; 4], [0.0f32; 4]);
    let (mids, sides) = (mid.chunks_exact(4), side.chunks_exact(4));
    let rest = mids.remainder().iter().zip(sides.remainder());
    for (m, s) in mids.zip(sides) {
        for i in 0..4 {
            mm[i] += m[i] * m[i];
            ss[i] += s[i] * s[i];
            ms[i] += m[i] * s[i];
        }
    }
    let total = |lanes: [f32; 4]| lanes.iter().map(|&x| f64::from(x)).sum::<f64>();
    let mut sums = MidSide { mid: total(mm), side: total(ss), cross: total(ms) };
    for (&m, &s) in rest {
        let (m, s) = (f64::from(m), f64::from(s));
        sums.add(&MidSide { mid: m * m, side: s * s, cross: m * s }, 1.0);
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::crossover::Crossover;
    use std::f64::consts::PI;

    fn tone(freq_hz: f64, rate: u32, frames: usize) -> Vec<f32> {
        (0..frames).map(|n| (0.5 * (2.0 * PI * freq_hz * n as f64 / f64::from(rate)).sin()) as f32).collect()
    }

    /// Same powers as the crossover of the chain, at every rate, below, at and above each crossover.
    #[test]
    fn bands_are_those_of_the_crossover() {
        for rate in [44_100, 48_000, 192_000] {
            for freq_hz in [30.0, 60.0, 120.0, 300.0, 800.0, 2000.0, 5000.0, 12_000.0] {
                let mid = tone(freq_hz, rate, rate as usize);
                let side: Vec<f32> = mid.iter().map(|m| m * 0.1).collect();
                let half = rate as usize / 2;
                let mut meter = BandMeter::new(rate);
                meter.process(&mid[..half], &side[..half]);
                let measured = meter.process(&mid[half..], &side[half..]);
                let mut crossover = Crossover::new(DYNAMICS_CROSSOVERS_HZ, f64::from(rate));
                let mut expected = [0.0; 4];
                for (n, (&m, &s)) in mid.iter().zip(&side).enumerate() {
                    for (sum, y) in expected.iter_mut().zip(crossover.process([f64::from(m), f64::from(s)])) {
                        *sum += if n >= half { y[0] * y[0] } else { 0.0 };
                    }
                }
                for (band, (measured, expected)) in measured.iter().zip(expected).enumerate() {
                    let floor = 1e-9 * half as f64;
                    let error_db = 10.0 * ((measured.sum.mid + floor) / (expected + floor)).log10();
                    assert!(error_db.abs() < 0.01, "{rate} {freq_hz} band {band}: {error_db} dB");
                    let width_db = 10.0 * (measured.sum.side / measured.sum.mid).log10();
                    assert!(expected < floor * 10.0 || (width_db + 20.0).abs() < 0.01, "{width_db}");
                }
            }
        }
    }

    #[test]
    fn peak_is_that_of_the_louder_channel() {
        let rate = 48_000;
        let (left, right) = (tone(2000.0, rate, 9600), vec![0.0f32; 9600]);
        let mid: Vec<f32> = left.iter().zip(&right).map(|(l, r)| 0.5 * (l + r)).collect();
        let side: Vec<f32> = left.iter().zip(&right).map(|(l, r)| 0.5 * (l - r)).collect();
        let mut meter = BandMeter::new(rate);
        meter.process(&mid[..4800], &side[..4800]);
        let bands = meter.process(&mid[4800..], &side[4800..]);
        // Each of the two crossovers lets 1/(1 + 0.4⁴) of the amplitude through at 2.5 times its distance.
        assert!((bands[2].peak - 0.5 / 1.0256f32.powi(2)).abs() < 0.005, "{}", bands[2].peak);
        assert!(bands[2].sum.correlation().abs() < 1e-3);
        let (l, r) = bands[2].sum.left_right();
        assert!(r < 1e-4 * l);
    }
}
