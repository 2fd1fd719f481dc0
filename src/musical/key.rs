//! Key by harmonic pitch-class profiles compared with the profiles of 24 keys.
//!
//! Peaks of long spectra between 55 Hz and 2.5 kHz are interpolated, the piece's tuning is the weighted circular mean of their
//! distances from equal temperament, and each peak counts for the pitch class of itself and, at 0.6 of the weight each time, of the
//! fundamentals whose 2nd to 4th harmonic it may be (E. Gómez, "Tonal description of polyphonic audio for music content processing",
//! INFORMS J. on Computing 18, 2006). The profile is compared with those of D. Temperley ("Music and Probability", 2007, from the
//! Kostka–Payne corpus) by correlation (C. Krumhansl, "Cognitive Foundations of Musical Pitch", 1990).

use serde::{Deserialize, Serialize};
use std::f64::consts::TAU;

const LOWEST_HZ: f64 = 55.0;
const HIGHEST_HZ: f64 = 2500.0;
/// Peaks this far under the spectrum's largest do not count, in power.
const LEAST_POWER: f32 = 1e-5;
/// Harmonics that a peak may be, and how much less each counts.
const HARMONICS: usize = 4;
const HARMONIC_DECAY: f64 = 0.6;
/// Pitch classes whose weights deviate from their mean by less than this, as a share of it, are those of noise, which has 0.15 (its bins are
/// not spread evenly over pitch classes); the flattest of the pieces of `tests/musical` has 0.26, half of them over 0.7.
const FLATTEST: f64 = 0.2;
/// A quieter spectrum is silence, in power.
const SILENT_POWER: f32 = 1e-9;

const MAJOR: [f64; 12] = [0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366, 0.057, 0.400];
const MINOR: [f64; 12] = [0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.404, 0.067, 0.133, 0.330];

/// Major or minor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Major.
    Major,
    /// Minor.
    Minor,
}

/// A key.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Key {
    /// Pitch class of the tonic, 0 for C.
    pub tonic: u8,
    /// Mode.
    pub mode: Mode,
    /// Correlation with the key's profile, up to 1.
    pub strength: f64,
    /// How far the next best key is behind, in correlation.
    pub margin: f64,
    /// How far the piece is tuned above A = 440 Hz, −50 to 50 cents.
    pub tuning_cents: f64,
}

impl Key {
    /// Its name: `F♯ minor`.
    pub fn name(&self) -> String {
        const SHARPS: [&str; 12] = ["C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B"];
        let mode = if self.mode == Mode::Major { "major" } else { "minor" };
        format!("{} {mode}", SHARPS[usize::from(self.tonic) % 12])
    }

    /// Place on the circle of fifths, 0 to 11; a minor key stands with its relative major.
    pub fn fifths(&self) -> u8 {
        let major = if self.mode == Mode::Major { self.tonic } else { (self.tonic + 3) % 12 };
        major * 7 % 12
    }
}

/// Peaks over time.
pub(super) struct Pitches {
    hz_per_bin: f64,
    /// Peaks of each spectrum: semitones above C0 (A4 = 57), and weight.
    peaks: Vec<Vec<(f64, f64)>>,
}

impl Pitches {
    /// For spectra of `size` frames.
    pub(super) fn new(sample_rate_hz: u32, size: usize) -> Self {
        Self { hz_per_bin: f64::from(sample_rate_hz) / size as f64, peaks: Vec::new() }
    }

    pub(super) fn push(&mut self, power: &[f32]) {
        let from = (LOWEST_HZ / self.hz_per_bin).ceil().max(1.0) as usize;
        let to = ((HIGHEST_HZ / self.hz_per_bin) as usize).min(power.len().saturating_sub(1));
        let Some(range) = power.get(from..to) else { return };
        let largest = range.iter().copied().fold(0.0, f32::max);
        if largest < SILENT_POWER {
            return;
        }
        let mut peaks = Vec::new();
        for k in from..to {
            let (a, b, c) = (power[k - 1], power[k], power[k + 1]);
            if b <= a || b < c || b < LEAST_POWER * largest {
                continue;
            }
            let log = |x: f32| f64::from(x.max(1e-20)).ln();
            let (la, lb, lc) = (log(a), log(b), log(c));
            let offset = 0.5 * (la - lc) / (la - 2.0 * lb + lc).min(-1e-9);
            let hz = (k as f64 + offset.clamp(-0.5, 0.5)) * self.hz_per_bin;
            // The square root of the magnitude: soft notes count, and one loud one is not all.
            peaks.push((57.0 + 12.0 * (hz / 440.0).log2(), f64::from(b / largest).powf(0.25)));
        }
        self.peaks.push(peaks);
    }

    /// The tuning in semitones, −0.5 to 0.5.
    fn tuning(&self) -> f64 {
        let (mut x, mut y) = (0.0, 0.0);
        for (pitch, weight) in self.peaks.iter().flatten() {
            x += weight * (TAU * pitch).cos();
            y += weight * (TAU * pitch).sin();
        }
        y.atan2(x) / TAU
    }

    /// Weight of each pitch class, C first.
    fn chroma(&self, tuning: f64) -> [f64; 12] {
        let mut all = [0.0; 12];
        for spectrum in &self.peaks {
            let mut now = [0.0; 12];
            for (pitch, weight) in spectrum {
                for harmonic in 1..=HARMONICS {
                    let own = pitch - tuning - 12.0 * (harmonic as f64).log2();
                    let distance = own - own.round();
                    let class = own.round().rem_euclid(12.0) as usize % 12;
                    let share = HARMONIC_DECAY.powi(harmonic as i32 - 1) * (0.5 + 0.5 * (TAU * distance).cos());
                    now[class] += weight * weight * share;
                }
            }
            let largest = now.iter().copied().fold(1e-12, f64::max);
            all.iter_mut().zip(now).for_each(|(all, now)| *all += now / largest);
        }
        all
    }

    pub(super) fn key(&self) -> Option<Key> {
        if self.peaks.is_empty() {
            return None;
        }
        let tuning = self.tuning();
        let chroma = self.chroma(tuning);
        if deviation(&chroma) < FLATTEST {
            return None;
        }
        let keys = (0..12u8).flat_map(|tonic| [(tonic, Mode::Major), (tonic, Mode::Minor)]);
        let fit = |(tonic, mode): (u8, Mode)| {
            let profile = if mode == Mode::Major { &MAJOR } else { &MINOR };
            let turned: [f64; 12] = std::array::from_fn(|i| profile[(i + 12 - usize::from(tonic)) % 12]);
            (correlation(&chroma, &turned), tonic, mode)
        };
        let mut fits: Vec<(f64, u8, Mode)> = keys.map(fit).collect();
        fits.sort_by(|a, b| b.0.total_cmp(&a.0));
        let (strength, tonic, mode) = fits[0];
        (strength > 0.0).then(|| Key { tonic, mode, strength, margin: strength - fits[1].0, tuning_cents: 100.0 * tuning })
    }
}

/// Standard deviation over mean.
fn deviation(chroma: &[f64; 12]) -> f64 {
    let mean = chroma.iter().sum::<f64>() / 12.0;
    let variance = chroma.iter().map(|weight| (weight - mean).powi(2)).sum::<f64>() / 12.0;
    if mean > 0.0 { variance.sqrt() / mean } else { 0.0 }
}

fn correlation(a: &[f64; 12], b: &[f64; 12]) -> f64 {
    let mean = |x: &[f64; 12]| x.iter().sum::<f64>() / 12.0;
    let (ma, mb) = (mean(a), mean(b));
    let dot = |f: &dyn Fn(usize) -> f64| (0..12).map(f).sum::<f64>();
    let (aa, bb) = (dot(&|i| (a[i] - ma).powi(2)), dot(&|i| (b[i] - mb).powi(2)));
    dot(&|i| (a[i] - ma) * (b[i] - mb)) / (aa * bb).sqrt().max(1e-12)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifths_are_neighbours_and_relatives_one() {
        let key = |tonic, mode| Key { tonic, mode, strength: 1.0, margin: 0.1, tuning_cents: 0.0 };
        assert_eq!(key(0, Mode::Major).fifths(), key(9, Mode::Minor).fifths());
        assert_eq!((key(7, Mode::Major).fifths(), key(5, Mode::Major).fifths()), (1, 11));
        assert_eq!(key(6, Mode::Minor).name(), "F♯ minor");
    }
}
