//! Level: drive for loudness, the limiter's ceiling and the clipper for micro-dynamics, and the floor under PSR.

use super::super::aim::Aim;
use super::super::{Wishes, fixed_by_person};
use super::Prediction;
use crate::chain::Stage;
use crate::chain::limiter::LimiterSettings;
use crate::plan::{ClampRule, Concession};

/// Loudness and PSR that are off by less are right.
const LOUDNESS_TOLERANCE_LU: f64 = 0.15;
const PSR_TOLERANCE_LU: f64 = 0.4;
/// How far under the delivery's ceiling the limiter may hold peaks to reach a dense target at low level.
const LOWEST_CEILING_DB: f64 = 6.0;

/// What loudness is still aimed for.
pub(super) struct Level {
    /// The loudness to promise.
    pub(super) goal_lufs: f64,
    ceiling_dbtp: f64,
    psr_floor_lu: Option<f64>,
    ceiling_is_free: bool,
}

impl Level {
    pub(super) fn new(aim: &Aim, wishes: &Wishes) -> Self {
        Self {
            goal_lufs: round(aim.goal.loudness_lufs),
            ceiling_dbtp: wishes.ceiling_dbtp,
            psr_floor_lu: wishes.psr_floor_lu,
            ceiling_is_free: !fixed_by_person(wishes, Stage::Limiter),
        }
    }

    /// Corrects drive and ceiling, and lowers the goal where PSR would fall under its floor.
    pub(super) fn correct(&mut self, limiter: &mut LimiterSettings, predicted: &Prediction, aim: &Aim) {
        let traits = &predicted.traits;
        if let Some(floor) = self.psr_floor_lu
            && traits.psr_lu < floor
            && traits.psr_lu < aim.mix.psr_lu
        {
            self.goal_lufs = round(self.goal_lufs.min(traits.loudness_lufs) - (floor - traits.psr_lu));
        }
        limiter.drive_db = (limiter.drive_db + self.goal_lufs - traits.loudness_lufs).clamp(-40.0, 40.0);
        if self.ceiling_is_free {
            let too_high = traits.psr_lu - aim.goal.psr_lu;
            if too_high.abs() > PSR_TOLERANCE_LU {
                let lowest = self.ceiling_dbtp - LOWEST_CEILING_DB;
                limiter.ceiling_dbtp = round(limiter.ceiling_dbtp - 0.8 * too_high).clamp(lowest, self.ceiling_dbtp);
            }
        }
    }

    /// Whether loudness needs no further audition.
    pub(super) fn settled(&self, predicted: &Prediction) -> bool {
        (predicted.traits.loudness_lufs - self.goal_lufs).abs() < LOUDNESS_TOLERANCE_LU
    }

    /// What was given up.
    pub(super) fn concessions(&self, aim: &Aim) -> Vec<Concession> {
        let wanted = round(aim.goal.loudness_lufs);
        if wanted == self.goal_lufs {
            return Vec::new();
        }
        let feature = "loudness.integrated_lufs".to_owned();
        vec![Concession { feature, wanted, planned: self.goal_lufs, rule: ClampRule::PsrFloor }]
    }
}

/// Hundredths: a plan is read by people.
fn round(value: f64) -> f64 {
    (100.0 * value).round() / 100.0
}
