//! Harm: what a master did to its mix that is neither fixed equalisation nor a slow change of level.
//!
//! First the mix goes through the fixed system nearest to the master: per bin the least-squares 2 × 2 matrix from mid and
//! side to mid and side, so that equalisation within a band, width and balance, which are no harm, explain themselves.
//! On a grid of third octaves (100 Hz to 12.5 kHz, mid and side) by 46 ms, the gain from there to the master is
//! `g(t, b) = e(b) + s(t) + r(t, b)`, with `e` fixed and `s` a moving average over 3 s, both fitted by alternating
//! least squares. *Harm* is the RMS of `r` in dB, weighted by the mix's energy within each band (every band counts the
//! same): pumping, ducking, smeared transients.
//!
//! *Distortion* is the share of the master's power that is not linearly related to the mix within 1.5 s: `1 − γ²`, γ² the
//! magnitude-squared coherence of each bin, averaged over the third octaves, in dB.

use super::align::{lag_frames, overlap};
use super::spectra::{Window, spectra, third_octave_bins};
use crate::sound::Sound;
use realfft::num_complex::Complex;
use std::ops::Range;

/// Third octaves 100 Hz to 12.5 kHz.
const BANDS: Range<usize> = 7..29;
/// Cells so far below their band's mean do not count.
const CELL_GATE: f64 = 1e-2;
/// Bands (and the side as a whole) so far below the strongest do not count.
const BAND_GATE: f64 = 1e-6;

/// (harm in dB, distortion in dB) of a master against its mix.
pub(super) fn measure(master: &Sound, mix: &Sound) -> (f64, f64) {
    let (mix, master) = (mix.mid_side(), master.mid_side());
    let lag = lag_frames(&mix[0], &master[0]);
    let pairs: [_; 2] = std::array::from_fn(|c| overlap(&mix[c], &master[c], lag));
    (harm_db(&pairs), distortion_db(&pairs))
}

/// One band of mid or side: gains in dB and weights, by frame.
struct Row {
    gains_db: Vec<f64>,
    weights: Vec<f64>,
}

const FFT_SIZE: usize = 4096;
const HOP: usize = 2048;

fn harm_db(pairs: &[(&[f32], &[f32]); 2]) -> f64 {
    const REACH: usize = 32; // 65 frames of 46 ms: 3 s
    let frames_of = |samples: &[f32]| -> Vec<Frame> { spectra(samples, FFT_SIZE, HOP, Window::Hann).collect() };
    let mix = pairs.map(|(mix, _)| frames_of(mix));
    let master = pairs.map(|(_, master)| frames_of(master));
    let explained = through_nearest_system(&mix, &master);
    let bins = third_octave_bins(FFT_SIZE);
    let grid = |frames: &[Frame]| -> Vec<Vec<f64>> {
        let power =
            |frame: &Frame, range: &Range<usize>| frame[range.clone()].iter().map(|x| f64::from(x.norm_sqr())).sum::<f64>();
        frames.iter().map(|frame| bins[BANDS].iter().map(|range| power(frame, range)).collect()).collect()
    };
    let mut rows = Vec::new();
    let mut strongest = 0f64;
    for (before, after) in explained.iter().zip(&master) {
        let (before, after) = (grid(before), grid(after));
        for band in 0..BANDS.len() {
            let mean = before.iter().map(|frame| frame[band]).sum::<f64>() / before.len().max(1) as f64;
            strongest = strongest.max(mean);
            if mean <= BAND_GATE * strongest || mean < 1e-14 {
                continue;
            }
            let heard = |power: f64| power >= CELL_GATE * mean;
            let gain = |(before, after): (&Vec<f64>, &Vec<f64>)| 10.0 * ((after[band] + 1e-15) / (before[band] + 1e-15)).log10();
            rows.push(Row {
                gains_db: before.iter().zip(&after).map(gain).collect(),
                weights: before
                    .iter()
                    .map(|frame| if heard(frame[band]) { (frame[band] / mean).min(10.0) } else { 0.0 })
                    .collect(),
            });
        }
    }
    let Some(frames) = rows.first().map(|row| row.gains_db.len()) else { return 0.0 };
    let mut fixed = vec![0.0; rows.len()];
    let mut slow = vec![0.0; frames];
    for _ in 0..8 {
        for (e, row) in fixed.iter_mut().zip(&rows) {
            *e = weighted_mean((0..frames).map(|t| (row.weights[t], row.gains_db[t] - slow[t])));
        }
        // Sums over bands, then over 3 s by running totals.
        let mut totals = vec![(0.0, 0.0)];
        for t in 0..frames {
            let (mut weight, mut sum) = totals[t];
            for (e, row) in fixed.iter().zip(&rows) {
                weight += row.weights[t];
                sum += row.weights[t] * (row.gains_db[t] - e);
            }
            totals.push((weight, sum));
        }
        for (t, s) in slow.iter_mut().enumerate() {
            let (from, to) = (totals[t.saturating_sub(REACH)], totals[(t + REACH + 1).min(frames)]);
            *s = if to.0 > from.0 { (to.1 - from.1) / (to.0 - from.0) } else { 0.0 };
        }
    }
    let residuals = rows.iter().zip(&fixed).flat_map(|(row, e)| {
        let slow = &slow;
        (0..frames).map(move |t| (row.weights[t], (row.gains_db[t] - e - slow[t]).powi(2)))
    });
    weighted_mean(residuals).sqrt()
}

type Frame = Vec<Complex<f32>>;

/// The mix's mid and side through the fixed linear system that comes nearest to the master in every bin.
fn through_nearest_system(mix: &[Vec<Frame>; 2], master: &[Vec<Frame>; 2]) -> [Vec<Frame>; 2] {
    let frames = mix[0].len();
    let wide = |x: Complex<f32>| Complex::new(f64::from(x.re), f64::from(x.im));
    let mut out: [Vec<Frame>; 2] = std::array::from_fn(|_| vec![vec![Complex::default(); FFT_SIZE / 2 + 1]; frames]);
    for bin in 0..=FFT_SIZE / 2 {
        // Normal equations: powers and cross power of mid and side, and their cross powers with each output.
        let (mut power, mut cross, mut toward) = ([0.0; 2], Complex::default(), [[Complex::<f64>::default(); 2]; 2]);
        for t in 0..frames {
            let x = [wide(mix[0][t][bin]), wide(mix[1][t][bin])];
            cross += x[0] * x[1].conj();
            for i in 0..2 {
                power[i] += x[i].norm_sqr();
                let y = wide(master[i][t][bin]);
                (0..2).for_each(|j| toward[i][j] += y * x[j].conj());
            }
        }
        // A side that hardly differs from the mid, or is not there, takes no part in the other.
        let some = 1e-9 * (power[0] + power[1]) + 1e-30;
        let (a, d) = (power[0] + some, power[1] + some);
        let determinant = a * d - cross.norm_sqr();
        for (toward, out) in toward.iter().zip(&mut out) {
            let of_mid = (toward[0] * d - toward[1] * cross.conj()) / determinant;
            let of_side = (toward[1] * a - toward[0] * cross) / determinant;
            for t in 0..frames {
                let y = of_mid * wide(mix[0][t][bin]) + of_side * wide(mix[1][t][bin]);
                out[t][bin] = Complex::new(y.re as f32, y.im as f32);
            }
        }
    }
    out
}

fn weighted_mean(pairs: impl Iterator<Item = (f64, f64)>) -> f64 {
    let (weight, sum) = pairs.fold((0.0, 0.0), |(w, s), (weight, x)| (w + weight, s + weight * x));
    if weight > 0.0 { sum / weight } else { 0.0 }
}

fn distortion_db(pairs: &[(&[f32], &[f32])]) -> f64 {
    const FFT_SIZE: usize = 2048;
    const HOP: usize = 1024;
    const BLOCK: usize = 64; // 1.5 s
    let bins = third_octave_bins(FFT_SIZE);
    let mut unexplained = [0.0; BANDS.end - BANDS.start];
    let mut all = unexplained;
    for (mix, master) in pairs {
        let mix: Vec<_> = spectra(mix, FFT_SIZE, HOP, Window::Hann).collect();
        let master: Vec<_> = spectra(master, FFT_SIZE, HOP, Window::Hann).collect();
        for (xs, ys) in mix.chunks_exact(BLOCK).zip(master.chunks_exact(BLOCK)) {
            for (band, range) in bins[BANDS].iter().enumerate() {
                for bin in range.clone() {
                    let (mut xx, mut yy, mut xy) = (0.0, 0.0, Complex::new(0.0, 0.0));
                    for (x, y) in xs.iter().zip(ys) {
                        xx += f64::from(x[bin].norm_sqr());
                        yy += f64::from(y[bin].norm_sqr());
                        let product = x[bin].conj() * y[bin];
                        xy += Complex::new(f64::from(product.re), f64::from(product.im));
                    }
                    all[band] += yy;
                    unexplained[band] += if xx > 0.0 { (yy - xy.norm_sqr() / xx).max(0.0) } else { yy };
                }
            }
        }
    }
    let shares: Vec<f64> = unexplained.iter().zip(&all).filter(|(_, all)| **all > 0.0).map(|(part, all)| part / all).collect();
    10.0 * (shares.iter().sum::<f64>() / shares.len().max(1) as f64 + 1e-12).log10()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;
    use crate::sound::SAMPLE_RATE_HZ;

    fn noise() -> Sound {
        let mut rng = Rng::named(3, "noise");
        Sound { channels: std::array::from_fn(|_| (0..441_000).map(|_| rng.uniform(-0.3, 0.3) as f32).collect()) }
    }

    fn with_gain(sound: &Sound, gain: impl Fn(f64) -> f64) -> Sound {
        let apply = |(n, x): (usize, &f32)| (f64::from(*x) * gain(n as f64 / f64::from(SAMPLE_RATE_HZ))) as f32;
        Sound { channels: sound.channels.each_ref().map(|channel| channel.iter().enumerate().map(apply).collect()) }
    }

    #[test]
    fn a_fixed_gain_does_no_harm_a_slow_one_hardly_any_a_fast_one_much() {
        let mix = noise();
        let (fixed, distortion) = measure(&with_gain(&mix, |_| 2.0), &mix);
        assert!(fixed < 1e-4 && distortion < -90.0, "{fixed} {distortion}");
        // ±3 dB in 20 s, ±3 dB twice a second: RMS of a 3 dB sine is 2.1 dB.
        let swing = |hz: f64| move |t: f64| 10f64.powf(3.0 / 20.0 * (std::f64::consts::TAU * hz * t).sin());
        let slow = measure(&with_gain(&mix, swing(0.05)), &mix).0;
        let fast = measure(&with_gain(&mix, swing(2.0)), &mix).0;
        assert!(slow < 0.3, "{slow}");
        assert!((1.8..2.3).contains(&fast), "{fast}");
    }

    #[test]
    fn fixed_equalisation_width_and_balance_do_no_harm() {
        let mix = noise();
        let slope = |samples: &[f32]| -> Vec<f32> {
            let mut last = 0.0;
            samples
                .iter()
                .map(|x| {
                    let y = x - 0.9 * last;
                    last = *x;
                    y
                })
                .collect()
        };
        let [left, right] = mix.channels.each_ref().map(|c| slope(c));
        let pair = |l: f32, r: f32| {
            [
                left.iter().zip(&right).map(|(x, y)| l * x + r * y).collect(),
                right.iter().zip(&left).map(|(y, x)| 0.7 * y - 0.2 * x).collect(),
            ]
        };
        let harm = measure(&Sound { channels: pair(1.2, -0.3) }, &mix).0;
        assert!(harm < 0.02, "{harm}");
    }

    #[test]
    fn hard_clipping_distorts() {
        let mix = noise();
        let clipped = Sound { channels: mix.channels.each_ref().map(|c| c.iter().map(|x| x.clamp(-0.1, 0.1)).collect()) };
        assert!(measure(&clipped, &mix).1 > -20.0);
    }
}
