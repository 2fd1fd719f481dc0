//! From wishes to a changed plan.

use super::phrase::{Wish, WordsError, read};
use super::step::{ROUNDING, step};
use crate::chain::ChainSettings;
use crate::params::ParamGroup;
use crate::plan::{Author, Plan};
use serde::Serialize;

/// A plan after a revision, and what was moved for each phrase.
#[derive(Clone, Debug)]
pub struct Revision {
    /// The plan.
    pub plan: Plan,
    /// Phrase by phrase.
    pub effects: Vec<Effect>,
}

impl Revision {
    /// Whether the plan is left as it was, but for its history: what was said takes itself back, or everything is at the end of its range.
    pub fn changes_nothing(&self, before: &Plan) -> bool {
        let values = |chain: &ChainSettings| {
            let mut values = Vec::new();
            chain.visit(&mut |_, _, value| values.push(value));
            values
        };
        let same = |a: f64, b: f64| a == b || (a - b).abs() <= ROUNDING;
        let (old, new) = (values(&before.chain), values(&self.plan.chain));
        let loudness = match (before.delivery.loudness_lufs, self.plan.delivery.loudness_lufs) {
            (Some(old), Some(new)) => same(old, new),
            (old, new) => old == new,
        };
        loudness && old.len() == new.len() && old.iter().zip(&new).all(|(a, b)| same(*a, *b))
    }
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
        /// Change of the gain, in the mean of the bands between them.
        db: f64,
        /// Whether that is less than was asked for: the curves are at the end of their range.
        held: bool,
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
    /// The loudness of the master; both are the same where it is at the end of what can be asked for.
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
        let moved = word.moves.iter().flat_map(|m| step(*m, strength, &mut chain, &mut delivery.loudness_lufs)).collect();
        effects.push(Effect { phrase, meaning: word.meaning, moved });
    }
    let mut revised = plan.revised(chain);
    revised.delivery = delivery;
    revised = revised.explained();
    revised.record(by, Some(text), plan);
    Ok(Revision { plan: revised, effects })
}

#[cfg(test)]
mod tests {
    use super::super::{Move, VOCABULARY};
    use super::*;
    use crate::audio::format::{Container, Dither, SampleFormat};
    use crate::chain::find;
    use crate::plan::{Delivery, MixIdentity};

    #[test]
    fn words_that_take_themselves_back_change_nothing() {
        let delivery = Delivery {
            container: Container::Wav,
            sample_format: SampleFormat::Int24,
            dither: Dither::Tpdf,
            sample_rate_hz: 44_100,
            loudness_lufs: Some(-11.3),
            ceiling_dbtp: -1.0,
            psr_floor_lu: None,
        };
        let (mix, chain, notes) = (MixIdentity::default(), ChainSettings::default(), Default::default());
        let plan = Plan { mix, delivery, chain, decisions: vec![], concessions: vec![], notes, history: vec![] };
        let nothing = |text: &str| revise(&plan, text).unwrap().changes_nothing(&plan);
        for text in ["louder, quieter", "0.7 dB brighter, 0.7 dB darker", "wider, brighter, narrower, darker"] {
            assert!(nothing(text), "{text}");
        }
        for text in ["louder", "brighter", "wider, 14 % narrower", "louder, 0.9 dB quieter"] {
            assert!(!nothing(text), "{text}");
        }
    }

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
}
