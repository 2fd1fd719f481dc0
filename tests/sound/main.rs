//! Sound in and out, through files: every format that is written comes back exactly, every codec that is read comes back
//! in time and in tune, and every bad file is named with its fault.

use automaster::audio::decode::Decoder;
use automaster::audio::encode::{EncodeFormat, Encoder};
use automaster::audio::format::{Container, Dither, SampleFormat};
use automaster::audio::metadata::Metadata;
use automaster::audio::{AudioBuffer, AudioError, AudioWarning};
use std::f64::consts::TAU;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

mod damage;
mod ends;
mod read;
mod tags;
mod written;

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn codec_file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/codecs").join(name)
}

/// A whole file in blocks of `max_frames`.
fn decode_in(path: &Path, max_frames: usize) -> Result<(Decoder, Vec<Vec<f32>>), AudioError> {
    let mut decoder = Decoder::open(path)?;
    let mut audio = vec![Vec::new(); decoder.info().channels];
    let mut block = AudioBuffer::default();
    loop {
        let frames = decoder.read(&mut block, max_frames)?;
        assert!(frames <= max_frames && frames == block.frames());
        assert_eq!(block.sample_rate_hz, decoder.info().sample_rate_hz);
        if frames == 0 {
            return Ok((decoder, audio));
        }
        for (whole, part) in audio.iter_mut().zip(&block.channels) {
            whole.extend_from_slice(part);
        }
    }
}

fn decode(path: &Path) -> Result<(Decoder, Vec<Vec<f32>>), AudioError> {
    decode_in(path, 4096)
}

/// Bytes as a file, decoded.
fn decode_bytes(folder: &TempDir, bytes: &[u8]) -> Result<(Decoder, Vec<Vec<f32>>), AudioError> {
    let path = folder.path().join("bytes");
    std::fs::write(&path, bytes).expect("written");
    decode(&path)
}

/// The pages of an Ogg file (RFC 3533).
fn pages(bytes: &[u8]) -> Vec<Vec<u8>> {
    let starts: Vec<usize> = (0..bytes.len()).filter(|&at| bytes[at..].starts_with(b"OggS\0")).chain([bytes.len()]).collect();
    starts.windows(2).map(|ends| bytes[ends[0]..ends[1]].to_vec()).collect()
}

/// Mends the checksum of a changed page.
fn seal(page: &mut [u8]) {
    page[22..26].fill(0);
    let polynomial = crc::Algorithm { init: 0, ..crc::CRC_32_MPEG_2 };
    let sum = crc::Crc::<u32>::new(Box::leak(Box::new(polynomial))).checksum(page);
    page[22..26].copy_from_slice(&sum.to_le_bytes());
}

/// Noise on the grid of a word length, with both ends of the range in it.
fn grid_noise(bits: u32, channels: usize, frames: usize) -> Vec<Vec<f32>> {
    let scale = 2.0_f32.powi(bits.min(24) as i32 - 1);
    let mut state = 1_u64;
    let mut channel = || {
        let mut next = |frame: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            match frame {
                0 => -1.0,
                1 => (scale - 1.0) / scale,
                _ => ((state >> 40) as f32 / 16_777_216.0 * 2.0 - 1.0).mul_add(scale * 0.9, 0.0).round() / scale,
            }
        };
        (0..frames).map(&mut next).collect()
    };
    (0..channels).map(|_| channel()).collect()
}

fn write(path: &Path, format: EncodeFormat, audio: &[Vec<f32>], block: usize) -> Result<(), AudioError> {
    let mut encoder = Encoder::create(path, format, false)?;
    let frames = audio[0].len();
    for start in (0..frames).step_by(block) {
        let part: Vec<Vec<f32>> = audio.iter().map(|channel| channel[start..frames.min(start + block)].to_vec()).collect();
        encoder.push(&part)?;
    }
    encoder.finish()?.keep()
}

fn format(container: Container, sample_format: SampleFormat, sample_rate_hz: u32, channels: usize) -> EncodeFormat {
    EncodeFormat { container, sample_format, dither: Dither::None, sample_rate_hz, channels }
}

const WRITTEN: [(Container, SampleFormat); 6] = [
    (Container::Wav, SampleFormat::Int16),
    (Container::Wav, SampleFormat::Int24),
    (Container::Wav, SampleFormat::Int32),
    (Container::Wav, SampleFormat::Float32),
    (Container::Flac, SampleFormat::Int16),
    (Container::Flac, SampleFormat::Int24),
];
