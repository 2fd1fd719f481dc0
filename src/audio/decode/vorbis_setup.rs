//! The setup header of a Vorbis stream (Vorbis I, 4.2.4), held against the specification before a decoder is given it.
//!
//! Symphonia divides by the distance between two points of a floor, counts on codewords of at most 32 bits, multiplies what a codebook
//! claims in 32 bits, and unfolds codebooks before it knows whether anything asks for them: a header of 4 kB had it take 22 GB. Only what
//! comes before the residues is read, for nothing behind that can do harm.

use symphonia::core::io::{BitReaderRtl, ReadBitsRtl};

/// Entries of all codebooks together; encoders write 20,000 at most. An entry takes the decoder up to 2 KiB on the way, where codewords are
/// a bit longer than a table's index; and a floor multiplies amplitudes, which are entries, by places, both of 15 bits then, in 32 bits.
const MOST_ENTRIES: u32 = 1 << 15;
/// Dimensions of a codebook, to whose power readers raise one more than an axis has values, in 32 bits. Encoders write 8 at most.
const MOST_DIMENSIONS: u32 = 31;
const LONGEST_CODEWORD_BITS: u32 = 32;

/// Bytes of the identification header (4.2.2), where it stands before the setup header with nothing between.
const IDENTIFICATION_BYTES: usize = 30;
const SETUP_MAGIC: &[u8] = b"\x05vorbis";

const NO_SETUP: &str = "there is no Vorbis setup header";
const ENDS_EARLY: &str = "the Vorbis setup header ends early";

/// Why the header is refused.
pub(super) type Refused<T> = Result<T, &'static str>;

/// Holds the headers that a container hands on, laced or one behind the other, against what a decoder may be given.
pub(super) fn check(headers: &[u8]) -> Refused<()> {
    check_packet(setup_header(headers).ok_or(NO_SETUP)?)
}

/// Whether a packet is a setup header.
pub(super) fn begins(packet: &[u8]) -> bool {
    packet.starts_with(SETUP_MAGIC)
}

/// Holds a setup header against what a reader or a decoder may be given.
pub(super) fn check_packet(packet: &[u8]) -> Refused<()> {
    let mut bits = Bits(BitReaderRtl::new(packet.strip_prefix(SETUP_MAGIC).ok_or(NO_SETUP)?));
    codebooks(&mut bits)?;
    for _ in 0..=bits.take(6)? {
        // Time domain transforms: placeholders.
        bits.take(16)?;
    }
    for _ in 0..=bits.take(6)? {
        match bits.take(16)? {
            0 => curve_of_coefficients(&mut bits)?,
            1 => curve_of_points(&mut bits)?,
            _ => return Err("a Vorbis floor is of no known type"),
        }
    }
    Ok(())
}

/// The setup header among all three of a laced packet, or behind the identification header.
fn setup_header(headers: &[u8]) -> Option<&[u8]> {
    let Some(mut laced) = headers.strip_prefix(&[2]) else { return headers.get(IDENTIFICATION_BYTES..) };
    let mut skipped = 0;
    for _ in 0..2 {
        let full = laced.iter().position(|&bytes| bytes < 255)?;
        skipped += 255 * full + usize::from(laced[full]);
        laced = &laced[full + 1..];
    }
    laced.get(skipped..)
}

struct Bits<'a>(BitReaderRtl<'a>);

impl Bits<'_> {
    /// The next bits, at most 32, the first one the least.
    fn take(&mut self, bits: u32) -> Refused<u32> {
        self.0.read_bits_leq32(bits).map_err(|_| ENDS_EARLY)
    }

    fn flag(&mut self) -> Refused<bool> {
        Ok(self.take(1)? == 1)
    }
}

/// Reads all codebooks (3.2.1).
fn codebooks(bits: &mut Bits<'_>) -> Refused<()> {
    let mut all_entries = 0;
    for _ in 0..=bits.take(8)? {
        if bits.take(24)? != 0x0056_4342 {
            return Err("a Vorbis codebook does not begin as one");
        }
        let (dimensions, entries) = (bits.take(16)?, bits.take(24)?);
        if !(1..=MOST_DIMENSIONS).contains(&dimensions) {
            return Err("a Vorbis codebook has more dimensions than any encoder writes, or none");
        }
        all_entries += entries;
        if all_entries > MOST_ENTRIES {
            return Err("the Vorbis codebooks are larger than any encoder writes");
        }
        codeword_lengths(bits, entries)?;
        vectors(bits, entries, dimensions)?;
    }
    Ok(())
}

fn codeword_lengths(bits: &mut Bits<'_>, entries: u32) -> Refused<()> {
    let ordered = bits.flag()?;
    if !ordered {
        let sparse = bits.flag()?;
        for _ in 0..entries {
            if !sparse || bits.flag()? {
                bits.take(5)?;
            }
        }
        return Ok(());
    }
    let (mut length, mut left) = (bits.take(5)? + 1, entries);
    while left > 0 {
        let count = bits.take(u32::BITS - left.leading_zeros())?;
        if count > left || length > LONGEST_CODEWORD_BITS {
            return Err("a Vorbis codebook has more entries or longer codewords than there can be");
        }
        left -= count;
        length += 1;
    }
    Ok(())
}

/// The table that entries become vectors by.
fn vectors(bits: &mut Bits<'_>, entries: u32, dimensions: u32) -> Refused<()> {
    let values = match bits.take(4)? {
        0 => return Ok(()),
        1 => u64::from(axis_values(entries, dimensions)),
        2 => u64::from(entries) * u64::from(dimensions),
        _ => return Err("a Vorbis codebook is of no known type"),
    };
    // Least value and step.
    bits.take(32)?;
    bits.take(32)?;
    let value_bits = bits.take(4)? + 1;
    let _each_from_the_last = bits.flag()?;
    for _ in 0..values {
        bits.take(value_bits)?;
    }
    Ok(())
}

/// The largest number that, raised to `dimensions`, is at most `entries` (9.2.3).
fn axis_values(entries: u32, dimensions: u32) -> u32 {
    (1..=entries).take_while(|value| value.checked_pow(dimensions).is_some_and(|power| power <= entries)).last().unwrap_or(0)
}

/// Floor 0 (6.2.1): order, rate, size of the map, amplitude, books. Nothing of it is counted on.
fn curve_of_coefficients(bits: &mut Bits<'_>) -> Refused<()> {
    for field in [8, 16, 16, 6, 8] {
        bits.take(field)?;
    }
    for _ in 0..=bits.take(4)? {
        bits.take(8)?;
    }
    Ok(())
}

/// Floor 1 (7.2.2): a curve through points, no two of which may be at one place.
fn curve_of_points(bits: &mut Bits<'_>) -> Refused<()> {
    let partitions = bits.take(5)?;
    let classes = (0..partitions).map(|_| bits.take(4)).collect::<Refused<Vec<_>>>()?;
    let mut dimensions = Vec::new();
    for _ in 0..classes.iter().max().map_or(0, |most| most + 1) {
        dimensions.push(bits.take(3)? + 1);
        let subclasses = bits.take(2)?;
        if subclasses > 0 {
            let _master_book = bits.take(8)?;
        }
        for _ in 0..1 << subclasses {
            let _book = bits.take(8)?;
        }
    }
    let _multiplier = bits.take(2)?;
    let range_bits = bits.take(4)?;
    // Both ends are points too.
    let mut places = vec![0, 1 << range_bits];
    for class in classes {
        for _ in 0..dimensions[class as usize] {
            places.push(bits.take(range_bits)?);
        }
    }
    places.sort_unstable();
    let apart = places.windows(2).all(|pair| pair[0] < pair[1]);
    if apart { Ok(()) } else { Err("a Vorbis floor has two points at one place") }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A header as it is written, the least bit first.
    #[derive(Default)]
    struct Header(Vec<bool>);

    impl Header {
        fn put(mut self, value: u32, bits: u32) -> Self {
            self.0.extend((0..bits).map(|bit| value.checked_shr(bit).unwrap_or(0) & 1 == 1));
            self
        }

        /// Books whose entries are ordered by length, all of one length, each standing for a vector of zeros.
        fn books(self, count: u32, entries: u32, dimensions: u32, codeword_bits: u32) -> Self {
            let entry_bits = u32::BITS - entries.leading_zeros();
            (0..count).fold(self.put(count - 1, 8), |header, _| {
                let header = header.put(0x0056_4342, 24).put(dimensions, 16).put(entries, 24).put(1, 1).put(codeword_bits - 1, 5);
                let header = header.put(entries, entry_bits).put(1, 4).put(0, 32).put(0, 32).put(0, 4).put(0, 1);
                header.put(0, axis_values(entries, dimensions))
            })
        }

        /// One floor of one class with a book for each of two points.
        fn floor(self, places: [u32; 2]) -> Self {
            let header = self.put(0, 6).put(0, 16).put(0, 6).put(1, 16).put(1, 5).put(0, 4).put(1, 3).put(0, 2).put(1, 8);
            places.into_iter().fold(header.put(0, 2).put(7, 4), |header, place| header.put(place, 7))
        }

        fn check(&self) -> Refused<()> {
            let bytes = self.0.chunks(8).map(|bits| bits.iter().rev().fold(0, |byte, &bit| byte << 1 | u8::from(bit)));
            let setup = SETUP_MAGIC.iter().copied().chain(bytes).collect::<Vec<_>>();
            let behind = [&[0; IDENTIFICATION_BYTES][..], &setup].concat();
            let laced = [&[2, 3, 255, 1][..], &[0; 3 + 256], &setup].concat();
            assert_eq!(check(&behind), check(&laced));
            check(&laced)
        }
    }

    #[test]
    fn a_header_is_held_against_the_specification() {
        let small = || Header::default().books(2, 16, 2, 4);
        assert_eq!(small().floor([5, 9]).check(), Ok(()));
        for (header, expected) in [
            (small().floor([0, 9]), "two points at one place"),
            (small().floor([9, 9]), "two points at one place"),
            (Header::default().books(200, 1 << 17, 16, 17).floor([5, 9]), "larger than any encoder writes"),
            (Header::default().books(65, 1 << 9, 31, 9).floor([5, 9]), "larger than any encoder writes"),
            (Header::default().books(1, 1 << 9, 32, 9).floor([5, 9]), "more dimensions"),
            (Header::default().books(1, 1 << 9, 0, 9).floor([5, 9]), "or none"),
        ] {
            let why = header.check().unwrap_err();
            assert!(why.contains(expected), "{why}");
        }
    }

    #[test]
    fn codewords_of_more_than_32_bits_are_refused() {
        // Four entries, none of 32 bits, all of 33.
        let header = Header::default().put(0, 8).put(0x0056_4342, 24).put(1, 16).put(4, 24).put(1, 1).put(31, 5);
        let why = header.put(0, 3).put(4, 3).put(0, 4).check().unwrap_err();
        assert!(why.contains("longer codewords"), "{why}");
    }

    #[test]
    fn a_header_cut_anywhere_ends_early() {
        let whole = Header::default().books(2, 16, 2, 4).floor([5, 9]);
        for bits in (0..whole.0.len() - 7).step_by(8) {
            assert_eq!(Header(whole.0[..bits].to_vec()).check(), Err(ENDS_EARLY), "{bits} bits");
        }
        assert!(check(&[]).is_err() && check(&[2, 255]).is_err() && check(b"\x01vorbis").is_err());
    }

    #[test]
    fn axis_values_are_the_specifications() {
        for (entries, dimensions, values) in [(361, 2, 19), (360, 2, 18), (560, 3, 8), (6561, 8, 3), (3, 950, 1), (0, 4, 0)] {
            assert_eq!(axis_values(entries, dimensions), values, "{entries} entries, {dimensions} dimensions");
        }
    }
}
