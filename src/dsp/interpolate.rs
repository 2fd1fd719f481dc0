//! The signal between its samples: a windowed-sinc interpolator with a bound that tells where it need not be asked.
//!
//! For a point between samples `x₀` and `x₁` the kernel `h` gives `y = Σ h[k]·x[k]`. Subtract linear interpolation: what is
//! left, `r = h − lerp`, has zero sum and zero first moment (both are made exact when the kernel is built), so it is the
//! second difference of a kernel `g`, and
//!
//! `y = lerp(x₀, x₁) + Σ g[k]·(x[k−1] − 2·x[k] + x[k+1])`, hence `|y| ≤ max(|x₀|, |x₁|) + Σ|g|·max|Δ²x|`.
//!
//! On music, whose level sits in the lows, the second differences are small and the bound is within a few percent of the
//! samples themselves: nearly every interval can be left out of a search for peaks, provably.

use super::kaiser::kaiser;
use super::simd;
use std::f64::consts::PI;

/// Frames of a tile: the grid on which bounds are kept. Second differences within this many samples of an interval count
/// as near; further ones are weighted tile by tile, for their weight falls with distance.
pub const TILE: usize = 8;

/// Samples that the near second differences are made of.
const NEAR_TAPS: usize = 2 * TILE + 2;

/// Interpolates `PHASES` points between two samples, `(p + 1)/(PHASES + 1)` of the way, with `TAPS` samples around them.
#[derive(Clone, Debug)]
pub struct Interpolator<const PHASES: usize, const TAPS: usize> {
    taps: Vec<[f32; PHASES]>,
    /// The part of the kernel that linear interpolation and near second differences make up.
    near_taps: [[f32; PHASES]; NEAR_TAPS],
    near: f32,
    far: Vec<f32>,
    far_sum: f32,
}

impl<const PHASES: usize, const TAPS: usize> Interpolator<PHASES, TAPS> {
    /// An interpolator whose stopband is about `stopband_db` down. The band edge is the Nyquist frequency (−6 dB), the
    /// transition is `(stopband_db − 8)/(14.36·TAPS)` of the sample rate wide, half of it below Nyquist (Kaiser 1974).
    pub fn new(stopband_db: f64) -> Self {
        let phases: Vec<[f64; TAPS]> = (0..PHASES).map(|p| kernel((p + 1) as f64 / (PHASES + 1) as f64, stopband_db)).collect();
        let taps = (0..TAPS).map(|k| std::array::from_fn(|p| phases[p][k] as f32)).collect();
        let near_range = TAPS / 2 - TILE..TAPS / 2 + TILE;
        let mut near_taps = [[0f32; PHASES]; NEAR_TAPS];
        let mut near = 0f64;
        let mut far = vec![0f64; 2 * Self::SIDE_TILES + 1];
        for (p, h) in phases.iter().enumerate() {
            let fraction = (p + 1) as f64 / (PHASES + 1) as f64;
            let g = second_difference_kernel(h, fraction);
            near_kernel(&g[near_range.clone()], fraction).iter().zip(&mut near_taps).for_each(|(h, taps)| taps[p] = *h as f32);
            let g = g.map(f64::abs);
            near = near.max(g[near_range.clone()].iter().sum());
            for start in 0..TILE {
                // An interval that begins `start` frames into its tile.
                let mut tiles = vec![0f64; far.len()];
                for (k, weight) in g.iter().enumerate().filter(|(k, _)| !near_range.contains(k)) {
                    tiles[(k + 1 + start) / TILE] += weight;
                }
                far.iter_mut().zip(&tiles).for_each(|(most, weight)| *most = most.max(*weight));
            }
        }
        // Rounding of f32 products and of the taps themselves stays far below one part in a thousand; a parabola's vertex lies
        // beyond the points by less than one in a hundred of what second differences can make.
        let round_up = |weight: f64| (weight * 1.01) as f32;
        let far: Vec<f32> = far.into_iter().map(round_up).collect();
        Self { taps, near_taps, near: round_up(near), far_sum: far.iter().sum(), far }
    }

    /// Tiles that the samples around an interval reach on each side of its own.
    pub const SIDE_TILES: usize = TAPS / 2 / TILE;

    /// Largest magnitude between `window[TAPS/2 − 1]` and `window[TAPS/2]`, of `TAPS` samples: that of the interpolated
    /// points, or of the vertex of the parabola through the largest and its neighbours, which is what points miss near the
    /// Nyquist frequency (`cos(π/34)`, 0.04 dB, with 16 of them).
    #[inline]
    pub fn largest(&self, window: &[f32]) -> f32 {
        simd::widest(
            #[inline(always)]
            || largest_of(&points(&self.taps, window)),
        )
    }

    /// [`Self::largest`] without the far second differences: off by [`Self::far_rise`] at most.
    #[inline]
    pub fn largest_near(&self, window: &[f32]) -> f32 {
        simd::widest(
            #[inline(always)]
            || largest_of(&points(&self.near_taps, &window[TAPS / 2 - 1 - TILE..TAPS / 2 + 1 + TILE])),
        )
    }

    /// How far any point in a tile's intervals can lie beyond the larger of the samples beside it: `near` is the largest
    /// second difference of the tile and its neighbours, `far` that of all tiles in reach.
    #[inline]
    pub fn rise(&self, near: f32, far: f32) -> f32 {
        self.near * near + self.far_sum * far
    }

    /// The part of [`Self::rise`] due to far second differences, closer: by the largest of each tile in reach,
    /// `2·SIDE_TILES + 1` of them.
    #[inline]
    pub fn far_rise(&self, tiles: &[f32]) -> f32 {
        self.far.iter().zip(tiles).map(|(w, t)| w * t).sum()
    }

    /// The part of [`Self::rise`] due to near ones.
    #[inline]
    pub fn near_rise(&self, near: f32) -> f32 {
        self.near * near
    }
}

#[inline(always)]
fn points<const PHASES: usize>(taps: &[[f32; PHASES]], window: &[f32]) -> [f32; PHASES] {
    let mut points = [0f32; PHASES];
    for (h, x) in taps.iter().zip(window) {
        for p in 0..PHASES {
            points[p] += h[p] * x;
        }
    }
    points
}

/// Largest magnitude of the points, or of the vertex of the parabola through the largest and the two beside it, or through
/// the three at an end.
#[inline(always)]
fn largest_of<const PHASES: usize>(points: &[f32; PHASES]) -> f32 {
    let (mut at, mut largest) = (0, 0f32);
    for (p, y) in points.iter().enumerate() {
        if y.abs() > largest {
            (at, largest) = (p, y.abs());
        }
    }
    let middle = at.clamp(1, PHASES - 2);
    let [before, top, after] = [points[middle - 1], points[middle], points[middle + 1]];
    let (slope, bend) = (before - after, before - 2.0 * top + after);
    // Within one point of the middle, or half a point beyond the end, and bent back towards zero.
    if bend * top < 0.0 && slope.abs() <= 3.0 * bend.abs() {
        let vertex = (top - slope * slope / (8.0 * bend)).abs();
        if vertex > largest { vertex } else { largest }
    } else {
        largest
    }
}

/// Kaiser-windowed sinc at `fraction` after tap `TAPS/2 − 1`, corrected to pass constants and ramps exactly.
fn kernel<const TAPS: usize>(fraction: f64, stopband_db: f64) -> [f64; TAPS] {
    let centre = TAPS as f64 / 2.0 - 1.0 + fraction;
    let time = |k: usize| k as f64 - centre;
    let window = |k: usize| kaiser(time(k) / (TAPS as f64 / 2.0), stopband_db);
    let mut h: [f64; TAPS] = std::array::from_fn(|k| sinc(time(k)) * window(k));
    // h + (a + b·t)·w with Σ = 1 and Σ t = 0.
    let moment = |v: &dyn Fn(usize) -> f64| (0..TAPS).map(v).sum::<f64>();
    let (w0, w1, w2) = (moment(&window), moment(&|k| time(k) * window(k)), moment(&|k| time(k).powi(2) * window(k)));
    let (e0, e1) = (1.0 - h.iter().sum::<f64>(), -moment(&|k| time(k) * h[k]));
    let determinant = w0 * w2 - w1 * w1;
    let (a, b) = ((e0 * w2 - e1 * w1) / determinant, (e1 * w0 - e0 * w1) / determinant);
    for (k, tap) in h.iter_mut().enumerate() {
        *tap += (a + b * time(k)) * window(k);
    }
    h
}

/// `g`, the kernel on second differences.
fn second_difference_kernel<const TAPS: usize>(h: &[f64; TAPS], fraction: f64) -> [f64; TAPS] {
    let left = TAPS / 2 - 1;
    let (mut before, mut g) = (0.0, 0.0);
    std::array::from_fn(|k| {
        let linear = if k == left { 1.0 - fraction } else { 0.0 } + if k == left + 1 { fraction } else { 0.0 };
        let here = g;
        (before, g) = (g, h[k] - linear + 2.0 * g - before);
        here
    })
}

/// The kernel on samples of linear interpolation plus the middle of `g`.
fn near_kernel(g: &[f64], fraction: f64) -> [f64; NEAR_TAPS] {
    let mut h = [0.0; NEAR_TAPS];
    (h[TILE], h[TILE + 1]) = (1.0 - fraction, fraction);
    for (k, g) in g.iter().enumerate() {
        h[k] += g;
        h[k + 1] -= 2.0 * g;
        h[k + 2] += g;
    }
    h
}

/// `sin(πt)/(πt)`.
fn sinc(t: f64) -> f64 {
    if t.abs() < 1e-12 { 1.0 } else { (PI * t).sin() / (PI * t) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sines_are_interpolated_to_their_true_values() {
        let fine = Interpolator::<16, 96>::new(60.0);
        for cycles in [0.01, 0.1, 0.25, 0.4, 0.47] {
            for phase in [0.0, 0.7, 1.9] {
                let at = |t: f64| (2.0 * PI * cycles * t + phase).sin();
                let window: Vec<f32> = (0..96).map(|k| at(k as f64 - 47.0) as f32).collect();
                let expected = (1..=16).map(|p| at(f64::from(p) / 17.0).abs()).fold(0.0, f64::max);
                let found = f64::from(fine.largest(&window));
                assert!((found - expected).abs() < 0.003, "{cycles} {phase}: {found} {expected}");
            }
        }
    }

    #[test]
    fn no_point_lies_beyond_the_bound() {
        let fine = Interpolator::<16, 96>::new(60.0);
        let mut state = 1u32;
        for round in 0..2000 {
            let mut window: Vec<f32> = (0..96)
                .map(|_| {
                    state = state.wrapping_mul(1664525).wrapping_add(1013904223);
                    (state >> 8) as f32 / 8388608.0 - 1.0
                })
                .collect();
            if round % 2 == 0 {
                window.iter_mut().for_each(|x| *x = x.signum());
            }
            let d2 = |k: usize| (window[k - 1] - 2.0 * window[k] + window[k + 1]).abs();
            let largest = |from: usize, to: usize| (from.max(1)..to.min(95)).map(d2).fold(0.0, f32::max);
            // The interval begins its tile: sample 47 is the tile's first.
            let tiles: Vec<f32> = (0..13usize).map(|t| largest((8 * t).saturating_sub(1), 8 * t + 7)).collect();
            let far = fine.far_rise(&tiles);
            let rise = far + fine.near_rise(largest(39, 63));
            assert!(rise <= fine.rise(largest(39, 63), largest(0, 96)));
            let bound = window[47].abs().max(window[48].abs()) + rise;
            assert!(fine.largest(&window) <= bound);
            assert!(fine.largest(&window) <= fine.largest_near(&window) + far);
        }
    }
}
