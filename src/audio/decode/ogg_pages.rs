//! The pages of an Ogg file (RFC 3533), walked before symphonia's reader does: that reader parses every Vorbis setup header on its way,
//! those of later streams of a chain too, and multiplies what they claim before it looks whether it fits.

use super::vorbis_setup::{self, Refused};
use crc::{Algorithm, CRC_32_CKSUM, Crc, Table};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom};

/// Polynomial 0x04c11db7, begins with 0, not reflected, not inverted (RFC 3533, section 6).
const OGG: Algorithm<u32> = Algorithm { xorout: 0, check: 0x89a1_897f, residue: 0, ..CRC_32_CKSUM };
const CHECKSUM: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&OGG);
const MAGIC: &[u8] = b"OggS";
const HEADER_BYTES: usize = 27;

/// Pages that do not fit their checksum, each of which is read again from behind its first bytes.
const MOST_DAMAGED: u32 = 1000;
/// Bytes of a setup header; encoders write 11 kB at most.
const MOST_SETUP_BYTES: usize = 1 << 20;

/// Holds every Vorbis setup header of a file against the specification, and rewinds.
pub(super) fn check_setup_headers(file: &mut File) -> io::Result<Refused<()>> {
    file.seek(SeekFrom::Start(0))?;
    let mut reader = BufReader::with_capacity(1 << 16, &mut *file);
    let mut streams = BTreeMap::new();
    let mut damaged = 0;
    let mut verdict = Ok(());
    while verdict.is_ok() && to_next_page(&mut reader)? {
        verdict = match Page::read(&mut reader)? {
            Some(page) => streams.entry(page.serial).or_insert_with(Stream::default).take(&page),
            None if damaged == MOST_DAMAGED => Err("most of the Ogg pages are damaged"),
            None => {
                damaged += 1;
                Ok(())
            }
        };
    }
    file.seek(SeekFrom::Start(0))?;
    Ok(verdict)
}

/// Goes to behind the next page's magic; false where there is none.
fn to_next_page(reader: &mut impl BufRead) -> io::Result<bool> {
    let mut matched = 0;
    while matched < MAGIC.len() {
        let buffered = reader.fill_buf()?;
        let Some(&byte) = buffered.first() else { return Ok(false) };
        // The magic's first byte stands in it once: no match begins within another.
        matched = if byte == MAGIC[matched] { matched + 1 } else { usize::from(byte == MAGIC[0]) };
        reader.consume(1);
    }
    Ok(true)
}

struct Page {
    serial: u32,
    sequence: u32,
    continued: bool,
    first: bool,
    segments: Vec<u8>,
    body: Vec<u8>,
}

impl Page {
    /// Reads the page whose magic was just read; `None`, and back to there, where it is not whole.
    fn read(reader: &mut (impl BufRead + Seek)) -> io::Result<Option<Self>> {
        let start = reader.stream_position()?;
        let page = match Self::parse(reader) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => None,
            page => page?,
        };
        if page.is_none() {
            reader.seek(SeekFrom::Start(start))?;
        }
        Ok(page)
    }

    fn parse(reader: &mut impl Read) -> io::Result<Option<Self>> {
        let mut header = [0; HEADER_BYTES];
        header[..MAGIC.len()].copy_from_slice(MAGIC);
        reader.read_exact(&mut header[MAGIC.len()..])?;
        let number = |at: usize| u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
        let (flags, serial, sequence, checksum) = (header[5], number(14), number(18), number(22));
        let mut segments = vec![0; header[26].into()];
        reader.read_exact(&mut segments)?;
        let mut body = vec![0; segments.iter().map(|&bytes| usize::from(bytes)).sum()];
        reader.read_exact(&mut body)?;

        header[22..26].fill(0);
        let mut digest = CHECKSUM.digest();
        [&header[..], &segments, &body].into_iter().for_each(|bytes| digest.update(bytes));
        let whole = header[4] == 0 && digest.finalize() == checksum;
        Ok(whole.then_some(Self { serial, sequence, continued: flags & 1 != 0, first: flags & 2 != 0, segments, body }))
    }
}

/// The packet of a logical stream that its last page left unfinished.
#[derive(Default)]
struct Stream {
    unfinished: Option<Vec<u8>>,
    sequence: u32,
}

impl Stream {
    /// Looks at all packets that a page ends.
    fn take(&mut self, page: &Page) -> Refused<()> {
        let follows = page.sequence == self.sequence || page.sequence.checked_sub(1) == Some(self.sequence);
        let kept = page.continued && follows && !page.first;
        let mut packet = self.unfinished.take().filter(|_| kept).unwrap_or_default();
        self.sequence = page.sequence;
        let mut rest = &page.body[..];
        for &bytes in &page.segments {
            let (segment, behind) = rest.split_at(bytes.into());
            rest = behind;
            // Of what is no setup header the first bytes are enough.
            if packet.len() < 255 || vorbis_setup::begins(&packet) {
                packet.extend_from_slice(segment);
            }
            if packet.len() > MOST_SETUP_BYTES {
                return Err("the Vorbis setup header is larger than any encoder writes");
            }
            if bytes < 255 {
                if vorbis_setup::begins(&packet) {
                    vorbis_setup::check_packet(&packet)?;
                }
                packet.clear();
            }
        }
        if page.segments.last() == Some(&255) {
            self.unfinished = Some(packet);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn page(flags: u8, sequence: u32, segments: &[u8], body: &[u8]) -> Vec<u8> {
        let mut page = [MAGIC, &[0, flags], &[0; 8], &7_u32.to_le_bytes(), &sequence.to_le_bytes(), &[0; 4]].concat();
        page.push(segments.len() as u8);
        page.extend_from_slice(segments);
        page.extend_from_slice(body);
        let checksum = CHECKSUM.checksum(&page).to_le_bytes();
        page[22..26].copy_from_slice(&checksum);
        page
    }

    fn verdict(bytes: &[u8]) -> Refused<()> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        check_setup_headers(&mut file).unwrap()
    }

    /// A setup header of so many bytes whose first codebook does not begin as one.
    fn bad_setup(bytes: usize) -> Vec<u8> {
        let mut packet = b"\x05vorbis".to_vec();
        packet.resize(bytes, 0);
        packet
    }

    #[test]
    fn the_checksum_is_that_of_ogg() {
        assert_eq!(CHECKSUM.checksum(b"123456789"), OGG.check);
    }

    #[test]
    fn a_setup_header_is_found_wherever_it_stands() {
        let no_book = Err("a Vorbis codebook does not begin as one");
        let packet = bad_setup(400);
        let first = page(2, 0, &[30], &[1; 30]);
        assert_eq!(verdict(&[&first[..], &page(0, 1, &[20], &[3; 20])].concat()), Ok(()));
        // On a page with another packet, over two pages, behind rubbish, and behind a page that claims to reach over it.
        let beside = page(0, 1, &[20, 255, 145], &[&[3; 20][..], &packet].concat());
        assert_eq!(verdict(&[&first[..], &beside].concat()), no_book);
        let (start, end) = (page(0, 1, &[255], &packet[..255]), page(1, 2, &[145], &packet[255..]));
        assert_eq!(verdict(&[&first[..], &start, &end].concat()), no_book);
        assert_eq!(verdict(&[&first[..], b"OOggSOgg", &beside].concat()), no_book);
        let mut liar = page(0, 1, &[255; 4], &[0; 1020]);
        liar.truncate(100);
        assert_eq!(verdict(&[&first[..], &liar, &beside].concat()), no_book);
        // A reader drops what a missing page was to begin, or to end.
        let late = page(1, 3, &[145], &packet[255..]);
        assert_eq!(verdict(&[&first[..], &start, &late].concat()), Ok(()));
    }

    #[test]
    fn neither_damage_nor_size_goes_on_for_ever() {
        let mut damaged = page(0, 1, &[1], &[0]);
        damaged[22] ^= 1;
        assert_eq!(verdict(&damaged.repeat(MOST_DAMAGED as usize)), Ok(()));
        assert!(verdict(&damaged.repeat(MOST_DAMAGED as usize + 1)).is_err());
        let packet = bad_setup(255 * 255);
        let pages = (0..20).flat_map(|at| page(u8::from(at > 0), at, &[255; 255], &packet)).collect::<Vec<_>>();
        assert!(verdict(&pages).is_err_and(|why| why.contains("larger than any")));
    }
}
