//! The de-esser at work: a high shelf whose depth follows the detector.
//!
//! `x ┬───────── shelf ─ shelf ─▶ y`, each `y = x + (h − 1)·high(x)` with `h² = gain`
//! `  └ detector ──┴───────┘`
//!
//! Each shelf is the input with a share of its own first-order high band taken away: idle (h = 1) it is bit-exact, it cuts
//! only, has no latency, and its state depends on the input alone, so the depth may move at any speed. Twice the root of the
//! gain makes the edge twice as steep without the bump of a second-order split. One gain for both channels keeps the image.

use super::DeessSettings;
use super::detector::Detector;
use crate::chain::processor::{GainStats, Processor, StageMeter};
use crate::dsp::biquad::Lanes;
use crate::dsp::gain::db_to_gain;
use crate::dsp::grid::{FrameGrid, STEP_FRAMES};
use crate::dsp::lanes::{load, store};
use std::f64::consts::PI;

/// First-order high-pass (topology-preserving transform): low and high add up to the input exactly.
#[derive(Clone)]
struct Highpass {
    gain: f64,
    state: Lanes,
}

impl Highpass {
    fn new(freq_hz: f64, sample_rate_hz: f64) -> Self {
        let g = (PI * (freq_hz / sample_rate_hz).min(0.49)).tan();
        Self { gain: g / (1.0 + g), state: [0.0; 2] }
    }

    #[inline(always)]
    fn process(&mut self, x: Lanes) -> Lanes {
        let mut high = [0.0; 2];
        for i in 0..2 {
            let step = (x[i] - self.state[i]) * self.gain;
            let low = self.state[i] + step;
            self.state[i] = low + step;
            high[i] = x[i] - low;
        }
        high
    }

    fn flush(&mut self) {
        self.state.iter_mut().filter(|s| s.abs() < 1e-15).for_each(|s| *s = 0.0);
    }
}

/// The de-esser's processor.
pub struct DeessProcessor {
    detector: Detector,
    shelves: [Highpass; 2],
    /// Square root of the gain now, and its change per frame until the next control step.
    root: f64,
    slope: f64,
    target: f64,
    grid: FrameGrid,
    stats: GainStats,
}

impl DeessProcessor {
    /// A de-esser at rest.
    pub fn new(settings: &DeessSettings, sample_rate_hz: f64) -> Self {
        // A shelf (1 + h·s)/(1 + s) has half of its cut, in dB, at 1/√h times its corner: for the deepest cut that is `freq_hz`.
        let corner_hz = settings.freq_hz * db_to_gain(-settings.range_db / 4.0);
        let shelf = Highpass::new(corner_hz, sample_rate_hz);
        Self {
            detector: Detector::new(settings, sample_rate_hz),
            shelves: [shelf.clone(), shelf],
            root: 1.0,
            slope: 0.0,
            target: 1.0,
            grid: FrameGrid::new(STEP_FRAMES),
            stats: GainStats::default(),
        }
    }

    fn process_frames(&mut self, frames: &mut [Lanes]) {
        for frame in frames {
            self.detector.listen(*frame);
            self.root += self.slope;
            for shelf in &mut self.shelves {
                let high = shelf.process(*frame);
                for i in 0..2 {
                    frame[i] += (self.root - 1.0) * high[i];
                }
            }
        }
    }

    fn control_step(&mut self) {
        let cut_db = self.detector.step();
        self.stats.push(-cut_db);
        self.root = self.target;
        self.target = if cut_db == 0.0 { 1.0 } else { db_to_gain(-cut_db / 2.0) };
        self.slope = (self.target - self.root) / STEP_FRAMES as f64;
        self.shelves.iter_mut().for_each(Highpass::flush);
    }
}

impl Processor for DeessProcessor {
    fn process(&mut self, channels: &mut [Vec<f32>]) {
        let total = channels.first().map_or(0, Vec::len);
        let mut lanes = [[0.0; 2]; STEP_FRAMES];
        let mut start = 0;
        while let Some(piece) = self.grid.piece(start, total) {
            let lanes = &mut lanes[..piece.block.len()];
            load(channels, start, lanes);
            self.process_frames(lanes);
            store(lanes, channels, start);
            if piece.ends_cell {
                self.control_step();
            }
            start = piece.block.end;
        }
    }

    fn latency_frames(&self) -> usize {
        0
    }

    fn reset(&mut self) {
        self.detector.reset();
        self.shelves.iter_mut().for_each(|s| s.state = [0.0; 2]);
        (self.root, self.slope, self.target) = (1.0, 0.0, 1.0);
        self.grid.reset();
        self.stats = GainStats::default();
    }

    fn meter(&self) -> StageMeter {
        StageMeter { gains: vec![self.stats.meter("gain")] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::checks::{amplitude_at, check, check_impulse, noise, run, sine};
    use crate::chain::settings::StageSettings;

    fn settings() -> DeessSettings {
        DeessSettings { threshold_db: 3.0, range_db: 6.0, ..DeessSettings::default() }
    }

    /// A vowel at 500 Hz with a sibilant tone at `freq_hz`.
    fn voice(vowel: f64, sibilant: f64, freq_hz: f64, frames: usize) -> Vec<Vec<f32>> {
        let mut voice = sine(500.0, vowel, 48_000.0, frames);
        let hiss = sine(freq_hz, sibilant, 48_000.0, frames);
        voice.iter_mut().zip(&hiss).for_each(|(v, h)| v.iter_mut().zip(h).for_each(|(v, h)| *v += h));
        voice
    }

    fn level_db(out: &[Vec<f32>], freq_hz: f64, was: f64) -> f64 {
        20.0 * (amplitude_at(&out[0][20_000..], freq_hz, 48_000.0) / was).log10()
    }

    #[test]
    fn keeps_the_contract() {
        check(|channels| DeessSettings { threshold_db: -20.0, ..settings() }.processor(48_000.0, channels));
        check(|channels| DeessSettings { freq_hz: 12_000.0, ..settings() }.processor(8000.0, channels));
        check_impulse(settings().processor(48_000.0, 2).as_mut());
    }

    #[test]
    fn cuts_the_excess_up_to_the_range_and_leaves_the_vowel() {
        // 20 dB out of the rest: the whole range, half of it at the band's edge, nothing at the vowel.
        let out = run(settings().processor(48_000.0, 2).as_mut(), &voice(0.02, 0.2, 20_000.0, 60_000), 4096);
        assert!((level_db(&out, 20_000.0, 0.2) + 6.0).abs() < 0.2);
        assert!(level_db(&out, 500.0, 0.02).abs() < 0.1);
        let mut probed = voice(0.02, 0.2, 20_000.0, 60_000);
        let probe = sine(6000.0, 0.005, 48_000.0, 60_000);
        probed.iter_mut().zip(&probe).for_each(|(v, p)| v.iter_mut().zip(p).for_each(|(v, p)| *v += p));
        let edge = run(settings().processor(48_000.0, 2).as_mut(), &probed, 4096);
        assert!((level_db(&edge, 6000.0, 0.005) + 3.0).abs() < 0.3, "{}", level_db(&edge, 6000.0, 0.005));
        // 6 dB out of the rest, 3 dB above the threshold: a cut of 3 dB.
        let mut processor = settings().processor(48_000.0, 2);
        let part = run(processor.as_mut(), &voice(0.1, 0.2, 20_000.0, 60_000), 4096);
        assert!((level_db(&part, 20_000.0, 0.2) + 3.0).abs() < 0.3, "{}", level_db(&part, 20_000.0, 0.2));
        assert!(processor.meter().gains[0].max_db <= 0.0 && processor.meter().gains[0].min_db >= -6.0);
    }

    #[test]
    fn does_the_same_at_any_level() {
        for gain in [0.03, 0.3] {
            let out = run(settings().processor(48_000.0, 2).as_mut(), &voice(0.5 * gain, gain, 20_000.0, 60_000), 4096);
            assert!((level_db(&out, 20_000.0, gain) + 3.0).abs() < 0.3);
        }
    }

    #[test]
    fn is_bit_exact_while_nothing_sticks_out() {
        let idle = DeessSettings { threshold_db: 20.0, range_db: 6.0, ..DeessSettings::default() };
        let input = noise(20_000, 2);
        assert!(run(idle.processor(48_000.0, 2).as_mut(), &input, 512) == input);
    }

    /// A sibilant of 50 ms is caught within 2 ms and let go in the release time.
    #[test]
    fn attacks_and_releases_in_time() {
        let mut input = sine(500.0, 0.05, 48_000.0, 24_000);
        let hiss = sine(9000.0, 0.5, 48_000.0, 24_000);
        for c in 0..2 {
            for n in 9600..12_000 {
                input[c][n] += hiss[c][n];
            }
        }
        let mut processor = DeessProcessor::new(&settings(), 48_000.0);
        let mut cuts = Vec::new();
        for start in (0..24_000).step_by(STEP_FRAMES) {
            let mut part: Vec<Vec<f32>> = input.iter().map(|c| c[start..start + STEP_FRAMES].to_vec()).collect();
            processor.process(&mut part);
            cuts.push(-40.0 * processor.target.log10());
        }
        let at = |ms: f64| cuts[(ms * 48.0) as usize / STEP_FRAMES];
        assert!(at(199.0) < 0.01 && at(202.0) > 5.9, "{} {}", at(199.0), at(202.0));
        // One time constant after the end: 6/e dB.
        assert!((at(250.0 + 65.0) - 6.0 / std::f64::consts::E).abs() < 0.5, "{}", at(315.0));
    }
}
