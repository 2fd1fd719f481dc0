//! Limiter: look-ahead true-peak limiter: the promise of the chain.

use super::processor::Processor;
use super::settings::StageSettings;
use crate::params::{Unit, choice, linear, log, switch};
use crate::{choice_param, stage_settings};

choice_param! {
    /// How the limiter trades transients against level.
    pub enum Character {
        /// Slow return after long limiting, quick after single peaks.
        Transparent = "transparent",
        /// Lets the body keep its level and shortens peaks.
        Punchy = "punchy",
        /// Quickest return: the densest sound.
        Dense = "dense",
    }
}

stage_settings! {
    /// Settings of the limiter stage.
    pub struct LimiterSettings {
        /// Leaves the stage out.
        bypass: bool = false, switch();
        /// Gain into the limiter: how loud the master gets.
        drive_db: f64 = 0.0, linear(Unit::Db, -40.0, 40.0);
        /// True peak that the output never passes.
        ceiling_dbtp: f64 = 0.0, linear(Unit::Dbtp, -20.0, 0.0);
        /// How the gain returns after a peak.
        character: Character = Character::Transparent, choice(Character::NAMES);
        /// How long before a peak the gain begins to fall.
        lookahead_ms: f64 = 4.0, log(Unit::Ms, 0.5, 10.0);
        /// Time constant of the return.
        release_ms: f64 = 100.0, log(Unit::Ms, 5.0, 1000.0);
        /// How much a peak in one channel also turns the other down.
        link_percent: f64 = 100.0, linear(Unit::Percent, 0.0, 100.0);
    }
}

impl StageSettings for LimiterSettings {
    fn is_neutral(&self) -> bool {
        false
    }
    fn processor(&self, _sample_rate_hz: f64, _channels: usize) -> Box<dyn Processor> {
        unreachable!("built next")
    }
}
