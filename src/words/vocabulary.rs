//! The vocabulary: what each word of feedback moves, and what that does to the sound.

use crate::params::Unit;
use serde::Serialize;

/// A word with its opposite.
#[derive(Debug, Serialize)]
pub struct Word {
    /// What one says for more of it; may be empty.
    pub more: &'static [&'static str],
    /// What one says for less of it; may be empty.
    pub less: &'static [&'static str],
    /// What it means, in a line.
    pub meaning: &'static str,
    /// What moves, for more of it, at normal strength.
    pub moves: &'static [Move],
    /// Normal strength, as a person would put a number to it.
    pub size: f64,
    /// Unit of that number: decibels (loudness units are as good), or percent.
    pub unit: Unit,
    /// What must rise with it.
    pub measure: Measure,
    /// By how much at least, at normal strength.
    pub least: f64,
}

/// A change of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Move {
    /// The tone matching's curves of middle and sides, between two frequencies, running out over half an octave.
    Tone {
        /// Lower edge.
        from_hz: f64,
        /// Upper edge.
        to_hz: f64,
        /// Change of the gain.
        db: f64,
    },
    /// A parameter, by a difference; it stays in its range.
    Add {
        /// Id in the registry.
        param: &'static str,
        /// The difference, in the parameter's unit.
        by: f64,
    },
    /// The loudness that the master is to have.
    Loudness {
        /// The difference.
        lu: f64,
    },
}

/// What shows that a word did what it says.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Mean level of the middle between two frequencies against its mean from 30 Hz to 16 kHz.
    Level {
        /// Lower edge.
        from_hz: f64,
        /// Upper edge.
        to_hz: f64,
    },
    /// A row of the feature table.
    Feature(&'static str),
}

const fn tone(from_hz: f64, to_hz: f64, db: f64) -> Move {
    Move::Tone { from_hz, to_hz, db }
}

const fn add(param: &'static str, by: f64) -> Move {
    Move::Add { param, by }
}

const fn level(from_hz: f64, to_hz: f64) -> Measure {
    Measure::Level { from_hz, to_hz }
}

/// Every word.
pub const VOCABULARY: &[Word] = &[
    Word {
        more: &["brighter", "more treble", "more highs", "less dull"],
        less: &["darker", "less treble", "less highs", "less bright"],
        meaning: "everything above 3 kHz",
        moves: &[tone(3150.0, 20_000.0, 1.5)],
        size: 1.5,
        unit: Unit::Db,
        measure: level(3150.0, 16_000.0),
        least: 0.5,
    },
    Word {
        more: &["airier", "more air", "more sparkle"],
        less: &["less air", "less airy", "less hiss"],
        meaning: "the very top, from 10 kHz",
        moves: &[tone(10_000.0, 20_000.0, 1.5)],
        size: 1.5,
        unit: Unit::Db,
        measure: level(10_000.0, 16_000.0),
        least: 0.5,
    },
    Word {
        more: &["more present", "more presence", "closer", "more upfront"],
        less: &["less harsh", "less present", "smoother", "softer"],
        meaning: "where voices are clear and cymbals hurt, 2.5 to 5 kHz",
        moves: &[tone(2500.0, 5000.0, 1.5)],
        size: 1.5,
        unit: Unit::Db,
        measure: level(2500.0, 5000.0),
        least: 0.5,
    },
    Word {
        more: &["more sibilant"],
        less: &["less sibilant", "less essy", "less s"],
        meaning: "the de-esser, and a little of 6 to 9 kHz",
        moves: &[add("deess.range_db", -3.0), add("deess.threshold_db", 3.0), tone(6300.0, 9000.0, 1.0)],
        size: 3.0,
        unit: Unit::Db,
        measure: level(6300.0, 8000.0),
        least: 0.4,
    },
    Word {
        more: &["warmer"],
        less: &["colder", "cooler", "leaner", "less warm", "thinner"],
        meaning: "150 to 500 Hz, with a little less on top",
        moves: &[tone(160.0, 500.0, 1.2), tone(6300.0, 20_000.0, -0.5)],
        size: 1.2,
        unit: Unit::Db,
        measure: level(160.0, 500.0),
        least: 0.4,
    },
    Word {
        more: &["fuller", "more body", "thicker"],
        less: &["less muddy", "less boxy", "clearer", "less mud"],
        meaning: "where mixes get muddy, 200 to 400 Hz",
        moves: &[tone(200.0, 400.0, 1.5)],
        size: 1.5,
        unit: Unit::Db,
        measure: level(200.0, 400.0),
        least: 0.5,
    },
    Word {
        more: &["more bass", "bassier", "more low end", "heavier"],
        less: &["less bass", "less low end", "lighter", "less boomy"],
        meaning: "30 to 120 Hz",
        moves: &[tone(31.5, 125.0, 1.5)],
        size: 1.5,
        unit: Unit::Db,
        measure: level(40.0, 125.0),
        least: 0.5,
    },
    Word {
        more: &["more open", "punchier", "more punch", "less compressed", "less squashed", "less limited"],
        less: &["denser", "less punchy", "more compressed", "more limited"],
        meaning: "less drive into the limiter: quieter, with more of the peaks; nothing where the limiter has nothing to do",
        moves: &[Move::Loudness { lu: -1.0 }],
        size: 1.0,
        unit: Unit::Db,
        measure: Measure::Feature("loudness.psr_lu"),
        least: 0.1,
    },
    Word {
        more: &["wider"],
        less: &["narrower", "less wide"],
        meaning: "the sides above 120 Hz",
        moves: &[
            add("stereo.low_mid_width_percent", 15.0),
            add("stereo.high_mid_width_percent", 15.0),
            add("stereo.high_width_percent", 15.0),
        ],
        size: 15.0,
        unit: Unit::Percent,
        measure: Measure::Feature("loud.high_mid.width_db"),
        least: 0.3,
    },
    Word {
        more: &["louder"],
        less: &["quieter", "less loud", "softer overall"],
        meaning: "the loudness of the master",
        moves: &[Move::Loudness { lu: 1.0 }],
        size: 1.0,
        unit: Unit::Db,
        measure: Measure::Feature("loudness.integrated_lufs"),
        least: 0.4,
    },
];
