//! Stereo: width per band, mono lows, balance and mono-safe depth; acts on the side only.

use super::processor::Processor;
use super::settings::StageSettings;
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
        /// Elliptical filter: the side is removed below this corner; 0 is off.
        mono_below_hz: f64 = 0.0, linear(Unit::Hz, 0.0, 400.0);
        /// Left against right: positive turns the left down.
        balance_db: f64 = 0.0, linear(Unit::Db, -6.0, 6.0);
        /// Decorrelated ambience of the mid added to the side; cancels in mono.
        depth_percent: f64 = 0.0, linear(Unit::Percent, 0.0, 100.0);
    }
}

impl StageSettings for StereoSettings {
    fn is_neutral(&self) -> bool {
        *self == Self { bypass: self.bypass, ..Self::default() }
    }
    fn processor(&self, _sample_rate_hz: f64, _channels: usize) -> Box<dyn Processor> {
        unreachable!("built next")
    }
}
