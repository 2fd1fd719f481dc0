//! The patches that the network hears: 3 s each, mono, 16 kHz, all pieces of music at one loudness.

use super::mel::{PATCH_SAMPLES, SAMPLE_RATE_HZ};
use crate::analysis::{ROW_S, Timeline};
use crate::audio::resample::Resampler;
use crate::audio::spill::Spill;
use crate::audio::{AudioBuffer, AudioError};

/// Where patches lie among the levels of the music: what is loud, what is typical. A third of the listening costs a fifth
/// of a second.
const QUANTILES: [f64; 3] = [0.9, 0.6, 0.3];
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
    let gain = 10.0_f64.powf((HEARD_LUFS - timeline.loudness().integrated_lufs) / 20.0) as f32;
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
