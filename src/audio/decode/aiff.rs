//! AIFF and AIFC (Apple, 1989 and 1991) with linear PCM, float, mu-law or A-law; both byte orders.

use super::Opened;
use super::pcm_stream::{self, Extent, Layout};
use crate::audio::AudioError;
use crate::audio::pcm::Word;
use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;

/// The `COMM` chunk.
struct Common {
    channels: u16,
    bits: u16,
    rate_hz: u32,
    /// AIFC's codec; `NONE` in AIFF.
    codec: [u8; 4],
}

/// Opens an AIFF or AIFC file that begins at `start`.
pub(super) fn open(path: &Path, mut file: File, start: u64) -> Result<Opened, AudioError> {
    let length = file.metadata().map_err(|source| AudioError::io(path, source))?.len();
    let (common, extent) = walk(path, &mut file, start, length)?;
    let bytes = common.bits.div_ceil(8);
    let (word, big_endian) = match (&common.codec, bytes) {
        (b"NONE" | b"twos" | b"in24" | b"in32", 1..=8) => (Word::Int { bytes: bytes as u8 }, true),
        (b"sowt", 1..=8) => (Word::Int { bytes: bytes as u8 }, false),
        (b"raw ", 1) => (Word::U8, true),
        (b"fl32" | b"FL32", 4) => (Word::F32, true),
        (b"fl64" | b"FL64", 8) => (Word::F64, true),
        (b"ulaw" | b"ULAW", _) => (Word::MuLaw, true),
        (b"alaw" | b"ALAW", _) => (Word::ALaw, true),
        (codec, _) => {
            return Err(AudioError::unsupported(path, format!("AIFC codec {} of {} bits", codec.escape_ascii(), common.bits)));
        }
    };
    let bits = u32::from(common.bits);
    pcm_stream::open(
        path,
        file,
        Layout { container: "AIFF", rate_hz: common.rate_hz, channels: common.channels, bits, word, big_endian, extent },
    )
}

/// Follows the chunks; `SSND` may come before `COMM`.
fn walk(path: &Path, file: &mut File, start: u64, length: u64) -> Result<(Common, Extent), AudioError> {
    let (mut common, mut sound) = (None, None);
    let mut at = start + 12;
    while at + 8 <= length && (common.is_none() || sound.is_none()) {
        let head: [u8; 8] = bytes_at(path, file, at)?;
        let size = u64::from(u32::from_be_bytes([head[4], head[5], head[6], head[7]]));
        let body = at + 8;
        match &head[..4] {
            b"COMM" => common = Some(read_common(path, file, body, size)?),
            // Eight bytes of offset and block size come first.
            b"SSND" if size <= 8 => sound = Some(Extent { start: body, bytes: 0, declared: Some(0) }),
            b"SSND" => {
                let head: [u8; 8] = bytes_at(path, file, body)?;
                let start = body + 8 + u64::from(u32::from_be_bytes([head[0], head[1], head[2], head[3]]));
                let declared = (body + size).saturating_sub(start);
                sound = Some(Extent { start, bytes: declared.min(length.saturating_sub(start)), declared: Some(declared) });
            }
            _ => {}
        }
        at = body + size + size % 2;
    }
    let common = common.ok_or_else(|| AudioError::corrupt(path, 0.0, "the common chunk is missing"))?;
    // A file without samples may leave the sound chunk out.
    Ok((common, sound.unwrap_or(Extent { start: length, bytes: 0, declared: Some(0) })))
}

fn read_common(path: &Path, file: &mut File, body: u64, size: u64) -> Result<Common, AudioError> {
    let bytes: [u8; 18] = bytes_at(path, file, body)?;
    let codec = if size >= 22 { bytes_at(path, file, body + 18)? } else { *b"NONE" };
    let mantissa = u64::from_be_bytes([bytes[10], bytes[11], bytes[12], bytes[13], bytes[14], bytes[15], bytes[16], bytes[17]]);
    let exponent = i32::from(u16::from_be_bytes([bytes[8], bytes[9]]) & 0x7FFF) - 16_383 - 63;
    Ok(Common {
        channels: u16::from_be_bytes([bytes[0], bytes[1]]),
        bits: u16::from_be_bytes([bytes[6], bytes[7]]),
        // An 80-bit float; what does not fit a u32 saturates and is refused as a rate.
        rate_hz: (mantissa as f64 * 2.0_f64.powi(exponent)).round() as u32,
        codec,
    })
}

fn bytes_at<const N: usize>(path: &Path, file: &mut File, at: u64) -> Result<[u8; N], AudioError> {
    let mut bytes = [0; N];
    let read = file.seek(SeekFrom::Start(at)).and_then(|_| file.read_exact(&mut bytes));
    read.map(|()| bytes).map_err(|source| match source.kind() {
        ErrorKind::UnexpectedEof => AudioError::corrupt(path, 0.0, "the file ends in its header"),
        _ => AudioError::io(path, source),
    })
}
