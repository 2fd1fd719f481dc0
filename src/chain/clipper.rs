//! Clipper: soft clipper before the limiter: takes the shortest peaks, oversampled.

use super::processor::Processor;
use super::settings::StageSettings;
use crate::params::{Unit, linear, switch};
use crate::stage_settings;

stage_settings! {
    /// Settings of the clipper stage.
    pub struct ClipperSettings {
        /// Leaves the stage out.
        bypass: bool = false, switch();
        /// Level that no sample passes; 24 dBFS is neutral.
        threshold_dbfs: f64 = 24.0, linear(Unit::Dbfs, -24.0, 24.0);
        /// Width of the bend below the threshold: 0 is a corner, 100 begins 12 dB below.
        softness_percent: f64 = 30.0, linear(Unit::Percent, 0.0, 100.0);
    }
}

impl StageSettings for ClipperSettings {
    fn is_neutral(&self) -> bool {
        self.threshold_dbfs >= 24.0
    }
    fn processor(&self, _sample_rate_hz: f64, _channels: usize) -> Box<dyn Processor> {
        unreachable!("built next")
    }
}
