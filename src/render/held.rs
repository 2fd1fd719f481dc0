//! Where the limiter holds peaks once loudness has found its drive.

use crate::chain::limiter::LimiterSettings;
use crate::plan::Plan;

/// Ceilings nearer than this are the same.
const SAME_DB: f64 = 0.01;

/// A plan's limiter, for any drive.
///
/// A ceiling that was proposed under the delivery's holds peaks so high over the music as excerpts had them at the plan's drive. Where the
/// whole takes another drive to be as loud as is promised, the ceiling goes along, up to the delivery's: the same peaks are held, by as much.
/// In a plan that a person changed it stays: another drive may then be what the change makes of the level, or what was asked for.
#[derive(Clone, Debug)]
pub struct Held {
    planned: LimiterSettings,
    highest_dbtp: f64,
    goes_along: bool,
}

impl Held {
    /// The limiter of this plan.
    pub fn of(plan: &Plan) -> Self {
        let (planned, highest_dbtp) = (plan.chain.limiter.clone(), plan.delivery.ceiling_dbtp);
        let goes_along = plan.is_as_proposed() && planned.ceiling_dbtp < highest_dbtp - SAME_DB;
        Self { planned, highest_dbtp, goes_along }
    }

    /// A limiter whose ceiling stays at any drive.
    #[cfg(test)]
    pub(super) fn still(planned: LimiterSettings) -> Self {
        Self { highest_dbtp: planned.ceiling_dbtp, planned, goes_along: false }
    }

    /// As the plan has it.
    pub(super) fn planned(&self) -> &LimiterSettings {
        &self.planned
    }

    /// Driven by so many decibels.
    pub fn driven(&self, drive_db: f64) -> LimiterSettings {
        let mut limiter = LimiterSettings { drive_db, ..self.planned.clone() };
        if self.goes_along {
            let along_dbtp = self.planned.ceiling_dbtp + drive_db - self.planned.drive_db;
            limiter.move_ceiling(along_dbtp.min(self.highest_dbtp));
        }
        limiter
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Author, Decision, Entry, Evidence, Source};
    use crate::render::master_tests;

    /// A plan as it is proposed for -14 LUFS, driven by 3 dB.
    fn proposed(ceiling_dbtp: f64) -> Plan {
        let mut plan = master_tests::plan(Some(-14.0), -1.0);
        (plan.chain.limiter.ceiling_dbtp, plan.chain.limiter.drive_db) = (ceiling_dbtp, 3.0);
        let feature = "loudness.integrated_lufs".to_owned();
        let evidence = vec![Evidence { feature, measured: -17.0, target: -14.0, tolerance: 0.5 }];
        let (param, source) = ("limiter.drive_db".to_owned(), Source::Refinement);
        plan.history = vec![Entry { by: Author::Proposed, when: None, said: None, changes: Vec::new() }];
        plan.decisions = vec![Decision { param, value: 3.0, source, evidence, clamped: None, attribution: None }];
        plan
    }

    #[test]
    fn a_proposed_ceiling_goes_along_with_the_drive_up_to_the_deliverys() {
        let held = Held::of(&proposed(-5.0));
        let ceilings = [0.0, 3.0, 6.0, 8.0, -20.0].map(|drive_db| held.driven(drive_db).ceiling_dbtp);
        assert_eq!(ceilings, [-8.0, -5.0, -2.0, -1.0, -20.0]);
        assert_eq!(held.driven(6.0).drive_db, 6.0);
        assert_eq!(Held::of(&proposed(-1.0)).driven(-9.0).ceiling_dbtp, -1.0, "the delivery's own stays");
    }

    #[test]
    fn in_a_plan_that_a_person_changed_the_ceiling_stays() {
        let louder = proposed(-5.0).promising(-12.0);
        let mut chain = louder.chain.clone();
        chain.compressor.ratio = 2.0;
        for plan in [louder, proposed(-5.0).revised(chain)] {
            assert_eq!(Held::of(&plan).driven(9.0).ceiling_dbtp, -5.0);
        }
    }
}
