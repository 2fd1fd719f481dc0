//! WAV with linear PCM, float, mu-law or A-law: RIFF, RIFX (big-endian), and the 64-bit forms RF64 (EBU Tech 3306), BW64
//! (ITU-R BS.2088) and Wave64 (Sonic Foundry).
//!
//! The header walk follows the chunks to `data` and skips all others. Containers of 1 to 8 bytes a word are scaled by
//! their length; 24 bits in 4 bytes are looked at ([`Looks`]), because both justifications are in use. A data length that streaming
//! writers leave open (0, or near 2^31, 2^32 or 2^63 and not borne out) means: to the end of the file.

use super::justified::Looks;
use super::pcm_stream::{self, Extent, Layout};
use super::{Opened, check_layout};
use crate::audio::AudioError;
use crate::audio::pcm::Word;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

const PCM: u16 = 1;
const FLOAT: u16 = 3;
const A_LAW: u16 = 6;
const MU_LAW: u16 = 7;
const MS_ADPCM: u16 = 2;
const IMA_ADPCM: u16 = 0x11;
const MP3: u16 = 0x55;
const EXTENSIBLE: u16 = 0xFFFE;
/// Bytes of the sample data that are asked at once for the justification of 24 bits in 4 bytes; whole words.
const JUSTIFICATION_BYTES: u64 = 16 * 1024;

/// Chunks that a writer may have put behind another of odd length without the padding byte that belongs there.
const KNOWN_IDS: [&[u8; 4]; 10] = [b"data", b"fmt ", b"LIST", b"fact", b"bext", b"cue ", b"id3 ", b"ID3 ", b"JUNK", b"PEAK"];
/// 64-bit lengths from here on were never meant: i64::MAX and u64::MAX, less the heads around them.
const OPEN_64: u64 = i64::MAX as u64 - 0x1000;
/// Wave64 names chunks by identifiers of 16 bytes: four letters and, but for the first, this.
const W64_REST: [u8; 12] = *b"\xF3\xAC\xD3\x11\x8C\xD1\x00\xC0\x4F\x8E\xDB\x8A";
/// Identifier and 64-bit length, which counts them too; chunks start at multiples of 8.
const W64_HEAD_BYTES: u64 = 24;

/// What a WAV file holds.
pub(super) enum Content {
    /// Samples, read here.
    Samples(Opened),
    /// A stream of MP3 frames in this part of the file.
    Mp3(Extent),
    /// ADPCM.
    Adpcm,
}

/// The `fmt ` chunk.
struct Format {
    tag: u16,
    channels: u16,
    rate_hz: u32,
    block_align: u16,
    bits: u16,
    valid_bits: u16,
}

/// Opens a WAV file that begins at `start`, by the names of its chunks in four letters or, in Wave64, in 16 bytes.
pub(super) fn open(path: &Path, file: &mut File, start: u64, wave64: bool) -> Result<Content, AudioError> {
    let length = file.metadata().map_err(|source| AudioError::io(path, source))?.len();
    let mut walk = Walk { path, file, length, at: start, big: false, formats: 0 };
    let (format, extent) = if wave64 { walk.header_64()? } else { walk.header()? };
    match format.tag {
        PCM | FLOAT | A_LAW | MU_LAW => {}
        MP3 => return Ok(Content::Mp3(extent)),
        // Another reader takes it, which must not find another format than the one that was looked at.
        MS_ADPCM | IMA_ADPCM if !wave64 && walk.formats == 1 => return Ok(Content::Adpcm),
        other => return Err(AudioError::unsupported(path, format!("WAV codec {other}"))),
    }
    check_layout(path, format.rate_hz, format.channels.into())?;
    let (word, big_endian) = (walk.word(&format, &extent)?, walk.big);
    let bits = if format.valid_bits == 0 { format.bits } else { format.valid_bits }.into();
    let file = file.try_clone().map_err(|source| AudioError::io(path, source))?;
    let container = if wave64 { "Wave64" } else { "WAV" };
    let layout = Layout { container, rate_hz: format.rate_hz, channels: format.channels, bits, word, big_endian, extent };
    pcm_stream::open(path, file, layout).map(Content::Samples)
}

/// The header walk.
struct Walk<'a> {
    path: &'a Path,
    file: &'a mut File,
    length: u64,
    at: u64,
    big: bool,
    /// Format chunks that came by; the last one counts.
    formats: usize,
}

impl Walk<'_> {
    fn header(&mut self) -> Result<(Format, Extent), AudioError> {
        let [magic, ..] = self.words::<3>()?;
        self.big = &magic == b"RIFX";
        let wide = &magic == b"RF64" || &magic == b"BW64";
        let mut data_bytes_64 = None;
        let mut format = None;
        loop {
            let [id, size] = self.words::<2>()?;
            let (size, body) = (self.u32(size), self.at);
            match &id {
                b"ds64" if wide => data_bytes_64 = Some(self.ds64()?),
                b"fmt " => format = Some(self.format(size.into())?),
                b"data" => {
                    let format = format.ok_or_else(|| self.corrupt("the data chunk comes before the format chunk"))?;
                    let declared = if size == u32::MAX { data_bytes_64.unwrap_or(u64::MAX) } else { size.into() };
                    return Ok((format, self.data(declared)?));
                }
                _ => {}
            }
            self.at = body + u64::from(size);
            // Chunks start at even places, but for writers that forget so.
            if size % 2 == 1 && !self.is_known_chunk()? {
                self.at += 1;
            }
        }
    }

    /// The walk of Wave64.
    fn header_64(&mut self) -> Result<(Format, Extent), AudioError> {
        // The file's own identifier and length, and the identifier of its kind.
        self.at += W64_HEAD_BYTES + 16;
        let mut format = None;
        loop {
            let start = self.at;
            let [id, rest @ .., low, high] = self.words::<6>()?;
            let size = u64::from(u32::from_le_bytes(low)) | u64::from(u32::from_le_bytes(high)) << 32;
            let Some(body_bytes) = size.checked_sub(W64_HEAD_BYTES) else {
                return Err(self.corrupt("a chunk is shorter than its head"));
            };
            match &id {
                b"fmt " if *rest.as_flattened() == W64_REST => format = Some(self.format(body_bytes)?),
                b"data" if *rest.as_flattened() == W64_REST => {
                    let format = format.ok_or_else(|| self.corrupt("the data chunk comes before the format chunk"))?;
                    return Ok((format, self.data(body_bytes)?));
                }
                _ => {}
            }
            self.at = start.saturating_add(size).checked_next_multiple_of(8).unwrap_or(u64::MAX);
        }
    }

    /// Whether a chunk of a known name starts here; at the end of the file none does.
    fn is_known_chunk(&mut self) -> Result<bool, AudioError> {
        if self.at.saturating_add(8) > self.length {
            return Ok(false);
        }
        let start = self.at;
        let [id] = self.words::<1>()?;
        self.at = start;
        Ok(KNOWN_IDS.contains(&&id))
    }

    /// The 64-bit length of the data chunk; the others are not needed.
    fn ds64(&mut self) -> Result<u64, AudioError> {
        let [_, _, low, high] = self.words::<4>()?;
        Ok(u64::from(u32::from_le_bytes(low)) | u64::from(u32::from_le_bytes(high)) << 32)
    }

    /// The format chunk.
    fn format(&mut self, size: u64) -> Result<Format, AudioError> {
        if size < 16 {
            return Err(self.corrupt("the format chunk is too short"));
        }
        self.formats += 1;
        let mut bytes = [0; 40];
        let held = bytes.len().min(size as usize);
        self.read(&mut bytes[..held])?;
        let u16_at = |at: usize| {
            if self.big { u16::from_be_bytes([bytes[at], bytes[at + 1]]) } else { u16::from_le_bytes([bytes[at], bytes[at + 1]]) }
        };
        let rate = [bytes[4], bytes[5], bytes[6], bytes[7]];
        let mut format = Format {
            tag: u16_at(0),
            channels: u16_at(2),
            rate_hz: self.u32(rate),
            block_align: u16_at(12),
            bits: u16_at(14),
            valid_bits: 0,
        };
        if format.tag == EXTENSIBLE {
            if held < 40 {
                return Err(self.corrupt("the extensible format chunk is too short"));
            }
            format.valid_bits = u16_at(18);
            // The sub-format is an identifier whose first 32 bits are the tag.
            format.tag = u16_at(if self.big { 26 } else { 24 });
        }
        Ok(format)
    }

    fn data(&mut self, declared: u64) -> Result<Extent, AudioError> {
        let start = self.at;
        let held = self.length.saturating_sub(start);
        // Lengths that streaming writers leave behind when they cannot seek back.
        let open_32 = (0xFFFF_F000..=u32::MAX.into()).contains(&declared) || (0x7FFF_F000..0x8000_0000).contains(&declared);
        let placeholder = declared > held && (open_32 || declared >= OPEN_64);
        let unfinished = declared == 0 && held > 0 && !self.is_chunk_list(start)?;
        if placeholder || unfinished {
            return Ok(Extent { start, bytes: held, declared: None });
        }
        Ok(Extent { start, bytes: declared.min(held), declared: Some(declared) })
    }

    /// Whether whole chunks lead from `at` to the end of the file.
    fn is_chunk_list(&mut self, at: u64) -> Result<bool, AudioError> {
        let start = self.at;
        self.at = at;
        while self.at + 8 <= self.length {
            let [id, size] = self.words::<2>()?;
            let size = self.u32(size);
            if !id.iter().all(|byte| (0x20..0x7F).contains(byte)) {
                break;
            }
            self.at += u64::from(size) + u64::from(size % 2);
        }
        let reached = self.at == self.length || self.at == self.length + 1;
        self.at = start;
        Ok(reached)
    }

    fn word(&mut self, format: &Format, data: &Extent) -> Result<Word, AudioError> {
        let container = format.block_align / format.channels;
        let valid_bits = if format.valid_bits == 0 { format.bits } else { format.valid_bits };
        if format.block_align == 0
            || !format.block_align.is_multiple_of(format.channels)
            || valid_bits == 0
            || valid_bits.div_ceil(8) > container
        {
            return Err(self.corrupt(&format!(
                "{} channels of {valid_bits} bits do not fit frames of {} bytes",
                format.channels, format.block_align
            )));
        }
        match (format.tag, container) {
            (FLOAT, 4) => Ok(Word::F32),
            (FLOAT, 8) => Ok(Word::F64),
            (A_LAW, 1) => Ok(Word::ALaw),
            (MU_LAW, 1) => Ok(Word::MuLaw),
            (PCM, 1) => Ok(Word::U8),
            (PCM, 4) if valid_bits == 24 && self.is_right_justified(format, data)? => Ok(Word::Int24In32),
            (PCM, 2..=8) => Ok(Word::Int { bytes: container as u8 }),
            (tag, _) => Err(AudioError::unsupported(self.path, format!("WAV codec {tag} of {container} bytes a sample"))),
        }
    }

    /// Whether 24 bits sit in the low bytes of 4, as far into the sound as it takes: it may begin with silence, which says nothing.
    /// Where no word decides, an extensible header does, which has them on the left.
    fn is_right_justified(&mut self, format: &Format, data: &Extent) -> Result<bool, AudioError> {
        let (mut looks, mut left) = (Looks::default(), data.bytes);
        self.at = data.start;
        let mut bytes = Vec::new();
        while left >= 4 {
            bytes.resize(left.min(JUSTIFICATION_BYTES) as usize, 0);
            self.read(&mut bytes)?;
            left -= bytes.len() as u64;
            let (words, _) = bytes.as_chunks::<4>();
            if let Some(right) = looks.right(words, self.big) {
                return Ok(right);
            }
        }
        Ok(format.valid_bits == 0 && looks.right_at_the_end())
    }

    /// Reads `N` words of four bytes.
    fn words<const N: usize>(&mut self) -> Result<[[u8; 4]; N], AudioError> {
        let mut words = [[0; 4]; N];
        self.read(words.as_flattened_mut())?;
        Ok(words)
    }

    fn read(&mut self, bytes: &mut [u8]) -> Result<(), AudioError> {
        if self.at.saturating_add(bytes.len() as u64) > self.length {
            return Err(self.corrupt("the file ends before its samples begin"));
        }
        let found = self.file.seek(SeekFrom::Start(self.at)).and_then(|_| self.file.read_exact(bytes));
        found.map_err(|source| match source.kind() {
            io::ErrorKind::UnexpectedEof => self.corrupt("the file ends before its samples begin"),
            _ => AudioError::io(self.path, source),
        })?;
        self.at += bytes.len() as u64;
        Ok(())
    }

    fn u32(&self, word: [u8; 4]) -> u32 {
        if self.big { u32::from_be_bytes(word) } else { u32::from_le_bytes(word) }
    }

    fn corrupt(&self, what: &str) -> AudioError {
        AudioError::corrupt(self.path, 0.0, what)
    }
}
