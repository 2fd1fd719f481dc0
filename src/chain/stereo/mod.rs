//! Stereo: width per band, mono lows, balance and mono-safe depth; acts on the side only.
//!
//! `M = (L + R)/2 ─┬────────────────────────────────────────────────┬─▶ L = M + S`
//! `               └▶ depth ──┐                                     ├─▶ R = M − S`
//! `S = (L − R)/2 ─▶ width ── + ─▶ elliptical high-pass ────────────┘   then balance`
//!
//! The mid passes as it is (within the rounding of f32), so the mono sum never changes while balance is 0. Balance keeps
//! the sum of both channels' gains: a centred source stays as loud in mono. A single channel passes untouched.

mod depth;
#[cfg(test)]
mod tests;
mod width;

use self::depth::Depth;
use self::width::{Section, Width};
use super::processor::{Processor, StageMeter};
use super::settings::StageSettings;
use crate::dsp::bands::DYNAMICS_BANDS;
use crate::dsp::biquad::Coefficients;
use crate::dsp::gain::db_to_gain;
use crate::dsp::grid::{FrameGrid, Piece};
use crate::params::{Unit, linear, switch};
use crate::stage_settings;

stage_settings! {
    /// Settings of the stereo stage.
    pub struct StereoSettings {
        /// Leaves the stage out.
        bypass: bool = false, switch();
        /// Side gain of the low band, in percent of the input's.
        low_width_percent: f64 = 100.0, linear(Unit::Percent, 0.0, 300.0);
        /// Side gain of the low-mid band.
        low_mid_width_percent: f64 = 100.0, linear(Unit::Percent, 0.0, 300.0);
        /// Side gain of the high-mid band.
        high_mid_width_percent: f64 = 100.0, linear(Unit::Percent, 0.0, 300.0);
        /// Side gain of the high band.
        high_width_percent: f64 = 100.0, linear(Unit::Percent, 0.0, 300.0);
        /// Elliptical filter: the side is removed below this corner, 12 dB per octave; 0 is off.
        mono_below_hz: f64 = 0.0, linear(Unit::Hz, 0.0, 400.0);
        /// Left against right: positive turns the left down and the right up.
        balance_db: f64 = 0.0, linear(Unit::Db, -6.0, 6.0);
        /// Decorrelated ambience of the mid added to the side; cancels in mono.
        depth_percent: f64 = 0.0, linear(Unit::Percent, 0.0, 100.0);
    }
}

impl StageSettings for StereoSettings {
    fn is_neutral(&self) -> bool {
        *self == Self { bypass: self.bypass, ..Self::default() }
    }
    fn is_neutral_in_mono(&self) -> bool {
        true
    }
    fn processor(&self, sample_rate_hz: f64, _channels: usize) -> Box<dyn Processor> {
        Box::new(Stereo::new(self, sample_rate_hz))
    }
}

impl StereoSettings {
    /// Gain in dB at a frequency that the widths give the side, known without a sample.
    pub fn width_response_db(&self, freq_hz: f64) -> f64 {
        if self.bypass { 0.0 } else { width::response_db(self.width_factors(), freq_hz) }
    }

    /// Side over mid in dB at a frequency that the ambience alone makes of a mono source; −∞ without any.
    pub fn depth_response_db(&self, freq_hz: f64) -> f64 {
        if self.bypass { f64::NEG_INFINITY } else { depth::response_db(self.depth_percent, freq_hz) }
    }

    /// The depth, in percent, that makes a mono source this wide (side over mid in dB); 100 where more would be needed.
    pub fn depth_percent_for(width_db: f64) -> f64 {
        (100.0 * db_to_gain(width_db) / depth::FULL_LEVEL).min(100.0)
    }

    fn width_factors(&self) -> [f64; DYNAMICS_BANDS] {
        let widths_percent =
            [self.low_width_percent, self.low_mid_width_percent, self.high_mid_width_percent, self.high_width_percent];
        widths_percent.map(|w| w / 100.0)
    }
}

/// Frames of mid and side that are processed together, filter after filter.
const SLICE_FRAMES: usize = 64;

/// Slices between two flushes of the filters.
const FLUSH_SLICES: u64 = 16;

struct Stereo {
    grid: FrameGrid,
    width: Width,
    elliptical: Option<Section>,
    depth: Option<Depth>,
    /// Gains of left and right.
    balance: [f64; 2],
}

impl Stereo {
    fn new(settings: &StereoSettings, sample_rate_hz: f64) -> Self {
        let highpass = |freq_hz| Section::new(Coefficients::butterworth_highpass(freq_hz, sample_rate_hz));
        // R/L = balance and L + R = 2.
        let right_over_left = db_to_gain(settings.balance_db);
        let left = 2.0 / (1.0 + right_over_left);
        Self {
            grid: FrameGrid::new(SLICE_FRAMES),
            width: Width::new(settings.width_factors(), sample_rate_hz),
            elliptical: (settings.mono_below_hz > 0.0).then(|| highpass(settings.mono_below_hz)),
            depth: (settings.depth_percent > 0.0).then(|| Depth::new(settings.depth_percent, sample_rate_hz)),
            balance: [left, left * right_over_left],
        }
    }

    fn process_piece(&mut self, left: &mut [f32], right: &mut [f32]) {
        let frames = left.len();
        let (mut mid, mut side) = ([0.0; SLICE_FRAMES], [0.0; SLICE_FRAMES]);
        let (mid, side) = (&mut mid[..frames], &mut side[..frames]);
        for ((m, s), (l, r)) in mid.iter_mut().zip(side.iter_mut()).zip(left.iter().zip(right.iter())) {
            let (l, r) = (f64::from(*l), f64::from(*r));
            (*m, *s) = (0.5 * (l + r), 0.5 * (l - r));
        }
        self.width.process(side);
        if let Some(depth) = &mut self.depth {
            let mut source = [0.0; SLICE_FRAMES];
            source[..frames].copy_from_slice(mid);
            depth.process(&mut source[..frames], side);
        }
        if let Some(elliptical) = &mut self.elliptical {
            let mut highpass = elliptical.clone();
            side.iter_mut().for_each(|s| *s = highpass.process(*s));
            *elliptical = highpass;
        }
        let [left_gain, right_gain] = self.balance;
        for ((m, s), (l, r)) in mid.iter().zip(side.iter()).zip(left.iter_mut().zip(right.iter_mut())) {
            *l = (left_gain * (m + s)).clamp(f64::from(f32::MIN), f64::from(f32::MAX)) as f32;
            *r = (right_gain * (m - s)).clamp(f64::from(f32::MIN), f64::from(f32::MAX)) as f32;
        }
    }

    fn flush(&mut self) {
        self.width.flush();
        if let Some(elliptical) = &mut self.elliptical {
            elliptical.flush();
        }
        if let Some(depth) = &mut self.depth {
            depth.flush();
        }
    }
}

impl Processor for Stereo {
    fn process(&mut self, channels: &mut [Vec<f32>]) {
        let [left, right] = channels else { return };
        let frames = left.len();
        let mut at = 0;
        while let Some(Piece { block, ends_cell, .. }) = self.grid.piece(at, frames) {
            at = block.end;
            self.process_piece(&mut left[block.clone()], &mut right[block]);
            if ends_cell && self.grid.cells().is_multiple_of(FLUSH_SLICES) {
                self.flush();
            }
        }
    }

    fn latency_frames(&self) -> usize {
        0
    }

    fn reset(&mut self) {
        self.grid.reset();
        self.width.reset();
        if let Some(elliptical) = &mut self.elliptical {
            elliptical.reset();
        }
        if let Some(depth) = &mut self.depth {
            depth.reset();
        }
    }

    /// The stage has no gain that moves.
    fn meter(&self) -> StageMeter {
        StageMeter::default()
    }
}
