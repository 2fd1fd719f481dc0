//! What every stage's processor is and promises.
//!
//! The contract, held by `tests/contract.rs` over all stages: any division into blocks gives the same samples;
//! [`Processor::reset`] makes a second run identical; an impulse arrives after exactly
//! [`Processor::latency_frames`]; neutral settings are transparent; silence stays silence; finite input gives finite
//! output; `process` allocates nothing; linked stages keep the image.

use crate::dsp::chunk::CHUNK;

/// One stage at work. Audio is planar f32; coefficients, filter state and meters are f64.
pub trait Processor: Send {
    /// Processes one block in place: 1 or 2 channels of equal length, any length.
    fn process(&mut self, channels: &mut [Vec<f32>]);

    /// Frames by which the output lags behind the input.
    fn latency_frames(&self) -> usize;

    /// Frames between two decisions, counted from the stream's start: a stream that begins a multiple of this later is
    /// decided upon at the same frames.
    fn grid_frames(&self) -> usize {
        CHUNK
    }

    /// Back to the state of a new processor: filters, envelopes, delays and meters.
    fn reset(&mut self);

    /// What the stage did since it was made or reset.
    fn meter(&self) -> StageMeter;
}

/// What a stage did to the sound, for the report.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
pub struct StageMeter {
    /// Gain applied over time, one row for each gain element (`"gain"`, `"low"`, …).
    pub gains: Vec<GainMeter>,
}

/// Statistics of one gain over time.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
pub struct GainMeter {
    /// Which gain: a band's name, or the stage's.
    pub name: String,
    /// Smallest gain (deepest reduction).
    pub min_db: f64,
    /// Mean over all frames; of a section that is heard on the review page, the mean of its trace.
    pub mean_db: f64,
    /// Largest gain.
    pub max_db: f64,
    /// The gain over time: of each of up to 512 equal parts the value furthest from 0 dB; empty where it never moved.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trace_db: Vec<f32>,
}

/// Points of a gain's trace at most.
const TRACE_POINTS: usize = 512;

/// Accumulates a [`GainMeter`]; `push` is cheap enough for every frame or every control step.
#[derive(Clone, Debug)]
pub struct GainStats {
    min_db: f64,
    max_db: f64,
    sum_db: f64,
    count: u64,
    trace: GainTrace,
}

/// A gain over time in a fixed number of points: when they are used up, each two become one and later points last twice as
/// long, so that nothing is allocated while audio runs.
#[derive(Clone, Debug)]
struct GainTrace {
    points: Vec<f32>,
    values_a_point: u64,
    next: f32,
    values: u64,
}

impl Default for GainTrace {
    fn default() -> Self {
        Self { points: Vec::with_capacity(TRACE_POINTS), values_a_point: 1, next: 0.0, values: 0 }
    }
}

fn further(a: f32, b: f32) -> f32 {
    if b.abs() > a.abs() { b } else { a }
}

impl GainTrace {
    #[inline]
    fn push(&mut self, gain_db: f64) {
        self.next = further(self.next, gain_db as f32);
        self.values += 1;
        if self.values == self.values_a_point {
            self.end_point();
        }
    }

    fn end_point(&mut self) {
        if self.points.len() == TRACE_POINTS {
            for i in 0..TRACE_POINTS / 2 {
                self.points[i] = further(self.points[2 * i], self.points[2 * i + 1]);
            }
            self.points.truncate(TRACE_POINTS / 2);
            self.values_a_point *= 2;
            return;
        }
        self.points.push(std::mem::take(&mut self.next));
        self.values = 0;
    }

    /// The points, rounded to 0.01 dB; none where all are 0.
    fn rounded(&self) -> Vec<f32> {
        let rest = (self.values > 0).then_some(self.next);
        let points: Vec<f32> = self.points.iter().copied().chain(rest).map(|db| (db * 100.0).round() / 100.0).collect();
        if points.iter().all(|db| *db == 0.0) { Vec::new() } else { points }
    }
}

impl Default for GainStats {
    fn default() -> Self {
        Self { min_db: f64::INFINITY, max_db: f64::NEG_INFINITY, sum_db: 0.0, count: 0, trace: GainTrace::default() }
    }
}

impl GainStats {
    /// Adds one value.
    pub fn push(&mut self, gain_db: f64) {
        self.min_db = self.min_db.min(gain_db);
        self.max_db = self.max_db.max(gain_db);
        self.sum_db += gain_db;
        self.count += 1;
        self.trace.push(gain_db);
    }

    /// The statistics so far; zeros where nothing was pushed.
    pub fn meter(&self, name: &str) -> GainMeter {
        let n = self.count.max(1) as f64;
        let finite = |v: f64| if v.is_finite() { v } else { 0.0 };
        GainMeter {
            name: name.into(),
            min_db: finite(self.min_db),
            mean_db: self.sum_db / n,
            max_db: finite(self.max_db),
            trace_db: self.trace.rounded(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gain_of_any_length_keeps_its_deepest_moments_in_few_points() {
        for count in [1usize, 511, 512, 513, 100_000, 1_000_003] {
            let mut stats = GainStats::default();
            let dip = count * 3 / 4;
            (0..count).for_each(|i| stats.push(if i == dip { -7.0 } else { -0.5 }));
            let trace = stats.meter("gain").trace_db;
            assert!(trace.len() <= TRACE_POINTS + 1 && trace.len() >= count.min(TRACE_POINTS / 2), "{count}: {}", trace.len());
            let at = trace.iter().position(|db| *db == -7.0).unwrap();
            assert!((at as f64 / trace.len() as f64 - 0.75).abs() < 0.01 || count < 100, "{count}: {at} of {}", trace.len());
        }
        let mut still = GainStats::default();
        (0..1000).for_each(|_| still.push(0.0));
        assert!(still.meter("gain").trace_db.is_empty());
    }
}
