//! Largest true peak of a file, at next to no cost.
//!
//! Eight points an interval are interpolated by a 48-tap windowed sinc, but only where they could exceed what has been
//! found already. Two bounds prove that they cannot:
//!
//! 1. `max|x| · Σ|h|` over the support of 16 neighbouring intervals;
//! 2. for one interval, the exact sum of the four nearest taps plus `max|x| · Σ|h|` of the other forty-four.
//!
//! Phases f and 1−f share their products: with `a = x[−k] + x[1+k]`, `d = x[−k] − x[1+k]` and the even and odd halves of
//! the kernel `E`, `O`, they are `ΣE·a ± ΣO·d`, so the larger magnitude is `|ΣE·a| + |ΣO·d|`.

use std::f64::consts::PI;
use wide::f32x4;

/// Taps on either side of the interval.
const HALF: usize = 24;
/// Taps of the interpolator.
const TAPS: usize = 2 * HALF;
/// Pairs of phases: 1/8 and 7/8, 2/8 and 6/8, 3/8 and 5/8, 4/8 with itself.
const PAIRS: usize = 4;
/// Taps on either side that the second bound takes exactly.
const NEAR: usize = 2;
/// Intervals that share the first bound.
const BLOCK: usize = 16;
/// Room for rounding in single precision.
const MARGIN: f32 = 1.0 + 1e-5;

/// Largest true peak of one channel.
#[derive(Clone, Debug)]
pub(super) struct FilePeak {
    /// Even and odd halves of the kernel, a lane for each pair of phases.
    even: [f32x4; HALF],
    odd: [f32x4; HALF],
    whole_bound: f32,
    far_bound: f32,
    samples: Vec<f32>,
    chunk_peaks: Vec<f32>,
}

impl FilePeak {
    /// Frames by which intervals are looked at late.
    pub(super) const LATENCY_FRAMES: usize = HALF;

    /// A meter at rest.
    pub(super) fn new() -> Self {
        let part = |sign: f64| {
            std::array::from_fn(|k| {
                let of_pair: [f32; PAIRS] = std::array::from_fn(|p| {
                    let f = (p + 1) as f64 / 8.0;
                    (0.5 * (kernel(k as f64 + f) + sign * kernel(k as f64 + 1.0 - f))) as f32
                });
                f32x4::new(of_pair)
            })
        };
        let bound = |from: usize| {
            let of_phase =
                |f: f64| (from..HALF).map(|k| kernel(k as f64 + f).abs() + kernel(k as f64 + 1.0 - f).abs()).sum::<f64>();
            (1..=PAIRS).map(|p| of_phase(p as f64 / 8.0)).fold(0.0, f64::max) as f32 * MARGIN
        };
        Self {
            even: part(1.0),
            odd: part(-1.0),
            whole_bound: bound(0),
            far_bound: bound(NEAR),
            samples: vec![0.0; TAPS],
            chunk_peaks: Vec::new(),
        }
    }

    /// Takes the next samples; gives their largest magnitude and, where it could exceed `known`, the largest true peak of
    /// the intervals up to 24 frames before the last sample (0 otherwise). `known` is the largest true peak found so far.
    pub(super) fn process(&mut self, samples: &[f32], known: f32) -> (f32, f32) {
        self.samples.truncate(TAPS);
        self.samples.extend_from_slice(samples);
        self.chunk_peaks.clear();
        self.chunk_peaks.extend(self.samples.chunks(BLOCK).map(magnitude));
        let sample_peak = self.chunk_peaks[TAPS / BLOCK..].iter().fold(0.0, |a: f32, &b| a.max(b));
        let mut largest = 0.0f32;
        let blocks = samples.len().div_ceil(BLOCK);
        for block in 0..blocks {
            let reach = &self.chunk_peaks[block..(block + 4).min(self.chunk_peaks.len())];
            let local = reach.iter().fold(0.0, |a: f32, &b| a.max(b));
            let floor = known.max(sample_peak).max(largest);
            if local * self.whole_bound > floor {
                let first = block * BLOCK + 1;
                largest = largest.max(self.block_peak(first, (samples.len() + 1 - first).min(BLOCK), local, floor));
            }
        }
        let kept = self.samples.len() - TAPS;
        self.samples.copy_within(kept.., 0);
        (sample_peak, largest)
    }

    /// The samples that were taken last in chunks, each with its largest magnitude.
    pub(super) fn chunks<'a>(&'a self, samples: &'a [f32]) -> impl Iterator<Item = (&'a [f32], f32)> {
        samples.chunks(BLOCK).zip(self.chunk_peaks[TAPS / BLOCK..].iter().copied())
    }

    /// Largest true peak above `floor` of `count` intervals, 0 if there is none.
    fn block_peak(&self, first: usize, count: usize, local: f32, floor: f32) -> f32 {
        let far = local * self.far_bound;
        let mut bounds = [0.0f32; BLOCK];
        let mut near = [0.0f32; BLOCK + TAPS];
        let support = &self.samples[first..(first + count + TAPS - 1)];
        near[..support.len()].copy_from_slice(support);
        let near_taps = [self.even[0], self.even[1], self.odd[0], self.odd[1]].map(f32x4::to_array);
        for (four, bounds) in bounds.chunks_exact_mut(4).enumerate() {
            // Four intervals at once, a lane each.
            let x: [f32x4; 2 * NEAR] = std::array::from_fn(|k| four_at(&near, 4 * four + HALF - NEAR + k));
            let (a0, d0, a1, d1) = (x[1] + x[2], x[1] - x[2], x[0] + x[3], x[0] - x[3]);
            let mut bound = f32x4::ZERO;
            for p in 0..PAIRS {
                let [e0, e1, o0, o1] = near_taps.map(|tap| f32x4::splat(tap[p]));
                bound = bound.fast_max((e0 * a0 + e1 * a1).abs() + (o0 * d0 + o1 * d1).abs());
            }
            bounds.copy_from_slice(&bound.to_array());
        }
        let mut largest = 0.0f32;
        for (i, bound) in bounds[..count].iter().enumerate() {
            if (bound + far) * MARGIN > floor.max(largest) {
                largest = largest.max(self.interval_peak(&near[i..i + TAPS]));
            }
        }
        largest
    }

    /// Largest magnitude between the two middle samples of a window.
    fn interval_peak(&self, window: &[f32]) -> f32 {
        let (left, right) = window.split_at(HALF);
        let (mut even, mut odd) = (f32x4::ZERO, f32x4::ZERO);
        for (((e, o), &l), &r) in self.even.iter().zip(&self.odd).zip(left.iter().rev()).zip(right) {
            even += *e * f32x4::splat(l + r);
            odd += *o * f32x4::splat(l - r);
        }
        (even.abs() + odd.abs()).to_array().into_iter().fold(0.0, f32::max)
    }
}

/// Four neighbouring samples.
#[inline(always)]
fn four_at(samples: &[f32], at: usize) -> f32x4 {
    f32x4::new([samples[at], samples[at + 1], samples[at + 2], samples[at + 3]])
}

/// Largest magnitude of a slice.
fn magnitude(samples: &[f32]) -> f32 {
    let mut lanes = [0.0f32; 4];
    let quads = samples.chunks_exact(4);
    let rest = quads.remainder().iter().fold(0.0, |a: f32, x| a.max(x.abs()));
    for quad in quads {
        for (lane, x) in lanes.iter_mut().zip(quad) {
            *lane = if x.abs() > *lane { x.abs() } else { *lane };
        }
    }
    lanes.iter().fold(rest, |a, &b| a.max(b))
}

/// Sinc under a Blackman–Harris window of 48 samples, at distance `t` in samples.
fn kernel(t: f64) -> f64 {
    let sinc = if t.abs() < 1e-12 { 1.0 } else { (PI * t).sin() / (PI * t) };
    let u = PI * t / HALF as f64;
    sinc * (0.35875 + 0.48829 * u.cos() + 0.14128 * (2.0 * u).cos() + 0.01168 * (3.0 * u).cos())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(frames: usize, seed: u32) -> Vec<f32> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(state >> 8) / f64::from(1u32 << 24) - 0.5
        };
        (0..frames).map(|_| ((0..6).map(|_| next()).sum::<f64>() * 0.3) as f32).collect()
    }

    /// Largest magnitude of the samples and of eight points in every interval, by the sum itself in f64.
    fn interpolated_peak(samples: &[f32]) -> f64 {
        let half = HALF as i64;
        let sample = |n: i64| usize::try_from(n).ok().and_then(|n| samples.get(n)).map_or(0.0, |x| f64::from(*x));
        let at = |n: i64, f: f64| (1 - half..=half).map(|k| sample(n + k) * kernel(f - k as f64)).sum::<f64>();
        let end = samples.len() as i64 + half;
        let peaks = (-half..end).flat_map(|n| (0..8).map(move |p| at(n, f64::from(p) / 8.0).abs()));
        peaks.fold(0.0, f64::max)
    }

    /// The bounds only save work: the same peak as interpolating everywhere.
    #[test]
    fn skipping_changes_nothing() {
        for seed in 0..20 {
            let samples = noise(3000 + seed as usize, seed);
            let (mut meter, mut known) = (FilePeak::new(), 0.0f32);
            for block in samples.chunks(97).chain([&[0.0f32; TAPS][..]]) {
                let (sample, between) = meter.process(block, known);
                known = known.max(sample).max(between);
            }
            let everywhere = interpolated_peak(&samples) as f32;
            assert!((known / everywhere - 1.0).abs() < 1e-4, "{known} {everywhere}");
        }
    }

    #[test]
    fn quarter_rate_sine_at_45_degrees() {
        let samples: Vec<f32> = (0..2000).map(|n| (PI / 2.0 * f64::from(n) + PI / 4.0).sin() as f32).collect();
        let (sample, between) = FilePeak::new().process(&samples[..1000], 0.0);
        assert!((sample - std::f32::consts::FRAC_1_SQRT_2).abs() < 1e-3);
        // The tone begins abruptly, so its start overshoots a little.
        assert!((1.0..1.1).contains(&between), "{between}");
    }
}
