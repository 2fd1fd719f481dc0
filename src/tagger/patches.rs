//! The patches that the network hears: 3 s each, mono, 16 kHz, all pieces of music at one loudness.

use super::mel::{PATCH_SAMPLES, SAMPLE_RATE_HZ};
use crate::analysis::{ROW_S, Timeline};
use crate::audio::resample::Resampler;
use crate::audio::spill::Spill;
use crate::audio::{AudioBuffer, AudioError};

/// Where patches lie among the levels of the music: what is loud, what is typical, and something soft.
const QUANTILES: [f64; 5] = [0.95, 0.75, 0.55, 0.35, 0.15];
/// Loudness at which music is heard, in LUFS: about that of the records that the network learned from. A quiet mix is no
/// other genre.
const HEARD_LUFS: f64 = -12.0;
/// Music on both sides of a patch, so that the resampler has settled, in seconds.
const EDGE_S: f64 = 0.25;

/// The patches of a piece of music, [`PATCH_SAMPLES`] each; music shorter than a patch is repeated. At least one.
pub(super) fn cut(audio: &Spill, timeline: &Timeline) -> Result<Vec<Vec<f32>>, AudioError> {
    let seconds = PATCH_SAMPLES as f64 / f64::from(SAMPLE_RATE_HZ);
    let length = (seconds / ROW_S).ceil() as usize;
    let mut windows = timeline.windows_at(&QUANTILES, length);
    if windows.is_empty() {
        windows.push(0..timeline.rows().min(length));
    }
    let gain = 10.0_f64.powf((HEARD_LUFS - timeline.loudness().integrated_lufs - timeline.of_two_lu()) / 20.0) as f32;
    windows.into_iter().map(|rows| patch(audio, timeline.row_frames(rows.start).start, gain)).collect()
}

/// One patch from the frame `start`.
fn patch(audio: &Spill, start: u64, gain: f32) -> Result<Vec<f32>, AudioError> {
    let rate = f64::from(audio.sample_rate_hz());
    let edge = (EDGE_S * rate) as u64;
    let from = start.saturating_sub(edge);
    let frames = (PATCH_SAMPLES as f64 / f64::from(SAMPLE_RATE_HZ) * rate).ceil() as u64 + 2 * edge;
    let mut block = AudioBuffer::default();
    audio.read(from, &mut block, frames as usize)?;
    let share = gain / block.channels.len() as f32;
    let mono: Vec<f32> = (0..block.channels[0].len()).map(|i| share * block.channels.iter().map(|c| c[i]).sum::<f32>()).collect();
    let mut resampler = Resampler::new(audio.sample_rate_hz(), SAMPLE_RATE_HZ, 1);
    let mut heard = [Vec::new()];
    resampler.push(&[mono], &mut heard);
    resampler.finish(&mut heard);
    let [heard] = heard;
    let lead = ((start - from) as f64 / rate * f64::from(SAMPLE_RATE_HZ)).round() as usize;
    Ok(heard[lead.min(heard.len() - 1)..].iter().copied().cycle().take(PATCH_SAMPLES).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Analyzer;
    use crate::audio::spill::SpillWriter;

    /// Patches of a swelling chord at a rate, a length and a gain.
    fn patches(rate: u32, seconds: f64, gain: f32) -> Vec<Vec<f32>> {
        let tone = |n: usize, hz: f64| (std::f64::consts::TAU * hz * n as f64 / f64::from(rate)).sin();
        let swell = |n: usize| 0.2 + 0.8 * n as f64 / (seconds * f64::from(rate));
        let frames = (seconds * f64::from(rate)) as usize;
        let left: Vec<f32> = (0..frames).map(|n| gain * (0.3 * swell(n) * (tone(n, 440.0) + tone(n, 1234.5))) as f32).collect();
        let channels = [left.clone(), left];
        let mut analyzer = Analyzer::new(rate, 2);
        analyzer.push(&channels);
        let mut spill = SpillWriter::create(rate, 2).unwrap();
        spill.push(&channels).unwrap();
        cut(&spill.finish().unwrap(), &analyzer.finish()).unwrap()
    }

    fn rms(samples: &[f32]) -> f64 {
        (samples.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>() / samples.len() as f64).sqrt()
    }

    #[test]
    fn a_quiet_mix_and_another_rate_are_heard_alike() {
        let loud = patches(44_100, 40.0, 1.0);
        assert_eq!(loud.len(), QUANTILES.len());
        assert!(loud.iter().all(|patch| patch.len() == PATCH_SAMPLES));
        for other in [patches(44_100, 40.0, 0.1), patches(96_000, 40.0, 1.0)] {
            for (a, b) in loud.iter().zip(&other) {
                assert!((rms(a) / rms(b) - 1.0).abs() < 0.02, "{} {}", rms(a), rms(b));
            }
        }
        assert!(rms(&loud[0]) < 0.7 * rms(&loud[QUANTILES.len() - 1]), "loud and soft are both heard");
    }

    #[test]
    fn a_second_of_music_is_repeated() {
        let short = patches(48_000, 1.0, 1.0);
        assert_eq!(short.len(), 1);
        assert_eq!(short[0][..100], short[0][16_000..16_100]);
    }
}
