//! What a codec takes away and adds, as an ear would notice it: noise against the mask of the music.
//!
//! ```text
//! original ─ spectrum ─┬ weighted as by the outer ear ─ Bark bands ─ spread ─ − offset ─▶ mask
//! decoded  ─ spectrum ─┴ | difference of the magnitudes |² ─ Bark bands ────────────────▶ noise ─▶ noise / mask
//! ```
//!
//! After the FFT ear model of ITU-R BS.1387-1 (annex 2, section 2.1; figures "total NMR" and "relative disturbed frames"): Hann windows
//! of 2048 frames, half overlapping, a quarter of a Bark a band, 80 Hz to 18 kHz, full scale played at 92 dB SPL. Departures: powers
//! spread add up as powers, nothing is spread over time, and no figure is turned into a grade. Below 0 dB the noise lies under the mask on
//! the average; BS.1387 calls about −10 dB and less transparent.

use crate::dsp::stft::PowerSpectrum;

const SIZE: usize = 2048;
/// Width of a band in Bark.
const BAND_BARK: f64 = 0.25;
const LOWEST_HZ: f64 = 80.0;
const HIGHEST_HZ: f64 = 18_000.0;
/// A sine at full scale.
const FULL_SCALE_DB: f64 = 92.0;
/// Noise so far over the mask is heard in that moment.
const HEARD_DB: f64 = 1.5;
/// Moments that are quieter are not judged, power.
const SILENT: f64 = 1e-9;
/// Width of the bands whose survival tells the bandwidth.
const STEP_HZ: f64 = 500.0;
/// The original has something in a band where it is within this of its strongest, and the copy has kept it where it is within that of
/// the original; as factors of power.
const CONTENT: f64 = 1e-8;
const KEPT: f64 = 0.1;

/// What a codec loses.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Loss {
    /// Mean over moments and bands of noise over mask, dB.
    pub noise_to_mask_db: f64,
    /// Share of the moments in which the noise of some band is 1.5 dB over the mask or more, in percent.
    pub heard_percent: f64,
    /// Upper end of the highest 500 Hz in which the copy has a tenth of the original's power or more.
    pub bandwidth_hz: f64,
    /// Upper end of the highest 500 Hz in which the original has anything (80 dB under its strongest 500 Hz or more).
    pub original_bandwidth_hz: f64,
}

/// Compares two streams, sample over sample.
pub(super) struct LossMeter {
    rate_hz: f64,
    ear: Ear,
    /// Original and decoded, for each channel.
    spectra: Vec<[PowerSpectrum; 2]>,
    /// Mean powers of both, all channels.
    long: [Vec<f64>; 2],
    ratios: f64,
    moments: u64,
    heard: u64,
}

impl LossMeter {
    pub(super) fn new(rate_hz: u32, channels: usize) -> Self {
        let both = || [PowerSpectrum::new(SIZE), PowerSpectrum::new(SIZE)];
        Self {
            rate_hz: rate_hz.into(),
            ear: Ear::new(rate_hz.into()),
            spectra: (0..channels).map(|_| both()).collect(),
            long: [vec![0.0; SIZE / 2 + 1], vec![0.0; SIZE / 2 + 1]],
            ratios: 0.0,
            moments: 0,
            heard: 0,
        }
    }

    /// Takes as many frames of both.
    pub(super) fn push(&mut self, original: &[Vec<f32>], decoded: &[Vec<f32>]) {
        let frames = original.first().map_or(0, Vec::len);
        let mut at = 0;
        while at < frames {
            let to = frames.min(at + self.spectra[0][0].frames_to_next());
            let (mut mean, mut most, mut judged) = (0.0, 0.0f64, 0);
            for (channel, [before, after]) in self.spectra.iter_mut().enumerate() {
                let powers = (before.push(&original[channel][at..to], &[]), after.push(&decoded[channel][at..to], &[]));
                let (Some(before), Some(after)) = powers else { continue };
                for (long, power) in self.long.iter_mut().zip([before, after]) {
                    long.iter_mut().zip(power).for_each(|(long, power)| *long += f64::from(*power));
                }
                if before.iter().map(|power| f64::from(*power)).sum::<f64>() > SILENT {
                    let ratios = self.ear.noise_to_mask(before, after);
                    mean += ratios.iter().sum::<f64>() / ratios.len() as f64;
                    most = ratios.into_iter().fold(most, f64::max);
                    judged += 1;
                }
            }
            if judged > 0 {
                self.ratios += mean / f64::from(judged);
                self.moments += 1;
                self.heard += u64::from(10.0 * most.max(1e-30).log10() >= HEARD_DB);
            }
            at = to;
        }
    }

    pub(super) fn finish(&self) -> Loss {
        let moments = self.moments.max(1) as f64;
        let step = ((STEP_HZ * SIZE as f64 / self.rate_hz).round() as usize).max(1);
        let [before, after] =
            [0, 1].map(|which: usize| self.long[which].chunks(step).map(|part| part.iter().sum()).collect::<Vec<f64>>());
        let strongest = before.iter().copied().fold(0.0, f64::max);
        let end = |kept: &dyn Fn(usize) -> bool| {
            let last = (0..before.len()).rposition(|band| before[band] > CONTENT * strongest && kept(band));
            last.map_or(0.0, |band| (((band + 1) * step) as f64 * self.rate_hz / SIZE as f64).min(0.5 * self.rate_hz))
        };
        Loss {
            noise_to_mask_db: 10.0 * (self.ratios / moments).max(1e-20).log10(),
            heard_percent: 100.0 * self.heard as f64 / moments,
            bandwidth_hz: end(&|band| after[band] >= KEPT * before[band]),
            original_bandwidth_hz: end(&|_| true),
        }
    }
}

/// The FFT ear.
struct Ear {
    /// First bin of each band, and the end.
    edges: Vec<usize>,
    /// Middle of each band, Hz and Bark.
    middles: Vec<(f64, f64)>,
    /// Outer and middle ear, as factors of power, for each bin.
    weights: Vec<f64>,
    /// The ear's own noise in each band, power.
    own: Vec<f64>,
    /// How far the mask lies under the music, as a factor of power.
    offsets: Vec<f64>,
}

fn bark(hz: f64) -> f64 {
    7.0 * (hz / 650.0).asinh()
}

fn power(db: f64) -> f64 {
    10f64.powf(0.1 * db)
}

impl Ear {
    fn new(rate_hz: f64) -> Self {
        let hz_per_bin = rate_hz / SIZE as f64;
        let weight = |bin: usize| {
            let khz = (bin as f64 * hz_per_bin).max(20.0) / 1000.0;
            let db = -0.6 * 3.64 * khz.powf(-0.8) + 6.5 * (-0.6 * (khz - 3.3).powi(2)).exp() - 1e-3 * khz.powf(3.6);
            power(db + FULL_SCALE_DB)
        };
        let end = (HIGHEST_HZ.min(0.49 * rate_hz) / hz_per_bin) as usize;
        let mut edges = vec![(LOWEST_HZ / hz_per_bin).round() as usize];
        let mut next = bark(LOWEST_HZ);
        for bin in edges[0] + 1..end {
            if bark(bin as f64 * hz_per_bin) >= next + BAND_BARK {
                edges.push(bin);
                next = bark(bin as f64 * hz_per_bin);
            }
        }
        edges.push(end);
        let middle = |pair: &[usize]| {
            let hz = 0.5 * (pair[0] + pair[1] - 1) as f64 * hz_per_bin;
            (hz, bark(hz))
        };
        let middles: Vec<(f64, f64)> = edges.windows(2).map(middle).collect();
        Self {
            weights: (0..=SIZE / 2).map(weight).collect(),
            own: middles.iter().map(|(hz, _)| power(0.4 * 3.64 * (hz / 1000.0).powf(-0.8))).collect(),
            offsets: middles.iter().map(|(_, bark)| power(-(0.25 * bark).max(3.0))).collect(),
            middles,
            edges,
        }
    }

    /// Noise over mask in each band, as ratios of power.
    fn noise_to_mask(&self, before: &[f32], after: &[f32]) -> Vec<f64> {
        let bands = |power: &dyn Fn(usize) -> f64| -> Vec<f64> {
            self.edges.windows(2).map(|pair| (pair[0]..pair[1]).map(|bin| self.weights[bin] * power(bin)).sum()).collect()
        };
        let music = bands(&|bin| before[bin].into());
        let noise = bands(&|bin| (f64::from(before[bin]).sqrt() - f64::from(after[bin]).sqrt()).powi(2));
        let mut mask = self.own.clone();
        for (power, (hz, from)) in music.iter().zip(&self.middles) {
            // Towards low notes 27 dB a Bark; towards high ones the flatter the louder.
            let level = 10.0 * power.max(1e-12).log10();
            let up = (24.0 + 230.0 / hz - 0.2 * level).max(4.0);
            for (mask, (_, to)) in mask.iter_mut().zip(&self.middles) {
                let slope = if to < from { 27.0 } else { up };
                let down_db = slope * (to - from).abs();
                if down_db < 100.0 {
                    *mask += power * self::power(-down_db);
                }
            }
        }
        noise.iter().zip(mask).zip(&self.offsets).map(|((noise, mask), offset)| noise / (mask * offset)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE_HZ: u32 = 44_100;

    fn noise(seed: u32) -> impl FnMut() -> f32 {
        let mut state = seed;
        move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (f64::from(state >> 8) / f64::from(1u32 << 23) - 1.0) as f32
        }
    }

    fn heard(change: impl Fn(usize, f32) -> f32) -> Loss {
        let mut white = noise(3);
        let original: Vec<f32> = (0..RATE_HZ as usize).map(|_| 0.1 * white()).collect();
        let decoded = original.iter().enumerate().map(|(n, x)| change(n, *x)).collect();
        let mut meter = LossMeter::new(RATE_HZ, 1);
        meter.push(&[original], &[decoded]);
        meter.finish()
    }

    #[test]
    fn noise_is_judged_by_what_it_hides_behind() {
        let same = heard(|_, x| x);
        assert!(same.noise_to_mask_db < -100.0 && same.heard_percent == 0.0, "{same:?}");
        assert!(same.bandwidth_hz > 21_500.0 && same.bandwidth_hz == same.original_bandwidth_hz, "{same:?}");
        // The same music with its level changed by x dB has noise of a known distance: 20·log10(1 − 10^(−x/20)).
        let [near, far] = [0.99, 0.7].map(|gain| heard(move |_, x| gain * x));
        assert!((far.noise_to_mask_db - near.noise_to_mask_db - 29.54).abs() < 0.1, "{near:?} {far:?}");
        assert!(near.heard_percent == 0.0 && near.noise_to_mask_db < -25.0, "{near:?}");
        // A tone where the music has none is heard; white noise at its level masks it.
        let mut meter = LossMeter::new(RATE_HZ, 1);
        let tone = |hz: f64, n: usize| (std::f64::consts::TAU * hz * n as f64 / f64::from(RATE_HZ)).sin() as f32;
        let low: Vec<f32> = (0..RATE_HZ as usize).map(|n| 0.3 * tone(200.0, n)).collect();
        let more = low.iter().enumerate().map(|(n, x)| x + 0.01 * tone(6000.0, n)).collect();
        meter.push(&[low], &[more]);
        let tone = meter.finish();
        assert!(tone.heard_percent > 95.0 && tone.noise_to_mask_db > 3.0, "{tone:?}");
    }

    #[test]
    fn bandwidth_is_where_the_copy_ends() {
        let (mut meter, mut white) = (LossMeter::new(RATE_HZ, 2), noise(5));
        let original: Vec<f32> = (0..2 * RATE_HZ as usize).map(|_| 0.1 * white()).collect();
        // Two-pole low-passes at 8 kHz, four of them: −10 dB at 7.5 kHz.
        let w = std::f64::consts::TAU * 8000.0 / f64::from(RATE_HZ);
        let alpha = w.sin() * std::f64::consts::FRAC_1_SQRT_2;
        let (b, a0) = ((1.0 - w.cos()) / 2.0, 1.0 + alpha);
        let mut copy: Vec<f64> = original.iter().map(|x| f64::from(*x)).collect();
        for _ in 0..4 {
            let (mut s1, mut s2) = (0.0, 0.0);
            for x in &mut copy {
                let y = (b * *x + s1) / a0;
                s1 = 2.0 * b * *x + 2.0 * w.cos() * y + s2;
                s2 = b * *x - (1.0 - alpha) * y;
                *x = y;
            }
        }
        let copy: Vec<f32> = copy.iter().map(|x| *x as f32).collect();
        meter.push(&[original.clone(), original], &[copy.clone(), copy]);
        let loss = meter.finish();
        assert!((7000.0..8000.0).contains(&loss.bandwidth_hz) && loss.original_bandwidth_hz > 21_000.0, "{loss:?}");
    }
}
