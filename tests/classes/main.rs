//! Classes of odd and hostile files, built here: chunk order and padding, odd lengths, lengths that lie, every place of a cut, 64-bit
//! forms, every word length, no frame, one frame, thousands of chunks, one format in another, foreign tags, changes on the way.
//! For each file: the samples, the error, the warnings; and never more time or memory than the file warrants.

#![allow(clippy::print_stderr, reason = "what is skipped is said aloud")]

mod riff;
mod streams;
mod waves;

use automaster::audio::decode::Decoder;
use automaster::audio::metadata::Metadata;
use automaster::audio::{AudioBuffer, AudioError};
use riff::*;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Time that a file may take: 2 s per MiB, at least this much on a busy machine.
const LEAST_TIME: Duration = Duration::from_secs(2);
/// Memory that a file may take: 20 times its size and this much.
const LEAST_MEMORY_BYTES: u64 = 100 << 20;
const RATE_HZ: u32 = 44_100;

/// What became of a file.
#[derive(Debug)]
struct Read {
    samples: Vec<f32>,
    warnings: Vec<&'static str>,
}

/// A folder for files that are read once.
struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// Reads bytes as a file, tags too, within the bounds of time and memory.
    fn read(&self, bytes: &[u8]) -> Result<Read, AudioError> {
        self.read_with(bytes, Decoder::open)
    }

    fn read_tolerant(&self, bytes: &[u8]) -> Result<Read, AudioError> {
        self.read_with(bytes, Decoder::open_tolerant)
    }

    fn read_with(&self, bytes: &[u8], open: fn(&Path) -> Result<Decoder, AudioError>) -> Result<Read, AudioError> {
        let path = self.file("file", bytes);
        let (began, mut outcome) = (Instant::now(), None);
        let memory = allocation_counter::measure(|| {
            outcome = Some(open(&path).and_then(samples));
            drop(Metadata::read(&path));
        });
        let most_time = LEAST_TIME.max(Duration::from_secs_f64(2.0 * bytes.len() as f64 / f64::from(1 << 20)));
        assert!(began.elapsed() < most_time, "{:?} for {} bytes", began.elapsed(), bytes.len());
        // The samples that this test collects are not the reader's.
        let collected = outcome.as_ref().and_then(|o| o.as_ref().ok()).map_or(0, |read| 12 * read.samples.len() as u64);
        let most = 20 * bytes.len() as u64 + LEAST_MEMORY_BYTES + collected;
        assert!(memory.bytes_max < most, "{} bytes of memory for {} bytes", memory.bytes_max, bytes.len());
        outcome.unwrap()
    }
}

fn samples(mut decoder: Decoder) -> Result<Read, AudioError> {
    let (mut block, mut samples) = (AudioBuffer::default(), Vec::new());
    loop {
        let frames = decoder.read(&mut block, 1_009)?;
        if frames == 0 {
            let warnings = decoder.warnings().iter().map(|warning| warning.code()).collect();
            return Ok(Read { samples, warnings });
        }
        samples.extend((0..frames).flat_map(|frame| block.channels.iter().map(move |channel| channel[frame])));
    }
}

/// Expects these words, exactly and without a warning.
#[track_caller]
fn same(read: Result<Read, AudioError>, words: &[i16]) {
    let read = read.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(read.samples, samples_16(words));
    assert!(read.warnings.is_empty(), "{:?}", read.warnings);
}

#[track_caller]
fn corrupt(read: Result<Read, AudioError>, says: &str) {
    match read {
        Err(error @ AudioError::Corrupt { .. }) => assert!(error.to_string().contains(says), "{error}"),
        other => panic!("{other:?}"),
    }
}

fn list(bytes: usize) -> Chunk {
    chunk(b"LIST", [b"INFOICMT".as_slice(), &vec![b'x'; bytes]].concat())
}

fn codec(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/codecs").join(name)
}
