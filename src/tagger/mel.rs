//! What the tagger hears: the logarithmic mel spectrogram that it was trained on.
//!
//! `16 kHz mono ─ Hann 512, hop 256 ─ |FFT|² ─ 96 Slaney mel bands, 0–8 kHz, area norm ─ log10(10⁴·x + 1)`
//!
//! These are librosa's defaults (`librosa.feature.melspectrogram`, `htk=False`, `norm="slaney"`) with the numbers of
//! musicnn 0.1.0. A frame is centred in its 512 samples; here all of them are real samples, nothing is padded.

use crate::dsp::stft::PowerSpectrum;

/// Version of this front end; models that take its output name it.
pub const MEL_VERSION: u32 = 1;
/// Sample rate in Hz.
pub const SAMPLE_RATE_HZ: u32 = 16_000;
/// Frames of the spectrogram in a patch: 3 s.
pub const PATCH_FRAMES: usize = 187;
/// Bands of the spectrogram.
pub const BANDS: usize = 96;
/// Samples that a patch needs.
pub const PATCH_SAMPLES: usize = (PATCH_FRAMES + 1) * HOP;

const FFT_SIZE: usize = 512;
const HOP: usize = FFT_SIZE / 2;
/// Where Slaney's scale turns from linear to logarithmic, in Hz, and how many mels lie below.
const BREAK_HZ: f64 = 1000.0;
const BREAK_MEL: f64 = 15.0;
/// Mels between 1 and 6.4 kHz.
const STEPS_TO_6400: f64 = 27.0;

/// The front end: a filter bank that is made once.
pub struct MelBank {
    /// First bin and weights of each band.
    bands: Vec<(usize, Vec<f32>)>,
}

impl Default for MelBank {
    fn default() -> Self {
        Self::new()
    }
}

impl MelBank {
    /// Triangles over the FFT's bins, between neighbours of equal distance in mel, each of area 1 over Hz.
    pub fn new() -> Self {
        let nyquist_hz = f64::from(SAMPLE_RATE_HZ) / 2.0;
        let top = hz_to_mel(nyquist_hz);
        let edge_hz: Vec<f64> = (0..BANDS + 2).map(|i| mel_to_hz(top * i as f64 / (BANDS + 1) as f64)).collect();
        let bin_hz = |bin: usize| bin as f64 * nyquist_hz / HOP as f64;
        let band = |edges: &[f64]| {
            let area = 2.0 / (edges[2] - edges[0]);
            let rise = |hz: f64| (hz - edges[0]) / (edges[1] - edges[0]);
            let fall = |hz: f64| (edges[2] - hz) / (edges[2] - edges[1]);
            let weight = |bin| (area * rise(bin_hz(bin)).min(fall(bin_hz(bin)))).max(0.0) as f32;
            let first = (0..=HOP).find(|&bin| weight(bin) > 0.0).unwrap_or(0);
            (first, (first..=HOP).map(weight).take_while(|w| *w > 0.0).collect())
        };
        Self { bands: edge_hz.windows(3).map(band).collect() }
    }

    /// The spectrogram of a patch, `PATCH_FRAMES` × `BANDS`, frame by frame. `samples` are mono at 16 kHz,
    /// [`PATCH_SAMPLES`] of them: one frame for each hop after the first.
    pub fn log_mel(&self, samples: &[f32]) -> Vec<f32> {
        let mut spectrum = PowerSpectrum::new(FFT_SIZE);
        // That spectrum gives a sine its amplitude squared; librosa's is not scaled. The window adds up to half its size.
        let scale = ((FFT_SIZE / 4) as f32).powi(2);
        let mut mel = Vec::with_capacity(samples.len() / HOP * BANDS);
        for (hop, block) in samples.chunks_exact(HOP).enumerate() {
            let Some(power) = spectrum.push(block, &[]).filter(|_| hop > 0) else { continue };
            mel.extend(self.bands.iter().map(|(first, weights)| {
                let sum: f32 = weights.iter().zip(&power[*first..]).map(|(w, p)| w * p).sum();
                (1e4 * scale * sum + 1.0).log10()
            }));
        }
        mel
    }
}

/// Slaney's scale: linear to 1 kHz, then 27 mels for a factor of 6.4.
fn hz_to_mel(hz: f64) -> f64 {
    if hz < BREAK_HZ { hz * BREAK_MEL / BREAK_HZ } else { BREAK_MEL + (hz / BREAK_HZ).ln() * STEPS_TO_6400 / 6.4_f64.ln() }
}

fn mel_to_hz(mel: f64) -> f64 {
    if mel < BREAK_MEL { mel * BREAK_HZ / BREAK_MEL } else { BREAK_HZ * ((mel - BREAK_MEL) * 6.4_f64.ln() / STEPS_TO_6400).exp() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_is_slaneys() {
        for (hz, mel) in [(0.0, 0.0), (500.0, 7.5), (1000.0, 15.0), (6400.0, 42.0)] {
            assert!((hz_to_mel(hz) - mel).abs() < 1e-12);
            assert!((mel_to_hz(mel) - hz).abs() < 1e-9);
        }
    }

    #[test]
    fn silence_is_nought_and_every_band_hears() {
        let bank = MelBank::new();
        assert!(bank.bands.iter().all(|(_, weights)| !weights.is_empty()));
        let mel = bank.log_mel(&vec![0.0; PATCH_SAMPLES]);
        assert_eq!(mel.len(), PATCH_FRAMES * BANDS);
        assert!(mel.iter().all(|v| *v == 0.0));
    }
}
