//! The edges of a file: its first and last frames wait until they are known, and are settled if cutting there would peak.

use crate::dsp::edge::{EDGE_FRAMES, settle_end, settle_start};

/// Passes a stream on, [`EDGE_FRAMES`] late, with its start and end kept under a ceiling.
pub(super) struct Edges {
    /// Linear; none: nothing is promised and nothing is touched.
    ceiling: Option<f64>,
    held: Vec<Vec<f32>>,
    started: bool,
}

impl Edges {
    pub(super) fn new(channels: usize, ceiling: Option<f64>) -> Self {
        Self { ceiling, held: vec![Vec::new(); channels], started: false }
    }

    /// Takes a block; gives what may be written, possibly nothing.
    pub(super) fn push(&mut self, block: &[Vec<f32>]) -> Vec<Vec<f32>> {
        self.held.iter_mut().zip(block).for_each(|(held, new)| held.extend_from_slice(new));
        let frames = self.held.first().map_or(0, Vec::len);
        if frames < 2 * EDGE_FRAMES {
            return vec![Vec::new(); self.held.len()];
        }
        self.start();
        self.held.iter_mut().map(|held| held.drain(..frames - EDGE_FRAMES).collect()).collect()
    }

    /// Ends the stream; gives the rest.
    pub(super) fn finish(mut self) -> Vec<Vec<f32>> {
        self.start();
        if let Some(ceiling) = self.ceiling {
            let frames = self.held.first().map_or(0, Vec::len);
            let from = frames.saturating_sub(EDGE_FRAMES);
            let mut end: Vec<Vec<f32>> = self.held.iter_mut().map(|held| held.split_off(from)).collect();
            settle_end(&mut end, ceiling);
            self.held.iter_mut().zip(end).for_each(|(held, end)| held.extend(end));
        }
        self.held
    }

    fn start(&mut self) {
        let Some(ceiling) = self.ceiling.filter(|_| !self.started) else { return };
        self.started = true;
        let mut start: Vec<Vec<f32>> = self.held.iter().map(|held| held[..held.len().min(EDGE_FRAMES)].to_vec()).collect();
        settle_start(&mut start, ceiling);
        self.held.iter_mut().zip(start).for_each(|(held, start)| held[..start.len()].copy_from_slice(&start));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(signal: &[f32], block: usize, ceiling: Option<f64>) -> Vec<f32> {
        let mut edges = Edges::new(1, ceiling);
        let mut out = Vec::new();
        for block in signal.chunks(block) {
            out.extend_from_slice(&edges.push(&[block.to_vec()])[0]);
        }
        out.extend_from_slice(&edges.finish()[0]);
        out
    }

    #[test]
    fn the_middle_passes_untouched_and_cut_edges_are_settled_whatever_the_blocks() {
        let loud = vec![0.9f32; 3 * EDGE_FRAMES + 77];
        let settled = through(&loud, 8192, Some(0.9));
        assert_eq!(settled.len(), loud.len());
        assert!(settled[0] < 0.5 && settled[loud.len() - 1] < 0.5, "a step peaks between samples, so it is faded");
        assert_eq!(settled[EDGE_FRAMES..2 * EDGE_FRAMES], loud[EDGE_FRAMES..2 * EDGE_FRAMES]);
        for block in [1, 1000, 5000] {
            assert_eq!(through(&loud, block, Some(0.9)), settled);
        }
        assert_eq!(through(&loud, 1000, None), loud);
        assert_eq!(through(&loud[..5], 2, Some(2.0)), loud[..5]);
    }
}
