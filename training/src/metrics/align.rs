//! Brings a master into step with what it is compared to: by how many frames is it late?

use realfft::RealFftPlanner;
use realfft::num_complex::Complex;

/// Largest delay that is looked for, to both sides.
const MAX_LAG: usize = 4096;
/// Frames looked at, from the middle: 24 s.
const SPAN: usize = 1 << 20;

/// The lag with the largest cross-correlation: `late[n + lag]` belongs to `early[n]`.
pub(super) fn lag_frames(early: &[f32], late: &[f32]) -> isize {
    let frames = early.len().min(late.len());
    let span = frames.min(SPAN);
    let start = (frames - span) / 2;
    let size = (span + MAX_LAG).next_power_of_two();
    let mut planner = RealFftPlanner::<f64>::new();
    let (forward, inverse) = (planner.plan_fft_forward(size), planner.plan_fft_inverse(size));
    let spectrum = |samples: &[f32]| {
        let mut padded = vec![0.0; size];
        padded.iter_mut().zip(&samples[start..start + span]).for_each(|(p, x)| *p = f64::from(*x));
        let mut bins = forward.make_output_vec();
        // Lengths come from the plan itself, so the transform cannot fail.
        let done = forward.process(&mut padded, &mut bins);
        debug_assert!(done.is_ok());
        bins
    };
    let (a, b) = (spectrum(early), spectrum(late));
    let mut cross: Vec<Complex<f64>> = a.iter().zip(&b).map(|(a, b)| a.conj() * b).collect();
    // Bins 0 and Nyquist are real but for rounding.
    let last = cross.len() - 1;
    cross[0].im = 0.0;
    cross[last].im = 0.0;
    let mut correlation = inverse.make_output_vec();
    let done = inverse.process(&mut cross, &mut correlation);
    debug_assert!(done.is_ok());
    let at = |lag: isize| correlation[lag.rem_euclid(size as isize) as usize];
    let max = MAX_LAG as isize;
    (-max..=max).fold(0, |best, lag| if at(lag) > at(best) { lag } else { best })
}

/// The parts of two signals that belong together, given the lag of the second.
pub(super) fn overlap<'a>(early: &'a [f32], late: &'a [f32], lag: isize) -> (&'a [f32], &'a [f32]) {
    let (skip_early, skip_late) = ((-lag).max(0) as usize, lag.max(0) as usize);
    let early = &early[skip_early.min(early.len())..];
    let late = &late[skip_late.min(late.len())..];
    let frames = early.len().min(late.len());
    (&early[..frames], &late[..frames])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    #[test]
    fn a_delay_is_found_and_undone() {
        let mut rng = Rng::named(1, "noise");
        let noise: Vec<f32> = (0..20_000).map(|_| rng.uniform(-1.0, 1.0) as f32).collect();
        for lag in [-1000isize, -1, 0, 37, 4000] {
            let shifted: Vec<f32> =
                (0..20_000).map(|n| usize::try_from(n - lag).ok().and_then(|n| noise.get(n)).copied().unwrap_or(0.0)).collect();
            assert_eq!(lag_frames(&noise, &shifted), lag);
            let (a, b) = overlap(&noise, &shifted, lag);
            assert_eq!(a[..10_000], b[..10_000]);
        }
    }
}
