//! The checksum at the end of a FLAC frame (RFC 9639, 9.3). The reader of `.flac` checks it; those of Matroska, MP4 and Ogg hand frames on as
//! they are, and a frame with damaged residuals overflows the decoder's sums.

use crc::{CRC_16_UMTS, Crc};

/// Polynomial 0x8005, begins with 0, not reflected: what RFC 9639 asks for.
const FRAME: Crc<u16> = Crc::<u16>::new(&CRC_16_UMTS);

/// Whether a packet is a frame that arrived as it was written.
pub(super) fn is_whole(packet: &[u8]) -> bool {
    // Over a frame with its own checksum behind it the remainder is 0.
    packet.len() > 2 && FRAME.checksum(packet) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_bit_that_falls_over_is_seen() {
        // RFC 9639, appendix D.1: the one frame of a file of one sample.
        let frame = [0xff, 0xf8, 0x69, 0x18, 0x00, 0x00, 0xbf, 0x03, 0x58, 0xfd, 0x03, 0x12, 0x8b, 0xaa, 0x9a];
        assert!(is_whole(&frame));
        for bit in 0..8 * frame.len() {
            let mut damaged = frame;
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(!is_whole(&damaged), "bit {bit}");
        }
        assert!(!is_whole(&[]) && !is_whole(&[0, 0]));
    }
}
