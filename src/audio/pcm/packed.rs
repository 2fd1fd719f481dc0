//! Words of 24 bits packed in three bytes, the way most masters are kept: four at a time, which are three numbers of 32 bits.

use super::{append_words, little};

/// Appends interleaved words to one vector a channel (1 or 2), `convert` given each in the upper bits of 32.
pub(super) fn append_planar<const BIG: bool>(bytes: &[u8], channels: &mut [Vec<f32>], convert: impl Fn(i32) -> f32) {
    let (quads, rest) = bytes.as_chunks::<12>();
    let at = channels.first().map_or(0, Vec::len);
    let words = 4 * quads.len() / channels.len().max(1);
    channels.iter_mut().for_each(|channel| channel.resize(at + words, 0.0));
    match channels {
        [mono] => {
            for (samples, quad) in mono[at..].as_chunks_mut().0.iter_mut().zip(quads) {
                *samples = four_of::<BIG>(*quad).map(&convert);
            }
        }
        [left, right] => {
            let pairs = left[at..].as_chunks_mut().0.iter_mut().zip(right[at..].as_chunks_mut().0);
            for ((left, right), quad) in pairs.zip(quads) {
                let [l0, r0, l1, r1] = four_of::<BIG>(*quad).map(&convert);
                (*left, *right) = ([l0, l1], [r0, r1]);
            }
        }
        _ => {}
    }
    append_words(rest, channels, |word| {
        let [low, middle, high] = little::<BIG, 3>(word);
        convert(i32::from_le_bytes([0, low, middle, high]))
    });
}

/// Four words of 24 bits in the upper bits of 32.
fn four_of<const BIG: bool>(bytes: [u8; 12]) -> [i32; 4] {
    // Turned around, the words are little-endian, and the last comes first.
    let bytes = little::<BIG, 12>(bytes);
    let [a, b, c]: [u32; 3] = std::array::from_fn(|i| u32::from_le_bytes(std::array::from_fn(|byte| bytes[4 * i + byte])));
    let mut words = [a << 8, (a >> 24 << 8) | b << 16, (b >> 16 << 8) | c << 24, c >> 8 << 8].map(|word| word as i32);
    if BIG {
        words.reverse();
    }
    words
}

/// Appends one vector a channel (1 or 2) as interleaved little-endian words: the lower 24 bits of each.
pub(crate) fn append_interleaved(channels: &[Vec<i32>], bytes: &mut Vec<u8>) {
    let quads = match channels {
        [mono] => mono.len() / 4,
        [left, right] => left.len().min(right.len()) / 2,
        _ => 0,
    };
    let start = bytes.len();
    bytes.resize(start + 12 * quads, 0);
    let room = bytes[start..].as_chunks_mut::<12>().0.iter_mut();
    let word = |[low, middle, high, _]: [u8; 4]| [low, middle, high];
    match channels {
        [mono] => {
            let (fours, rest) = mono.as_chunks();
            room.zip(fours).for_each(|(bytes, four)| *bytes = bytes_of(*four));
            bytes.extend(rest.iter().flat_map(|sample| word(sample.to_le_bytes())));
        }
        [left, right] => {
            let ((lefts, last_left), (rights, last_right)) = (left.as_chunks(), right.as_chunks());
            for (bytes, ([l0, l1], [r0, r1])) in room.zip(lefts.iter().zip(rights)) {
                *bytes = bytes_of([*l0, *r0, *l1, *r1]);
            }
            let last = last_left.iter().zip(last_right).flat_map(|(l, r)| [*l, *r]);
            bytes.extend(last.flat_map(|sample| word(sample.to_le_bytes())));
        }
        _ => {}
    }
}

/// Four words of 24 bits as three numbers of 32.
fn bytes_of(words: [i32; 4]) -> [u8; 12] {
    let [a, b, c, d] = words.map(|word| word as u32 & 0x00FF_FFFF);
    let mut bytes = [0; 12];
    let numbers = [a | b << 24, b >> 8 | c << 16, c >> 16 | d << 8];
    bytes.as_chunks_mut().0.iter_mut().zip(numbers).for_each(|(bytes, number)| *bytes = number.to_le_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One byte after the other, for any number of words: what four at a time must be.
    #[test]
    fn words_go_there_and_back_in_any_number_and_either_order() {
        for (channels, frames) in [(1, 0), (1, 1), (1, 4), (1, 11), (2, 0), (2, 1), (2, 2), (2, 7), (2, 64)] {
            let word = |n: usize| (n as i32 * 1_234_567).wrapping_mul(77) << 8 >> 8;
            let planar: Vec<Vec<i32>> =
                (0..channels).map(|channel| (0..frames).map(|frame| word(channels * frame + channel + 1)).collect()).collect();
            let little: Vec<u8> = (0..channels * frames).flat_map(|n| word(n + 1).to_le_bytes()[..3].to_vec()).collect();
            let big: Vec<u8> = (0..channels * frames).flat_map(|n| word(n + 1).to_be_bytes()[1..].to_vec()).collect();
            let mut written = vec![9];
            append_interleaved(&planar, &mut written);
            assert_eq!(written[1..], little, "{channels}, {frames}");
            let mut read = vec![vec![0.5]; channels];
            append_planar::<false>(&little, &mut read, |word| word as f32);
            append_planar::<true>(&big, &mut read, |word| word as f32);
            for (read, planar) in read.iter().zip(&planar) {
                let twice: Vec<f32> = planar.iter().chain(planar).map(|word| (word << 8) as f32).collect();
                assert_eq!(read[1..], twice, "{channels}, {frames}");
            }
        }
    }
}
