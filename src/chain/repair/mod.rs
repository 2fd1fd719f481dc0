//! Repair: what must be put right before anything else: trim, subsonic high-pass, clipped peaks.

mod autoregression;
mod declip;
mod processor;

pub use processor::RepairProcessor;

use super::processor::Processor;
use super::settings::StageSettings;
use crate::params::{Unit, linear, switch};
use crate::stage_settings;

stage_settings! {
    /// Settings of the repair stage.
    pub struct RepairSettings {
        /// Leaves the stage out.
        bypass: bool = false, switch();
        /// Gain before everything else, so that later thresholds meet a known level.
        gain_db: f64 = 0.0, linear(Unit::Db, -40.0, 40.0);
        /// Corner of the subsonic high-pass that also removes DC; 0 is off.
        highpass_hz: f64 = 0.0, linear(Unit::Hz, 0.0, 80.0);
        /// Rebuild the tops of clipped runs; only flagged samples change.
        declip: bool = false, switch();
    }
}

impl StageSettings for RepairSettings {
    fn is_neutral(&self) -> bool {
        self.gain_db == 0.0 && self.highpass_hz == 0.0 && !self.declip
    }
    fn processor(&self, sample_rate_hz: f64, channels: usize) -> Box<dyn Processor> {
        Box::new(RepairProcessor::new(self, sample_rate_hz, channels))
    }
}
