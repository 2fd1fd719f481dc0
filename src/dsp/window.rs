//! Window functions.

use std::f64::consts::TAU;

/// The periodic Hann window of `size` points: `0.5 − 0.5·cos(2πn/size)`. Shifted by half its size it adds up to one.
pub fn hann(size: usize) -> Vec<f64> {
    (0..size).map(|n| 0.5 - 0.5 * (TAU * n as f64 / size as f64).cos()).collect()
}

/// A falling half cosine of `size` points from 1 (exclusive) to 0 (exclusive): fades out the end of a response.
pub fn fade_out(size: usize) -> Vec<f64> {
    (1..=size).map(|n| 0.5 + 0.5 * (0.5 * TAU * n as f64 / (size + 1) as f64).cos()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hann_halves_add_up_to_one() {
        let window = hann(64);
        assert!((0..32).all(|n| (window[n] + window[n + 32] - 1.0).abs() < 1e-15));
    }

    #[test]
    fn a_fade_falls_from_one_to_zero() {
        let fade = fade_out(100);
        assert!(fade[0] < 1.0 && fade[99] > 0.0 && fade.is_sorted_by(|a, b| a > b));
    }
}
