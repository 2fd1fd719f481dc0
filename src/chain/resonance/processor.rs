//! The resonance stage at work.
//!
//! `x ┬──────────────────────────────────────── dip ─ dip ─ … ─▶ y`
//! `  └ spectrum ─ sixth octaves (250 ms) ─ excess ─ cut (slow) ─┘`
//!
//! Sound passes through short minimum-phase dips only while they have depth: idle it is bit-exact, and there is no latency.
//! One cut for both channels keeps the image.

use super::ResonanceSettings;
use super::bands::Bands;
use super::bells::{Bell, Overlap};
use crate::chain::processor::{GainStats, Processor, StageMeter};
use crate::dsp::grid::FrameGrid;
use crate::dsp::lanes::{CHUNK_FRAMES, load, store};
use crate::dsp::stft::PowerSpectrum;

/// Length of a spectrum at 44.1 and 48 kHz, in frames: bins of 11 Hz.
const SPECTRUM_FRAMES: f64 = 4096.0;
/// Time constant of the band levels: a resonance stays, a note's attack passes.
const LEVEL_MS: f64 = 250.0;
/// Time constants of a cut that grows and of one that shrinks.
const ATTACK_MS: f64 = 120.0;
const RELEASE_MS: f64 = 400.0;
/// Cuts below this are none.
const SMALLEST_CUT_DB: f64 = 0.05;

/// The resonance stage's processor.
pub struct ResonanceProcessor {
    share: f64,
    threshold_db: f64,
    range_db: f64,
    spectrum: PowerSpectrum,
    bands: Bands,
    /// Cut wanted at each centre, smoothed, in dB.
    wanted_db: Vec<f64>,
    /// Cut of each dip, in dB.
    cuts_db: Vec<f64>,
    overlap: Overlap,
    bells: Vec<Bell>,
    attack_keep: f64,
    release_keep: f64,
    grid: FrameGrid,
    stats: GainStats,
}

impl ResonanceProcessor {
    /// A resonance stage at rest.
    pub fn new(settings: &ResonanceSettings, sample_rate_hz: f64) -> Self {
        let octaves = (sample_rate_hz / 48_000.0).log2().ceil();
        let size = ((SPECTRUM_FRAMES * octaves.exp2()) as usize).max(2 * CHUNK_FRAMES);
        let spectrum = PowerSpectrum::new(size);
        let hop_ms = 1000.0 * spectrum.hop_frames() as f64 / sample_rate_hz;
        let keep = |ms: f64| (-hop_ms / ms).exp();
        let bands = Bands::new(size, sample_rate_hz, keep(LEVEL_MS));
        let centres_hz = bands.centres_hz();
        Self {
            share: settings.amount_percent / 100.0,
            threshold_db: settings.threshold_db,
            range_db: settings.range_db,
            spectrum,
            bands,
            wanted_db: vec![0.0; centres_hz.len()],
            cuts_db: vec![0.0; centres_hz.len()],
            overlap: Overlap::new(&centres_hz, sample_rate_hz),
            bells: centres_hz.iter().map(|f| Bell::new(*f, sample_rate_hz)).collect(),
            attack_keep: keep(ATTACK_MS),
            release_keep: keep(RELEASE_MS),
            grid: FrameGrid::new(CHUNK_FRAMES),
            stats: GainStats::default(),
        }
    }

    /// Decides the dips' depths for the next hop.
    fn control_step(&mut self) {
        for (i, wanted_db) in self.wanted_db.iter_mut().enumerate() {
            let excess_db = self.bands.excess_db(i) - self.threshold_db;
            let aim_db = (self.share * excess_db.max(0.0)).min(self.range_db);
            let keep = if aim_db > *wanted_db { self.attack_keep } else { self.release_keep };
            *wanted_db = aim_db + (*wanted_db - aim_db) * keep;
        }
        for (cut_db, wanted_db) in self.cuts_db.iter_mut().zip(&self.wanted_db) {
            *cut_db = if *wanted_db < SMALLEST_CUT_DB { 0.0 } else { *wanted_db };
        }
        let deepest_db = self.overlap.share(&mut self.cuts_db, self.range_db);
        let hop_frames = self.spectrum.hop_frames();
        for (bell, cut_db) in self.bells.iter_mut().zip(&self.cuts_db) {
            bell.aim(*cut_db, hop_frames);
        }
        self.stats.push(-deepest_db);
    }
}

impl Processor for ResonanceProcessor {
    fn process(&mut self, channels: &mut [Vec<f32>]) {
        let total = channels.first().map_or(0, Vec::len);
        let mut lanes = [[0.0; 2]; CHUNK_FRAMES];
        let mut start = 0;
        while let Some(piece) = self.grid.piece(start, total) {
            let range = piece.block.clone();
            let right = channels.get(1).map_or(&[][..], |c| &c[range.clone()]);
            let heard = self.spectrum.push(&channels[0][range], right).map(|power| self.bands.listen(power)).is_some();
            let lanes = &mut lanes[..piece.block.len()];
            load(channels, start, lanes);
            self.bells.iter_mut().for_each(|bell| bell.process(lanes));
            store(lanes, channels, start);
            if piece.ends_cell {
                self.bells.iter_mut().for_each(Bell::flush);
            }
            if heard {
                self.control_step();
            }
            start = piece.block.end;
        }
    }

    fn grid_frames(&self) -> usize {
        self.spectrum.hop_frames()
    }

    fn latency_frames(&self) -> usize {
        0
    }

    fn reset(&mut self) {
        self.spectrum.reset();
        self.bands.reset();
        self.wanted_db.fill(0.0);
        self.bells.iter_mut().for_each(Bell::reset);
        self.grid.reset();
        self.stats = GainStats::default();
    }

    fn meter(&self) -> StageMeter {
        StageMeter { gains: vec![self.stats.meter("deepest")] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::checks::{amplitude_at, check, check_impulse, noise, run, sine};
    use crate::chain::settings::StageSettings;

    const FRAMES: usize = 132_300;

    fn settings(range_db: f64) -> ResonanceSettings {
        ResonanceSettings { amount_percent: 100.0, threshold_db: 6.0, range_db, ..ResonanceSettings::default() }
    }

    /// Noise with a tone in it.
    fn ringing(freq_hz: f64, amplitude: f64) -> Vec<Vec<f32>> {
        let mut sound = noise(FRAMES, 9);
        let tone = sine(freq_hz, amplitude, 44_100.0, FRAMES);
        sound.iter_mut().zip(&tone).for_each(|(s, t)| s.iter_mut().zip(t).for_each(|(s, t)| *s = 0.1 * *s + t));
        sound
    }

    fn cut_db(before: &[Vec<f32>], after: &[Vec<f32>], freq_hz: f64) -> f64 {
        let level = |c: &[Vec<f32>]| amplitude_at(&c[0][FRAMES / 2..], freq_hz, 44_100.0);
        20.0 * (level(after) / level(before)).log10()
    }

    #[test]
    fn keeps_the_contract() {
        check(|channels| settings(9.0).processor(44_100.0, channels));
        check_impulse(settings(9.0).processor(44_100.0, 2).as_mut());
        check(|channels| ResonanceSettings { threshold_db: 1.0, ..settings(12.0) }.processor(8000.0, channels));
    }

    #[test]
    fn cuts_what_sticks_out_down_to_the_range() {
        // On a band's centre, off it, and half way between two, where both dips share the work.
        for (freq_hz, least_db) in [(400.0, 3.3), (1000.0, 3.7), (1060.0, 2.5), (3150.0, 3.3)] {
            let before = ringing(freq_hz, 0.1);
            let mut processor = settings(4.0).processor(44_100.0, 2);
            let after = run(processor.as_mut(), &before, 4096);
            let cut_db = cut_db(&before, &after, freq_hz);
            assert!((-4.1..-least_db).contains(&cut_db), "{cut_db} dB at {freq_hz} Hz");
            let meter = &processor.meter().gains[0];
            assert!(meter.min_db >= -4.01 && meter.max_db <= 0.0, "{meter:?}");
            assert!(meter.min_db <= cut_db + 0.1, "{cut_db} dB at {freq_hz} Hz, and the deepest is {} dB", meter.min_db);
        }
    }

    /// What does not stick out is not touched: not a bit of it.
    #[test]
    fn leaves_a_smooth_spectrum_bit_exact() {
        let sound = noise(FRAMES, 9);
        let idle = ResonanceSettings { threshold_db: 9.0, ..settings(6.0) };
        assert!(run(idle.processor(44_100.0, 2).as_mut(), &sound, 4096) == sound);
    }

    #[test]
    fn keeps_the_image() {
        let mut before = ringing(1000.0, 0.1);
        before[1] = before[0].iter().map(|x| 0.5 * x).collect();
        let after = run(settings(6.0).processor(44_100.0, 2).as_mut(), &before, 4096);
        assert!(after[0].iter().zip(&after[1]).all(|(l, r)| (0.5 * l - r).abs() < 1e-7));
    }
}
