//! What every stage's processor is and promises.
//!
//! The contract, held by `tests/contract.rs` over all stages: any division into blocks gives the same samples;
//! [`Processor::reset`] makes a second run identical; an impulse arrives after exactly
//! [`Processor::latency_frames`]; neutral settings are transparent; silence stays silence; finite input gives finite
//! output; `process` allocates nothing; linked stages keep the image.

/// One stage at work. Audio is planar f32; coefficients, filter state and meters are f64.
pub trait Processor: Send {
    /// Processes one block in place: 1 or 2 channels of equal length, any length.
    fn process(&mut self, channels: &mut [Vec<f32>]);

    /// Frames by which the output lags behind the input.
    fn latency_frames(&self) -> usize;

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
    /// Mean over all frames.
    pub mean_db: f64,
    /// Largest gain.
    pub max_db: f64,
}

/// Accumulates a [`GainMeter`]; `push` is cheap enough for every frame or every control step.
#[derive(Clone, Debug)]
pub struct GainStats {
    min_db: f64,
    max_db: f64,
    sum_db: f64,
    count: u64,
}

impl Default for GainStats {
    fn default() -> Self {
        Self { min_db: f64::INFINITY, max_db: f64::NEG_INFINITY, sum_db: 0.0, count: 0 }
    }
}

impl GainStats {
    /// Adds one value.
    pub fn push(&mut self, gain_db: f64) {
        self.min_db = self.min_db.min(gain_db);
        self.max_db = self.max_db.max(gain_db);
        self.sum_db += gain_db;
        self.count += 1;
    }

    /// The statistics so far; zeros where nothing was pushed.
    pub fn meter(&self, name: &str) -> GainMeter {
        let n = self.count.max(1) as f64;
        let finite = |v: f64| if v.is_finite() { v } else { 0.0 };
        GainMeter { name: name.into(), min_db: finite(self.min_db), mean_db: self.sum_db / n, max_db: finite(self.max_db) }
    }
}
