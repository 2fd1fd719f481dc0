//! Saturation: analogue characters: oversampled, dry/wet, level-compensated.

use super::processor::Processor;
use super::settings::StageSettings;
use crate::params::{Unit, choice, linear, switch};
use crate::{choice_param, stage_settings};

choice_param! {
    /// What kind of device the curve is modelled on.
    pub enum Character {
        /// Odd harmonics, softened highs at level.
        Tape = "tape",
        /// Even and odd harmonics, asymmetric.
        Tube = "tube",
        /// Low-frequency saturation, mostly third harmonic.
        Transformer = "transformer",
    }
}

stage_settings! {
    /// Settings of the saturation stage.
    pub struct SaturationSettings {
        /// Leaves the stage out.
        bypass: bool = false, switch();
        /// Curve and colour.
        character: Character = Character::Tape, choice(Character::NAMES);
        /// Level into the curve; 0 is neutral.
        drive_db: f64 = 0.0, linear(Unit::Db, 0.0, 24.0);
        /// Share of the saturated sound.
        mix_percent: f64 = 100.0, linear(Unit::Percent, 0.0, 100.0);
    }
}

impl StageSettings for SaturationSettings {
    fn is_neutral(&self) -> bool {
        self.drive_db == 0.0 || self.mix_percent == 0.0
    }
    fn processor(&self, _sample_rate_hz: f64, _channels: usize) -> Box<dyn Processor> {
        unreachable!("built next")
    }
}
