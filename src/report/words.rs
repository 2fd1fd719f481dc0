//! Revision by words, for a person: what was moved, and the vocabulary as a page.

use super::table::{Align, aligned, markdown as table};
use super::wording;
use crate::chain::find;
use crate::params::Unit;
use crate::words::{Measure, Move, Moved, Revision, VOCABULARY, Word};

use Align::Left;

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
        Moved::Tone { from_hz, to_hz, db } => {
            format!("tone from {} to {}: {}", wording::pitch(*from_hz), wording::pitch(*to_hz), wording::change(*db, Unit::Db))
        }
        Moved::Param { id, before, after } => {
            let value = |v: f64| find(id).map_or_else(|_| v.to_string(), |p| wording::param_value(p, v));
            let stage = wording::stage(id.split('.').next().unwrap_or_default());
            let end = if before == after { ", the end of its range" } else { "" };
            format!("{stage}, {}: {} to {}{end}", wording::param(id), value(*before), value(*after))
        }
        Moved::Loudness { before_lufs, after_lufs } => {
            format!("loudness: {} to {}", wording::quantity(*before_lufs, Unit::Lufs), wording::quantity(*after_lufs, Unit::Lufs))
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

/// The vocabulary as the page `docs/words.md`.
pub fn vocabulary_markdown() -> String {
    let intro = "# Revision by words\n\n\
        Made by `automaster words --markdown` from the table that `automaster revise` uses.\n\n\
        `automaster revise plan.toml \"a bit brighter, less bass, 1 dB quieter\"`: phrases between commas, each a word of the \
        first two columns. *A touch*, *a bit*, *slightly* and *somewhat* make it 0.25, 0.5, 0.5 and 0.75 of the normal strength, \
        *much* and *a lot* twice that; a number in dB (for width in %) says it exactly, up to four times the normal strength. A \
        phrase that is not understood is named, and then nothing is changed. *Less* moves the other way what is listed for \
        *more*. Where a loudness is promised, it stays, but for the words about loudness.\n\n";
    intro.to_owned() + &table(&HEAD, &[Left; 5], &VOCABULARY.iter().map(row).collect::<Vec<_>>())
}
