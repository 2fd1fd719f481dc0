//! Uncompressed samples in a file: from their place and layout to blocks.

use super::{Opened, Source, SourceInfo, check_layout};
use crate::audio::pcm::{Word, append_planar};
use crate::audio::{AudioError, AudioWarning};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Where the samples are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    /// First byte.
    pub(super) start: u64,
    /// Bytes that are there.
    pub(super) bytes: u64,
    /// Bytes that the header declares; none where it leaves the length open.
    pub(super) declared: Option<u64>,
}

/// How the samples are stored.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    /// Container for a person.
    pub(super) container: &'static str,
    pub(super) rate_hz: u32,
    pub(super) channels: u16,
    /// Significant bits a word.
    pub(super) bits: u32,
    pub(super) word: Word,
    pub(super) big_endian: bool,
    pub(super) extent: Extent,
}

/// A stream of the samples laid out so.
pub(super) fn open(path: &Path, mut file: File, layout: Layout) -> Result<Opened, AudioError> {
    let Layout { container, rate_hz, channels, bits, word, big_endian, extent } = layout;
    check_layout(path, rate_hz, channels.into())?;
    let frame_bytes = word.bytes() as u64 * u64::from(channels);
    let frames = extent.bytes / frame_bytes;
    let seconds = |frames: u64| frames as f64 / f64::from(rate_hz);
    let warnings = match extent.declared {
        None => vec![AudioWarning::LengthUnknown],
        Some(declared) if declared > extent.bytes => {
            vec![AudioWarning::Truncated { at_s: seconds(frames), declared_s: Some(seconds(declared / frame_bytes)) }]
        }
        Some(_) => vec![],
    };
    let (format, integer) = match word {
        Word::F32 | Word::F64 => (format!("{container} {bits}-bit float"), false),
        Word::MuLaw => (format!("{container} mu-law"), false),
        Word::ALaw => (format!("{container} A-law"), false),
        Word::U8 | Word::Int { .. } | Word::Int24In32 => (format!("{container} {bits}-bit"), true),
    };
    let info = SourceInfo {
        format,
        sample_rate_hz: rate_hz,
        channels: channels.into(),
        frames: Some(frames),
        bits: integer.then_some(bits),
        lossy: matches!(word, Word::MuLaw | Word::ALaw),
    };
    file.seek(SeekFrom::Start(extent.start)).map_err(|source| AudioError::io(path, source))?;
    let source = PcmStream {
        path: path.to_owned(),
        file,
        word,
        big_endian,
        frame_bytes: frame_bytes as usize,
        left: frames,
        bytes: Vec::new(),
    };
    Ok(Opened { info, source: Box::new(source), warnings })
}

struct PcmStream {
    path: PathBuf,
    file: File,
    word: Word,
    big_endian: bool,
    frame_bytes: usize,
    left: u64,
    bytes: Vec<u8>,
}

/// Bytes read at once, at least one frame: what stays in the first-level caches while it is converted.
const READ_BYTES: usize = 96 * 1024;

impl Source for PcmStream {
    fn read(&mut self, channels: &mut [Vec<f32>], max_frames: usize) -> Result<usize, AudioError> {
        let frames = self.left.min(max_frames as u64) as usize;
        let mut left = frames;
        channels.iter_mut().for_each(|channel| channel.reserve(frames));
        while left > 0 {
            let piece = left.min(READ_BYTES / self.frame_bytes);
            self.bytes.resize(piece * self.frame_bytes, 0);
            self.file.read_exact(&mut self.bytes).map_err(|source| AudioError::io(&self.path, source))?;
            append_planar(&self.bytes, self.word, self.big_endian, channels);
            left -= piece;
        }
        self.left -= frames as u64;
        Ok(frames)
    }
}
