//! Revision by words: `a bit brighter, less bass, 1 dB quieter` becomes bounded changes of a plan.
//!
//! `text ─ phrases ─ wishes (word, direction, strength) ─ moves ─▶ plan, and what was moved`
//!
//! One table ([`VOCABULARY`]) says what each word moves and what that must do to the sound. A word that is not in it is
//! named, never guessed at, and then nothing is changed.

mod apply;
mod meant;
mod phrase;
mod step;
mod vocabulary;

pub use apply::{Effect, Moved, Revision, instruct, instructions, revise};
pub use phrase::{Wish, WordsError, read};
pub use step::LOUDNESS_LUFS;
pub use vocabulary::{Measure, Move, VOCABULARY, Word};
