//! Sound files built chunk by chunk, with whatever lies in their headers a test needs.

#![allow(dead_code, reason = "each test program uses a part")]

/// A chunk: its name, the length that its head claims, its bytes, and the padding behind them.
#[derive(Clone)]
pub(crate) struct Chunk {
    pub(crate) id: [u8; 4],
    pub(crate) claims: u64,
    pub(crate) bytes: Vec<u8>,
    pub(crate) padding: usize,
}

/// An honest chunk.
pub(crate) fn chunk(id: &[u8; 4], bytes: Vec<u8>) -> Chunk {
    Chunk { id: *id, claims: bytes.len() as u64, padding: bytes.len() % 2, bytes }
}

impl Chunk {
    /// The same with another length in its head.
    pub(crate) fn claiming(self, claims: u64) -> Self {
        Self { claims, ..self }
    }

    /// The same without the byte that makes its length even.
    pub(crate) fn unpadded(self) -> Self {
        Self { padding: 0, ..self }
    }
}

/// A RIFF file (little-endian), RIFX (big-endian lengths), or one of the 64-bit forms.
pub(crate) fn riff(magic: &[u8; 4], chunks: &[Chunk]) -> Vec<u8> {
    let big = magic == b"RIFX";
    let word = |value: u64| if big { (value as u32).to_be_bytes() } else { (value as u32).to_le_bytes() };
    let mut body = b"WAVE".to_vec();
    for chunk in chunks {
        body.extend(chunk.id);
        body.extend(word(chunk.claims));
        body.extend(&chunk.bytes);
        body.resize(body.len() + chunk.padding, 0);
    }
    let length = if magic == b"RF64" || magic == b"BW64" { u64::from(u32::MAX) } else { body.len() as u64 };
    [magic.to_vec(), word(length).to_vec(), body].concat()
}

/// An AIFF file.
pub(crate) fn aiff(kind: &[u8; 4], chunks: &[Chunk]) -> Vec<u8> {
    let mut body = kind.to_vec();
    for chunk in chunks {
        body.extend(chunk.id);
        body.extend((chunk.claims as u32).to_be_bytes());
        body.extend(&chunk.bytes);
        body.resize(body.len() + chunk.padding, 0);
    }
    [b"FORM".to_vec(), (body.len() as u32).to_be_bytes().to_vec(), body].concat()
}

/// A Wave64 file: names of 16 bytes, lengths of 64 bits that count the head, padding to 8.
pub(crate) fn wave64(chunks: &[Chunk]) -> Vec<u8> {
    const REST: [u8; 12] = *b"\xF3\xAC\xD3\x11\x8C\xD1\x00\xC0\x4F\x8E\xDB\x8A";
    let mut body = [b"wave".as_slice(), &REST].concat();
    for chunk in chunks {
        body.extend([chunk.id.as_slice(), &REST].concat());
        body.extend(chunk.claims.saturating_add(24).to_le_bytes());
        body.extend(&chunk.bytes);
        body.resize(body.len().next_multiple_of(8), 0);
    }
    let magic = *b"riff\x2E\x91\xCF\x11\xA5\xD6\x28\xDB\x04\xC1\x00\x00";
    [magic.to_vec(), (body.len() as u64 + 24).to_le_bytes().to_vec(), body].concat()
}

/// A `fmt ` chunk of 16 bytes.
pub(crate) fn format(tag: u16, channels: u16, rate_hz: u32, bits: u16) -> Chunk {
    let align = channels * bits.div_ceil(8);
    chunk(b"fmt ", format_bytes(tag, channels, rate_hz, align, bits))
}

/// The bytes of a `fmt ` chunk with any block length.
pub(crate) fn format_bytes(tag: u16, channels: u16, rate_hz: u32, align: u16, bits: u16) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend(tag.to_le_bytes());
    bytes.extend(channels.to_le_bytes());
    bytes.extend(rate_hz.to_le_bytes());
    bytes.extend((rate_hz.wrapping_mul(align.into())).to_le_bytes());
    bytes.extend(align.to_le_bytes());
    bytes.extend(bits.to_le_bytes());
    bytes
}

/// A `fmt ` chunk of 40 bytes: `bits` in the container, `valid_bits` of them in use.
pub(crate) fn extensible(tag: u16, channels: u16, rate_hz: u32, bits: u16, valid_bits: u16) -> Chunk {
    let mut bytes = format_bytes(0xFFFE, channels, rate_hz, channels * bits.div_ceil(8), bits);
    bytes.extend(22_u16.to_le_bytes());
    bytes.extend(valid_bits.to_le_bytes());
    bytes.extend(0_u32.to_le_bytes());
    bytes.extend(tag.to_le_bytes());
    bytes.extend(b"\x00\x00\x00\x00\x10\x00\x80\x00\x00\xAA\x00\x38\x9B\x71");
    chunk(b"fmt ", bytes)
}

/// A `COMM` chunk.
pub(crate) fn common(channels: u16, frames: u32, bits: u16, rate_hz: u32) -> Chunk {
    let mut bytes = Vec::new();
    bytes.extend(channels.to_be_bytes());
    bytes.extend(frames.to_be_bytes());
    bytes.extend(bits.to_be_bytes());
    // An 80-bit float: exponent, then 64 bits of mantissa with its first one.
    let zeros = rate_hz.leading_zeros();
    bytes.extend((16_383 + 31 - zeros as u16).to_be_bytes());
    bytes.extend(((u64::from(rate_hz) << 32) << zeros).to_be_bytes());
    chunk(b"COMM", bytes)
}

/// A `SSND` chunk.
pub(crate) fn sound(samples: &[u8]) -> Chunk {
    chunk(b"SSND", [&[0; 8], samples].concat())
}

/// 16-bit words of a saw, interleaved.
pub(crate) fn words_16(frames: usize, channels: usize) -> Vec<i16> {
    (0..frames * channels).map(|index| (index as i32 * 997 % 65_536 - 32_768) as i16).collect()
}

/// The words as little-endian bytes.
pub(crate) fn little(words: &[i16]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// The words as big-endian bytes.
pub(crate) fn big(words: &[i16]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

/// What the words decode to, interleaved.
pub(crate) fn samples_16(words: &[i16]) -> Vec<f32> {
    words.iter().map(|&word| f32::from(word) / 32_768.0).collect()
}
