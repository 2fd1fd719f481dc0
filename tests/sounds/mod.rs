//! A throw-away folder of synthetic music: a drum loop, a bass, chords and noise, the same at every run.

#![allow(dead_code, reason = "each test program uses a part")]

use std::f64::consts::TAU;
use std::path::Path;

/// Words of a file.
#[derive(Clone, Copy)]
pub(crate) enum Format {
    Int16,
    Int24,
    Float32,
}

/// A folder that vanishes with the test.
pub(crate) struct Sounds(tempfile::TempDir);

impl Sounds {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes planar audio as WAV.
    pub(crate) fn wav(&self, name: &str, channels: &[Vec<f32>], sample_rate: u32, format: Format) {
        let (bits_per_sample, sample_format) = match format {
            Format::Int16 => (16, hound::SampleFormat::Int),
            Format::Int24 => (24, hound::SampleFormat::Int),
            Format::Float32 => (32, hound::SampleFormat::Float),
        };
        let spec = hound::WavSpec { channels: channels.len() as u16, sample_rate, bits_per_sample, sample_format };
        let mut writer = hound::WavWriter::create(self.path().join(name), spec).unwrap();
        let full = f64::from(2u32.pow(u32::from(bits_per_sample) - 1) - 1);
        for n in 0..channels[0].len() {
            for channel in channels {
                match format {
                    Format::Float32 => writer.write_sample(channel[n]).unwrap(),
                    _ => writer.write_sample((f64::from(channel[n]) * full).round() as i32).unwrap(),
                }
            }
        }
        writer.finalize().unwrap();
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path().join(name), bytes).unwrap();
    }

    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path().join(name)).unwrap()
    }

    pub(crate) fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).unwrap()
    }

    /// Format and length in frames of a WAV file.
    pub(crate) fn spec(&self, name: &str) -> (hound::WavSpec, u32) {
        let reader = hound::WavReader::open(self.path().join(name)).unwrap();
        (reader.spec(), reader.duration())
    }

    /// Samples of a WAV file of integers, planar, full scale 1.
    pub(crate) fn samples(&self, name: &str) -> Vec<Vec<f32>> {
        let mut reader = hound::WavReader::open(self.path().join(name)).unwrap();
        let spec = reader.spec();
        let full = 2f32.powi(i32::from(spec.bits_per_sample) - 1);
        let mut channels = vec![Vec::new(); usize::from(spec.channels)];
        for (n, sample) in reader.samples::<i32>().enumerate() {
            channels[n % usize::from(spec.channels)].push(sample.unwrap() as f32 / full);
        }
        channels
    }

    /// Names of everything in the folder, hidden files too.
    pub(crate) fn names(&self) -> Vec<String> {
        let name = |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
        let mut names: Vec<String> = std::fs::read_dir(self.path()).unwrap().map(name).collect();
        names.sort();
        names
    }
}

/// Noise by a 64-bit linear congruential generator, −1 to 1.
fn noise(state: &mut u64) -> f64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

/// A loop of drums, bass, chords and noise. `bright` scales noise and hats, `wide` the side.
fn song(seconds: f64, rate: u32, bright: f64, wide: f64) -> [Vec<f64>; 2] {
    let mut state = 7;
    let mut song = [Vec::new(), Vec::new()];
    for n in 0..(seconds * f64::from(rate)).round() as usize {
        let t = n as f64 / f64::from(rate);
        let since = |period: f64| t % period;
        let kick = (TAU * 55.0 * since(0.5)).sin() * (-since(0.5) * 14.0).exp();
        let hat = noise(&mut state) * (-since(0.25) * 40.0).exp() * bright;
        let bass = (TAU * 82.4 * t).sin() * (0.7 + 0.3 * (TAU * 0.5 * t).sin());
        let tone = |hz: f64| (TAU * hz * t).sin() + 0.4 * (TAU * 2.0 * hz * t).sin() + 0.2 * (TAU * 5.0 * hz * t).sin();
        let chord = (tone(330.0) + tone(415.3) + tone(493.9)) / 3.0;
        let mid = 0.30 * kick + 0.15 * bass + 0.10 * chord + 0.12 * hat + 0.004 * bright * noise(&mut state);
        let side = wide * (0.06 * tone(659.3) * (TAU * 0.25 * t).sin() + 0.01 * noise(&mut state));
        song[0].push(mid + side);
        song[1].push(mid - side);
    }
    song
}

/// A mix that needs mastering: soft, dull, narrow. `channels` is 1 or 2.
pub(crate) fn mix(seconds: f64, rate: u32, channels: usize) -> Vec<Vec<f32>> {
    let song = song(seconds, rate, 0.5, 0.4);
    song.into_iter().take(channels).map(|c| c.into_iter().map(|x| (0.5 * x) as f32).collect()).collect()
}

/// A record: loud, bright, wide.
pub(crate) fn reference(seconds: f64, rate: u32) -> Vec<Vec<f32>> {
    let song = song(seconds, rate, 1.6, 1.0);
    song.into_iter().map(|c| c.into_iter().map(|x| (0.85 * (2.2 * x).tanh()) as f32).collect()).collect()
}

/// Digital silence, stereo.
pub(crate) fn silence(seconds: f64, rate: u32) -> Vec<Vec<f32>> {
    vec![vec![0.0; (seconds * f64::from(rate)) as usize]; 2]
}
