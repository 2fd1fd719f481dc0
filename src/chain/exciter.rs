//! Exciter: harmonics for presence and air: band-limited, oversampled, added to the dry sound.
//!
//! `x ┬ high-pass ─ delay ─ ÷ envelope ─ ↑2 ─ z² + 0.5·(z³ − 0.2·z) ─ ↓2 ─ × envelope ─ high-pass ─ ·amount ─ + ─▶`
//! `  ├           └ largest within ±10 ms, smoothed: the envelope                                            │`
//! `  └ delay ────────────────────────────────────────────────────────────────────────────────────────────────┘`
//!
//! Dividing by the envelope makes the harmonics follow the band's level: a quiet passage gets the same colour as a loud
//! one. The envelope looks ahead, so it is never below the band and `|z| ≤ 1`. The polynomial's degree of three bounds its
//! bandwidth: at twice the rate nothing can fold below 20 kHz. The linear term takes out most of the fundamental that a
//! cube of music brings along, so that harmonics are added rather than level.

use super::processor::Processor;
use super::settings::StageSettings;
use super::shaper::{Difference, Shaper};
use crate::dsp::biquad::{Biquad, Coefficients};
use crate::dsp::chunk::{CHUNK, Chunk};
use crate::dsp::delay::Delay;
use crate::dsp::gain::largest_magnitude;
use crate::dsp::oversample::Oversampler;
use crate::dsp::peak_hold::{SlidingMax, Smoother, to_fixed};
use crate::dsp::saturate::clamp;
use crate::dsp::simd;
use crate::dsp::true_peak::{TILE, TILES};
use crate::params::{Unit, linear, log, switch};
use crate::stage_settings;

stage_settings! {
    /// Settings of the exciter stage.
    pub struct ExciterSettings {
        /// Leaves the stage out.
        bypass: bool = false, switch();
        /// Level of added presence harmonics; 0 is neutral.
        presence_percent: f64 = 0.0, linear(Unit::Percent, 0.0, 100.0);
        /// Where presence harmonics are made from and above.
        presence_hz: f64 = 2500.0, log(Unit::Hz, 1000.0, 6000.0);
        /// Level of added air harmonics; 0 is neutral.
        air_percent: f64 = 0.0, linear(Unit::Percent, 0.0, 100.0);
        /// Where air harmonics are made from and above.
        air_hz: f64 = 8000.0, log(Unit::Hz, 5000.0, 14000.0);
    }
}

impl StageSettings for ExciterSettings {
    fn is_neutral(&self) -> bool {
        self.presence_percent == 0.0 && self.air_percent == 0.0
    }
    fn processor(&self, sample_rate_hz: f64, channels: usize) -> Box<dyn Processor> {
        Box::new(Shaper::new(Exciter::new(self, sample_rate_hz, channels), channels))
    }
}

/// The polynomial runs at this rate or more: three times 20 kHz folds to above 20 kHz.
const CURVE_RATE_HZ: f64 = 88_200.0;
/// Length of the envelope's look-ahead; it holds peaks for as long.
const LOOKAHEAD_MS: f64 = 10.0;
/// The input is held within ±120 dBFS, the unit of the envelope's fixed point.
const LARGEST: f32 = 1e6;
/// Below −120 dBFS there is nothing to excite.
const FLOOR: f32 = 1e-6;

/// Harmonics of what lies above one frequency.
struct Band {
    amount: f32,
    before: [Biquad; 2],
    after: [Biquad; 2],
    hold: SlidingMax,
    smoother: Smoother,
    envelope: f32,
    waiting: Vec<Delay>,
    /// The envelope, until the harmonics arrive.
    envelope_delay: Delay,
    oversamplers: Vec<Oversampler>,
}

impl Band {
    fn new(percent: f64, freq_hz: f64, sample_rate_hz: f64, channels: usize) -> Self {
        let tiles = ((LOOKAHEAD_MS / 1000.0 * sample_rate_hz / TILE as f64).round() as usize).max(2);
        let highpass = Biquad::new(Coefficients::butterworth_highpass(freq_hz, sample_rate_hz));
        let doublings = Oversampler::doublings_to(CURVE_RATE_HZ, sample_rate_hz).max(u32::from(sample_rate_hz < 120_000.0));
        let oversampler = Oversampler::new(sample_rate_hz, CHUNK, doublings);
        Self {
            amount: (percent / 100.0) as f32,
            before: [highpass.clone(), highpass.clone()],
            after: [highpass.clone(), highpass],
            hold: SlidingMax::new(tiles + 1),
            smoother: Smoother::new(tiles),
            envelope: 0.0,
            waiting: vec![Delay::new(tiles * TILE); channels],
            envelope_delay: Delay::new(oversampler.latency_frames()),
            oversamplers: vec![oversampler; channels],
        }
    }

    fn latency_frames(&self) -> usize {
        self.waiting[0].frames() + self.oversamplers[0].latency_frames()
    }

    /// Adds the band's harmonics of `sound` to `sum`.
    fn add(&mut self, sound: &Chunk, sum: &mut Chunk) {
        let mut band = *sound;
        filter(&mut self.before, &mut band);
        band.iter_mut().for_each(|lane| lane.iter_mut().for_each(|x| *x = clamp(*x, LARGEST)));
        let mut envelope = self.envelope(&band);
        for ((delay, oversampler), lane) in self.waiting.iter_mut().zip(&mut self.oversamplers).zip(&mut band) {
            delay.process(lane);
            for (x, e) in lane.iter_mut().zip(&envelope) {
                *x /= if *e > FLOOR { *e } else { FLOOR };
            }
            oversampler.process(lane, |high| {
                simd::widest(
                    #[inline(always)]
                    || high.iter_mut().for_each(|z| *z = *z * (*z + 0.5 * (*z * *z - 0.2))),
                );
            });
        }
        self.envelope_delay.process(&mut envelope);
        for lane in &mut band {
            for (x, e) in lane.iter_mut().zip(&envelope) {
                *x *= e * self.amount;
            }
        }
        filter(&mut self.after, &mut band);
        for (sum, lane) in sum.iter_mut().zip(&band) {
            sum.iter_mut().zip(lane).for_each(|(sum, x)| *sum += x);
        }
    }

    /// The envelope of both channels, one for both so that the image stays, for the chunk that leaves the delay.
    fn envelope(&mut self, band: &Chunk) -> [f32; CHUNK] {
        let mut envelope = [0f32; CHUNK];
        for tile in 0..TILES {
            let frames = tile * TILE..(tile + 1) * TILE;
            let peak = largest_magnitude(&band[0][frames.clone()]).max(largest_magnitude(&band[1][frames.clone()]));
            let held = self.hold.push(to_fixed(f64::from(peak / LARGEST)));
            let (start, end) = (self.envelope, self.smoother.push(held) as f32 * LARGEST);
            self.envelope = end;
            for (i, e) in envelope[frames].iter_mut().enumerate() {
                *e = start + (end - start) / TILE as f32 * (i as f32 + 0.5);
            }
        }
        envelope
    }

    fn reset(&mut self) {
        self.before.iter_mut().chain(&mut self.after).for_each(Biquad::reset);
        self.hold.reset();
        self.smoother.reset();
        self.envelope = 0.0;
        self.waiting.iter_mut().for_each(Delay::reset);
        self.envelope_delay.reset();
        self.oversamplers.iter_mut().for_each(Oversampler::reset);
    }
}

/// Runs both lanes of a chunk through two sections.
fn filter(sections: &mut [Biquad; 2], chunk: &mut Chunk) {
    let [left, right] = chunk;
    let [first, second] = sections;
    for (l, r) in left.iter_mut().zip(right) {
        let [a, b] = second.process(first.process([f64::from(*l), f64::from(*r)]));
        (*l, *r) = (a as f32, b as f32);
    }
    sections.iter_mut().for_each(Biquad::flush);
}

struct Exciter {
    bands: Vec<Band>,
}

impl Exciter {
    fn new(settings: &ExciterSettings, sample_rate_hz: f64, channels: usize) -> Self {
        let bands = [(settings.presence_percent, settings.presence_hz), (settings.air_percent, settings.air_hz)];
        let acting = bands.into_iter().filter(|(percent, _)| *percent > 0.0);
        Self { bands: acting.map(|(percent, hz)| Band::new(percent, hz, sample_rate_hz, channels)).collect() }
    }
}

impl Difference for Exciter {
    fn process(&mut self, chunk: &mut Chunk) {
        let sound = *chunk;
        *chunk = [[0.0; CHUNK]; 2];
        self.bands.iter_mut().for_each(|band| band.add(&sound, chunk));
    }

    fn latency_frames(&self) -> usize {
        self.bands.first().map_or(0, Band::latency_frames)
    }

    fn reset(&mut self) {
        self.bands.iter_mut().for_each(Band::reset);
    }
}

#[cfg(test)]
mod tests {
    use super::super::Processor;
    use super::super::checks::{noise, run};
    use super::super::shaper_tests::{aliases_dbc, harmonics_dbc};
    use super::*;

    fn exciter(presence_percent: f64, air_percent: f64) -> Box<dyn Processor> {
        ExciterSettings { presence_percent, air_percent, ..Default::default() }.processor(44_100.0, 2)
    }

    #[test]
    fn aliases_stay_100_db_below_the_tone() {
        for (presence, air) in [(100.0, 0.0), (0.0, 100.0), (60.0, 60.0)] {
            for amplitude in [1.0, 0.01] {
                let aliases = aliases_dbc(exciter(presence, air).as_mut(), amplitude);
                assert!(aliases < -100.0, "{presence} %, {air} %, amplitude {amplitude}: {aliases:.1} dBc");
            }
        }
    }

    #[test]
    fn harmonics_follow_the_level_of_the_band() {
        let loud = harmonics_dbc(exciter(50.0, 0.0).as_mut(), 0.5, 4000.0);
        let quiet = harmonics_dbc(exciter(50.0, 0.0).as_mut(), 0.005, 4000.0);
        assert!((-30.0..-6.0).contains(&loud[2]) && (-45.0..-12.0).contains(&loud[3]), "{loud:?}");
        for k in [2, 3] {
            assert!((loud[k] - quiet[k]).abs() < 0.2, "harmonic {k}: {:.2} and {:.2} dBc", loud[k], quiet[k]);
        }
        let below = harmonics_dbc(exciter(50.0, 0.0).as_mut(), 0.5, 200.0);
        assert!(below[2] < -60.0 && below[3] < -60.0, "what lies below the band is left alone: {below:?}");
    }

    #[test]
    fn the_fundamental_is_hardly_raised() {
        for (percent, most_db) in [(20.0, 0.75), (50.0, 2.0)] {
            let band: Vec<Vec<f32>> = noise(88_200, 5);
            let mut stage = exciter(percent, 0.0);
            let latency = stage.latency_frames();
            let out = run(stage.as_mut(), &band, 4096);
            let power = |c: &[f32]| c.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>();
            let change_db = 10.0 * (power(&out[0][latency..]) / power(&band[0][..88_200 - latency])).log10();
            assert!(change_db.abs() < most_db, "{percent} %: {change_db:+.2} dB");
        }
    }
}
