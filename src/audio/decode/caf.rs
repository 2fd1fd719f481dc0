//! CAF (Apple, Core Audio Format 1.0): linear PCM, float, mu-law and A-law are read here; what is compressed is left to symphonia once
//! every length in the header has been held against the file, because symphonia takes them as they come.

use super::pcm_stream::{self, Extent, Layout};
use super::window::Window;
use super::{Opened, check_layout};
use crate::audio::AudioError;
use crate::audio::pcm::Word;
use std::fs::File;
use std::io::{BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;

/// Greatest packet, in bytes and in frames, of any codec in use.
const MOST_PACKET_BYTES: u32 = 1 << 20;
const MOST_PACKET_FRAMES: u32 = 1 << 16;
/// Greatest priming and padding in frames.
const MOST_TRIM_FRAMES: i32 = 1 << 20;

/// What a CAF file holds.
pub(super) enum Content {
    /// Samples, read here.
    Samples(Opened),
    /// Packets of a codec, and which of their frames are music, where that is told.
    Compressed(Option<Window>),
}

/// The description chunk.
struct Description {
    rate_hz: f64,
    codec: [u8; 4],
    flags: u32,
    packet_bytes: u32,
    packet_frames: u32,
    channels: u32,
    bits: u32,
}

/// Opens a CAF file. Errors: a chunk that the file cannot hold, a description that contradicts itself.
pub(super) fn open(path: &Path, file: &mut File) -> Result<Content, AudioError> {
    let length = file.metadata().map_err(|source| AudioError::io(path, source))?.len();
    let mut walk = Walk { path, file, length, window: None };
    // Magic, version 1, flags; then the description, always first.
    let head: [u8; 20] = walk.bytes(0)?;
    if head[4..6] != [0, 1] {
        return Err(AudioError::unsupported(path, "a CAF file of another version than 1"));
    }
    if head[8..20] != *b"desc\x00\x00\x00\x00\x00\x00\x00\x20" {
        return Err(walk.corrupt("the description chunk is not the first"));
    }
    let description = walk.description(20)?;
    let rate_hz = description.rate_hz.round() as u32;
    check_layout(path, rate_hz, description.channels)?;
    let extent = walk.chunks(&description, 52)?;
    let Some((word, big_endian)) = walk.word(&description)? else { return Ok(Content::Compressed(walk.window)) };
    let extent = extent.ok_or_else(|| walk.corrupt("the data chunk is missing"))?;
    let file = walk.file.try_clone().map_err(|source| AudioError::io(path, source))?;
    let (channels, bits) = (description.channels as u16, description.bits);
    let layout = Layout { container: "CAF", rate_hz, channels, bits, word, big_endian, extent };
    pcm_stream::open(path, file, layout).map(Content::Samples)
}

struct Walk<'a> {
    path: &'a Path,
    file: &'a mut File,
    length: u64,
    /// What the packet table tells of AAC; ALAC is without priming, and its last packet as short as the music is.
    window: Option<Window>,
}

impl Walk<'_> {
    fn description(&mut self, at: u64) -> Result<Description, AudioError> {
        let bytes: [u8; 32] = self.bytes(at)?;
        let word = |at: usize| u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let description = Description {
            rate_hz: f64::from_bits(u64::from(word(0)) << 32 | u64::from(word(4))),
            codec: [bytes[8], bytes[9], bytes[10], bytes[11]],
            flags: word(12),
            packet_bytes: word(16),
            packet_frames: word(20),
            channels: word(24),
            bits: word(28),
        };
        if description.packet_bytes > MOST_PACKET_BYTES || description.packet_frames > MOST_PACKET_FRAMES {
            return Err(self.corrupt("the description declares impossible packets"));
        }
        Ok(description)
    }

    /// Follows the chunks to the end; returns where the data is.
    fn chunks(&mut self, description: &Description, start: u64) -> Result<Option<Extent>, AudioError> {
        let (mut at, mut data) = (start, None);
        while at + 12 <= self.length {
            let head: [u8; 12] = self.bytes(at)?;
            let size = i64::from_be_bytes([head[4], head[5], head[6], head[7], head[8], head[9], head[10], head[11]]);
            let body = at + 12;
            let held = self.length - body;
            match (&head[..4], u64::try_from(size)) {
                // The data may go on to the end of the file; an edit count comes first.
                (b"data", _) if size == -1 && held >= 4 => {
                    let bytes = held - 4;
                    return Ok(Some(Extent { start: body + 4, bytes, declared: Some(bytes) }));
                }
                (b"data", Ok(size @ 4..)) => {
                    data =
                        Some(Extent { start: body + 4, bytes: (size - 4).min(held.saturating_sub(4)), declared: Some(size - 4) });
                    if size > held {
                        return Ok(data);
                    }
                    at = body + size;
                }
                (b"desc", _) => return Err(self.corrupt("there are two descriptions")),
                (id, Ok(size)) if size <= held => {
                    if id == b"pakt" {
                        self.packet_table(description, body, size)?;
                    }
                    at = body + size;
                }
                _ => return Err(self.corrupt("a chunk has an impossible length")),
            }
        }
        Ok(data)
    }

    /// Holds every packet of the table against the length of the file.
    fn packet_table(&mut self, description: &Description, body: u64, size: u64) -> Result<(), AudioError> {
        let wrong = || AudioError::corrupt(self.path, 0.0, "the packet table is impossible");
        let io = |source| AudioError::io(self.path, source);
        self.file.seek(SeekFrom::Start(body)).map_err(io)?;
        let mut bytes = BufReader::new(&mut *self.file).take(size).bytes();
        let mut head = [0; 24];
        for place in &mut head {
            *place = bytes.next().ok_or_else(wrong)?.map_err(io)?;
        }
        let long = |at: usize| u64::from_be_bytes([0, 1, 2, 3, 4, 5, 6, 7].map(|index| head[at + index]));
        let word = |at: usize| i32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let (packets, frames) = (long(0), long(8));
        let numbers = usize::from(description.packet_bytes == 0) + usize::from(description.packet_frames == 0);
        let most_frames = packets.saturating_mul(MOST_PACKET_FRAMES.into());
        let trims = [word(16), word(20)].iter().all(|trim| (0..=MOST_TRIM_FRAMES).contains(trim));
        let fits = if numbers == 0 { packets == 0 } else { packets <= size && frames <= most_frames };
        if !fits || !trims {
            return Err(wrong());
        }
        if description.codec == *b"aac " {
            let skip = u64::try_from(word(16)).unwrap_or(0);
            // Some writers count all packets, the priming too; where packets are of one length there can be no more than that.
            let decoded = packets.saturating_mul(description.packet_frames.into());
            let most = decoded.checked_sub(skip).filter(|&most| most > 0).unwrap_or(u64::MAX);
            self.window = (frames > 0).then_some(Window { skip, frames: Some(frames.min(most)), ticks: None });
        }
        for _ in 0..packets {
            for number in 0..numbers {
                let mut value = 0_u64;
                loop {
                    let byte = bytes.next().ok_or_else(wrong)?.map_err(io)?;
                    value = value << 7 | u64::from(byte & 0x7F);
                    if value > self.length.max(MOST_PACKET_FRAMES.into()) {
                        return Err(wrong());
                    }
                    if byte & 0x80 == 0 {
                        break;
                    }
                }
                let is_bytes = number == 0 && description.packet_bytes == 0;
                let most = if is_bytes { MOST_PACKET_BYTES } else { MOST_PACKET_FRAMES };
                if value > most.into() {
                    return Err(wrong());
                }
            }
        }
        Ok(())
    }

    /// The word of uncompressed samples and whether it is big-endian; `None` for a codec.
    fn word(&self, description: &Description) -> Result<Option<(Word, bool)>, AudioError> {
        let Description { packet_bytes, packet_frames, channels, bits, flags, .. } = *description;
        let (float, big_endian) = (flags & 1 == 1, flags & 2 == 0);
        let bytes = packet_bytes / channels;
        let whole = packet_frames == 1 && packet_bytes > 0 && packet_bytes.is_multiple_of(channels);
        let word = match &description.codec {
            b"ulaw" if whole && bytes == 1 => Word::MuLaw,
            b"alaw" if whole && bytes == 1 => Word::ALaw,
            b"lpcm" if whole && (1..=8 * bytes).contains(&bits) => match (float, bytes) {
                (true, 4) => Word::F32,
                (true, 8) => Word::F64,
                (false, 1..=8) => Word::Int { bytes: bytes as u8 },
                _ => return Err(AudioError::unsupported(self.path, format!("CAF of {bytes} bytes a sample"))),
            },
            b"lpcm" | b"ulaw" | b"alaw" => {
                let what = format!("{channels} channels of {bits} bits do not fit frames of {packet_bytes} bytes");
                return Err(self.corrupt(&what));
            }
            _ => return Ok(None),
        };
        Ok(Some((word, big_endian)))
    }

    fn bytes<const N: usize>(&mut self, at: u64) -> Result<[u8; N], AudioError> {
        let mut bytes = [0; N];
        let read = self.file.seek(SeekFrom::Start(at)).and_then(|_| self.file.read_exact(&mut bytes));
        read.map(|()| bytes).map_err(|source| match source.kind() {
            ErrorKind::UnexpectedEof => self.corrupt("the file ends in its header"),
            _ => AudioError::io(self.path, source),
        })
    }

    fn corrupt(&self, what: &str) -> AudioError {
        AudioError::corrupt(self.path, 0.0, what)
    }
}
