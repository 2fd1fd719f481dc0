//! What the tests over all stages share: numbers by seed, signals, settings, and a true-peak meter of their own.

#![allow(dead_code, reason = "each test program uses a part")]

use automaster::chain::{ChainSettings, Stage, registry};
use automaster::params::{Param, Unit};
use std::f64::consts::PI;
use std::sync::LazyLock;

/// Numbers by seed: splitmix64.
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) fn new(seed: u64) -> Self {
        // Through the mixer once, or neighbouring seeds would give the same numbers, shifted.
        let mut numbers = Self(seed);
        Self(numbers.next())
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// 0 to 1.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub(crate) fn chance(&mut self, share: f64) -> bool {
        self.unit() < share
    }

    pub(crate) fn below(&mut self, count: usize) -> usize {
        (self.next() % count as u64) as usize
    }

    pub(crate) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    /// −1 to 1.
    pub(crate) fn noise(&mut self) -> f32 {
        (2.0 * self.unit() - 1.0) as f32
    }
}

/// Parameters of one stage.
pub(crate) fn params_of(stage: Stage) -> impl Iterator<Item = &'static Param> {
    registry().iter().filter(move |p| p.id.split('.').next() == Some(stage.name()))
}

/// Gives every parameter of a stage a random valid value, but for a share that keeps its default, and bypass, which stays off.
pub(crate) fn randomise(settings: &mut ChainSettings, stage: Stage, numbers: &mut Numbers, share_kept: f64) {
    for param in params_of(stage).filter(|p| !p.id.ends_with(".bypass")) {
        if !numbers.chance(share_kept) {
            let position = match numbers.below(8) {
                0 => 0.0,
                1 => 1.0,
                _ => numbers.unit(),
            };
            settings.set(&param.id, param.domain.at(position)).unwrap();
        }
    }
}

/// Random settings of one stage that make it act.
pub(crate) fn acting(stage: Stage, numbers: &mut Numbers) -> ChainSettings {
    loop {
        let mut settings = ChainSettings::default();
        let share_kept = numbers.pick(&[0.2, 0.6]);
        randomise(&mut settings, stage, numbers, share_kept);
        if stage.build(&settings, 44_100.0, 2).is_some() {
            return settings;
        }
    }
}

/// Settings by id.
pub(crate) fn settings(values: &[(&str, f64)]) -> ChainSettings {
    let mut settings = ChainSettings::default();
    values.iter().for_each(|(id, value)| settings.set(id, *value).unwrap());
    settings
}

/// The value of a choice by name, as the registry carries it.
pub(crate) fn choice(id: &str, name: &str) -> f64 {
    let param = automaster::chain::find(id).unwrap();
    assert_eq!(param.domain.unit, Unit::Choice);
    param.parse(name).unwrap()
}

/// Something like music: tones in a rhythm, hats, a wide pad, some clipped tops; peaks near full scale.
pub(crate) fn music(sample_rate_hz: f64, channels: usize, frames: usize, seed: u64) -> Vec<Vec<f32>> {
    let mut numbers = Numbers::new(seed);
    let mut out = vec![Vec::with_capacity(frames); channels];
    let sine = |hz: f64, t: f64| (2.0 * PI * hz * t).sin();
    for n in 0..frames {
        let t = n as f64 / sample_rate_hz;
        let (beat, hat) = (t % 0.5, t % 0.125);
        let section = if t % 1.6 < 0.8 { 1.0 } else { 0.35 };
        let kick = 1.1 * sine(55.0, t) * (-beat / 0.12).exp();
        let chord = 0.2 * (sine(220.0, t) + sine(277.2, t) + sine(3520.0, t) * 0.5);
        for (c, channel) in out.iter_mut().enumerate() {
            let noise = f64::from(numbers.noise());
            let hat = 0.3 * noise * (-hat / 0.02).exp();
            let pad = 0.15 * sine(440.0 * (1.0 + 0.01 * c as f64), t) + 0.05 * noise;
            channel.push((section * (kick + chord + hat + pad)).clamp(-1.0, 1.0) as f32);
        }
    }
    out
}

/// Names of [`hard_signal`].
pub(crate) const HARD_SIGNALS: &[&str] = &[
    "noise",
    "noise bursts",
    "random signs",
    "square",
    "high square",
    "alternating",
    "quarter rate at 45°",
    "burst",
    "impulses",
    "low sine",
    "sweep",
    "tiny",
    "huge",
    "silence",
    "music",
];

/// Signals that stages and limiters find hard, by name.
pub(crate) fn hard_signal(name: &str, sample_rate_hz: f64, channels: usize, frames: usize, seed: u64) -> Vec<Vec<f32>> {
    let mut numbers = Numbers::new(seed);
    let mut of = |at: &mut dyn FnMut(usize, &mut Numbers) -> f64| -> Vec<Vec<f32>> {
        let first: Vec<f32> = (0..frames).map(|n| at(n, &mut numbers) as f32).collect();
        let second = first.iter().enumerate().map(|(n, x)| if n / 300 % 3 == 0 { -0.7 * x } else { *x }).collect();
        [first, second].into_iter().take(channels).collect()
    };
    let sign = |x: f64| if x < 0.0 { -1.0 } else { 1.0 };
    let cycles = |hz: f64, n: usize| 2.0 * PI * hz / sample_rate_hz * n as f64;
    match name {
        "noise" => of(&mut |_, r| f64::from(r.noise())),
        "noise bursts" => of(&mut |n, r| if n % 900 < 100 { 2.0 * f64::from(r.noise()) } else { 0.0 }),
        "random signs" => of(&mut |_, r| sign(r.unit() - 0.5)),
        "square" => of(&mut |n, _| sign(cycles(0.01 * sample_rate_hz, n).sin())),
        "high square" => of(&mut |n, _| sign(cycles(0.142 * sample_rate_hz, n).sin())),
        "alternating" => of(&mut |n, _| if n % 2 == 0 { 1.0 } else { -1.0 }),
        "quarter rate at 45°" => of(&mut |n, _| 1.41 * (cycles(0.25 * sample_rate_hz, n) + PI / 4.0).sin()),
        "burst" => {
            of(&mut |n, _| if n % 2000 < 4 { 1.4 * [0.7, 0.7, -0.7, -0.7][n % 2000] } else { 0.5 * (PI / 3.0 * n as f64).sin() })
        }
        "impulses" => of(&mut |n, _| f64::from(u8::from(n % 700 == 0))),
        "low sine" => of(&mut |n, _| 1.2 * cycles(45.0, n).sin()),
        "sweep" => of(&mut |n, _| (0.45 * PI * (n as f64).powi(2) / frames as f64).sin()),
        "tiny" => of(&mut |_, r| 1e-30 * f64::from(r.noise())),
        "huge" => of(&mut |n, r| if n % 50 == 0 { 1e6 * f64::from(r.noise()) } else { f64::from(r.noise()) }),
        "silence" => of(&mut |_, _| 0.0),
        "music" => music(sample_rate_hz, channels, frames, seed),
        _ => panic!("no signal is called {name}"),
    }
}

const TAPS: usize = 128;
/// Points a frame of [`true_peak_db`].
const POINTS: usize = 16;

/// True peak in dB by a plain windowed sinc, 16 points a frame from 128 samples (Blackman); shares nothing with the engine's.
///
/// First two points a frame everywhere, then those between, where they may be the highest: of a band-limited signal of
/// peak `M` a point that lies within `s` frames of the peak has `M·cos(πs)` at least (Bernstein's inequality).
pub(crate) fn true_peak_db(samples: &[f32]) -> f64 {
    let padded = padded(samples);
    let ends = (padded.len() - TAPS) * POINTS;
    let mut spacing = POINTS / 2;
    let mut points: Vec<(usize, f32)> = (0..ends).step_by(spacing).map(|at| (at, point(&padded, at))).collect();
    let highest = |points: &[(usize, f32)]| points.iter().fold(0f32, |m, (_, y)| m.max(*y));
    while spacing > 1 {
        // The signal's band is not as sharp as the theorem's.
        let least = 0.9 * highest(&points) * (PI * spacing as f64 / 2.0 / POINTS as f64).cos() as f32;
        spacing /= 2;
        points.retain(|(_, y)| *y > least);
        let mut between: Vec<usize> =
            points.iter().flat_map(|(at, _)| [at.saturating_sub(spacing), (at + spacing).min(ends - 1)]).collect();
        between.dedup();
        points.extend(between.into_iter().map(|at| (at, point(&padded, at))));
        points.sort_by_key(|(at, _)| *at);
    }
    20.0 * f64::from(highest(&points)).log10()
}

/// [`true_peak_db`] with all points.
pub(crate) fn true_peak_everywhere_db(samples: &[f32]) -> f64 {
    let padded = padded(samples);
    20.0 * f64::from((0..(padded.len() - TAPS) * POINTS).fold(0f32, |m, at| m.max(point(&padded, at)))).log10()
}

fn padded(samples: &[f32]) -> Vec<f32> {
    [&[0.0; TAPS], samples, &[0.0; TAPS]].concat()
}

/// Magnitude at `at` points of the padded signal.
fn point(padded: &[f32], at: usize) -> f32 {
    static KERNEL: LazyLock<Vec<[f32; TAPS]>> = LazyLock::new(|| {
        let tap = |k: usize, p: usize| {
            let t = k as f64 - (TAPS / 2 - 1) as f64 - p as f64 / POINTS as f64;
            let u = 2.0 * PI * t / TAPS as f64;
            let window = 0.42 + 0.5 * u.cos() + 0.08 * (2.0 * u).cos();
            (if t == 0.0 { 1.0 } else { (PI * t).sin() / (PI * t) * window }) as f32
        };
        (0..POINTS).map(|p| std::array::from_fn(|k| tap(k, p))).collect()
    });
    let window = &padded[at / POINTS..at / POINTS + TAPS];
    let mut sums = [0f32; 8];
    for (x, h) in window.chunks_exact(8).zip(KERNEL[at % POINTS].chunks_exact(8)) {
        sums.iter_mut().zip(x.iter().zip(h)).for_each(|(sum, (x, h))| *sum += x * h);
    }
    sums.iter().sum::<f32>().abs()
}
