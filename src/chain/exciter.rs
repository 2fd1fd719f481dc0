//! Exciter: harmonics for presence and air: band-limited, oversampled, added to the dry sound.

use super::processor::Processor;
use super::settings::StageSettings;
use crate::params::{Unit, linear, log, switch};
use crate::stage_settings;

stage_settings! {
    /// Settings of the exciter stage.
    pub struct ExciterSettings {
        /// Leaves the stage out.
        bypass: bool = false, switch();
        /// Level of added presence harmonics; 0 is neutral.
        presence_percent: f64 = 0.0, linear(Unit::Percent, 0.0, 100.0);
        /// Where presence harmonics are made from and above.
        presence_hz: f64 = 2500.0, log(Unit::Hz, 1000.0, 6000.0);
        /// Level of added air harmonics; 0 is neutral.
        air_percent: f64 = 0.0, linear(Unit::Percent, 0.0, 100.0);
        /// Where air harmonics are made from and above.
        air_hz: f64 = 8000.0, log(Unit::Hz, 5000.0, 14000.0);
    }
}

impl StageSettings for ExciterSettings {
    fn is_neutral(&self) -> bool {
        self.presence_percent == 0.0 && self.air_percent == 0.0
    }
    fn processor(&self, _sample_rate_hz: f64, _channels: usize) -> Box<dyn Processor> {
        unreachable!("built next")
    }
}
