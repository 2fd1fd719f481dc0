//! Tonal matching: a third-octave curve for mid and one for side, drawn smoothly between the band centres and applied as
//! one finite impulse response each, minimum phase by default.

mod curve;
mod processor;

pub use curve::curve_response_db;
pub use processor::MatchEqProcessor;

use super::processor::Processor;
use super::settings::StageSettings;
use crate::dsp::bands::{THIRD_OCTAVE_HZ, THIRD_OCTAVES};
use crate::params::{FieldSpec, ParamGroup, Unit, choice, linear, switch};
use crate::{choice_param, stage_settings};
use std::sync::LazyLock;

choice_param! {
    /// Phase response of the correction.
    pub enum Phase {
        /// No pre-ringing, no latency of the response itself.
        Minimum = "minimum",
        /// No phase change; rings before transients and adds latency.
        Linear = "linear",
    }
}

/// Gains at the third-octave centres 20 Hz to 20 kHz; ids `gain_20_hz_db` to `gain_20000_hz_db`.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// Gain of each band in dB, −15 to 15.
    pub gains_db: [f64; THIRD_OCTAVES],
}

impl Default for Curve {
    fn default() -> Self {
        Self { gains_db: [0.0; THIRD_OCTAVES] }
    }
}

impl Curve {
    fn fields() -> &'static [FieldSpec] {
        static FIELDS: LazyLock<Vec<FieldSpec>> = LazyLock::new(|| {
            let name = |hz: &u32| -> &'static str { Box::leak(format!("gain_{hz}_hz_db").into_boxed_str()) };
            let domain = linear(Unit::Db, -15.0, 15.0);
            let doc = "Gain at this third-octave centre.";
            THIRD_OCTAVE_HZ.iter().map(|hz| FieldSpec { name: name(hz), domain, default: 0.0, doc }).collect()
        });
        &FIELDS
    }
}

impl ParamGroup for Curve {
    fn visit(&self, each: &mut dyn FnMut(&str, &FieldSpec, f64)) {
        for (row, gain) in Self::fields().iter().zip(self.gains_db) {
            each(row.name, row, gain);
        }
    }
    fn update(&mut self, each: &mut dyn FnMut(&str, &FieldSpec) -> Option<f64>) {
        for (row, gain) in Self::fields().iter().zip(&mut self.gains_db) {
            if let Some(value) = each(row.name, row) {
                *gain = value;
            }
        }
    }
}

stage_settings! {
    /// Settings of the matching curve.
    pub struct MatchEqSettings {
        /// Leaves the stage out.
        bypass: bool = false, switch();
        /// Phase response.
        phase: Phase = Phase::Minimum, choice(Phase::NAMES);
        groups {
            /// Curve of the mid (and of a mono signal).
            mid: Curve = Curve::default();
            /// Curve of the side.
            side: Curve = Curve::default();
        }
    }
}

impl StageSettings for MatchEqSettings {
    fn is_neutral(&self) -> bool {
        self.mid == Curve::default() && self.side == Curve::default()
    }
    fn is_neutral_in_mono(&self) -> bool {
        self.mid == Curve::default()
    }
    fn processor(&self, sample_rate_hz: f64, channels: usize) -> Box<dyn Processor> {
        Box::new(MatchEqProcessor::new(self, sample_rate_hz, channels))
    }
}
