//! Mains hum: steady lines at 50 or 60 Hz and their harmonics, where the music is quiet.

use super::super::loudness::percentile;
use super::super::spectrum::PowerSpectra;

/// Mains frequencies.
const MAINS_HZ: [f64; 2] = [50.0, 60.0];
/// Harmonics that are looked at, the fundamental among them.
const HARMONICS: usize = 6;
/// Window in samples of the decimated signal: about 3 s, 0.34 Hz a bin.
const SIZE: usize = 4096;
/// How far mains wander, relatively; a semitone is ten times as much.
const WANDER: f64 = 0.006;
/// Distance of the surroundings from the line, Hz.
const SURROUNDINGS_HZ: (f64, f64) = (2.5, 9.0);
/// Share of the windows that counts as quiet, and how many there must be.
const QUIET_SHARE: f64 = 0.2;
const QUIET_WINDOWS: usize = 3;
/// A line stands out by this much at least in nearly all quiet windows.
const LINE_DB: f64 = 10.0;
/// The strongest line stands out by this much.
const STRONGEST_DB: f64 = 15.0;
/// Lines that make a hum; a single one may be a note.
const LINES: usize = 2;
/// Share of a window's power that nobody hears beside the rest: −70 dB. The rounding of a tone makes lines below it.
const MASKED: f64 = 1e-7;
/// Power of a window under which there is only silence: −110 dBFS.
const SILENCE: f32 = 1e-11;

#[derive(Clone, Copy, Debug)]
struct Window {
    power: f32,
    excess_db: [[f32; HARMONICS]; 2],
}

/// Watches the decimated mid.
pub(in crate::analysis) struct Hum {
    spectra: PowerSpectra,
    bin_hz: f64,
    windows: Vec<Window>,
}

impl Hum {
    /// A watch over a signal of this rate.
    pub(in crate::analysis) fn new(rate_hz: f64) -> Self {
        Self { spectra: PowerSpectra::new(SIZE, 1), bin_hz: rate_hz / SIZE as f64, windows: Vec::new() }
    }

    /// Takes the next samples.
    pub(in crate::analysis) fn process(&mut self, decimated_mid: &[f32]) {
        let (windows, bin_hz) = (&mut self.windows, self.bin_hz);
        self.spectra.push(&[decimated_mid], |_, powers| {
            let bins = &powers[0];
            let power: f32 = bins.iter().sum();
            let excess_db =
                MAINS_HZ.map(|f| std::array::from_fn(|h| excess_db(bins, f * (h + 1) as f64 / bin_hz, bin_hz, power)));
            windows.push(Window { power, excess_db });
        });
    }

    /// Frequency of the hum and how far its strongest line stands out, dB.
    pub(in crate::analysis) fn find(&self) -> Option<(f64, f64)> {
        let mut quiet: Vec<&Window> = self.windows.iter().filter(|w| w.power > SILENCE).collect();
        quiet.sort_by(|a, b| a.power.total_cmp(&b.power));
        quiet.truncate(((quiet.len() as f64 * QUIET_SHARE) as usize).max(QUIET_WINDOWS));
        if quiet.len() < QUIET_WINDOWS {
            return None;
        }
        let found = (0..MAINS_HZ.len()).filter_map(|mains| {
            let lines = (0..HARMONICS).map(|h| {
                let mut excess: Vec<f64> = quiet.iter().map(|w| f64::from(w.excess_db[mains][h])).collect();
                (percentile(&mut excess, 0.1), percentile(&mut excess, 0.5))
            });
            let steady: Vec<f64> = lines.filter(|l| l.0 >= LINE_DB).map(|l| l.1).collect();
            let strongest = steady.iter().copied().fold(0.0, f64::max);
            (steady.len() >= LINES && strongest >= STRONGEST_DB).then_some((MAINS_HZ[mains], strongest))
        });
        found.max_by(|a, b| a.1.total_cmp(&b.1))
    }
}

/// How far a line near bin `at` stands above the median of its surroundings, or above what the window's power masks, dB; 0
/// where there is no local maximum.
fn excess_db(bins: &[f32], at: f64, bin_hz: f64, window_power: f32) -> f32 {
    let reach = at * WANDER + 1.0;
    let (first, last) = ((at - reach).ceil() as usize, (at + reach) as usize);
    if last + 1 >= bins.len() || first == 0 {
        return 0.0;
    }
    let peaks = (first..=last).filter(|&k| bins[k] > bins[k - 1] && bins[k] >= bins[k + 1]);
    let line = peaks.map(|k| bins[k]).fold(0.0, f32::max);
    let (near, far) = ((SURROUNDINGS_HZ.0 / bin_hz) as usize, (SURROUNDINGS_HZ.1 / bin_hz) as usize);
    let middle = at.round() as usize;
    let around = (near..=far).flat_map(|d| [middle.checked_sub(d), Some(middle + d)]).flatten();
    let mut around: Vec<f64> = around.filter_map(|k| bins.get(k)).map(|&p| f64::from(p)).collect();
    let surroundings = percentile(&mut around, 0.5).max(f64::from(window_power) * MASKED).max(1e-18);
    if line <= 0.0 { 0.0 } else { (10.0 * (f64::from(line) / surroundings).log10()).clamp(0.0, 100.0) as f32 }
}
