//! Un-mastering: makes of a record a mix that mastering could have turned into that record.
//!
//! `record ─▶ per band: expand, sharpen transients, widen ─▶ equalise mid and side ─▶ ride the level ─▶ peak to −6 dBFS`
//!
//! Each step is the inverse of something a mastering engineer does (compression, limiting, width, EQ, levelling,
//! loudness); its amounts are drawn by seed, so a case can be made again anywhere. What comes out has a known truth:
//! the record.

mod dynamics;
mod ride;
mod tone;

use crate::rng::Rng;
use crate::sound::Sound;
use automaster::dsp::bands::DYNAMICS_BANDS;
use automaster::dsp::gain::db_to_gain;
use serde::Serialize;

/// Peak of every un-mastered mix.
const PEAK_DBFS: f64 = -6.0;

/// What is done to a record, in human units.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Recipe {
    /// Equaliser of mid and side.
    tone: tone::Tone,
    /// What happens in each dynamics band, low to high.
    bands: [dynamics::Band; DYNAMICS_BANDS],
    /// Slow level changes.
    ride: ride::Ride,
}

impl Recipe {
    /// Draws the recipe of a record.
    pub(crate) fn draw(seed: u64, record: &str) -> Self {
        let mut rng = Rng::named(seed, record);
        Self {
            tone: tone::Tone::draw(&mut rng),
            bands: std::array::from_fn(|band| dynamics::Band::draw(&mut rng, band)),
            ride: ride::Ride::draw(&mut rng),
        }
    }

    /// The ratio of each band's curve that takes its expansion back, low to high.
    pub(crate) fn ratios(&self) -> [f64; DYNAMICS_BANDS] {
        self.bands.map(|band| band.ratio())
    }

    /// The transient gain of each band, in decibels, that takes its sharpening back, low to high.
    pub(crate) fn transients_db(&self) -> [f64; DYNAMICS_BANDS] {
        self.bands.map(|band| band.transient_db())
    }

    /// Un-masters a record.
    pub(crate) fn apply(&self, record: &Sound) -> Sound {
        let mut mix = dynamics::apply(&self.bands, record);
        self.tone.apply(&mut mix);
        self.ride.apply(&mut mix);
        let peak = mix.peak();
        if peak > 0.0 {
            mix.scale(db_to_gain(PEAK_DBFS) / peak);
        }
        mix
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sound::SAMPLE_RATE_HZ;

    /// Half a second of a pulsed tone over a quiet one, 6 s long.
    fn pulses() -> Sound {
        let frame = |n: usize| {
            let t = n as f64 / f64::from(SAMPLE_RATE_HZ);
            let pulse = if (t * 2.0).fract() < 0.2 { 0.6 } else { 0.05 };
            (pulse * (std::f64::consts::TAU * 440.0 * t).sin()) as f32
        };
        let left: Vec<f32> = (0..6 * SAMPLE_RATE_HZ as usize).map(frame).collect();
        Sound { channels: [left.clone(), left.iter().map(|x| 0.5 * x).collect()] }
    }

    #[test]
    fn the_same_seed_makes_the_same_mix_and_another_seed_another() {
        let make = |seed| Recipe::draw(seed, "a").apply(&pulses());
        assert_eq!(make(1), make(1));
        assert_ne!(make(1), make(2));
    }

    #[test]
    fn a_mix_peaks_at_minus_six_and_is_more_dynamic_than_the_record() {
        for seed in 0..5 {
            let record = pulses();
            let mix = Recipe::draw(seed, "b").apply(&record);
            assert!((20.0 * mix.peak().log10() - PEAK_DBFS).abs() < 1e-4);
            let crest_db = |sound: &Sound| {
                let power = sound.channels[0].iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / sound.frames() as f64;
                20.0 * (sound.peak() / power.sqrt()).log10()
            };
            assert!(crest_db(&mix) > crest_db(&record), "seed {seed}: {} ≤ {}", crest_db(&mix), crest_db(&record));
        }
    }
}
