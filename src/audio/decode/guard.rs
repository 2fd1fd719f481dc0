//! The fence around third-party parsers: a panic on hostile bytes becomes an error of this file, not the end of a batch.
//!
//! It is no answer to a panic that is known. Those that a fuzzer has found (all in symphonia, `fuzz/README.md`) do not reach
//! it: the bytes are refused before the call, or read by a reader of this house. `tests/fuzz_seeds.rs` and the fuzzers fail
//! on any panic, caught or not, so that nothing hides here: over seeds, regressions and the sound files of the tests it catches nothing.
//!
//! Why it stays: symphonia, lofty and opus-pure index by numbers of the file and do not promise not to panic. A check before the call
//! refuses a header that lies; what lies in the middle of a Huffman table, or in an atom within an atom, only a second parser
//! would see. What no fuzzer has found is not proven absent, and a song that meets it at row 40,000 of a catalogue, or in somebody's
//! Python process, must not take the rest along. Of this house's own code only the window on the file (`part.rs`) runs inside: a bug
//! of ours is not hushed up.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `call`; `None` where it panicked. What `call` was changing must not be used again after that.
pub(in crate::audio) fn guarded<T>(call: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(call)).ok()
}
