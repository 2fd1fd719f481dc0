//! Clipping: runs of equal samples at the file's largest level.

/// Shortest run.
const RUN: u32 = 3;
/// Levels this close, relatively, are the same top: integer formats reach −1 but not +1.
const SAME: f32 = 1e-4;
/// A run is entered or left by a step of more than two steps of 16 bits. A rounded low tone also rests at its top for a few
/// samples, but comes and goes one step at a time.
const EDGE: f32 = 2.5 / 32768.0;
/// Level that counts as full scale.
pub(super) const FULL_SCALE: f32 = 0.9999;
/// Runs that a top below full scale needs: fewer may be chance.
pub(super) const OWN_TOP_RUNS: u64 = 3;

#[derive(Clone, Copy, Debug, Default)]
struct Run {
    value: f32,
    length: u32,
    steep_in: bool,
    counted: bool,
}

/// Counts flat tops over all channels.
#[derive(Clone, Debug, Default)]
pub(in crate::analysis) struct FlatTops {
    top: f32,
    count: u64,
    runs: [Run; 2],
}

impl FlatTops {
    /// Number of runs at the largest level, and that level.
    pub(in crate::analysis) fn found(&self) -> (u64, f32) {
        (self.count, self.top)
    }

    /// Takes the next samples of a channel in chunks, each with its largest magnitude.
    pub(in crate::analysis) fn process<'a>(&mut self, channel: usize, chunks: impl Iterator<Item = (&'a [f32], f32)>) {
        let mut run = self.runs[channel];
        for (chunk, peak) in chunks {
            if peak < self.top * (1.0 - SAME) && run.value.abs() < self.top * (1.0 - SAME) {
                // Nothing here can be a top; only the last sample matters to what follows.
                run = Run { value: chunk.last().copied().unwrap_or(run.value), length: 1, ..Run::default() };
                continue;
            }
            for &x in chunk {
                self.take(&mut run, x);
            }
        }
        self.runs[channel] = run;
    }

    #[inline]
    fn take(&mut self, run: &mut Run, x: f32) {
        let steep = (x - run.value).abs() > EDGE;
        if x == run.value {
            run.length += 1;
        } else {
            self.count_if(run, steep);
            *run = Run { value: x, length: 1, steep_in: steep && x.abs() > run.value.abs(), counted: false };
            if x.abs() > self.top * (1.0 + SAME) {
                self.top = x.abs();
                self.count = 0;
            }
        }
        self.count_if(run, run.steep_in);
    }

    fn count_if(&mut self, run: &mut Run, steep: bool) {
        let at_top = run.value.abs() >= self.top * (1.0 - SAME) && self.top > 0.0;
        if run.length >= RUN && steep && at_top && !run.counted {
            run.counted = true;
            self.count += 1;
        }
    }
}
