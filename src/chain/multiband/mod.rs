//! Multiband dynamics: four bands, each with a static curve of two thresholds and with transient control.
//!
//! Above `high_threshold_dbfs` the curve has slope `1/high_ratio`: above 1 it compresses downward, below 1 it expands
//! upward. Below `low_threshold_dbfs` it has slope `low_ratio`: above 1 it expands downward (gate), below 1 it
//! compresses upward. `range_db` bounds both. Levels are the band's mean power over both channels (a full-scale sine in
//! the band reads −3.01 dBFS) and both channels get the same gain, so the image stays. [`static_gain_db`] is the curve.
//!
//! `L, R ┬▶ split (LR4) ─▶ power of each band in a control step ─▶ gain of each band                ┐`
//! `     └▶ held for one step ─▶ × gain of the lowest ─▶ a shelf at each corner: what the next band has more ─▶ L, R`
//!
//! The split only listens. The music passes three minimum-phase shelves whose gains move, so that bands which move together, or
//! not at all, change no phase: an idle stage is a delay, bit for bit.
//!
//! Gains are computed once a control step of 16 frames and travel on straight lines; the music is held back by one
//! step, so that a step's own gain meets it.

mod dynamics;
#[cfg(test)]
mod tests;

use dynamics::BandDynamics;
pub use dynamics::static_gain_db;

use super::processor::{Processor, StageMeter};
use super::settings::StageSettings;
use crate::dsp::band_split::BandSplit;
use crate::dsp::bands::{DYNAMICS_BAND_NAMES, DYNAMICS_BANDS};
use crate::dsp::biquad::Lanes;
use crate::dsp::gain::{db_to_gain, step_db_to_gain};
use crate::dsp::grid::{FrameGrid, Piece, STEP_FRAMES};
use crate::dsp::shelf::MovingShelf;
use crate::params::{Unit, linear, log, switch};
use crate::stage_settings;
use wide::f32x4;

stage_settings! {
    /// Settings of one band.
    pub struct BandSettings {
        /// Gain of the band after its dynamics.
        gain_db: f64 = 0.0, linear(Unit::Db, -12.0, 12.0);
        /// Upper threshold: mean power of the band.
        high_threshold_dbfs: f64 = -20.0, linear(Unit::Dbfs, -80.0, 0.0);
        /// Input change over output change above the upper threshold: above 1 compresses, below 1 expands upward.
        high_ratio: f64 = 1.0, log(Unit::Ratio, 0.5, 20.0);
        /// Lower threshold: mean power of the band.
        low_threshold_dbfs: f64 = -50.0, linear(Unit::Dbfs, -90.0, 0.0);
        /// Output change over input change below the lower threshold: above 1 expands downward, below 1 compresses upward.
        low_ratio: f64 = 1.0, log(Unit::Ratio, 0.25, 4.0);
        /// Floor of upward compression: below it the lower curve raises less, and nothing from 12 dB below it on, so that noise in pauses
        /// and the ends of fades stay as soft as they are.
        floor_dbfs: f64 = -120.0, linear(Unit::Dbfs, -120.0, 0.0);
        /// Largest gain change of either curve.
        range_db: f64 = 6.0, linear(Unit::Db, 0.0, 24.0);
        /// Attack time constant.
        attack_ms: f64 = 10.0, log(Unit::Ms, 0.1, 200.0);
        /// Release time constant.
        release_ms: f64 = 150.0, log(Unit::Ms, 10.0, 2000.0);
        /// Gain of attacks against the sustained sound, whatever the level.
        transient_db: f64 = 0.0, linear(Unit::Db, -12.0, 12.0);
    }
}

stage_settings! {
    /// Settings of the multiband stage.
    pub struct MultibandSettings {
        /// Leaves the stage out.
        bypass: bool = false, switch();
        /// Between the low and the low-mid band.
        crossover1_hz: f64 = 120.0, log(Unit::Hz, 40.0, 400.0);
        /// Between the low-mid and the high-mid band.
        crossover2_hz: f64 = 800.0, log(Unit::Hz, 400.0, 2500.0);
        /// Between the high-mid and the high band.
        crossover3_hz: f64 = 5000.0, log(Unit::Hz, 2500.0, 12000.0);
        groups {
            /// Bass.
            low: BandSettings = BandSettings::default();
            /// Body.
            low_mid: BandSettings = BandSettings::default();
            /// Presence.
            high_mid: BandSettings = BandSettings::default();
            /// Air.
            high: BandSettings = BandSettings::default();
        }
    }
}

impl BandSettings {
    /// Whether the band changes nothing.
    pub fn is_neutral(&self) -> bool {
        let static_curve = (self.high_ratio == 1.0 && self.low_ratio == 1.0) || self.range_db == 0.0;
        static_curve && self.gain_db == 0.0 && self.transient_db == 0.0
    }
}

impl MultibandSettings {
    /// The four bands, low to high.
    pub fn bands(&self) -> [&BandSettings; 4] {
        [&self.low, &self.low_mid, &self.high_mid, &self.high]
    }

    /// The four bands, low to high, to change.
    pub fn bands_mut(&mut self) -> [&mut BandSettings; 4] {
        [&mut self.low, &mut self.low_mid, &mut self.high_mid, &mut self.high]
    }
}

impl StageSettings for MultibandSettings {
    fn is_neutral(&self) -> bool {
        self.bands().iter().all(|b| b.is_neutral())
    }
    fn processor(&self, sample_rate_hz: f64, _channels: usize) -> Box<dyn Processor> {
        Box::new(Multiband::new(self, sample_rate_hz))
    }
}

/// Control steps between two flushes of the filters.
const FLUSH_STEPS: u64 = 64;

/// The split hears no more than this (+180 dBFS), so that its squares stay within f32.
const LOUDEST: f32 = 1e9;

/// Lowest frequency that the low band's level is made for.
const LOWEST_HZ: f64 = 40.0;

/// Frames of one step.
type Step = [Lanes; STEP_FRAMES];

struct Multiband {
    grid: FrameGrid,
    split: BandSplit,
    /// Energy of the step so far: bands 0 and 2 of both channels, bands 1 and 3.
    energies: [f32x4; 2],
    bands: BandDynamics,
    /// The step that was heard and waits for its gains.
    held: Step,
    /// Gain of the lowest band across the step that leaves.
    gains: [f64; STEP_FRAMES],
    /// What each band has more than the one below.
    shelves: [MovingShelf; DYNAMICS_BANDS - 1],
}

/// What each band has more than the one below, in dB.
fn differences_db(gains_db: [f64; DYNAMICS_BANDS]) -> [f64; DYNAMICS_BANDS - 1] {
    std::array::from_fn(|i| gains_db[i + 1] - gains_db[i])
}

impl Multiband {
    fn new(settings: &MultibandSettings, sample_rate_hz: f64) -> Self {
        let crossovers_hz = [settings.crossover1_hz, settings.crossover2_hz, settings.crossover3_hz];
        let step_rate_hz = sample_rate_hz / STEP_FRAMES as f64;
        let lower_edges_hz = [LOWEST_HZ, crossovers_hz[0], crossovers_hz[1], crossovers_hz[2]];
        let bands = BandDynamics::new(settings.bands(), lower_edges_hz, step_rate_hz);
        let rest_db = bands.rest_gains_db();
        let moves_db = differences_db(rest_db);
        Self {
            grid: FrameGrid::new(STEP_FRAMES),
            split: BandSplit::new(crossovers_hz, sample_rate_hz),
            energies: [f32x4::ZERO; 2],
            bands,
            held: [[0.0; 2]; STEP_FRAMES],
            gains: [db_to_gain(rest_db[0]); STEP_FRAMES],
            shelves: std::array::from_fn(|i| MovingShelf::new(crossovers_hz[i], moves_db[i], sample_rate_hz)),
        }
    }

    /// Processes frames of one step. A single channel runs in both lanes, so that levels mean the same for mono.
    fn process_piece(&mut self, channels: &mut [Vec<f32>], piece: &Piece) {
        let right = channels.len() - 1;
        let mut out = [[0.0; 2]; STEP_FRAMES];
        let out = &mut out[..piece.block.len()];
        let (mut split, [mut even, mut odd]) = (self.split.clone(), self.energies);
        let input = channels[0][piece.block.clone()].iter().zip(&channels[right][piece.block.clone()]);
        let leaving = self.held[piece.cell.clone()].iter_mut().zip(&self.gains[piece.cell.clone()]);
        for ((out, (l, r)), (held, gain)) in out.iter_mut().zip(input).zip(leaving) {
            *out = [gain * held[0], gain * held[1]];
            *held = [f64::from(*l), f64::from(*r)];
            let heard = split.process(l.clamp(-LOUDEST, LOUDEST), r.clamp(-LOUDEST, LOUDEST));
            even += heard.even * heard.even;
            odd += heard.odd * heard.odd;
        }
        (self.split, self.energies) = (split, [even, odd]);
        MovingShelf::process_cascade(&mut self.shelves, out);
        for (lane, channel) in channels.iter_mut().enumerate() {
            for (sample, frame) in channel[piece.block.clone()].iter_mut().zip(&*out) {
                *sample = (frame[lane] as f32).clamp(f32::MIN, f32::MAX);
            }
        }
    }

    /// Ends a step: lays the gains' lines across it.
    fn decide(&mut self) {
        let [even, odd] = std::mem::replace(&mut self.energies, [f32x4::ZERO; 2]).map(|energy| energy.to_array());
        let energies = [[even[0], even[1]], [odd[0], odd[1]], [even[2], even[3]], [odd[2], odd[3]]];
        let gains_db = self.bands.decide(energies.map(|channels| {
            let [left, right] = channels.map(f64::from);
            (left + right) / (2 * STEP_FRAMES) as f64
        }));
        let (from, to) = (self.gains[STEP_FRAMES - 1], step_db_to_gain(gains_db[0]));
        for (i, gain) in self.gains.iter_mut().enumerate() {
            *gain = from + (to - from) * ((i + 1) as f64 / STEP_FRAMES as f64);
        }
        for (shelf, gain_db) in self.shelves.iter_mut().zip(differences_db(gains_db)) {
            shelf.move_to(gain_db, STEP_FRAMES);
        }
    }
}

impl Processor for Multiband {
    fn process(&mut self, channels: &mut [Vec<f32>]) {
        let frames = channels[0].len();
        let mut at = 0;
        while let Some(piece) = self.grid.piece(at, frames) {
            at = piece.block.end;
            self.process_piece(channels, &piece);
            if piece.ends_cell {
                self.decide();
                if self.grid.cells().is_multiple_of(FLUSH_STEPS) {
                    self.split.flush();
                    self.shelves.iter_mut().for_each(MovingShelf::flush);
                }
            }
        }
    }

    fn latency_frames(&self) -> usize {
        STEP_FRAMES
    }

    fn reset(&mut self) {
        self.grid.reset();
        self.split.reset();
        self.energies = [f32x4::ZERO; 2];
        self.bands.reset();
        let rest_db = self.bands.rest_gains_db();
        self.held = [[0.0; 2]; STEP_FRAMES];
        self.gains = [db_to_gain(rest_db[0]); STEP_FRAMES];
        self.shelves.iter_mut().zip(differences_db(rest_db)).for_each(|(shelf, gain_db)| shelf.reset(gain_db));
    }

    /// The gain of each band's dynamics, without its fixed gain.
    fn meter(&self) -> StageMeter {
        StageMeter { gains: DYNAMICS_BAND_NAMES.iter().zip(self.bands.stats()).map(|(name, gain)| gain.meter(name)).collect() }
    }
}
