//! One move of a word: what it changes of the chain or of what is promised, and what came of it.
//!
//! A stage that is bypassed is heard as if it were neutral. So a word that moves it starts from there and lets it act again: what
//! the stage holds while it is left out is not what the words are about.

use super::{Move, Moved};
use crate::chain::match_eq::Curve;
use crate::chain::{ChainSettings, Stage, find, registry};
use crate::dsp::bands::third_octave_centre_hz;
use crate::params::{Param, ParamGroup};
use std::ops::RangeInclusive;

/// Loudness that can be asked of a master, LUFS: in words, on the command line, in manifests, on the review page.
pub const LOUDNESS_LUFS: RangeInclusive<f64> = -40.0..=-3.0;

/// Octaves over which a change of the tone runs out.
const RUN_OUT_OCTAVES: f64 = 0.5;
/// Ends of the tone curves' range.
const MOST_TONE_DB: f64 = 15.0;
/// A difference that only rounding made.
pub(super) const ROUNDING: f64 = 1e-9;

/// Makes a move, `strength` times as far as the vocabulary has it; gives what was moved in truth.
pub(super) fn step(by: Move, strength: f64, chain: &mut ChainSettings, loudness_lufs: &mut Option<f64>) -> Vec<Moved> {
    match by {
        Move::Tone { from_hz, to_hz, db } => tone(chain, from_hz, to_hz, strength * db),
        Move::Add { param, by } => add(chain, param, strength * by),
        Move::Loudness { lu } => match loudness_lufs {
            Some(lufs) => louder(chain, lufs, strength * lu),
            // Nothing is promised: the drive is the loudness.
            None => add(chain, "limiter.drive_db", strength * lu),
        },
    }
}

fn tone(chain: &mut ChainSettings, from_hz: f64, to_hz: f64, asked_db: f64) -> Vec<Moved> {
    let mut moved = wake(chain, Stage::MatchEq.name());
    let mid = tilt(&mut chain.match_eq.mid, from_hz, to_hz, asked_db);
    let side = tilt(&mut chain.match_eq.side, from_hz, to_hz, asked_db);
    let mean = 0.5 * (mid + side);
    let held = (mean - asked_db).abs() > ROUNDING;
    moved.push(Moved::Tone { from_hz, to_hz, db: if held { mean } else { asked_db }, held });
    moved
}

fn louder(chain: &mut ChainSettings, lufs: &mut f64, by_lu: f64) -> Vec<Moved> {
    let before_lufs = *lufs;
    let (least, most) = (*LOUDNESS_LUFS.start(), *LOUDNESS_LUFS.end());
    // A plan may promise what nobody can ask for: words lead it no farther away, and never the wrong way.
    *lufs = (before_lufs + by_lu).clamp(least.min(before_lufs), most.max(before_lufs));
    // Without its limiter no master is as loud as promised.
    let mut moved = if *lufs == before_lufs { Vec::new() } else { wake(chain, Stage::Limiter.name()) };
    moved.push(Moved::Loudness { before_lufs, after_lufs: *lufs });
    moved
}

fn add(chain: &mut ChainSettings, id: &'static str, by: f64) -> Vec<Moved> {
    // The vocabulary's ids are in the registry (a test holds it).
    let Ok(param) = find(id) else { return Vec::new() };
    let stage = id.split('.').next().unwrap_or_default();
    // A threshold by itself does nothing, and wakes nothing.
    if id == "deess.threshold_db" && (bypass(chain, stage).is_some() || chain.deess.range_db == 0.0) {
        return Vec::new();
    }
    let heard = if bypass(chain, stage).is_some() { Ok(param.default) } else { chain.get(id) };
    let before = heard.unwrap_or(param.default);
    let after = (before + by).clamp(param.domain.min, param.domain.max);
    let mut moved = Vec::new();
    if after != before {
        moved = wake(chain, stage);
        // It was brought into its range.
        let _ = chain.set(id, after);
    }
    moved.push(Moved::Param { id, before, after });
    moved
}

/// The switch that leaves a stage out, where it is on.
fn bypass(chain: &ChainSettings, stage: &str) -> Option<&'static Param> {
    let switch = registry().iter().find(|param| param.id.strip_prefix(stage) == Some(".bypass"))?;
    chain.get(&switch.id).is_ok_and(|on| on >= 0.5).then_some(switch)
}

/// Lets a stage that is bypassed act again, from neutral; nothing where it acts already. The limiter keeps its settings: its
/// ceiling is promised.
fn wake(chain: &mut ChainSettings, stage: &str) -> Vec<Moved> {
    let Some(switch) = bypass(chain, stage) else { return Vec::new() };
    let all = stage != Stage::Limiter.name();
    let of_stage = |id: &str| id.strip_prefix(stage).is_some_and(|rest| rest.starts_with('.'));
    chain.update(&mut |id, row| (id == switch.id || all && of_stage(id)).then_some(row.default));
    vec![Moved::Param { id: &switch.id, before: 1.0, after: 0.0 }]
}

/// Changes a curve; gives the mean change between the two edges in dB, which is less than `db` where the curve ends.
fn tilt(curve: &mut Curve, from_hz: f64, to_hz: f64, db: f64) -> f64 {
    let (mut sum_db, mut bands) = (0.0, 0.0);
    for (band, gain) in curve.gains_db.iter_mut().enumerate() {
        let hz = third_octave_centre_hz(band);
        let outside = (from_hz / hz).log2().max((hz / to_hz).log2()).max(0.0);
        let share = (1.0 - outside / RUN_OUT_OCTAVES).clamp(0.0, 1.0);
        let before = *gain;
        *gain = (before + share * db).clamp(-MOST_TONE_DB, MOST_TONE_DB);
        if share == 1.0 {
            sum_db += *gain - before;
            bands += 1.0;
        }
    }
    if bands > 0.0 { sum_db / bands } else { db }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TONE: Move = Move::Tone { from_hz: 3150.0, to_hz: 20_000.0, db: 1.5 };

    #[test]
    fn a_tone_change_is_whole_inside_and_nothing_far_away() {
        let mut curve = Curve::default();
        tilt(&mut curve, 3150.0, 20_000.0, 2.0);
        assert_eq!((curve.gains_db[22], curve.gains_db[30], curve.gains_db[17]), (2.0, 2.0, 0.0));
        tilt(&mut curve, 3150.0, 20_000.0, 20.0);
        assert_eq!(curve.gains_db[25], 15.0);
    }

    #[test]
    fn what_is_told_is_what_was_moved() {
        let (mut chain, mut lufs) = (ChainSettings::default(), Some(-9.0));
        let tone = |moved: &[Moved]| match moved {
            [Moved::Tone { db, held, .. }] => (*db, *held),
            other => panic!("{other:?}"),
        };
        assert_eq!(tone(&step(TONE, 4.0, &mut chain, &mut lufs)), (6.0, false));
        assert_eq!(tone(&step(TONE, 4.0, &mut chain, &mut lufs)), (6.0, false));
        let (db, held) = tone(&step(TONE, 4.0, &mut chain, &mut lufs));
        assert!((db - 3.0).abs() < 1e-9 && held, "12 of 15 dB are there already: {db} dB");
        assert_eq!(tone(&step(TONE, 4.0, &mut chain, &mut lufs)), (0.0, true));
        let mut say = |before_lufs: f64, strength: f64| {
            let mut lufs = Some(before_lufs);
            let moved = step(Move::Loudness { lu: 1.0 }, strength, &mut chain, &mut lufs);
            let after_lufs = lufs.unwrap();
            assert_eq!(moved, [Moved::Loudness { before_lufs, after_lufs }]);
            after_lufs
        };
        assert_eq!((say(-9.0, 2.0), say(-4.0, 2.0), say(-3.0, 2.0)), (-7.0, -3.0, -3.0));
        assert_eq!((say(-39.5, -1.0), say(-50.0, -1.0), say(-50.0, 1.0)), (-40.0, -50.0, -49.0), "quieter is never louder");
    }

    #[test]
    fn a_stage_that_is_bypassed_acts_again_from_what_was_heard() {
        let mut chain = ChainSettings::default();
        for (id, value) in [
            ("match_eq.mid.gain_1000_hz_db", 4.0),
            ("match_eq.bypass", 1.0),
            ("stereo.high_width_percent", 140.0),
            ("stereo.bypass", 1.0),
            ("deess.range_db", 6.0),
            ("deess.bypass", 1.0),
            ("limiter.ceiling_dbtp", -2.0),
            ("limiter.drive_db", 9.0),
            ("limiter.bypass", 1.0),
        ] {
            chain.set(id, value).unwrap();
        }
        let woken = |moved: &[Moved], switch: &str| {
            matches!(moved, [Moved::Param { id, before: 1.0, after: 0.0 }, ..] if *id == switch) && moved.len() == 2
        };
        assert!(woken(&step(TONE, 1.0, &mut chain, &mut None), "match_eq.bypass"));
        assert!(!chain.match_eq.bypass);
        assert_eq!((chain.match_eq.mid.gains_db[17], chain.match_eq.mid.gains_db[27]), (0.0, 1.5));

        let wider = Move::Add { param: "stereo.high_width_percent", by: 15.0 };
        assert!(woken(&step(wider, 1.0, &mut chain, &mut None), "stereo.bypass"));
        assert_eq!((chain.stereo.bypass, chain.stereo.high_width_percent), (false, 115.0));
        assert_eq!(
            step(wider, 1.0, &mut chain, &mut None),
            [Moved::Param { id: "stereo.high_width_percent", before: 115.0, after: 130.0 }]
        );

        // Less of a de-esser that is left out is nothing: it stays out, and what it holds stays as it is.
        let more_sibilant = Move::Add { param: "deess.range_db", by: -3.0 };
        let moved = step(more_sibilant, 1.0, &mut chain, &mut None);
        assert_eq!(moved, [Moved::Param { id: "deess.range_db", before: 0.0, after: 0.0 }]);
        let threshold = Move::Add { param: "deess.threshold_db", by: 3.0 };
        assert_eq!(step(threshold, 1.0, &mut chain, &mut None), []);
        assert_eq!((chain.deess.bypass, chain.deess.range_db), (true, 6.0));

        let louder = Move::Loudness { lu: 1.0 };
        let mut promised = chain.clone();
        assert!(woken(&step(louder, 1.0, &mut promised, &mut Some(-9.0)), "limiter.bypass"));
        assert_eq!((promised.limiter.bypass, promised.limiter.drive_db, promised.limiter.ceiling_dbtp), (false, 9.0, -2.0));
        assert!(woken(&step(louder, 1.0, &mut chain, &mut None), "limiter.bypass"));
        assert_eq!((chain.limiter.drive_db, chain.limiter.ceiling_dbtp), (1.0, -2.0), "a bypassed limiter drives nothing");
    }
}
