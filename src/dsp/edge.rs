//! Where a file begins and ends in the middle of sound.
//!
//! A processor's output goes on ringing after the last frame, and a linear-phase filter rings before the first; a file has
//! neither. Cutting there makes a step, and a step has a peak between the samples that no limiter saw. So the edges are
//! measured as the file will have them, silence beyond, and where such a peak is above the ceiling they are faded, as
//! shortly as will do. Edges that keep the ceiling, as any fade or silence does, are left exactly alone.

use super::true_peak::{FINE, FINE_TAPS};

/// Frames that [`settle_start`] and [`settle_end`] should be given, or the whole file where it is shorter.
pub const EDGE_FRAMES: usize = 2048;
/// The shortest fade, in frames.
const SHORTEST_FADE: usize = 32;

/// Fades the end of a file, given its last frames, if it would peak above `ceiling` (linear) otherwise. Gives the length
/// of the fade in frames, 0 for none.
pub fn settle_end(channels: &mut [Vec<f32>], ceiling: f64) -> usize {
    let frames = channels.first().map_or(0, Vec::len);
    let original = channels.to_vec();
    let (mut fade, mut faded) = (SHORTEST_FADE, 0);
    while channels.iter().any(|c| end_peak(c) > ceiling) && faded < frames {
        faded = fade.min(frames);
        for (channel, original) in channels.iter_mut().zip(&original) {
            channel.copy_from_slice(original);
            for (i, x) in channel[frames - faded..].iter_mut().enumerate() {
                let along = (i as f64 + 0.5) / faded as f64;
                *x *= (0.5 + 0.5 * (std::f64::consts::PI * along).cos()) as f32;
            }
        }
        fade *= 2;
    }
    faded
}

/// [`settle_end`] for the start of a file, given its first frames.
pub fn settle_start(channels: &mut [Vec<f32>], ceiling: f64) -> usize {
    channels.iter_mut().for_each(|c| c.reverse());
    let faded = settle_end(channels, ceiling);
    channels.iter_mut().for_each(|c| c.reverse());
    faded
}

/// Largest magnitude about the end of `samples`, silence after it: where the interpolator reaches beyond the last frame.
fn end_peak(samples: &[f32]) -> f64 {
    let mut line = vec![0f32; FINE_TAPS];
    line.extend(&samples[samples.len().saturating_sub(FINE_TAPS)..]);
    line.extend([0.0; FINE_TAPS]);
    let end = line.len() - FINE_TAPS;
    let windows = line[end - FINE_TAPS + 1..].windows(FINE_TAPS);
    windows.fold(0f64, |peak, window| peak.max(f64::from(FINE.largest(window))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::true_peak::TruePeakMeter;

    fn peak(samples: &[f32]) -> f64 {
        let mut meter = TruePeakMeter::new();
        meter.push(samples);
        meter.peak()
    }

    #[test]
    fn a_cut_that_peaks_is_faded_and_one_that_does_not_is_left_alone() {
        let cut = vec![vec![0.9f32; EDGE_FRAMES]; 2];
        assert!(peak(&cut[0]) > 0.95);
        let mut settled = cut.clone();
        assert!(settle_end(&mut settled, 0.9) > 0 && settle_start(&mut settled, 0.9) > 0);
        assert!(peak(&settled[0]) <= 0.9 * 1.002 && settled[0][1000] == 0.9, "{}", peak(&settled[0]));
        let mut untouched = cut.clone();
        assert!(settle_end(&mut untouched, 1.1) == 0 && settle_start(&mut untouched, 1.1) == 0 && untouched == cut);
        let mut short = vec![vec![0.9f32; 5]];
        settle_end(&mut short, 0.9);
        assert!(peak(&short[0]) < 1.2);
        settle_end(&mut [vec![]], 0.9);
    }
}
