//! Multiband dynamics: four bands (LR4, all-pass compensated so that the idle sum is flat), each with a static curve of
//! two thresholds and with transient control.
//!
//! Above `high_threshold_dbfs` the curve has slope `1/high_ratio`: above 1 it compresses downward, below 1 it expands
//! upward. Below `low_threshold_dbfs` it has slope `low_ratio`: above 1 it expands downward (gate), below 1 it
//! compresses upward. `range_db` bounds both.

use super::processor::Processor;
use super::settings::StageSettings;
use crate::params::{Unit, linear, log, switch};
use crate::stage_settings;

stage_settings! {
    /// Settings of one band.
    pub struct BandSettings {
        /// Gain of the band after its dynamics.
        gain_db: f64 = 0.0, linear(Unit::Db, -12.0, 12.0);
        /// Upper threshold.
        high_threshold_dbfs: f64 = -20.0, linear(Unit::Dbfs, -80.0, 0.0);
        /// Input change over output change above the upper threshold: above 1 compresses, below 1 expands upward.
        high_ratio: f64 = 1.0, log(Unit::Ratio, 0.5, 20.0);
        /// Lower threshold.
        low_threshold_dbfs: f64 = -50.0, linear(Unit::Dbfs, -90.0, 0.0);
        /// Output change over input change below the lower threshold: above 1 expands downward, below 1 compresses upward.
        low_ratio: f64 = 1.0, log(Unit::Ratio, 0.25, 4.0);
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
    fn processor(&self, _sample_rate_hz: f64, _channels: usize) -> Box<dyn Processor> {
        unreachable!("built next")
    }
}
