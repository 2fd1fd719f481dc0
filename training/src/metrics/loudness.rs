//! Loudness by the `ebur128` crate: another hand than the library's own meter.

use crate::sound::{SAMPLE_RATE_HZ, Sound};
use anyhow::Result;
use ebur128::{EbuR128, Mode};

/// Loudness of one file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Loudness {
    /// Integrated loudness (BS.1770).
    pub(super) integrated_lufs: f64,
    /// Loudness range (Tech 3342).
    pub(super) lra_lu: f64,
    /// Median over the windows of 3 s at least as loud as the whole of (true peak in the window − short-term loudness).
    pub(super) psr_lu: f64,
}

/// Windows of 3 s end every second; peaks are kept for every tenth of one.
const STEPS_A_SECOND: usize = 10;

/// Measures a file of at least 3 s.
pub(super) fn measure(sound: &Sound) -> Result<Loudness> {
    let mut meter = EbuR128::new(2, SAMPLE_RATE_HZ, Mode::I | Mode::LRA | Mode::S | Mode::TRUE_PEAK)?;
    let step = SAMPLE_RATE_HZ as usize / STEPS_A_SECOND;
    let [left, right] = &sound.channels;
    let mut peaks = Vec::new();
    let mut windows = Vec::new();
    for (l, r) in left.chunks_exact(step).zip(right.chunks_exact(step)) {
        meter.add_frames_planar_f32(&[l, r])?;
        peaks.push(meter.prev_true_peak(0)?.max(meter.prev_true_peak(1)?));
        if peaks.len() >= 3 * STEPS_A_SECOND && peaks.len().is_multiple_of(STEPS_A_SECOND) {
            let peak = peaks[peaks.len() - 3 * STEPS_A_SECOND..].iter().fold(0f64, |a, b| a.max(*b));
            windows.push((meter.loudness_shortterm()?, 20.0 * peak.log10()));
        }
    }
    let integrated_lufs = meter.loudness_global()?.max(-70.0);
    let mut psr_lu: Vec<f64> =
        windows.iter().filter(|(lufs, _)| *lufs >= integrated_lufs).map(|(lufs, peak)| peak - lufs).collect();
    Ok(Loudness { integrated_lufs, lra_lu: meter.loudness_range()?, psr_lu: super::median(&mut psr_lu) })
}
