//! The faults, each with its strengths: the first is the one that the documented threshold has to find.

use super::base::{quantised, section, swell};
use crate::rng::Rng;
use crate::sound::SAMPLE_RATE_HZ;
use automaster::audio::resample::Resampler;
use automaster::chain::{ChainSettings, MasteringChain, Stage};
use realfft::RealFftPlanner;
use std::f64::consts::TAU;

const RATE: f64 = SAMPLE_RATE_HZ as f64;

/// A kind of fault.
pub(super) struct Fault {
    /// The rule that has to find it.
    pub(super) code: &'static str,
    /// What is done, with the unit of the strengths.
    pub(super) what: &'static str,
    /// Strengths, from the documented one on.
    pub(super) strengths: &'static [f64],
    /// Plants it.
    pub(super) plant: fn(&[Vec<f32>], f64, &mut Rng) -> Planted,
}

/// Music with a fault.
pub(super) struct Planted {
    pub(super) channels: Vec<Vec<f32>>,
    pub(super) rate_hz: u32,
    /// Where the fault is, in seconds, if it has a place.
    pub(super) times_s: Vec<f64>,
}

impl Planted {
    fn new(channels: Vec<Vec<f32>>) -> Self {
        Self { channels, rate_hz: SAMPLE_RATE_HZ, times_s: Vec::new() }
    }
}

const fn fault(
    code: &'static str,
    what: &'static str,
    strengths: &'static [f64],
    plant: fn(&[Vec<f32>], f64, &mut Rng) -> Planted,
) -> Fault {
    Fault { code, what, strengths, plant }
}

/// All faults.
pub(super) const FAULTS: [Fault; 22] = [
    fault("clipped", "clipped at full scale, share of the samples in %", &[0.05, 0.5], |b, s, _| clip(b, s)),
    fault("limited", "through a limiter, drive in dB over what peaks allow", &[20.0, 15.0], |b, s, _| limit(b, s)),
    fault("peak", "largest sample, dBFS", &[-0.8, -0.1], |b, s, _| at_peak(b, s)),
    fault(
        "true_peak",
        "0.1 s at a quarter of the rate and 45°, samples at dBFS (3 dB more between them)",
        &[-2.5, -1.0],
        |b, s, _| between(b, s),
    ),
    fault("headroom", "largest sample, dBFS", &[-2.5, -1.5], |b, s, _| at_peak(b, s)),
    fault("dc", "offset of one channel, %", &[0.15, 0.5], |b, s, _| offset(b, s)),
    fault("hum", "50 Hz and five harmonics, dBFS of the strongest", &[-34.0, -40.0], |b, s, _| hum(b, s)),
    fault("silent_channel", "one side softer by dB", &[60.0, 100.0], imbalance),
    fault("dual_mono", "the middle in both channels, and of the sides dB", &[-60.0, -100.0], narrow),
    fault("imbalance", "one side louder by dB", &[3.0, 6.0], imbalance),
    fault("negative_correlation", "one side inverted for a share of the time", &[0.5, 1.0], |b, s, _| invert(b, s)),
    fault("mono_loss", "right is left inverted from 250 Hz up to kHz", &[1.0, 4.0], |b, s, _| invert_band(b, s)),
    fault("lossy", "low-pass as of an encoder, kHz", &[18.0, 16.0], |b, s, _| low_pass(b, 1000.0 * s)),
    fault("word_length", "bits", &[16.0, 12.0], shorten),
    fault("upsampled", "from a rate in kHz, to 44.1 or 96", &[44.1, 24.0, 22.05], |b, s, _| upsample(b, s)),
    fault("head_cut", "begins in the music, at s", &[5.0, 9.0], |b, s, _| cut_head(b, s)),
    fault("tail_cut", "ends in the music, s before the end", &[5.0, 9.0], |b, s, _| cut_tail(b, s)),
    fault("silent_edge", "s of silence before", &[0.6, 2.0], |b, s, _| silence(b, s)),
    fault("noisy_edge", "1 s of noise before, dBFS", &[-60.0, -50.0], hiss),
    fault("clicks", "three lost samples, jump in % of full scale", &[60.0, 30.0], clicks),
    fault("clicks", "three edits, step in % of full scale", &[80.0, 40.0], steps),
    fault("sibilance", "four bursts at 6.3 kHz of 120 ms, dB against the loud parts", &[2.0, 0.0, -4.0], sibilants),
];

fn mapped(base: &[Vec<f32>], change: impl Fn(f64) -> f64) -> Vec<Vec<f32>> {
    base.iter().map(|channel| channel.iter().map(|&x| change(f64::from(x)) as f32).collect()).collect()
}

fn gain(db: f64) -> f64 {
    10f64.powf(db / 20.0)
}

fn peak(base: &[Vec<f32>]) -> f64 {
    base.iter().flatten().fold(1e-9, |peak: f64, &x| peak.max(f64::from(x.abs())))
}

/// RMS of the loud parts: the 80th percentile over 50 ms of both channels together.
fn loud_rms(base: &[Vec<f32>]) -> f64 {
    let block = (0.05 * RATE) as usize;
    let power = |a: &[f32], b: &[f32]| a.iter().chain(b).map(|&x| f64::from(x).powi(2)).sum::<f64>() / (2 * block) as f64;
    let mut powers: Vec<f64> = base[0].chunks(block).zip(base[1].chunks(block)).map(|(a, b)| power(a, b)).collect();
    powers.sort_by(f64::total_cmp);
    powers[powers.len() * 4 / 5].sqrt()
}

fn clip(base: &[Vec<f32>], percent: f64) -> Planted {
    let mut levels: Vec<f32> = base.iter().flatten().map(|x| x.abs()).collect();
    levels.sort_by(f32::total_cmp);
    let at = f64::from(levels[((1.0 - percent / 100.0) * (levels.len() - 1) as f64) as usize]).max(1e-6);
    Planted::new(mapped(base, |x| (x / at).clamp(-1.0, 1.0)))
}

fn limit(base: &[Vec<f32>], drive_db: f64) -> Planted {
    let mut settings = ChainSettings::default();
    settings.limiter.bypass = false;
    settings.limiter.ceiling_dbtp = -5.0;
    settings.limiter.drive_db = drive_db;
    let mut chain = MasteringChain::of(&[Stage::Limiter], &settings, RATE, 2);
    let latency = chain.latency_frames();
    let mut channels: Vec<Vec<f32>> = base.iter().map(|c| c.iter().copied().chain(vec![0.0; latency]).collect()).collect();
    chain.process(&mut channels);
    channels.iter_mut().for_each(|channel| drop(channel.drain(..latency)));
    Planted::new(channels)
}

fn at_peak(base: &[Vec<f32>], dbfs: f64) -> Planted {
    let scale = gain(dbfs) / peak(base);
    Planted::new(mapped(base, |x| (x * scale).clamp(-1.0, 1.0)))
}

fn between(base: &[Vec<f32>], dbfs: f64) -> Planted {
    let (from, frames) = (4 * SAMPLE_RATE_HZ as usize, SAMPLE_RATE_HZ as usize / 10);
    let mut channels = base.to_vec();
    for n in 0..frames {
        // Samples at ±√½ of the tone; it swells so that its edges do not click.
        let tone = (TAU * (n as f64 / 4.0 + 0.125)).sin() * std::f64::consts::SQRT_2;
        let x = gain(dbfs) * tone * swell(n as f64 / frames as f64);
        channels.iter_mut().for_each(|channel| channel[from + n] = x as f32);
    }
    Planted::new(channels)
}

fn offset(base: &[Vec<f32>], percent: f64) -> Planted {
    let mut channels = base.to_vec();
    channels[0].iter_mut().for_each(|x| *x += (percent / 100.0) as f32);
    Planted::new(channels)
}

fn hum(base: &[Vec<f32>], dbfs: f64) -> Planted {
    let mut channels = base.to_vec();
    for (n, _) in base[0].iter().enumerate() {
        let t = n as f64 / RATE;
        let lines: f64 = (1..=6).map(|h| (TAU * 50.0 * f64::from(h) * t).sin() / f64::from(h).sqrt()).sum();
        channels.iter_mut().for_each(|channel| channel[n] += (gain(dbfs) * lines) as f32);
    }
    Planted::new(channels)
}

fn imbalance(base: &[Vec<f32>], db: f64, rng: &mut Rng) -> Planted {
    let mut channels = base.to_vec();
    channels[rng.index(2)].iter_mut().for_each(|x| *x = (f64::from(*x) * gain(-db)) as f32);
    Planted::new(channels)
}

/// The middle in both channels, and the sides as they are but for `db`.
fn narrow(base: &[Vec<f32>], db: f64, _: &mut Rng) -> Planted {
    let side = |l: f32, r: f32| 0.5 * gain(db) as f32 * (l - r);
    let to = |sign: f32| base[0].iter().zip(&base[1]).map(|(l, r)| 0.5 * (l + r) + sign * side(*l, *r)).collect();
    Planted::new(vec![to(1.0), to(-1.0)])
}

fn invert(base: &[Vec<f32>], share: f64) -> Planted {
    let mut channels = base.to_vec();
    let frames = channels[1].len();
    let from = ((1.0 - share) * 0.5 * frames as f64) as usize;
    channels[1][from..frames - from].iter_mut().for_each(|x| *x = -*x);
    Planted::new(channels)
}

/// Multiplies the spectrum of a channel, bin by bin, by what `change` says of its frequency.
fn filtered(channel: &[f32], rate_hz: f64, change: impl Fn(f64) -> f64) -> Vec<f32> {
    let frames = channel.len();
    let size = frames.next_power_of_two() * 2;
    let mut planner = RealFftPlanner::<f64>::new();
    let (forward, inverse) = (planner.plan_fft_forward(size), planner.plan_fft_inverse(size));
    let mut signal: Vec<f64> = channel.iter().map(|&x| f64::from(x)).collect();
    signal.resize(size, 0.0);
    let mut spectrum = forward.make_output_vec();
    forward.process(&mut signal, &mut spectrum).expect("sizes are the plan's");
    for (k, bin) in spectrum.iter_mut().enumerate() {
        *bin *= change(k as f64 * rate_hz / size as f64);
    }
    inverse.process(&mut spectrum, &mut signal).expect("sizes are the plan's");
    signal[..frames].iter().map(|x| (x / size as f64) as f32).collect()
}

fn invert_band(base: &[Vec<f32>], to_khz: f64) -> Planted {
    let inside = |hz: f64| (200.0..1250.0 * to_khz).contains(&hz);
    let band = filtered(&base[0], RATE, |hz| if inside(hz) { -1.0 } else { 0.0 });
    let rest = filtered(&base[1], RATE, |hz| if inside(hz) { 0.0 } else { 1.0 });
    Planted::new(vec![base[0].clone(), band.iter().zip(&rest).map(|(b, r)| b + r).collect()])
}

fn low_pass(base: &[Vec<f32>], hz: f64) -> Planted {
    // As encoders do: a transition of 300 Hz, then nothing.
    let pass = |f: f64| ((hz - f) / 300.0 + 0.5).clamp(0.0, 1.0);
    Planted::new(base.iter().map(|channel| filtered(channel, RATE, pass)).collect())
}

fn shorten(base: &[Vec<f32>], bits: f64, rng: &mut Rng) -> Planted {
    let short = |x: &f32, rng: &mut Rng| quantised(f64::from(*x), bits as i32, rng);
    Planted::new(base.iter().map(|channel| channel.iter().map(|x| short(x, rng)).collect()).collect())
}

fn resampled(base: &[Vec<f32>], from_hz: u32, to_hz: u32) -> Vec<Vec<f32>> {
    let mut resampler = Resampler::new(from_hz, to_hz, base.len());
    let mut out = vec![Vec::new(); base.len()];
    resampler.push(base, &mut out);
    resampler.finish(&mut out);
    out
}

fn upsample(base: &[Vec<f32>], from_khz: f64) -> Planted {
    let from_hz = (from_khz * 1000.0) as u32;
    if from_hz == SAMPLE_RATE_HZ {
        return Planted { rate_hz: 96_000, ..Planted::new(resampled(base, from_hz, 96_000)) };
    }
    Planted::new(resampled(&resampled(base, SAMPLE_RATE_HZ, from_hz), from_hz, SAMPLE_RATE_HZ))
}

/// From the loudest frame within 50 ms after `at_s` on.
fn cut_head(base: &[Vec<f32>], at_s: f64) -> Planted {
    let at = loud_moment(base, (at_s * RATE) as usize);
    Planted::new(base.iter().map(|channel| channel[at..].to_vec()).collect())
}

fn cut_tail(base: &[Vec<f32>], before_s: f64) -> Planted {
    let at = loud_moment(base, base[0].len() - (before_s * RATE) as usize);
    Planted::new(base.iter().map(|channel| channel[..at].to_vec()).collect())
}

/// A frame from `from` on, at most 4 s later, around which there is music.
fn loud_moment(base: &[Vec<f32>], from: usize) -> usize {
    let (block, rms) = ((0.05 * RATE) as usize, loud_rms(base));
    let music = |at: &usize| {
        let power = base.iter().flat_map(|c| &c[*at - block..*at + block / 2]).map(|&x| f64::from(x).powi(2)).sum::<f64>();
        power / (3 * block) as f64 > 0.25 * rms * rms
    };
    let last = (from + 4 * SAMPLE_RATE_HZ as usize).min(base[0].len() - block);
    (from..last).step_by(block).find(music).unwrap_or(from)
}

fn silence(base: &[Vec<f32>], seconds: f64) -> Planted {
    let room = vec![0.0; (seconds * RATE) as usize];
    Planted::new(base.iter().map(|channel| [&room[..], channel].concat()).collect())
}

fn hiss(base: &[Vec<f32>], dbfs: f64, rng: &mut Rng) -> Planted {
    let scale = gain(dbfs) * 3f64.sqrt();
    let mut noise = || (0..SAMPLE_RATE_HZ).map(|_| (scale * rng.uniform(-1.0, 1.0)) as f32).collect::<Vec<_>>();
    Planted::new(base.iter().map(|channel| [&noise()[..], channel].concat()).collect())
}

/// Places that are not next to each other, away from the edges, in seconds.
fn places(base: &[Vec<f32>], count: usize, rng: &mut Rng) -> Vec<f64> {
    let (first, last) = (2.0, base[0].len() as f64 / RATE - 3.0);
    let each = (last - first) / count as f64;
    (0..count).map(|i| first + (i as f64 + rng.uniform(0.1, 0.9)) * each).collect()
}

fn clicks(base: &[Vec<f32>], percent: f64, rng: &mut Rng) -> Planted {
    let mut channels = base.to_vec();
    let times_s = places(base, 3, rng);
    for at_s in &times_s {
        let channel = rng.index(2);
        let x = &mut channels[channel][(at_s * RATE) as usize];
        *x -= (percent / 100.0) as f32 * if *x < 0.0 { -1.0 } else { 1.0 };
    }
    Planted { times_s, ..Planted::new(channels) }
}

fn steps(base: &[Vec<f32>], percent: f64, rng: &mut Rng) -> Planted {
    let mut channels = base.to_vec();
    let times_s = places(base, 3, rng);
    for at_s in &times_s {
        let at = (at_s * RATE) as usize;
        // A step that dies away within 10 ms, as after an edit without a crossfade.
        for n in 0..(0.05 * RATE) as usize {
            let step = (percent / 100.0 * (-(n as f64) / (0.01 * RATE)).exp()) as f32;
            channels.iter_mut().for_each(|channel| channel[at + n] += step);
        }
    }
    Planted { times_s, ..Planted::new(channels) }
}

fn sibilants(base: &[Vec<f32>], db: f64, rng: &mut Rng) -> Planted {
    let mut channels = base.to_vec();
    let times_s = places(base, 4, rng);
    let frames = (0.12 * RATE) as usize;
    for at_s in &times_s {
        let noise: Vec<f64> = (0..frames).map(|_| rng.uniform(-1.0, 1.0)).collect();
        let band = (0..2).fold(noise, |signal, _| section(&section(&signal, 5_800.0, true), 6_900.0, false));
        let rms = (band.iter().map(|x| x * x).sum::<f64>() / frames as f64).sqrt();
        let scale = gain(db) * loud_rms(base) / rms;
        for (n, x) in band.iter().enumerate() {
            let burst = (scale * x * swell(n as f64 / frames as f64)) as f32;
            channels.iter_mut().for_each(|channel| channel[(at_s * RATE) as usize + n] += burst);
        }
    }
    Planted { times_s: times_s.iter().map(|t| t + 0.06).collect(), ..Planted::new(channels) }
}
