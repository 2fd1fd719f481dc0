//! Resonance: dynamic cuts where a narrow band builds up above its neighbours.

mod bands;
mod bells;
mod processor;

pub use processor::ResonanceProcessor;

use super::processor::Processor;
use super::settings::StageSettings;
use crate::params::{Unit, linear, switch};
use crate::stage_settings;

stage_settings! {
    /// Settings of the resonance stage.
    pub struct ResonanceSettings {
        /// Leaves the stage out.
        bypass: bool = false, switch();
        /// Share of each build-up that is taken away; 0 is neutral.
        amount_percent: f64 = 0.0, linear(Unit::Percent, 0.0, 100.0);
        /// How far a narrow band must stick out above its neighbourhood before it is cut.
        threshold_db: f64 = 6.0, linear(Unit::Db, 1.0, 24.0);
        /// Deepest cut.
        range_db: f64 = 4.0, linear(Unit::Db, 0.0, 12.0);
    }
}

impl StageSettings for ResonanceSettings {
    fn is_neutral(&self) -> bool {
        self.amount_percent == 0.0 || self.range_db == 0.0
    }
    fn processor(&self, sample_rate_hz: f64, _channels: usize) -> Box<dyn Processor> {
        Box::new(ResonanceProcessor::new(self, sample_rate_hz))
    }
}
