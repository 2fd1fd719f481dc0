//! Deess: split-band de-esser: cuts the sibilant band when it sticks out of the rest, whatever the level.

mod detector;
mod processor;

pub use processor::DeessProcessor;

use super::processor::Processor;
use super::settings::StageSettings;
use crate::params::{Unit, linear, log, switch};
use crate::stage_settings;

stage_settings! {
    /// Settings of the deess stage.
    pub struct DeessSettings {
        /// Leaves the stage out.
        bypass: bool = false, switch();
        /// Lower edge of the sibilant band.
        freq_hz: f64 = 6000.0, log(Unit::Hz, 2000.0, 12000.0);
        /// Level of the sibilant band against the rest of the sound above which it is cut.
        threshold_db: f64 = 0.0, linear(Unit::Db, -40.0, 20.0);
        /// Deepest cut; 0 is neutral.
        range_db: f64 = 0.0, linear(Unit::Db, 0.0, 12.0);
        /// Time constant of the return to no cut.
        release_ms: f64 = 60.0, log(Unit::Ms, 10.0, 500.0);
    }
}

impl StageSettings for DeessSettings {
    fn is_neutral(&self) -> bool {
        self.range_db == 0.0
    }
    fn processor(&self, sample_rate_hz: f64, _channels: usize) -> Box<dyn Processor> {
        Box::new(DeessProcessor::new(self, sample_rate_hz))
    }
}
