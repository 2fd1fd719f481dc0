//! Loudness: which drive into the limiter makes the master as loud as promised.
//!
//! A limiter takes away more the harder it is driven, so the answer is found by trying: short probes spread evenly over
//! the whole file are limited, their loss of K-weighted power is measured, and the drive is searched by that ([`Search`]). Where all of
//! them fall into silence, they are laid closer.

use super::search::Search;
use crate::audio::AudioBuffer;
use crate::audio::spill::Spill;
use crate::chain::limiter::LimiterSettings;
use crate::chain::{Processor, StageSettings};
use crate::dsp::kweight::{KWeighting, power_to_lufs};
use crate::error::Error;

/// Probes over the file, and how far apart they are at most.
const PROBES: u64 = 16;
const FARTHEST_S: f64 = 60.0;
/// Length of a probe, and of the audio before it in which the limiter settles.
const PROBE_S: f64 = 1.0;
const SETTLE_S: f64 = 0.3;
/// Under the integrated loudness by more than this, nothing counts in it: the relative gate of BS.1770.
const GATE_LU: f64 = 10.0;
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
        let range = LimiterSettings::drive_range_db();
        let miss = |drive_db: f64| -> Result<f64, Error> {
            let loss = self.loss_db(&probes, &LimiterSettings { drive_db, ..settings.clone() }, threads)?;
            Ok(self.integrated_lufs + drive_db + loss - loudness_lufs)
        };
        let mut drive = (loudness_lufs - self.integrated_lufs).clamp(range.0, range.1);
        let mut search = Search::new();
        for _ in 0..STEPS {
            let error = miss(drive)?;
            if error.abs() < CLOSE_LU {
                break;
            }
            let next = search.next(drive, error).clamp(range.0, range.1);
            if next == drive {
                break;
            }
            drive = next;
        }
        Ok(drive)
    }

    /// The integrated loudness behind the limiter, driven as these settings say, as the probes tell it.
    pub(super) fn driven_lufs(&self, settings: &LimiterSettings, threads: usize) -> Result<f64, Error> {
        Ok(self.integrated_lufs + settings.drive_db + self.loss_db(&self.probes()?, settings, threads)?)
    }

    fn probes(&self) -> Result<Vec<Probe>, Error> {
        let rate = f64::from(self.audio.sample_rate_hz());
        let length = (PROBE_S * rate) as u64;
        let mut spacing = (self.audio.frames() / PROBES).min((FARTHEST_S * rate) as u64).max(length);
        loop {
            let probes = self.probes_every(spacing)?;
            let counts = |probe: &Probe| probe.loudness_lufs() >= self.integrated_lufs - GATE_LU;
            if spacing == length || probes.iter().any(counts) {
                return Ok(probes);
            }
            spacing = (spacing / 2).max(length);
        }
    }

    fn probes_every(&self, spacing: u64) -> Result<Vec<Probe>, Error> {
        let rate = f64::from(self.audio.sample_rate_hz());
        let (length, settle) = ((PROBE_S * rate) as u64, (SETTLE_S * rate) as u64);
        let starts = (spacing.saturating_sub(length) / 2..self.audio.frames()).step_by(spacing as usize);
        let probe = |start: u64| {
            let from = start.saturating_sub(settle);
            let end = (start + length).min(self.audio.frames());
            let mut probe = Probe { from, frames: (end - from) as usize, settle_frames: (start - from) as usize, power: 0.0 };
            probe.power = power(&probe.read(self.audio)?.channels, probe.settle_frames, rate);
            Ok(probe)
        };
        starts.map(probe).collect()
    }

    /// What the limiter takes from the power of all probes together, dB (≤ 0 but for rounding).
    fn loss_db(&self, probes: &[Probe], settings: &LimiterSettings, threads: usize) -> Result<f64, Error> {
        let per_thread = probes.len().div_ceil(threads.max(1)).max(1);
        let limit = |part: &[Probe]| {
            let mut limiter = settings.processor(f64::from(self.audio.sample_rate_hz()), self.audio.channels());
            part.iter().map(|probe| probe.limited_power(self.audio, &mut *limiter)).collect::<Result<Vec<_>, Error>>()
        };
        let after: Vec<Result<Vec<f64>, Error>> = std::thread::scope(|scope| {
            let workers: Vec<_> = probes.chunks(per_thread).map(|part| scope.spawn(move || limit(part))).collect();
            workers.into_iter().map(|w| w.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
        });
        let before: f64 = probes.iter().map(|probe| probe.power).sum();
        let after: f64 = after.into_iter().collect::<Result<Vec<_>, Error>>()?.into_iter().flatten().sum();
        Ok(10.0 * (after / before.max(f64::MIN_POSITIVE)).max(1e-12).log10() - settings.drive_db)
    }
}

/// A short part of the audio, the limiter's settling before it.
struct Probe {
    from: u64,
    frames: usize,
    settle_frames: usize,
    /// Its K-weighted energy before the limiter.
    power: f64,
}

impl Probe {
    /// Its loudness before the limiter.
    fn loudness_lufs(&self) -> f64 {
        power_to_lufs(self.power / (self.frames - self.settle_frames) as f64)
    }

    fn read(&self, audio: &Spill) -> Result<AudioBuffer, Error> {
        let mut probe = AudioBuffer::silence(audio.sample_rate_hz(), audio.channels(), 0);
        audio.read(self.from, &mut probe, self.frames)?;
        Ok(probe)
    }

    /// Its K-weighted energy behind the limiter.
    fn limited_power(&self, audio: &Spill, limiter: &mut dyn Processor) -> Result<f64, Error> {
        limiter.reset();
        let latency = limiter.latency_frames();
        let mut channels = self.read(audio)?.channels;
        channels.iter_mut().for_each(|c| c.resize(c.len() + latency, 0.0));
        limiter.process(&mut channels);
        channels.iter_mut().for_each(|c| drop(c.drain(..latency)));
        Ok(power(&channels, self.settle_frames, f64::from(audio.sample_rate_hz())))
    }
}

/// K-weighted energy after the settling time, channels summed.
fn power(channels: &[Vec<f32>], settle_frames: usize, rate: f64) -> f64 {
    let mut filter = KWeighting::new(rate);
    let mut sum = 0.0;
    for (i, left) in channels[0].iter().enumerate() {
        // A single channel counts once: its other lane is silent.
        let right = channels.get(1).map_or(0.0, |right| right[i]);
        let y = filter.process([f64::from(*left), f64::from(right)]);
        if i >= settle_frames {
            sum += y[0] * y[0] + y[1] * y[1];
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::LoudnessMeter;
    use crate::audio::spill::SpillWriter;

    const RATE_HZ: u32 = 44_100;

    /// A file of silence that begins with noise of so many seconds.
    fn mostly_silent(noise_s: f64, seconds: f64) -> (Spill, f64) {
        let mut state = 5u32;
        let mut samples: Vec<f32> = std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            0.1 * ((state >> 8) as f32 / (1 << 23) as f32 - 1.0)
        })
        .take((noise_s * f64::from(RATE_HZ)) as usize)
        .collect();
        samples.resize((f64::from(RATE_HZ) * seconds) as usize, 0.0);
        let mut meter = LoudnessMeter::new(RATE_HZ, &[1.0]);
        meter.push(std::slice::from_ref(&samples));
        let mut spill = SpillWriter::create(RATE_HZ, 1).unwrap();
        spill.push(&[samples]).unwrap();
        (spill.finish().unwrap(), meter.integrated_lufs())
    }

    #[test]
    fn music_between_probes_is_heard_all_the_same() {
        // Every four seconds from 1.5 s on: silence; every two from 0.5 s: noise.
        let (audio, integrated_lufs) = mostly_silent(1.4, 64.0);
        let waiting = Waiting { audio: &audio, integrated_lufs };
        let settings = LimiterSettings { ceiling_dbtp: -1.0, ..LimiterSettings::default() };
        let drive_db = waiting.drive_for(integrated_lufs + 6.0, &settings, 2).unwrap();
        assert!((drive_db - 6.0).abs() < 0.1, "noise that the limiter leaves alone is driven by what it lacks: {drive_db} dB");
    }

    /// A probe is asked by how much it is softer than the whole: a single channel's is counted as the whole is, and one that the
    /// end cuts short by what it has.
    #[test]
    fn probes_of_steady_sound_are_as_loud_as_the_whole() {
        let (audio, integrated_lufs) = mostly_silent(2.5, 2.5);
        let probes = Waiting { audio: &audio, integrated_lufs }.probes().unwrap();
        let lengths: Vec<usize> = probes.iter().map(|probe| probe.frames - probe.settle_frames).collect();
        assert_eq!(lengths, [RATE_HZ as usize, RATE_HZ as usize, RATE_HZ as usize / 2]);
        for (number, probe) in probes.iter().enumerate() {
            let off_lu = probe.loudness_lufs() - integrated_lufs;
            assert!(off_lu.abs() < 0.3, "probe {number} is {off_lu:+.2} LU off");
        }
    }

    #[test]
    fn a_file_in_which_nothing_counts_ends_the_search_for_probes() {
        let (audio, _) = mostly_silent(0.0, 20.0);
        let waiting = Waiting { audio: &audio, integrated_lufs: -20.0 };
        assert!(waiting.drive_for(-14.0, &LimiterSettings::default(), 1).unwrap().is_finite());
    }
}
