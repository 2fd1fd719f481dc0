//! Music that is known to be without the faults that are going to be planted.

use crate::rng::Rng;
use crate::sound::{SAMPLE_RATE_HZ, Sound};
use std::f64::consts::{PI, TAU};

const RATE: f64 = SAMPLE_RATE_HZ as f64;
/// Silence before and after.
const ROOM_S: f64 = 0.2;
/// Fades in and out.
const FADE_S: [f64; 2] = [0.05, 1.0];
/// Peak of a mix with room, linear: −5 dBFS.
const PEAK: f64 = 0.5623;
/// Side over mid, as powers, that is left at most: a correlation of 0.2 or more.
const WIDEST: f64 = 0.67;
/// Where encoders cut: above it the treble is filled.
const CUT_HZ: f64 = 13_000.0;
/// How far the filling lies under the music just below the cut.
const FILL_DB: f64 = -3.0;
/// Block of the envelope that the filling follows.
const BLOCK: usize = 1024;

/// Takes out what the rules would rightly find; planar, on the grid of 24 bits.
pub(super) fn prepare(sound: &Sound, rng: &mut Rng) -> Vec<Vec<f32>> {
    let mut channels: Vec<Vec<f64>> =
        sound.channels.iter().map(|channel| channel.iter().map(|x| f64::from(*x)).collect()).collect();
    for channel in &mut channels {
        let mean = channel.iter().sum::<f64>() / channel.len() as f64;
        channel.iter_mut().for_each(|x| *x -= mean);
    }
    balance(&mut channels);
    narrow(&mut channels);
    fill_treble(&mut channels, rng);
    let peak = channels.iter().flatten().fold(1e-9f64, |peak, x| peak.max(x.abs()));
    let frames = channels[0].len();
    let [fade_in, fade_out] = FADE_S.map(|s| s * RATE);
    let room = vec![0.0; (ROOM_S * RATE) as usize];
    let mut out = Vec::new();
    for channel in &channels {
        let faded = channel.iter().enumerate().map(|(n, x)| {
            let edge = (n as f64 / fade_in).min(1.0) * ((frames - n) as f64 / fade_out).min(1.0).powi(2);
            x * edge * PEAK / peak
        });
        let all = room.iter().copied().chain(faded).chain(room.iter().copied());
        out.push(all.map(|x| quantised(x, 24, rng)).collect());
    }
    out
}

/// To a grid of so many bits, with triangular dither.
pub(super) fn quantised(x: f64, bits: i32, rng: &mut Rng) -> f32 {
    let scale = 2f64.powi(bits - 1);
    ((x * scale + rng.uniform(-0.5, 0.5) + rng.uniform(-0.5, 0.5)).round() / scale) as f32
}

/// Gives both sides the same power.
fn balance(channels: &mut [Vec<f64>]) {
    let [left, right] = [0, 1].map(|c: usize| channels[c].iter().map(|x| x * x).sum::<f64>().max(1e-12));
    let gain = (left / right).powf(0.25);
    channels[0].iter_mut().for_each(|x| *x /= gain);
    channels[1].iter_mut().for_each(|x| *x *= gain);
}

/// Turns the side down until it stays under the mid in nearly all windows of 3 s: what cancels is a fault, and is planted.
fn narrow(channels: &mut [Vec<f64>]) {
    let window = (3.0 * RATE) as usize;
    let power = |sign: f64, l: &[f64], r: &[f64]| l.iter().zip(r).map(|(l, r)| (l + sign * r).powi(2)).sum::<f64>().max(1e-12);
    let windows = channels[0].chunks(window).zip(channels[1].chunks(window));
    let mut ratios: Vec<f64> = windows.map(|(l, r)| power(-1.0, l, r) / power(1.0, l, r)).collect();
    ratios.sort_by(f64::total_cmp);
    let widest = ratios[(ratios.len() - 1) * 19 / 20];
    let gain = (WIDEST / widest).sqrt().min(1.0);
    let [left, right] = channels else { return };
    for (l, r) in left.iter_mut().zip(right) {
        let (mid, side) = (0.5 * (*l + *r), 0.5 * gain * (*l - *r));
        (*l, *r) = (mid + side, mid - side);
    }
}

/// Adds noise above the cut that follows the level of the music just below it.
fn fill_treble(channels: &mut [Vec<f64>], rng: &mut Rng) {
    let mid: Vec<f64> = channels[0].iter().zip(&channels[1]).map(|(l, r)| 0.5 * (l + r)).collect();
    // The music from 9 to 13 kHz, and noise above 13 kHz, by two-pole sections.
    let below = section(&section(&mid, 9_000.0, true), CUT_HZ, false);
    let noise: Vec<f64> = (0..mid.len()).map(|_| rng.uniform(-1.0, 1.0)).collect();
    let above = section(&section(&noise, CUT_HZ, true), CUT_HZ, true);
    let power = |signal: &[f64]| signal.iter().map(|x| x * x).sum::<f64>() / signal.len().max(1) as f64;
    let noise_power = power(&above).max(1e-12);
    let levels: Vec<f64> = below.chunks(BLOCK).map(|b| (power(b) / noise_power).sqrt() * 10f64.powf(FILL_DB / 20.0)).collect();
    for (n, noise) in above.iter().enumerate() {
        let (block, part) = (n / BLOCK, (n % BLOCK) as f64 / BLOCK as f64);
        let next = levels.get(block + 1).copied().unwrap_or(levels[block]);
        let gain = levels[block] + (next - levels[block]) * part;
        channels.iter_mut().for_each(|channel| channel[n] += gain * noise);
    }
}

/// A Butterworth high-pass or low-pass of second order.
pub(super) fn section(signal: &[f64], hz: f64, high: bool) -> Vec<f64> {
    let w = TAU * hz / RATE;
    let (cos, alpha) = (w.cos(), w.sin() / (2.0 * std::f64::consts::FRAC_1_SQRT_2));
    let (b0, b1) = if high { ((1.0 + cos) / 2.0, -(1.0 + cos)) } else { ((1.0 - cos) / 2.0, 1.0 - cos) };
    let a0 = 1.0 + alpha;
    let (b0, b1, a1, a2) = (b0 / a0, b1 / a0, -2.0 * cos / a0, (1.0 - alpha) / a0);
    let (mut s1, mut s2) = (0.0, 0.0);
    let run = signal.iter().map(|&x| {
        let y = b0 * x + s1;
        s1 = b1 * x - a1 * y + s2;
        s2 = b0 * x - a2 * y;
        y
    });
    run.collect()
}

/// Half a sine over `part` of 0 to 1.
pub(super) fn swell(part: f64) -> f64 {
    (PI * part).sin()
}
