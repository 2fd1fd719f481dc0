//! The limiter's ceiling: lowered where peaks stand higher over the music than the target's, to where they have to be held.

use super::super::aim::Aim;
use super::super::{Wishes, fixed_by_person};
use super::peaks::Peaks;
use crate::chain::Stage;
use crate::chain::limiter::LimiterSettings;

/// A PSR that is off by less is right.
const PSR_TOLERANCE_LU: f64 = 0.4;
/// How far under the delivery's ceiling the limiter may hold peaks to reach a dense target at low level.
const LOWEST_DB: f64 = 12.0;

/// A ceiling that was lowered to take more than this from the PSR softens attacks: what bands did to them too would move the crest by hundredths of a
/// decibel, either way. Leaving it out cost 0.001 of mean error (a trial on 36 cases of the train split, not kept as a command).
const SOFTENS_LU: f64 = 1.5;

/// Whether attacks are softened by the limiter, whose ceiling was lowered for that.
pub(super) fn softens(settings: &LimiterSettings, aim: &Aim, wishes: &Wishes) -> bool {
    !Ceiling::new(wishes).is_highest(settings) && aim.mix.psr_lu - aim.goal.psr_lu > SOFTENS_LU
}

/// The ceiling, as long as it is free to move.
#[derive(Clone, Debug)]
pub(super) struct Ceiling {
    /// The delivery's: nothing is over it.
    pub(super) highest_dbtp: f64,
    is_free: bool,
}

impl Ceiling {
    /// Free unless a person has set something of the limiter.
    pub(super) fn new(wishes: &Wishes) -> Self {
        Self { highest_dbtp: wishes.ceiling_dbtp, is_free: !fixed_by_person(wishes, Stage::Limiter) }
    }

    /// Whether the limiter holds peaks no lower than the delivery asks for.
    pub(super) fn is_highest(&self, settings: &LimiterSettings) -> bool {
        settings.ceiling_dbtp >= self.highest_dbtp - 0.01
    }

    /// Puts the ceiling where peaks stand as high over the music as they should, once the music is louder by so much.
    pub(super) fn correct(&self, settings: &mut LimiterSettings, peaks: &Peaks, psr_lu: f64, louder_lu: f64) {
        let off_lu = peaks.psr_lu(settings.ceiling_dbtp, louder_lu) - psr_lu;
        if self.is_free && off_lu.abs() > PSR_TOLERANCE_LU {
            let ceiling_dbtp = peaks.ceiling_dbtp(psr_lu, louder_lu).unwrap_or(self.highest_dbtp);
            settings.ceiling_dbtp = super::level::round(ceiling_dbtp).clamp(self.highest_dbtp - LOWEST_DB, self.highest_dbtp);
        }
    }

    /// Gives up on the PSR: back up, for good. Whether there was anything to give up.
    pub(super) fn let_go(&mut self, settings: &mut LimiterSettings) -> bool {
        let lets_go = self.is_free && !self.is_highest(settings);
        if lets_go {
            (settings.ceiling_dbtp, self.is_free) = (self.highest_dbtp, false);
        }
        lets_go
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::LoudWindow;

    fn corrected(wishes: &Wishes, psr_lu: f64, louder_lu: f64) -> f64 {
        let windows = [LoudWindow { peak_dbfs: -8.0, loudness_lufs: -20.0 }; 5];
        let mut settings = LimiterSettings { ceiling_dbtp: -1.0, ..LimiterSettings::default() };
        Ceiling::new(wishes).correct(&mut settings, &Peaks::new(&windows, Some(-1.0), 12.0), psr_lu, louder_lu);
        settings.ceiling_dbtp
    }

    #[test]
    fn peaks_are_held_where_the_target_has_them_and_never_over_the_delivery() {
        let wishes = Wishes::default();
        assert_eq!(corrected(&wishes, 11.7, 0.0), -1.0, "near enough");
        assert_eq!(corrected(&wishes, 9.0, 0.0), -11.0, "from where peaks stand, not from where the ceiling does");
        assert_eq!(corrected(&wishes, 9.0, 4.0), -7.0, "driven");
        assert_eq!(corrected(&wishes, 9.0, 15.0), -1.0, "the delivery's ceiling holds them lower as it is");
        assert_eq!(corrected(&wishes, 2.0, 0.0), -13.0, "no lower than 12 dB under it");
        assert_eq!(corrected(&wishes, 16.0, 0.0), -1.0, "no ceiling makes peaks higher");
    }

    #[test]
    fn a_limiter_that_a_person_has_set_is_left_alone() {
        let wishes = Wishes { fixed: vec![("limiter.release_ms".into(), 80.0)], ..Wishes::default() };
        assert_eq!(corrected(&wishes, 9.0, 0.0), -1.0);
    }
}
