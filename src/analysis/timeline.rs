//! The timeline: everything measured, in rows of 100 ms; all figures are computed from it.

use super::{Analysis, Loudness, Section};
use std::ops::Range;

/// Length of a row in seconds.
pub const ROW_S: f64 = 0.1;

/// What was measured of a file, row by row.
#[derive(Clone, Debug)]
pub struct Timeline {}

impl Timeline {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        unimplemented!()
    }

    /// Every figure of the file.
    pub fn analysis(&self) -> Analysis {
        unimplemented!()
    }

    /// Loudness and peaks of the file.
    pub fn loudness(&self) -> Loudness {
        unimplemented!()
    }

    /// Tone, dynamics and image of some rows.
    pub fn section(&self, _rows: &[Range<usize>]) -> Section {
        unimplemented!()
    }

    /// Loudness and peaks of some rows, as if they were a file.
    pub fn loudness_of(&self, _rows: &[Range<usize>]) -> Loudness {
        unimplemented!()
    }

    /// The loud rows: what a person compares.
    pub fn loud_rows(&self) -> Vec<Range<usize>> {
        unimplemented!()
    }

    /// Short-term loudness (3 s) that ends with each row, LUFS; −∞ before the first 3 s.
    pub fn short_term_lufs(&self) -> Vec<f64> {
        unimplemented!()
    }
}
