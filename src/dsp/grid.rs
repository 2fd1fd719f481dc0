//! A grid of frames counted from the stream's start, so that what happens once a cell (a gain computed, a state
//! flushed) happens at the same frames however the stream is cut into blocks.

use std::ops::Range;

/// Length of a control step: detectors run every frame, gains are computed once a step (0.36 ms at 44.1 kHz).
pub const STEP_FRAMES: usize = 16;

/// Cuts blocks where cells of the grid end.
#[derive(Clone, Debug)]
pub struct FrameGrid {
    cell_frames: usize,
    phase: usize,
    cells: u64,
}

/// A part of a block that lies within one cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    /// The frames within the block.
    pub block: Range<usize>,
    /// The same frames counted from the cell's start.
    pub cell: Range<usize>,
    /// Whether the cell ends with this piece.
    pub ends_cell: bool,
}

impl FrameGrid {
    /// A grid of cells of `cell_frames` (at least 1), at the stream's start.
    pub fn new(cell_frames: usize) -> Self {
        Self { cell_frames: cell_frames.max(1), phase: 0, cells: 0 }
    }

    /// The piece of a block of `block_frames` that starts at frame `at`; call with the end of the last piece until the
    /// block is used up (`None`).
    #[inline]
    pub fn piece(&mut self, at: usize, block_frames: usize) -> Option<Piece> {
        if at >= block_frames {
            return None;
        }
        let frames = (self.cell_frames - self.phase).min(block_frames - at);
        let cell = self.phase..self.phase + frames;
        let ends_cell = cell.end == self.cell_frames;
        self.phase = if ends_cell { 0 } else { cell.end };
        self.cells += u64::from(ends_cell);
        Some(Piece { block: at..at + frames, cell, ends_cell })
    }

    /// Cells that have ended so far.
    pub fn cells(&self) -> u64 {
        self.cells
    }

    /// Back to the stream's start.
    pub fn reset(&mut self) {
        self.phase = 0;
        self.cells = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_end_at_the_same_frames_for_any_blocks() {
        for block_frames in [1, 5, 16, 17, 100] {
            let mut grid = FrameGrid::new(16);
            let mut ends = Vec::new();
            let mut start = 0;
            while start < 400 {
                let mut at = 0;
                while let Some(piece) = grid.piece(at, block_frames) {
                    assert_eq!(piece.block.len(), piece.cell.len());
                    assert_eq!(piece.cell.start, (start + piece.block.start) % 16);
                    at = piece.block.end;
                    if piece.ends_cell {
                        ends.push(start + at);
                    }
                }
                assert_eq!(at, block_frames);
                start += block_frames;
            }
            assert!(ends.iter().enumerate().all(|(i, end)| *end == (i + 1) * 16), "{block_frames}: {ends:?}");
            assert_eq!(grid.cells(), ends.len() as u64);
        }
    }
}
