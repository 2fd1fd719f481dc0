//! CD-Text as it lies in the lead-in: packs of 18 bytes, titles and performers in ISO 8859-1, in English.
//!
//! `type │ track │ sequence │ place in its text │ 12 bytes of text │ CRC`. The texts of a type follow each other, the disc's first,
//! each closed by a zero byte. Three packs of sizes end the block.

use super::latin::bytes;

/// Bytes of text in a pack.
const PAYLOAD: usize = 12;
/// A block holds no more: its packs are numbered by one byte.
const MOST_PACKS: usize = 256;
/// Packs of sizes at its end.
const SIZE_PACKS: usize = 3;
/// Bytes of text that a block holds.
pub(super) const MOST_BYTES: usize = (MOST_PACKS - SIZE_PACKS) * PAYLOAD;
const TITLE: u8 = 0x80;
const PERFORMER: u8 = 0x81;
const SIZES: u8 = 0x8f;
const ENGLISH: u8 = 0x09;

/// The packs of a disc's titles and performers, the disc's own first; none where they do not fit into a block or say nothing.
pub(super) fn packs(titles: &[&str], performers: &[&str]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut counts = [0u8; 16];
    for (kind, texts) in [(TITLE, titles), (PERFORMER, performers)] {
        if texts.iter().any(|text| !text.is_empty()) {
            let before = out.len();
            texts_of(kind, texts, &mut out);
            counts[usize::from(kind & 15)] = u8::try_from((out.len() - before) / 18).ok()?;
        }
    }
    if out.is_empty() || out.len() / 18 + SIZE_PACKS > MOST_PACKS {
        return None;
    }
    counts[15] = 3;
    let last = (out.len() / 18 + 2) as u8;
    let mut sizes = vec![0, 1, titles.len() as u8 - 1, 0];
    sizes.extend(counts);
    sizes.extend([last, 0, 0, 0, 0, 0, 0, 0, ENGLISH, 0, 0, 0, 0, 0, 0, 0]);
    for (n, payload) in sizes.chunks(PAYLOAD).enumerate() {
        pack(SIZES, n as u8, 0, payload, &mut out);
    }
    Some(out)
}

/// The packs of one type.
fn texts_of(kind: u8, texts: &[&str], out: &mut Vec<u8>) {
    // Each byte with the track that it belongs to and its place in that track's text.
    let mut all: Vec<(u8, usize, u8)> = Vec::new();
    for (track, text) in texts.iter().enumerate() {
        let text = bytes(text).into_iter().chain([0]);
        all.extend(text.enumerate().map(|(at, byte)| (track as u8, at, byte)));
    }
    for part in all.chunks(PAYLOAD) {
        let (track, at, _) = part[0];
        let mut payload: Vec<u8> = part.iter().map(|(_, _, byte)| *byte).collect();
        payload.resize(PAYLOAD, 0);
        pack(kind, track, at.min(15) as u8, &payload, out);
    }
}

fn pack(kind: u8, track: u8, place: u8, payload: &[u8], out: &mut Vec<u8>) {
    let begin = out.len();
    out.extend([kind, track, (begin / 18) as u8, place]);
    out.extend(payload);
    let sum = !crc16(&out[begin..]);
    out.extend(sum.to_be_bytes());
}

/// CRC-16 of polynomial 0x1021, from 0.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc: u16, byte| {
        (0..8).fold(crc ^ (u16::from(*byte) << 8), |crc, _| if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_follow_each_other_and_sizes_end_the_block() {
        assert_eq!(crc16(b"123456789"), 0x31c3, "the check value of CRC-16/XMODEM");
        let packs = packs(&["Album", "A long title", "Žena"], &["", "", ""]).unwrap();
        let packs: Vec<&[u8]> = packs.chunks(18).collect();
        assert_eq!(packs.len(), 5, "24 bytes of titles, no performers, three of sizes");
        assert_eq!(packs[0][..16], *b"\x80\x00\x00\x00Album\0A long");
        // The second pack begins with the seventh letter of the first track's title.
        assert_eq!(packs[1][..16], *b"\x80\x01\x01\x06 title\0Zena\0");
        assert_eq!(packs[2][..8], [0x8f, 0, 2, 0, 0, 1, 2, 0]);
        assert_eq!((packs[2][8], packs[3][7 + 4], packs[3][8 + 4], packs[4][4 + 4]), (2, 3, 4, 9));
        for (n, pack) in packs.iter().enumerate() {
            assert_eq!(usize::from(pack[2]), n);
            assert_eq!(!crc16(&pack[..16]), u16::from_be_bytes([pack[16], pack[17]]));
        }
        assert_eq!(super::packs(&["", ""], &["", ""]), None);
        assert_eq!(super::packs(&["x".repeat(4000).as_str(), ""], &["", ""]), None, "no room");
    }
}
