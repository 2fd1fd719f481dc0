//! From wishes to a changed plan.

use super::Move;
use super::phrase::{Wish, WordsError, read};
use crate::chain::match_eq::Curve;
use crate::chain::{ChainSettings, find};
use crate::dsp::bands::third_octave_centre_hz;
use crate::plan::{Author, Plan};
use serde::Serialize;

/// Octaves over which a change of the tone runs out.
const RUN_OUT_OCTAVES: f64 = 0.5;
/// Range of the promised loudness, as on the command line.
const LOUDNESS_LUFS: (f64, f64) = (-40.0, -3.0);

/// A plan after a revision, and what was moved for each phrase.
#[derive(Clone, Debug)]
pub struct Revision {
    /// The plan.
    pub plan: Plan,
    /// Phrase by phrase.
    pub effects: Vec<Effect>,
}

/// What a phrase moved.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Effect {
    /// The phrase as it was given.
    pub phrase: String,
    /// What the word means.
    pub meaning: &'static str,
    /// What was moved.
    pub moved: Vec<Moved>,
}

/// One thing that was moved.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Moved {
    /// The tone curves between two frequencies.
    Tone {
        /// Lower edge.
        from_hz: f64,
        /// Upper edge.
        to_hz: f64,
        /// Change of the gain.
        db: f64,
    },
    /// A parameter; both values are the same where it is at the end of its range.
    Param {
        /// Id in the registry.
        id: &'static str,
        /// Before.
        before: f64,
        /// After.
        after: f64,
    },
    /// The loudness of the master.
    Loudness {
        /// Before.
        before_lufs: f64,
        /// After.
        after_lufs: f64,
    },
}

/// Revises a plan by words. Errors: a phrase that is not understood; then nothing is changed.
pub fn revise(plan: &Plan, text: &str) -> Result<Revision, WordsError> {
    revised(plan, text, Author::Words)
}

/// Makes a proposal follow a file of instructions: phrases on lines or between commas; what follows a `#` is not read.
/// Errors as [`revise`].
pub fn instruct(plan: &Plan, file: &str) -> Result<Revision, WordsError> {
    revised(plan, &instructions(file), Author::Instructions)
}

/// What a file of instructions says.
pub fn instructions(file: &str) -> String {
    let said = file.lines().map(|line| line.split('#').next().unwrap_or_default().trim().trim_end_matches(','));
    said.filter(|line| !line.is_empty()).collect::<Vec<_>>().join(", ")
}

fn revised(plan: &Plan, text: &str, by: Author) -> Result<Revision, WordsError> {
    let wishes = read(text)?;
    let (mut chain, mut delivery) = (plan.chain.clone(), plan.delivery);
    let mut effects = Vec::new();
    for Wish { phrase, word, strength } in wishes {
        let moved = word.moves.iter().map(|m| step(*m, strength, &mut chain, &mut delivery.loudness_lufs)).collect();
        effects.push(Effect { phrase, meaning: word.meaning, moved });
    }
    let mut revised = plan.revised(chain);
    revised.delivery = delivery;
    revised.record(by, Some(text), plan);
    Ok(Revision { plan: revised, effects })
}

fn step(by: Move, strength: f64, chain: &mut ChainSettings, loudness_lufs: &mut Option<f64>) -> Moved {
    match by {
        Move::Tone { from_hz, to_hz, db } => {
            let db = strength * db;
            tilt(&mut chain.match_eq.mid, from_hz, to_hz, db);
            tilt(&mut chain.match_eq.side, from_hz, to_hz, db);
            Moved::Tone { from_hz, to_hz, db }
        }
        Move::Add { param, by } => add(chain, param, strength * by),
        Move::Loudness { lu } => match loudness_lufs {
            Some(lufs) => {
                let before_lufs = *lufs;
                *lufs = (before_lufs + strength * lu).clamp(LOUDNESS_LUFS.0, LOUDNESS_LUFS.1);
                Moved::Loudness { before_lufs, after_lufs: *lufs }
            }
            // Nothing is promised: the drive is the loudness.
            None => add(chain, "limiter.drive_db", strength * lu),
        },
    }
}

fn add(chain: &mut ChainSettings, id: &'static str, by: f64) -> Moved {
    let before = chain.get(id).unwrap_or_default();
    let after = find(id).map_or(before, |p| (before + by).clamp(p.domain.min, p.domain.max));
    // The vocabulary's ids are in the registry (a test holds it) and the value was brought into its range.
    let _ = chain.set(id, after);
    Moved::Param { id, before, after }
}

fn tilt(curve: &mut Curve, from_hz: f64, to_hz: f64, db: f64) {
    for (band, gain) in curve.gains_db.iter_mut().enumerate() {
        let hz = third_octave_centre_hz(band);
        let outside = (from_hz / hz).log2().max((hz / to_hz).log2()).max(0.0);
        let share = (1.0 - outside / RUN_OUT_OCTAVES).clamp(0.0, 1.0);
        *gain = (*gain + share * db).clamp(-15.0, 15.0);
    }
}

#[cfg(test)]
mod tests {
    use super::super::VOCABULARY;
    use super::*;

    #[test]
    fn every_id_of_the_vocabulary_is_in_its_table() {
        for word in VOCABULARY {
            assert!(!word.moves.is_empty() && word.size > 0.0 && word.least > 0.0, "{word:?}");
            for by in word.moves {
                if let Move::Add { param, .. } = by {
                    assert!(find(param).is_ok(), "{param}");
                }
            }
        }
    }

    #[test]
    fn instructions_are_lines_with_remarks() {
        let file = "# the singer's wishes\na bit brighter,\n\n  less bass   # not the kick\n1 dB quieter, wider\n";
        assert_eq!(instructions(file), "a bit brighter, less bass, 1 dB quieter, wider");
        assert_eq!(instructions("# nothing\n"), "");
    }

    #[test]
    fn a_tone_change_is_whole_inside_and_nothing_far_away() {
        let mut curve = Curve::default();
        tilt(&mut curve, 3150.0, 20_000.0, 2.0);
        assert_eq!((curve.gains_db[22], curve.gains_db[30], curve.gains_db[17]), (2.0, 2.0, 0.0));
        tilt(&mut curve, 3150.0, 20_000.0, 20.0);
        assert_eq!(curve.gains_db[25], 15.0);
    }
}
