//! Loudness: which drive into the limiter makes the master as loud as promised.
//!
//! A limiter takes away more the harder it is driven, so the answer is found by trying: short probes spread evenly over
//! the whole file are limited, their loss of K-weighted power is measured, and a secant step corrects the drive.

use crate::audio::AudioBuffer;
use crate::audio::spill::Spill;
use crate::chain::limiter::LimiterSettings;
use crate::chain::{Processor, StageSettings};
use crate::dsp::kweight::KWeighting;
use crate::error::Error;
use crate::params::ParamGroup;

/// Probes over the file.
const PROBES: u64 = 16;
/// Length of a probe, and of the audio before it in which the limiter settles.
const PROBE_S: f64 = 1.0;
const SETTLE_S: f64 = 0.3;
/// Loudness is right when it is this close.
const CLOSE_LU: f64 = 0.02;
/// Steps of the search.
const STEPS: usize = 5;

/// Audio that waits for the limiter.
pub(super) struct Waiting<'a> {
    /// The samples, at the rate of delivery.
    pub(super) audio: &'a Spill,
    /// Their integrated loudness.
    pub(super) integrated_lufs: f64,
}

impl Waiting<'_> {
    /// The drive that gives `loudness_lufs`, kept inside the parameter's range.
    pub(super) fn drive_for(&self, loudness_lufs: f64, settings: &LimiterSettings, threads: usize) -> Result<f64, Error> {
        let probes = self.probes()?;
        let range = drive_range();
        let miss = |drive_db: f64| {
            let loss = loss_db(&probes, &LimiterSettings { drive_db, ..settings.clone() }, threads);
            self.integrated_lufs + drive_db + loss - loudness_lufs
        };
        let mut drive = (loudness_lufs - self.integrated_lufs).clamp(range.0, range.1);
        let mut error = miss(drive);
        let mut slope = 1.0;
        for _ in 0..STEPS {
            if error.abs() < CLOSE_LU {
                break;
            }
            let next = (drive - error / slope).clamp(range.0, range.1);
            if next == drive {
                break;
            }
            let next_error = miss(next);
            slope = ((next_error - error) / (next - drive)).clamp(0.2, 1.0);
            (drive, error) = (next, next_error);
        }
        Ok(drive)
    }

    fn probes(&self) -> Result<Vec<Probe>, Error> {
        let rate = f64::from(self.audio.sample_rate_hz());
        let (length, settle) = ((PROBE_S * rate) as u64, (SETTLE_S * rate) as u64);
        let spacing = (self.audio.frames() / PROBES).max(length);
        let mut probes = Vec::new();
        let mut start = spacing.saturating_sub(length) / 2;
        while start < self.audio.frames() {
            let from = start.saturating_sub(settle);
            let mut audio = AudioBuffer::silence(self.audio.sample_rate_hz(), self.audio.channels(), 0);
            self.audio.read(from, &mut audio, (start - from + length) as usize)?;
            let settle_frames = (start - from) as usize;
            probes.push(Probe { power: power(&audio.channels, settle_frames, rate), audio, settle_frames });
            start += spacing;
        }
        Ok(probes)
    }
}

/// The range of `limiter.drive_db`.
pub(super) fn drive_range() -> (f64, f64) {
    let mut range = (0.0, 0.0);
    LimiterSettings::default().visit(&mut |name, row, _| {
        if name == "drive_db" {
            range = (row.domain.min, row.domain.max);
        }
    });
    range
}

struct Probe {
    audio: AudioBuffer,
    settle_frames: usize,
    /// Its K-weighted energy before the limiter.
    power: f64,
}

/// What the limiter takes from the power of all probes together, dB (≤ 0 but for rounding).
fn loss_db(probes: &[Probe], settings: &LimiterSettings, threads: usize) -> f64 {
    let per_thread = probes.len().div_ceil(threads.max(1)).max(1);
    let powers: Vec<(f64, f64)> = std::thread::scope(|scope| {
        let limit = |part: &[Probe]| {
            let Some(AudioBuffer { sample_rate_hz, channels }) = part.first().map(|probe| &probe.audio) else {
                return Vec::new();
            };
            let mut limiter = settings.processor(f64::from(*sample_rate_hz), channels.len());
            part.iter().map(|probe| probe.powers(&mut *limiter)).collect::<Vec<_>>()
        };
        let workers: Vec<_> = probes.chunks(per_thread).map(|part| scope.spawn(move || limit(part))).collect();
        workers.into_iter().flat_map(|w| w.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    });
    let (before, after) = powers.into_iter().fold((0.0, 0.0), |sum: (f64, f64), of| (sum.0 + of.0, sum.1 + of.1));
    10.0 * (after / before.max(f64::MIN_POSITIVE)).max(1e-12).log10() - settings.drive_db
}

impl Probe {
    /// Its K-weighted energy before and behind the limiter.
    fn powers(&self, limiter: &mut dyn Processor) -> (f64, f64) {
        limiter.reset();
        let latency = limiter.latency_frames();
        let mut channels = self.audio.channels.clone();
        channels.iter_mut().for_each(|c| c.resize(c.len() + latency, 0.0));
        limiter.process(&mut channels);
        channels.iter_mut().for_each(|c| drop(c.drain(..latency)));
        (self.power, power(&channels, self.settle_frames, f64::from(self.audio.sample_rate_hz)))
    }
}

/// K-weighted energy after the settling time, channels summed.
fn power(channels: &[Vec<f32>], settle_frames: usize, rate: f64) -> f64 {
    let mut filter = KWeighting::new(rate);
    let (left, right) = (&channels[0], channels.get(1).unwrap_or(&channels[0]));
    let mut sum = 0.0;
    for (i, (l, r)) in left.iter().zip(right).enumerate() {
        let y = filter.process([f64::from(*l), f64::from(*r)]);
        if i >= settle_frames {
            sum += y[0] * y[0] + y[1] * y[1];
        }
    }
    sum
}
