//! Revision by words, for a person: what was moved, and the vocabulary as a page.

use super::table::{Align, aligned, markdown as table};
use super::wording;
use crate::chain::find;
use crate::params::Unit;
use crate::words::{LOUDNESS_LUFS, Measure, Move, Moved, Revision, VOCABULARY, Word};
use serde::Serialize;

use Align::Left;

/// What is told of something that can be moved no farther.
const END: &str = ", the end of its range";

/// What a revision moved, phrase by phrase.
pub fn revision(revision: &Revision) -> String {
    let mut rows = Vec::new();
    for effect in &revision.effects {
        for (i, moved) in effect.moved.iter().enumerate() {
            let phrase = if i == 0 { effect.phrase.clone() } else { String::new() };
            rows.push(vec![format!("  {phrase}"), words(moved)]);
        }
    }
    aligned(&rows, &[Left, Left]).join("\n") + "\n"
}

fn words(moved: &Moved) -> String {
    match moved {
        Moved::Tone { from_hz, to_hz, db, held } => {
            let (from, to, end) = (wording::pitch(*from_hz), wording::pitch(*to_hz), if *held { END } else { "" });
            format!("tone from {from} to {to}: {}{end}", wording::change(*db, Unit::Db))
        }
        Moved::Param { id, before, after } => {
            let value = |v: f64| find(id).map_or_else(|_| v.to_string(), |p| wording::param_value(p, v));
            let stage = wording::stage(id.split('.').next().unwrap_or_default());
            let end = if before == after { END } else { "" };
            format!("{stage}, {}: {} to {}{end}", wording::param(id), value(*before), value(*after))
        }
        Moved::Loudness { before_lufs, after_lufs } => {
            let ends = [*before_lufs, *LOUDNESS_LUFS.start(), *LOUDNESS_LUFS.end()];
            let end = if ends.contains(after_lufs) { END } else { "" };
            let value = |lufs: &f64| wording::quantity(*lufs, Unit::Lufs);
            format!("loudness: {} to {}{end}", value(before_lufs), value(after_lufs))
        }
    }
}

fn row(word: &Word) -> Vec<String> {
    let moves = word.moves.iter().map(|m| match m {
        Move::Tone { from_hz, to_hz, db } => {
            format!("tone {} to {} {}", wording::pitch(*from_hz), wording::pitch(*to_hz), wording::change(*db, Unit::Db))
        }
        Move::Add { param, by } => {
            format!("`{param}` {}", wording::change(*by, find(param).map_or(Unit::Ratio, |p| p.domain.unit)))
        }
        Move::Loudness { lu } => format!("loudness {}", wording::change(*lu, Unit::Lu)),
    });
    let rises = match word.measure {
        Measure::Level { from_hz, to_hz } => format!("level of {} to {}", wording::pitch(from_hz), wording::pitch(to_hz)),
        Measure::Feature(id) => wording::feature(id),
    };
    vec![
        word.more.join(", "),
        word.less.join(", "),
        word.meaning.to_owned(),
        moves.collect::<Vec<_>>().join("; "),
        format!("{rises}, {} at least", word.least),
    ]
}

const HEAD: [&str; 5] = ["more", "less", "meaning", "moves, at normal strength", "what rises, as tests prove"];

/// The vocabulary for a terminal.
pub fn vocabulary_text() -> String {
    let mut rows = vec![HEAD[..3].iter().map(|h| (*h).to_owned()).collect::<Vec<_>>()];
    rows.extend(VOCABULARY.iter().map(|w| row(w)[..3].to_vec()));
    aligned(&rows, &[Left; 3]).join("\n") + "\n"
}

#[derive(Serialize)]
struct Vocabulary {
    words: &'static [Word],
}

/// The vocabulary as JSON. Errors: none that words and plain numbers could cause.
pub fn vocabulary_json() -> Result<String, serde_json::Error> {
    super::json::pretty(&Vocabulary { words: VOCABULARY })
}

/// The vocabulary as the page `docs/words.md`.
pub fn vocabulary_markdown() -> String {
    let intro = "# Revision by words\n\n\
        Made by `automaster words --markdown` from the table that `automaster revise` uses.\n\n\
        `automaster revise plan.toml \"a bit brighter, less bass, 1 dB quieter\"`: phrases between commas, each a word of the \
        first two columns. *A touch*, *a bit*, *slightly* and *somewhat* make it 0.25, 0.5, 0.5 and 0.75 of the normal strength, \
        *much* and *a lot* twice that; a number in dB (for width in %) says it exactly, up to four times the normal strength. A \
        phrase that is not understood is named, and then nothing is changed. *Less* moves the other way what is listed for \
        *more*. Where a loudness is promised, it stays, but for the words about loudness. A word that moves a stage that is \
        bypassed lets it act again, from neutral settings: it is moved from what was heard.\n\n";
    intro.to_owned() + &table(&HEAD, &[Left; 5], &VOCABULARY.iter().map(row).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_be_moved_no_farther_says_so() {
        let tone = |db, held| words(&Moved::Tone { from_hz: 3150.0, to_hz: 20_000.0, db, held });
        assert_eq!(tone(1.5, false), "tone from 3.15 kHz to 20 kHz: +1.5 dB");
        assert_eq!(tone(0.5, true), "tone from 3.15 kHz to 20 kHz: +0.5 dB, the end of its range");
        let loudness = |before_lufs, after_lufs| words(&Moved::Loudness { before_lufs, after_lufs });
        assert_eq!(loudness(-9.0, -8.0), "loudness: -9.0 LUFS to -8.0 LUFS");
        assert_eq!(loudness(-4.0, -3.0), "loudness: -4.0 LUFS to -3.0 LUFS, the end of its range");
        assert_eq!(loudness(-50.0, -50.0), "loudness: -50.0 LUFS to -50.0 LUFS, the end of its range");
        let woken = words(&Moved::Param { id: "match_eq.bypass", before: 1.0, after: 0.0 });
        assert!(woken.ends_with("bypass: on to off"), "{woken}");
    }

    #[test]
    fn every_word_is_in_the_json_with_what_it_moves() {
        let json: serde_json::Value = serde_json::from_str(&vocabulary_json().unwrap()).unwrap();
        let rows = json["words"].as_array().unwrap();
        assert_eq!(rows.len(), VOCABULARY.len());
        for (row, word) in rows.iter().zip(VOCABULARY) {
            assert_eq!(row["more"].as_array().unwrap().len(), word.more.len());
            assert_eq!(row["moves"].as_array().unwrap().len(), word.moves.len());
            assert_eq!(row["meaning"], word.meaning);
        }
        let brighter = rows.iter().find(|row| row["more"][0] == "brighter").unwrap();
        assert_eq!(brighter["moves"][0], serde_json::json!({ "what": "tone", "from_hz": 3150.0, "to_hz": 20_000.0, "db": 1.5 }));
        assert_eq!(brighter["unit"], "db");
        assert_eq!(brighter["measure"]["level"]["from_hz"], 3150.0);
        let louder = rows.iter().find(|row| row["more"][0] == "louder").unwrap();
        assert_eq!(louder["measure"]["feature"], "loudness.integrated_lufs");
    }
}
