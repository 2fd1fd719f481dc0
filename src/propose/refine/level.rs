//! Level: drive for loudness, with it ceiling and clipper for micro-dynamics, and the floor under PSR.

use super::super::Wishes;
use super::super::aim::Aim;
use super::Prediction;
use super::ceiling::Ceiling;
use crate::chain::ChainSettings;
use crate::chain::clipper::ClipperSettings;
use crate::chain::limiter::LimiterSettings;
use crate::plan::{ClampRule, Concession};

/// Loudness that is off by less is right.
const LOUDNESS_TOLERANCE_LU: f64 = 0.15;
/// Once rounds are over, loudness that is off by less is left to the render, which finds its drive by limiting parts of the whole.
const NEAR_LU: f64 = 1.0;
/// Where the ceiling takes more than this from the PSR, loudness yields this share of the rest, up to the most: what is
/// hardly heard as softer is heard as punch.
const YIELD_FROM_LU: f64 = 0.5;
const YIELD_SHARE: f64 = 0.5;
const MOST_YIELD_LU: f64 = 0.58;
/// A limiter that takes more than this leaves the shortest peaks to the clipper, so that it need not duck after them …
const CLIP_FROM_DB: f64 = 3.0;
/// … those that stand this far over the ceiling.
const CLIP_ABOVE_DB: f64 = 1.5;

/// What loudness is still aimed for.
pub(super) struct Level {
    /// The loudness to promise.
    pub(super) goal_lufs: f64,
    ceiling: Ceiling,
    psr_floor_lu: Option<f64>,
    /// Why the goal is lower than what was aimed for, where it is.
    rule: ClampRule,
    /// Drive, ceiling and loudness of the round before.
    driven: Option<(f64, f64, f64)>,
    /// Whether a person fixed the drive, or that there is no limiter.
    is_fixed: bool,
}

/// Drive that was changed by more says what a decibel of it brings.
const TELLING_DB: f64 = 0.3;
/// Least loudness that a decibel of drive is taken to bring: a limiter that holds peaks gives back less than it is given.
const LEAST_LOUDER_SHARE: f64 = 0.3;

impl Level {
    pub(super) fn new(aim: &Aim, wishes: &Wishes) -> Self {
        Self {
            goal_lufs: round(aim.goal.loudness_lufs),
            ceiling: Ceiling::new(wishes),
            psr_floor_lu: wishes.psr_floor_lu,
            rule: ClampRule::PsrFloor,
            driven: None,
            is_fixed: wishes.fixed.iter().any(|(id, value)| match id.as_str() {
                "limiter.drive_db" => true,
                "limiter.bypass" => *value != 0.0,
                _ => false,
            }),
        }
    }

    /// Corrects drive, ceiling and clipper, and lowers the goal where the ceiling would take too much of the PSR.
    ///
    /// `alone`: no other stage was changed since the round before, so that what drive brings can be read from it where the ceiling too
    /// stood still.
    pub(super) fn correct(&mut self, chain: &mut ChainSettings, predicted: &Prediction, aim: &Aim, alone: bool) {
        let traits = &predicted.traits;
        let limiter = &mut chain.limiter;
        if limiter.bypass {
            // Nothing else brings loudness.
            limiter.drive_db = 0.0;
            return;
        }
        let (yield_lu, rule) = self.yield_lu(predicted, aim);
        (self.goal_lufs, self.rule) = (round(aim.goal.loudness_lufs - yield_lu), rule);
        let (drive_db, lufs) = (limiter.drive_db, traits.loudness_lufs);
        let before = self.driven.replace((drive_db, limiter.ceiling_dbtp, lufs));
        let drove = before.filter(|(before_db, ..)| (drive_db - before_db).abs() > TELLING_DB);
        let brought = drove.map(|(before_db, _, before_lufs)| (lufs - before_lufs) / (drive_db - before_db));
        let stuck = lufs < self.goal_lufs - NEAR_LU && brought.is_some_and(|brought| brought < LEAST_LOUDER_SHARE);
        if stuck && self.ceiling.let_go(limiter) {
            // Under a ceiling this low the limiter takes what drive brings: loudness is promised, density is not.
            set_clipper(chain, aim, self.goal_lufs);
            return;
        }
        let brings = match (brought, drove) {
            (Some(brought), Some((_, ceiling_dbtp, _))) if alone && limiter.ceiling_dbtp == ceiling_dbtp => {
                brought.clamp(LEAST_LOUDER_SHARE, 1.0)
            }
            _ => 1.0,
        };
        let louder = (self.goal_lufs - lufs) / brings;
        limiter.drive_db = within_range(drive_db + louder);
        self.ceiling.correct(limiter, &predicted.peaks, aim.goal.psr_lu, self.goal_lufs - lufs);
        set_clipper(chain, aim, self.goal_lufs);
    }

    /// How far the goal is lowered: a little where peaks cannot stand as high over the music as the target's, as far as it
    /// takes where PSR falls under its floor. A limiter that may still raise its ceiling has that first.
    fn yield_lu(&self, predicted: &Prediction, aim: &Aim) -> (f64, ClampRule) {
        let Some(floor) = self.psr_floor_lu else { return (0.0, ClampRule::PsrFloor) };
        // What PSR would be at the loudness aimed for, under the highest ceiling.
        let louder_lu = aim.goal.loudness_lufs - predicted.traits.loudness_lufs;
        let psr_there = predicted.peaks.psr_lu(self.ceiling.highest_dbtp, louder_lu);
        if psr_there >= aim.mix.psr_lu {
            return (0.0, ClampRule::PsrFloor);
        }
        let taken = aim.goal.psr_lu.min(aim.mix.psr_lu) - psr_there;
        let little = (YIELD_SHARE * (taken - YIELD_FROM_LU)).clamp(0.0, MOST_YIELD_LU);
        // A mix that is under the floor as it came gains nothing by being softer than it need be to keep what it has.
        let under_the_floor = floor.min(aim.mix.psr_lu) - psr_there;
        if under_the_floor > little { (under_the_floor, ClampRule::PsrFloor) } else { (little, ClampRule::Punch) }
    }

    /// Whether loudness needs no further audition.
    pub(super) fn settled(&self, predicted: &Prediction) -> bool {
        (predicted.traits.loudness_lufs - self.goal_lufs).abs() < LOUDNESS_TOLERANCE_LU
    }

    /// Whether the render can be left to find the rest.
    pub(super) fn near(&self, predicted: &Prediction) -> bool {
        (predicted.traits.loudness_lufs - self.goal_lufs).abs() < NEAR_LU
    }

    /// Settles for what was heard where rounds have not brought the loudness near; whether it did. Never where a person insists.
    pub(super) fn concede(&mut self, predicted: &Prediction) -> bool {
        let conceded = self.psr_floor_lu.is_some() && predicted.traits.loudness_lufs < self.goal_lufs - NEAR_LU;
        if conceded {
            let spent = self.driven.is_some_and(|(drive_db, ..)| drive_db >= LimiterSettings::drive_range_db().1);
            self.goal_lufs = round(predicted.traits.loudness_lufs);
            self.rule = match (self.is_fixed, spent) {
                (true, _) => ClampRule::FixedByPerson,
                (false, true) => ClampRule::Range,
                (false, false) => ClampRule::NoLouder,
            };
        }
        conceded
    }

    /// The loudness that was given up.
    pub(super) fn conceded(&self, aim: &Aim) -> Option<Concession> {
        let (wanted, planned) = (round(aim.goal.loudness_lufs), self.goal_lufs);
        let concession = || Concession { feature: "loudness.integrated_lufs".into(), wanted, planned, rule: self.rule };
        (wanted != planned).then(concession)
    }
}

/// The clipper that goes with a limiter: off where the limiter takes little at this loudness.
pub(in super::super) fn set_clipper(chain: &mut ChainSettings, aim: &Aim, loudness_lufs: f64) {
    let limiter = &chain.limiter;
    let left_lu = limiter.ceiling_dbtp - loudness_lufs - aim.mix.of_two_lu;
    let reduction = aim.mix.psr_lu - aim.mix.psr_lu.min(left_lu);
    chain.clipper.threshold_dbfs = if reduction > CLIP_FROM_DB {
        round(limiter.ceiling_dbtp - limiter.drive_db + CLIP_ABOVE_DB).clamp(-60.0, 24.0)
    } else {
        ClipperSettings::default().threshold_dbfs
    };
}

/// A drive as the limiter takes it.
pub(super) fn within_range(drive_db: f64) -> f64 {
    let (least, most) = LimiterSettings::drive_range_db();
    drive_db.clamp(least, most)
}

/// Hundredths: a plan is read by people.
pub(super) fn round(value: f64) -> f64 {
    (100.0 * value).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{Analyzer, LoudWindow};
    use crate::propose::refine::levels::LevelMap;
    use crate::propose::refine::peaks::Peaks;
    use crate::propose::traits::Traits;
    use crate::target::Target;

    /// An aim of −10 LUFS for a mix of −20 LUFS, with the PSR of both.
    fn aim(mix_psr_lu: f64, goal_psr_lu: f64) -> Aim {
        let mut analyzer = Analyzer::new(44_100, 1);
        analyzer.push(&[(0..44_100 * 4).map(|n| (n as f32 * 0.05).sin() * 0.2).collect()]);
        let analysis = analyzer.finish().analysis();
        let target = Target::blend(&[("itself".into(), analysis.clone(), 1.0)]).unwrap();
        let mut aim = Aim::new(&analysis, &target, &Wishes::default());
        (aim.mix.loudness_lufs, aim.goal.loudness_lufs) = (-20.0, -10.0);
        (aim.mix.psr_lu, aim.goal.psr_lu) = (mix_psr_lu, goal_psr_lu);
        aim
    }

    fn heard(aim: &Aim, loudness_lufs: f64, psr_lu: f64) -> Prediction {
        let peaks = Peaks::new(&[LoudWindow { peak_dbfs: loudness_lufs + psr_lu, loudness_lufs }], None, psr_lu);
        Prediction { traits: Traits { loudness_lufs, psr_lu, ..aim.mix.clone() }, levels: LevelMap::known(1.0), peaks }
    }

    #[test]
    fn a_mix_under_the_floor_is_made_softer_only_as_far_as_it_keeps_what_it_has() {
        let (aim, mut chain) = (aim(4.0, 4.0), ChainSettings::default());
        let mut level = Level::new(&aim, &Wishes::default());
        level.correct(&mut chain, &heard(&aim, -10.0, 3.8), &aim, false);
        assert_eq!(level.goal_lufs, -10.2);
    }

    /// What is left for punch is not called a flattening of peaks.
    #[test]
    fn why_loudness_yields_is_told_apart() {
        let rule = |goal_psr_lu: f64, heard_psr_lu: f64| {
            let (aim, mut chain) = (aim(12.0, goal_psr_lu), ChainSettings::default());
            let mut level = Level::new(&aim, &Wishes::default());
            level.correct(&mut chain, &heard(&aim, -10.0, heard_psr_lu), &aim, false);
            let conceded = level.conceded(&aim).unwrap();
            (conceded.rule, (100.0 * (conceded.wanted - conceded.planned)).round())
        };
        assert_eq!(rule(10.0, 8.5), (ClampRule::Punch, 50.0));
        assert_eq!(rule(10.0, 4.0), (ClampRule::PsrFloor, 200.0));
    }

    /// Without a limiter nothing is driven, and what is there is all that is promised.
    #[test]
    fn a_limiter_that_a_person_took_out_is_not_driven() {
        let (aim, mut chain) = (aim(12.0, 8.0), ChainSettings::default());
        (chain.limiter.bypass, chain.limiter.drive_db) = (true, 9.0);
        let wishes = |value: f64| Wishes { fixed: vec![("limiter.bypass".into(), value)], ..Wishes::default() };
        let mut level = Level::new(&aim, &wishes(1.0));
        level.correct(&mut chain, &heard(&aim, -20.0, 12.0), &aim, false);
        assert_eq!(chain.limiter.drive_db, 0.0);
        assert!(level.concede(&heard(&aim, -20.0, 12.0)));
        let conceded = level.conceded(&aim).unwrap();
        assert_eq!((conceded.planned, conceded.rule), (-20.0, ClampRule::FixedByPerson));
        assert!(!Level::new(&aim, &wishes(0.0)).is_fixed, "a limiter that is left in is not fixed");
    }

    #[test]
    fn a_ceiling_so_low_that_drive_brings_nothing_goes_back_up() {
        let (aim, mut chain) = (aim(12.0, 6.0), ChainSettings::default());
        let mut level = Level::new(&aim, &Wishes::default());
        level.correct(&mut chain, &heard(&aim, -20.0, 12.0), &aim, false);
        assert_eq!(chain.limiter.ceiling_dbtp, -4.0, "dense at first");
        let drive_db = chain.limiter.drive_db;
        level.correct(&mut chain, &heard(&aim, -18.5, 8.0), &aim, true);
        assert_eq!((chain.limiter.ceiling_dbtp, chain.limiter.drive_db), (-1.0, drive_db));
    }

    #[test]
    fn a_loudness_that_rounds_have_not_reached_is_not_promised_unless_a_person_insists() {
        let aim = aim(20.0, 8.0);
        let far = heard(&aim, -14.0, 9.0);
        let mut level = Level::new(&aim, &Wishes::default());
        assert!(level.concede(&far));
        assert_eq!(level.goal_lufs, -14.0);
        assert_eq!(level.conceded(&aim).unwrap().rule, ClampRule::NoLouder);
        assert!(!level.concede(&heard(&aim, -14.5, 9.0)), "what is near is left to the render");
        let mut chain = ChainSettings::default();
        chain.limiter.drive_db = LimiterSettings::drive_range_db().1;
        let mut spent = Level::new(&aim, &Wishes::default());
        spent.correct(&mut chain, &far, &aim, false);
        assert!(spent.concede(&far));
        assert_eq!(spent.conceded(&aim).unwrap().rule, ClampRule::Range, "it is not the limiter that takes it away");
        let mut insisting = Level::new(&aim, &Wishes { psr_floor_lu: None, ..Wishes::default() });
        assert!(!insisting.concede(&far));
    }
}
