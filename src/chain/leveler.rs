//! Leveler: slow level riding with look-ahead: the fader hand of a mastering engineer.

use super::processor::Processor;
use super::settings::StageSettings;
use crate::params::{Unit, linear, log, switch};
use crate::stage_settings;

stage_settings! {
    /// Settings of the leveler stage.
    pub struct LevelerSettings {
        /// Leaves the stage out.
        bypass: bool = false, switch();
        /// Share of each deviation from the pivot that is taken away (negative: added); 0 is neutral.
        amount_percent: f64 = 0.0, linear(Unit::Percent, -100.0, 100.0);
        /// Level that is left where it is: short-term loudness at this stage's input.
        pivot_lufs: f64 = -20.0, linear(Unit::Lufs, -60.0, 0.0);
        /// Largest gain change in either direction.
        range_db: f64 = 6.0, linear(Unit::Db, 0.0, 18.0);
        /// Length of the centred window that measures the level.
        window_s: f64 = 3.0, log(Unit::S, 0.4, 10.0);
        /// Below this short-term loudness the gain is held: noise and silence are not lifted.
        gate_lufs: f64 = -50.0, linear(Unit::Lufs, -80.0, -10.0);
    }
}

impl StageSettings for LevelerSettings {
    fn is_neutral(&self) -> bool {
        self.amount_percent == 0.0 || self.range_db == 0.0
    }
    fn processor(&self, _sample_rate_hz: f64, _channels: usize) -> Box<dyn Processor> {
        unreachable!("built next")
    }
}
