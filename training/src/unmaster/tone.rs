//! A smooth random equaliser: two shelves, a tilt and two bells on mid and side together, a tilt and a bell more on the
//! side alone. Filters: R. Bristow-Johnson, *Cookbook formulae for audio EQ biquad filter coefficients* (that they cramp
//! near Nyquist does not matter here: any smooth curve will do).

use crate::rng::Rng;
use crate::sound::{SAMPLE_RATE_HZ, Sound};
use automaster::dsp::biquad::{Biquad, Coefficients};
use serde::Serialize;
use std::f64::consts::PI;

/// One filter.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(tag = "shape", rename_all = "snake_case")]
enum Filter {
    LowShelf { freq_hz: f64, gain_db: f64 },
    HighShelf { freq_hz: f64, gain_db: f64 },
    Bell { freq_hz: f64, gain_db: f64, q: f64 },
}

/// The equaliser.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Tone {
    both: Vec<Filter>,
    side: Vec<Filter>,
}

impl Tone {
    /// Draws an equaliser that stays mostly within ±5 dB.
    pub(super) fn draw(rng: &mut Rng) -> Self {
        let mut both = tilt(rng.log_uniform(500.0, 1500.0), rng.uniform(-3.0, 3.0)).to_vec();
        both.push(Filter::LowShelf { freq_hz: rng.log_uniform(70.0, 160.0), gain_db: rng.uniform(-3.0, 3.0) });
        both.push(Filter::HighShelf { freq_hz: rng.log_uniform(5000.0, 9000.0), gain_db: rng.uniform(-4.0, 3.0) });
        both.push(Self::bell(rng, 120.0, 700.0, 3.0));
        both.push(Self::bell(rng, 900.0, 5000.0, 3.0));
        let mut side = tilt(rng.log_uniform(500.0, 1500.0), rng.uniform(-1.5, 1.5)).to_vec();
        side.push(Self::bell(rng, 300.0, 4000.0, 2.0));
        Self { both, side }
    }

    fn bell(rng: &mut Rng, low_hz: f64, high_hz: f64, max_db: f64) -> Filter {
        Filter::Bell {
            freq_hz: rng.log_uniform(low_hz, high_hz),
            gain_db: rng.uniform(-max_db, max_db),
            q: rng.uniform(0.5, 1.2),
        }
    }

    /// Equalises in place.
    pub(super) fn apply(&self, sound: &mut Sound) {
        let sections = |filters: &[Filter]| filters.iter().map(|f| Biquad::new(f.coefficients())).collect::<Vec<_>>();
        let mut both = sections(&self.both);
        let mut side = sections(&self.side);
        let [left, right] = &mut sound.channels;
        for (l, r) in left.iter_mut().zip(right) {
            let (x, y) = (f64::from(*l), f64::from(*r));
            let lanes = both.iter_mut().fold([0.5 * (x + y), 0.5 * (x - y)], |lanes, section| section.process(lanes));
            let s = side.iter_mut().fold(lanes[1], |s, section| section.process([0.0, s])[1]);
            *l = (lanes[0] + s) as f32;
            *r = (lanes[0] - s) as f32;
        }
    }
}

/// Two opposite shelves around `pivot_hz`.
fn tilt(pivot_hz: f64, gain_db: f64) -> [Filter; 2] {
    [
        Filter::LowShelf { freq_hz: pivot_hz, gain_db: -gain_db / 2.0 },
        Filter::HighShelf { freq_hz: pivot_hz, gain_db: gain_db / 2.0 },
    ]
}

impl Filter {
    fn coefficients(self) -> Coefficients {
        let (freq_hz, gain_db) = match self {
            Self::LowShelf { freq_hz, gain_db } | Self::HighShelf { freq_hz, gain_db } | Self::Bell { freq_hz, gain_db, .. } => {
                (freq_hz, gain_db)
            }
        };
        let a = 10f64.powf(gain_db / 40.0);
        let w = 2.0 * PI * freq_hz / f64::from(SAMPLE_RATE_HZ);
        let (sin, cos) = w.sin_cos();
        // Slope 0.5: shelves that rise over about three octaves.
        let shelf_alpha = sin / 2.0 * ((a + 1.0 / a) * (1.0 / 0.5 - 1.0) + 2.0).sqrt();
        let root = 2.0 * a.sqrt() * shelf_alpha;
        let (b, den) = match self {
            Self::LowShelf { .. } => (
                [
                    a * (a + 1.0 - (a - 1.0) * cos + root),
                    2.0 * a * (a - 1.0 - (a + 1.0) * cos),
                    a * (a + 1.0 - (a - 1.0) * cos - root),
                ],
                [a + 1.0 + (a - 1.0) * cos + root, -2.0 * (a - 1.0 + (a + 1.0) * cos), a + 1.0 + (a - 1.0) * cos - root],
            ),
            Self::HighShelf { .. } => (
                [
                    a * (a + 1.0 + (a - 1.0) * cos + root),
                    -2.0 * a * (a - 1.0 + (a + 1.0) * cos),
                    a * (a + 1.0 + (a - 1.0) * cos - root),
                ],
                [a + 1.0 - (a - 1.0) * cos + root, 2.0 * (a - 1.0 - (a + 1.0) * cos), a + 1.0 - (a - 1.0) * cos - root],
            ),
            Self::Bell { q, .. } => {
                let alpha = sin / (2.0 * q);
                ([1.0 + alpha * a, -2.0 * cos, 1.0 - alpha * a], [1.0 + alpha / a, -2.0 * cos, 1.0 - alpha / a])
            }
        };
        Coefficients { b: b.map(|x| x / den[0]), a: [den[1] / den[0], den[2] / den[0]] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_reach_their_gain_where_they_should() {
        let db = |filter: Filter, hz: f64| 20.0 * filter.coefficients().magnitude(hz, f64::from(SAMPLE_RATE_HZ)).log10();
        assert!((db(Filter::LowShelf { freq_hz: 200.0, gain_db: 4.0 }, 1.0) - 4.0).abs() < 0.05);
        assert!((db(Filter::HighShelf { freq_hz: 2000.0, gain_db: -4.0 }, 22_000.0) + 4.0).abs() < 0.05);
        assert!((db(Filter::Bell { freq_hz: 1000.0, gain_db: 3.0, q: 1.0 }, 1000.0) - 3.0).abs() < 1e-9);
        assert!(db(Filter::Bell { freq_hz: 1000.0, gain_db: 3.0, q: 1.0 }, 20.0).abs() < 0.05);
    }
}
