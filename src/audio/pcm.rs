//! PCM words as bytes: from interleaved words of any length and byte order to planar f32, and back.
//!
//! Integers are scaled by the length of their *container* (20 bits in 3 bytes are a 24-bit word with its low bits at 0),
//! so a word of N bits becomes `word / 2^(N−1)`: exact in f32 up to 24 bits.

pub(crate) mod packed;

/// How one sample is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    /// Unsigned byte, silence at 128.
    U8,
    /// Signed integer of 1 to 8 bytes.
    Int {
        /// Bytes a word.
        bytes: u8,
    },
    /// 24 bits, right-justified in 4 bytes.
    Int24In32,
    /// IEEE float.
    F32,
    /// IEEE double.
    F64,
    /// Companded byte, ITU-T G.711 mu-law.
    MuLaw,
    /// Companded byte, ITU-T G.711 A-law.
    ALaw,
}

impl Word {
    /// Bytes a word.
    pub(crate) const fn bytes(self) -> usize {
        match self {
            Self::U8 | Self::MuLaw | Self::ALaw => 1,
            Self::Int { bytes } => bytes as usize,
            Self::Int24In32 | Self::F32 => 4,
            Self::F64 => 8,
        }
    }
}

/// Appends interleaved words to one vector a channel (1 or 2). A rest of less than a frame is left out.
pub(crate) fn append_planar(bytes: &[u8], word: Word, big_endian: bool, channels: &mut [Vec<f32>]) {
    if big_endian {
        append_ordered::<true>(bytes, word, channels);
    } else {
        append_ordered::<false>(bytes, word, channels);
    }
}

fn append_ordered<const BIG: bool>(bytes: &[u8], word: Word, channels: &mut [Vec<f32>]) {
    /// 2^−31, the weight of the lowest bit of a 32-bit word.
    const LSB_32: f32 = 1.0 / 2_147_483_648.0;
    match word {
        Word::U8 => append_words(bytes, channels, |[byte]: [u8; 1]| (f32::from(byte) - 128.0) / 128.0),
        Word::MuLaw => append_words(bytes, channels, |[byte]: [u8; 1]| mu_law(byte)),
        Word::ALaw => append_words(bytes, channels, |[byte]: [u8; 1]| a_law(byte)),
        Word::Int { bytes: 1 } => append_words(bytes, channels, |[byte]: [u8; 1]| f32::from(byte as i8) / 128.0),
        Word::Int { bytes: 2 } => {
            append_words(bytes, channels, |w| f32::from(i16::from_le_bytes(little::<BIG, 2>(w))) / 32_768.0)
        }
        Word::Int { bytes: 3 } => packed::append_planar::<BIG>(bytes, channels, |word| word as f32 * LSB_32),
        Word::Int { bytes: 5 } => append_words(bytes, channels, |w| top_of::<5>(little::<BIG, 5>(w)) as f32 * LSB_32),
        Word::Int { bytes: 6 } => append_words(bytes, channels, |w| top_of::<6>(little::<BIG, 6>(w)) as f32 * LSB_32),
        Word::Int { bytes: 7 } => append_words(bytes, channels, |w| top_of::<7>(little::<BIG, 7>(w)) as f32 * LSB_32),
        Word::Int { bytes: 8 } => append_words(bytes, channels, |w| top_of::<8>(little::<BIG, 8>(w)) as f32 * LSB_32),
        Word::Int { .. } => append_words(bytes, channels, |w| i32::from_le_bytes(little::<BIG, 4>(w)) as f32 * LSB_32),
        Word::Int24In32 => append_words(bytes, channels, |w| {
            let [low, middle, high, _] = little::<BIG, 4>(w);
            i32::from_le_bytes([0, low, middle, high]) as f32 * LSB_32
        }),
        Word::F32 => append_words(bytes, channels, |w| f32::from_le_bytes(little::<BIG, 4>(w))),
        Word::F64 => append_words(bytes, channels, |w| f64::from_le_bytes(little::<BIG, 8>(w)) as f32),
    }
}

/// One pass a channel over words that are still in the cache: each pass is a plain loop that the compiler vectorises.
fn append_words<const N: usize>(bytes: &[u8], channels: &mut [Vec<f32>], convert: impl Fn([u8; N]) -> f32) {
    let (words, _) = bytes.as_chunks::<N>();
    match channels {
        [mono] => mono.extend(words.iter().map(|&word| convert(word))),
        [left, right] => {
            let (frames, _) = words.as_chunks::<2>();
            left.extend(frames.iter().map(|&[word, _]| convert(word)));
            right.extend(frames.iter().map(|&[_, word]| convert(word)));
        }
        _ => {}
    }
}

/// The word in little-endian order.
fn little<const BIG: bool, const N: usize>(mut word: [u8; N]) -> [u8; N] {
    if BIG {
        word.reverse();
    }
    word
}

/// The upper 32 bits of a longer word.
fn top_of<const N: usize>(word: [u8; N]) -> i32 {
    let mut top = [0; 4];
    top.copy_from_slice(&word[N - 4..]);
    i32::from_le_bytes(top)
}

/// 14 bits from 8: sign, 3 bits of segment, 4 of step, all inverted, with a bias of 33 (132 in 16 bits).
fn mu_law(byte: u8) -> f32 {
    const BIAS: i16 = 132;
    let code = !byte;
    let magnitude = ((i16::from(code & 0x0F) << 3) + BIAS) << ((code >> 4) & 7);
    f32::from(if code & 0x80 == 0 { magnitude - BIAS } else { BIAS - magnitude }) / 32_768.0
}

/// 13 bits from 8: sign, 3 bits of segment, 4 of step, every other bit inverted.
fn a_law(byte: u8) -> f32 {
    let code = byte ^ 0x55;
    let (segment, step) = ((code >> 4) & 7, (i16::from(code & 0x0F) << 4) + 8);
    let magnitude = if segment == 0 { step } else { (step + 0x100) << (segment - 1) };
    f32::from(if code & 0x80 == 0 { -magnitude } else { magnitude }) / 32_768.0
}

/// Appends one vector a channel (1 or 2) as interleaved little-endian words of `N` bytes.
pub(crate) fn append_interleaved<T: Copy, const N: usize>(
    channels: &[Vec<T>],
    bytes: &mut Vec<u8>,
    convert: impl Fn(T) -> [u8; N],
) {
    match channels {
        [mono] => bytes.extend(mono.iter().flat_map(|&sample| convert(sample))),
        [left, right] => {
            let start = bytes.len();
            let frames = left.len().min(right.len());
            bytes.resize(start + frames * 2 * N, 0);
            let (words, _) = bytes[start..].as_chunks_mut::<N>();
            let (pairs, _) = words.as_chunks_mut::<2>();
            for ((pair, &l), &r) in pairs.iter_mut().zip(left).zip(right) {
                *pair = [convert(l), convert(r)];
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planar(bytes: &[u8], word: Word, big_endian: bool) -> Vec<f32> {
        let mut channels = vec![Vec::new()];
        append_planar(bytes, word, big_endian, &mut channels);
        channels.swap_remove(0)
    }

    #[test]
    fn every_word_reads_minus_half_in_both_byte_orders() {
        assert_eq!(planar(&[64], Word::U8, false), [-0.5]);
        for bytes in 1..=8_u8 {
            let mut word = vec![0; usize::from(bytes)];
            *word.last_mut().expect("not empty") = 0xC0;
            assert_eq!(planar(&word, Word::Int { bytes }, false), [-0.5], "{bytes} bytes");
            word.reverse();
            assert_eq!(planar(&word, Word::Int { bytes }, true), [-0.5], "{bytes} bytes, big-endian");
        }
        assert_eq!(planar(&[0, 0, 0xC0, 0], Word::Int24In32, false), [-0.5]);
        assert_eq!(planar(&(-0.5_f32).to_be_bytes(), Word::F32, true), [-0.5]);
        assert_eq!(planar(&(-0.5_f64).to_le_bytes(), Word::F64, false), [-0.5]);
    }

    #[test]
    fn companded_bytes_reach_their_ends_and_are_odd() {
        // G.711: the greatest mu-law value is 8031 of 8192, the greatest A-law value 4032 of 4096.
        assert_eq!(planar(&[0x80, 0x00, 0xFF, 0x7F], Word::MuLaw, false), [8_031.0 / 8_192.0, -8_031.0 / 8_192.0, 0.0, 0.0]);
        assert_eq!(
            planar(&[0xAA, 0x2A, 0xD5, 0x55], Word::ALaw, false),
            [4_032.0 / 4_096.0, -4_032.0 / 4_096.0, 1.0 / 4_096.0, -1.0 / 4_096.0]
        );
    }

    #[test]
    fn stereo_words_go_to_their_channels_and_back() {
        let bytes: Vec<u8> = [1_i16, -2, 3, -4].iter().flat_map(|word| word.to_le_bytes()).collect();
        let mut channels = vec![Vec::new(), Vec::new()];
        append_planar(&bytes, Word::Int { bytes: 2 }, false, &mut channels);
        assert_eq!(channels, [[1.0 / 32_768.0, 3.0 / 32_768.0], [-2.0 / 32_768.0, -4.0 / 32_768.0]]);
        let mut back = Vec::new();
        append_interleaved(&channels, &mut back, |sample: f32| ((sample * 32_768.0) as i16).to_le_bytes());
        assert_eq!(back, bytes);
    }
}
