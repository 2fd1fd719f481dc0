//! Per band: upward expansion (the inverse of compression), sharper transients (the inverse of limiting), width.
//!
//! In decibels, with `L` the band's smoothed level, `T` its long-term level, `F` and `S` fast and slow envelopes:
//! `gain = clamp(slope·(L − T), ±5) + clamp(amount·(F − S), 0, 5)`.
//!
//! The sum of the bands is the record with its phase turned by the crossover (an all-pass), which no mastering would undo and no ear hears, but
//! which pulls peaks and spectra apart. So the record first passes the same all-pass backwards: with gains of 1 it comes out as it was.

use crate::rng::Rng;
use crate::sound::{SAMPLE_RATE_HZ, Sound};
use automaster::dsp::bands::{DYNAMICS_BANDS, DYNAMICS_CROSSOVERS_HZ};
use automaster::dsp::crossover::Crossover;
use automaster::dsp::gain::{db_to_gain, power_to_db};
use serde::Serialize;

/// Gains are computed once in so many frames and interpolated between.
const CONTROL_FRAMES: usize = 16;
/// Rise of the fast over the slow envelope at an attack that is taken back whole: chosen, not measured (`training/README.md`).
const ATTACK_DB: f64 = 6.0;
/// Most that expansion and transients each may do.
const MAX_DB: f64 = 5.0;

/// What happens in one band.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Band {
    /// Decibels of gain for each decibel above the band's long-term level.
    expansion_slope: f64,
    /// Decibels of gain for each decibel of the fast envelope above the slow one.
    transient_slope: f64,
    /// Gain of the side.
    width_db: f64,
}

impl Band {
    /// Draws a band; the lowest is made only narrower, as mixes are.
    pub(super) fn draw(rng: &mut Rng, band: usize) -> Self {
        Self {
            expansion_slope: rng.uniform(0.1, 0.4),
            transient_slope: rng.uniform(0.2, 0.6),
            width_db: rng.uniform(-3.0, if band == 0 { 0.0 } else { 3.0 }),
        }
    }

    /// The ratio that takes the expansion back.
    pub(super) fn ratio(&self) -> f64 {
        1.0 + self.expansion_slope
    }

    /// The transient gain of the multiband stage, in decibels, that takes the sharpening of an attack of [`ATTACK_DB`] back.
    pub(super) fn transient_db(&self) -> f64 {
        -ATTACK_DB * self.transient_slope
    }
}

/// One-pole smoothing of a power, with its own time for rising and falling.
struct Envelope {
    power: f64,
    rise: f64,
    fall: f64,
}

impl Envelope {
    fn new(rise_ms: f64, fall_ms: f64) -> Self {
        let coefficient = |ms: f64| 1.0 - (-1.0 / (ms * 1e-3 * f64::from(SAMPLE_RATE_HZ))).exp();
        Self { power: 0.0, rise: coefficient(rise_ms), fall: coefficient(fall_ms) }
    }

    fn follow(&mut self, power: f64) {
        let speed = if power > self.power { self.rise } else { self.fall };
        self.power += speed * (power - self.power);
    }
}

/// The gain of one band, frame by frame.
struct GainRider {
    band: Band,
    long_term_db: f64,
    level: Envelope,
    fast: Envelope,
    slow: Envelope,
    gain: f64,
    step: f64,
}

impl GainRider {
    fn new(band: Band, long_term_power: f64) -> Self {
        Self {
            band,
            long_term_db: power_to_db(long_term_power + 1e-15),
            level: Envelope::new(15.0, 120.0),
            fast: Envelope::new(0.5, 25.0),
            slow: Envelope::new(30.0, 120.0),
            gain: 1.0,
            step: 0.0,
        }
    }

    fn next(&mut self, frame: usize, power: f64) -> f64 {
        self.level.follow(power);
        self.fast.follow(power);
        self.slow.follow(power);
        if frame.is_multiple_of(CONTROL_FRAMES) {
            let db = |envelope: &Envelope| power_to_db(envelope.power + 1e-12);
            let expansion = self.band.expansion_slope * (db(&self.level) - self.long_term_db);
            let transient = self.band.transient_slope * (db(&self.fast) - db(&self.slow));
            let goal = db_to_gain(expansion.clamp(-MAX_DB, MAX_DB) + transient.clamp(0.0, MAX_DB));
            self.step = (goal - self.gain) / CONTROL_FRAMES as f64;
        }
        self.gain += self.step;
        self.gain
    }
}

fn new_crossover() -> Crossover {
    Crossover::new(DYNAMICS_CROSSOVERS_HZ, f64::from(SAMPLE_RATE_HZ))
}

/// The record with the phase that the crossover will turn back.
fn turned(record: &Sound) -> [Vec<f64>; 2] {
    let mut crossover = new_crossover();
    let [left, right] = &record.channels;
    let backwards = left.iter().zip(right).rev().map(|(l, r)| [f64::from(*l), f64::from(*r)]);
    let sum = |lanes: [f64; 2]| crossover.process(lanes).iter().fold([0.0; 2], |sum, band| [sum[0] + band[0], sum[1] + band[1]]);
    let (mut left, mut right): (Vec<f64>, Vec<f64>) = backwards.map(sum).map(|[l, r]| (l, r)).unzip();
    left.reverse();
    right.reverse();
    [left, right]
}

/// Applies the bands to a record.
pub(super) fn apply(bands: &[Band; DYNAMICS_BANDS], record: &Sound) -> Sound {
    let power = |lanes: [f64; 2]| lanes[0] * lanes[0] + lanes[1] * lanes[1];
    let [left, right] = turned(record);
    let frames = || left.iter().zip(&right).map(|(l, r)| [*l, *r]);

    let mut crossover = new_crossover();
    let mut long_term = [0.0; DYNAMICS_BANDS];
    for lanes in frames() {
        let split = crossover.process(lanes);
        long_term.iter_mut().zip(split).for_each(|(sum, lanes)| *sum += power(lanes));
    }

    let mut riders: [GainRider; DYNAMICS_BANDS] =
        std::array::from_fn(|b| GainRider::new(bands[b], long_term[b] / record.frames().max(1) as f64));
    let widths = bands.map(|band| db_to_gain(band.width_db));
    let mut crossover = new_crossover();
    let mut mix = Sound { channels: [const { Vec::new() }; 2] };
    for (frame, lanes) in frames().enumerate() {
        let mut sum = [0.0; 2];
        for (band, lanes) in crossover.process(lanes).into_iter().enumerate() {
            let gain = riders[band].next(frame, power(lanes));
            let mid = 0.5 * (lanes[0] + lanes[1]) * gain;
            let side = 0.5 * (lanes[0] - lanes[1]) * gain * widths[band];
            sum[0] += mid + side;
            sum[1] += mid - side;
        }
        mix.channels[0].push(sum[0] as f32);
        mix.channels[1].push(sum[1] as f32);
    }
    mix
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_that_do_nothing_leave_the_record_as_it_is() {
        let mut state = 7u32;
        let mut noise = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 23) as f32 - 1.0
        };
        let channel = |noise: &mut dyn FnMut() -> f32| (0..SAMPLE_RATE_HZ).map(|_| 0.5 * noise()).collect::<Vec<f32>>();
        let record = Sound { channels: [channel(&mut noise), channel(&mut noise)] };
        let nothing = Band { expansion_slope: 0.0, transient_slope: 0.0, width_db: 0.0 };
        let mix = apply(&[nothing; DYNAMICS_BANDS], &record);
        // What the filters still hold at both ends is cut off with them.
        let inner = 4410..record.channels[0].len() - 4410;
        for (record, mix) in record.channels.iter().zip(&mix.channels) {
            for at in inner.clone() {
                assert!((record[at] - mix[at]).abs() < 1e-4, "{at}: {} for {}", mix[at], record[at]);
            }
        }
    }
}
