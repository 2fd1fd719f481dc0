//! Fades: a gain that changes over time, put between the stages that colour and the limiter, so that no compressor pulls a fade
//! up again and the limiter lets go of what gets softer.

use std::f64::consts::{FRAC_PI_2, PI};

/// How the gain goes from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    /// Half a cosine in amplitude, `(1 − cos πx) / 2`: no corner at either end; for fades into silence.
    Smooth,
    /// A quarter of a sine, `sin(πx / 2)`: a rising and a falling one have the power 1 together; for crossfades.
    EqualPower,
}

/// A fade, in time of the master.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fade {
    /// First frame of the fade, at the rate of delivery.
    pub start_frame: u64,
    /// Length in frames; 0: a cut.
    pub frames: u64,
    /// Whether it rises from silence (all before it is silent) or falls to silence (all after it is silent).
    pub rising: bool,
    /// Its shape.
    pub curve: Curve,
}

impl Fade {
    /// The gain at a frame.
    pub fn gain(&self, frame: u64) -> f64 {
        let x = if frame < self.start_frame {
            0.0
        } else if frame >= self.start_frame + self.frames {
            1.0
        } else {
            ((frame - self.start_frame) as f64 + 0.5) / self.frames as f64
        };
        let x = if self.rising { x } else { 1.0 - x };
        match self.curve {
            Curve::Smooth => 0.5 - 0.5 * (PI * x).cos(),
            // The sine of a quarter turn is 1 but for rounding.
            Curve::EqualPower if x >= 1.0 => 1.0,
            Curve::EqualPower => (FRAC_PI_2 * x).sin(),
        }
    }

    /// Applies it to a block that begins at frame `at`.
    pub(super) fn apply(&self, at: u64, block: &mut [Vec<f32>]) {
        for channel in block {
            for (n, sample) in channel.iter_mut().enumerate() {
                let gain = self.gain(at + n as u64);
                if gain != 1.0 {
                    *sample = (f64::from(*sample) * gain) as f32;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_rises_and_what_falls_have_one_power_and_ends_are_exact() {
        let fade = |rising, curve| Fade { start_frame: 10, frames: 100, rising, curve };
        for n in 0..130 {
            let power = |rising| fade(rising, Curve::EqualPower).gain(n).powi(2);
            assert!((power(true) + power(false) - 1.0).abs() < 1e-12, "{n}");
            let sum = fade(true, Curve::Smooth).gain(n) + fade(false, Curve::Smooth).gain(n);
            assert!((sum - 1.0).abs() < 1e-12, "{n}");
        }
        let mut block = vec![vec![1.0f32; 130]];
        fade(false, Curve::Smooth).apply(0, &mut block);
        assert!(block[0][..10].iter().all(|x| *x == 1.0) && block[0][110..].iter().all(|x| *x == 0.0));
        assert!(block[0][10..110].windows(2).all(|pair| pair[1] < pair[0]));
        assert_eq!((fade(true, Curve::EqualPower).gain(9), fade(true, Curve::EqualPower).gain(110)), (0.0, 1.0));
    }
}
