//! The one mastering chain: its stages in order, their settings, and the object that runs them.
//!
//! `repair → eq → deess → resonance → leveler → compressor → multiband → match_eq → saturation → exciter → stereo →
//! clipper → limiter`; resampling, dither and encoding follow in [`crate::render`].

#[cfg(test)]
pub(crate) mod checks;
pub mod clipper;
pub mod compressor;
pub mod deess;
mod emphasis;
pub mod eq;
pub mod exciter;
pub mod leveler;
pub mod limiter;
pub mod match_eq;
#[cfg(test)]
mod mini_contract;
pub mod multiband;
pub mod processor;
pub mod registry;
pub mod repair;
pub mod resonance;
pub mod saturation;
pub mod settings;
mod shaper;
#[cfg(test)]
mod shaper_tests;
pub mod stereo;
mod tone;

pub use processor::{GainMeter, GainStats, Processor, StageMeter};
pub use registry::{OLDEST_PARAMS_VERSION, PARAMS_VERSION, find, registry};
pub use settings::{ChainSettings, Stage, StageSettings};

/// The stages that act, in order.
pub struct MasteringChain {
    stages: Vec<(Stage, Box<dyn Processor>)>,
}

impl MasteringChain {
    /// Builds every stage that these settings make act. `channels` is 1 or 2.
    pub fn new(settings: &ChainSettings, sample_rate_hz: f64, channels: usize) -> Self {
        Self::of(Stage::ALL, settings, sample_rate_hz, channels)
    }

    /// Builds only some stages of the chain (a part of the pipeline), in the given order.
    pub fn of(stages: &[Stage], settings: &ChainSettings, sample_rate_hz: f64, channels: usize) -> Self {
        let build = |stage: &Stage| Some((*stage, stage.build(settings, sample_rate_hz, channels)?));
        Self { stages: stages.iter().filter_map(build).collect() }
    }

    /// Processes one block in place.
    pub fn process(&mut self, channels: &mut [Vec<f32>]) {
        for (_, processor) in &mut self.stages {
            processor.process(channels);
        }
    }

    /// Frames by which the chain's output lags behind its input.
    pub fn latency_frames(&self) -> usize {
        self.stages.iter().map(|(_, p)| p.latency_frames()).sum()
    }

    /// Frames between two decisions of the slowest stage; see [`Processor::grid_frames`].
    pub fn grid_frames(&self) -> usize {
        self.stages.iter().map(|(_, p)| p.grid_frames()).max().unwrap_or(1)
    }

    /// Whether no stage acts.
    pub fn is_empty(&self) -> bool {
        self.stages.is_empty()
    }

    /// Back to the state of a new chain.
    pub fn reset(&mut self) {
        self.stages.iter_mut().for_each(|(_, p)| p.reset());
    }

    /// What each acting stage did.
    pub fn meters(&self) -> Vec<(Stage, StageMeter)> {
        self.stages.iter().map(|(s, p)| (*s, p.meter())).collect()
    }
}
