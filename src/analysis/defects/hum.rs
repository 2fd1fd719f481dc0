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
/// Lines of one mains are harmonics of one frequency with the strongest, relatively to within this; partials of a string, or notes that lie
/// near, are not.
const AGREE: f64 = 0.002;
/// Share of a window's power that nobody hears beside the rest: −70 dB. The rounding of a tone makes lines below it.
const MASKED: f64 = 1e-7;
/// Power of a window under which there is only silence: −110 dBFS.
const SILENCE: f32 = 1e-11;

#[derive(Clone, Copy, Debug)]
struct Window {
    power: f32,
    lines: [[Line; HARMONICS]; 2],
}

/// A line near a multiple of a mains frequency.
#[derive(Clone, Copy, Debug, Default)]
struct Line {
    /// How far it stands out, dB; 0 where there is no local maximum.
    excess_db: f32,
    /// How far it is from the multiple, relatively.
    off: f32,
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
            let lines = MAINS_HZ.map(|f| std::array::from_fn(|h| line(bins, f * (h + 1) as f64 / bin_hz, bin_hz, power)));
            windows.push(Window { power, lines });
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
                let mut excess: Vec<f64> = quiet.iter().map(|w| f64::from(w.lines[mains][h].excess_db)).collect();
                let mut off: Vec<f64> = quiet.iter().map(|w| f64::from(w.lines[mains][h].off)).collect();
                (percentile(&mut excess, 0.1), percentile(&mut excess, 0.5), percentile(&mut off, 0.5))
            });
            let steady: Vec<(f64, f64)> = lines.filter(|l| l.0 >= LINE_DB).map(|l| (l.1, l.2)).collect();
            let (strongest_db, off) = steady.iter().copied().max_by(|a, b| a.0.total_cmp(&b.0))?;
            // Music may pull a weaker line away.
            let agreeing = steady.iter().filter(|line| (line.1 - off).abs() <= AGREE).count();
            (agreeing >= LINES && strongest_db >= STRONGEST_DB).then_some((MAINS_HZ[mains], strongest_db))
        });
        found.max_by(|a, b| a.1.total_cmp(&b.1))
    }
}

/// The line near bin `at`: how far it stands above the median of its surroundings, or above what the window's power masks, and where it
/// is, by a parabola through the logarithms of three bins.
fn line(bins: &[f32], at: f64, bin_hz: f64, window_power: f32) -> Line {
    let reach = at * WANDER + 1.0;
    let (first, last) = ((at - reach).ceil() as usize, (at + reach) as usize);
    if last + 1 >= bins.len() || first == 0 {
        return Line::default();
    }
    let peaks = (first..=last).filter(|&k| bins[k] > bins[k - 1] && bins[k] >= bins[k + 1]);
    let Some(peak) = peaks.max_by(|a, b| bins[*a].total_cmp(&bins[*b])) else { return Line::default() };
    let (near, far) = ((SURROUNDINGS_HZ.0 / bin_hz) as usize, (SURROUNDINGS_HZ.1 / bin_hz) as usize);
    let middle = at.round() as usize;
    let around = (near..=far).flat_map(|d| [middle.checked_sub(d), Some(middle + d)]).flatten();
    let mut around: Vec<f64> = around.filter_map(|k| bins.get(k)).map(|&p| f64::from(p)).collect();
    let surroundings = percentile(&mut around, 0.5).max(f64::from(window_power) * MASKED).max(1e-18);
    let excess_db = (10.0 * (f64::from(bins[peak]) / surroundings).log10()).clamp(0.0, 100.0) as f32;
    let [below, level, above] = [peak - 1, peak, peak + 1].map(|k| f64::from(bins[k]).max(f64::MIN_POSITIVE).ln());
    let bend = below - 2.0 * level + above;
    let beside = if bend < 0.0 { 0.5 * (below - above) / bend } else { 0.0 };
    Line { excess_db, off: ((peak as f64 + beside) / at - 1.0) as f32 }
}
