//! Compressor: glue compressor: feed-forward, log domain, soft knee (Giannoulis, Massberg, Reiss 2012).

use super::processor::Processor;
use super::settings::StageSettings;
use crate::params::{Unit, linear, log, switch};
use crate::stage_settings;

stage_settings! {
    /// Settings of the compressor stage.
    pub struct CompressorSettings {
        /// Leaves the stage out.
        bypass: bool = false, switch();
        /// Level above which gain is reduced.
        threshold_dbfs: f64 = 0.0, linear(Unit::Dbfs, -60.0, 0.0);
        /// Input change over output change above the threshold; 1 is neutral.
        ratio: f64 = 1.0, log(Unit::Ratio, 1.0, 20.0);
        /// Width of the soft knee.
        knee_db: f64 = 6.0, linear(Unit::Db, 0.0, 24.0);
        /// Attack time constant.
        attack_ms: f64 = 25.0, log(Unit::Ms, 0.1, 200.0);
        /// Release time constant.
        release_ms: f64 = 250.0, log(Unit::Ms, 10.0, 2000.0);
        /// Release slower after long reduction, faster after short peaks.
        program_release: bool = true, switch();
        /// High-pass in the side chain, so that bass does not pump the rest.
        sidechain_highpass_hz: f64 = 80.0, log(Unit::Hz, 20.0, 500.0);
        /// Gain after compression.
        makeup_db: f64 = 0.0, linear(Unit::Db, 0.0, 24.0);
        /// Share of the compressed sound; the rest is the input (parallel compression).
        mix_percent: f64 = 100.0, linear(Unit::Percent, 0.0, 100.0);
    }
}

impl StageSettings for CompressorSettings {
    fn is_neutral(&self) -> bool {
        (self.ratio == 1.0 && self.makeup_db == 0.0) || self.mix_percent == 0.0
    }
    fn processor(&self, _sample_rate_hz: f64, _channels: usize) -> Box<dyn Processor> {
        unreachable!("built next")
    }
}
