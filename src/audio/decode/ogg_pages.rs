//! The pages of an Ogg file (RFC 3533), walked before another reader does. Symphonia's parses every Vorbis setup header on its way, those
//! of later streams of a chain too, and multiplies what they claim before it looks whether it fits. And pages that are damaged or not
//! there it passes over, so that the sound around them is joined; their numbers tell.

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
/// What the first pages of sound begin with.
const SOUND: [&[u8]; 3] = [b"\x01vorbis", b"OpusHead", b"\x7fFLAC"];

/// Pages that do not fit their checksum, each of which is read again from behind its first bytes.
const MOST_DAMAGED: u32 = 1000;
/// Bytes of a setup header; encoders write 11 kB at most.
const MOST_SETUP_BYTES: usize = 1 << 20;

/// Pages of sound that a reader does not get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Missing {
    /// How many, at least.
    pub(super) pages: u64,
    /// Where the page before the first of them ends, by its own count of frames.
    pub(super) after: u64,
}

/// Holds every Vorbis setup header of a file against the specification, finds what is missing between its pages, and rewinds.
pub(super) fn walk(file: &mut File) -> io::Result<Refused<Option<Missing>>> {
    file.seek(SeekFrom::Start(0))?;
    let walked = Walk::default().follow(&mut BufReader::with_capacity(1 << 16, &mut *file));
    file.seek(SeekFrom::Start(0))?;
    walked
}

/// What was seen on the way.
#[derive(Default)]
struct Walk {
    streams: BTreeMap<u32, Stream>,
    /// Pages that do not fit their checksum, and whether the last one was such.
    damaged: u32,
    behind_damage: bool,
    /// Stream of the last whole page.
    last: Option<u32>,
    /// Frames of the links of a chain that have ended.
    before: u64,
    missing: Option<Missing>,
}

impl Walk {
    fn follow(mut self, reader: &mut (impl BufRead + Seek)) -> io::Result<Refused<Option<Missing>>> {
        while to_next_page(reader)? {
            match Page::read(reader)? {
                Found::Whole(page) => {
                    if let Err(why) = self.take(&page) {
                        return Ok(Err(why));
                    }
                }
                Found::Damaged | Found::Cut if self.damaged == MOST_DAMAGED => {
                    return Ok(Err("most of the Ogg pages are damaged"));
                }
                found => {
                    self.damaged += 1;
                    self.behind_damage |= matches!(found, Found::Damaged);
                }
            }
        }
        // A page that is cut off is the end of the file's to tell; and behind the mark of the end anything may stand.
        let unfinished = self.last.and_then(|serial| self.streams.get(&serial)).filter(|stream| stream.sound && !stream.ended);
        if let Some(after) = unfinished.filter(|_| self.behind_damage).map(|stream| stream.granule) {
            self.miss(1, after);
        }
        Ok(Ok(self.missing))
    }

    fn take(&mut self, page: &Page) -> Refused<()> {
        let played = self.streams.values().filter(|stream| stream.sound).map(|stream| stream.granule).max().unwrap_or(0);
        if page.first && played > 0 {
            // The next link of a chain, which counts its frames anew.
            self.before = self.before.saturating_add(played);
            self.streams.clear();
        }
        let stream = self.streams.entry(page.serial).or_default();
        let (gap, after) = (stream.gap(page, self.behind_damage), stream.granule);
        stream.take(page)?;
        (self.behind_damage, self.last) = (false, Some(page.serial));
        self.miss(gap, after);
        Ok(())
    }

    fn miss(&mut self, pages: u64, after: u64) {
        if pages > 0 {
            let after = self.before.saturating_add(after);
            self.missing.get_or_insert(Missing { pages: 0, after }).pages += pages;
        }
    }
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

/// What stands behind a page's magic.
enum Found {
    Whole(Page),
    /// It does not fit its checksum.
    Damaged,
    /// The file ends before it does.
    Cut,
}

struct Page {
    serial: u32,
    sequence: u32,
    granule: i64,
    continued: bool,
    first: bool,
    last: bool,
    segments: Vec<u8>,
    body: Vec<u8>,
}

impl Page {
    /// Reads the page whose magic was just read; back to there where it is not whole.
    fn read(reader: &mut (impl BufRead + Seek)) -> io::Result<Found> {
        let start = reader.stream_position()?;
        let found = match Self::parse(reader) {
            Ok(Some(page)) => return Ok(Found::Whole(page)),
            Ok(None) => Found::Damaged,
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => Found::Cut,
            Err(error) => return Err(error),
        };
        reader.seek(SeekFrom::Start(start))?;
        Ok(found)
    }

    fn parse(reader: &mut impl Read) -> io::Result<Option<Self>> {
        let mut header = [0; HEADER_BYTES];
        header[..MAGIC.len()].copy_from_slice(MAGIC);
        reader.read_exact(&mut header[MAGIC.len()..])?;
        let number = |at: usize| u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
        let (flags, serial, sequence, checksum) = (header[5], number(14), number(18), number(22));
        let granule = i64::from(number(6)) | i64::from(number(10)) << 32;
        let mut segments = vec![0; header[26].into()];
        reader.read_exact(&mut segments)?;
        let mut body = vec![0; segments.iter().map(|&bytes| usize::from(bytes)).sum()];
        reader.read_exact(&mut body)?;

        header[22..26].fill(0);
        let mut digest = CHECKSUM.digest();
        [&header[..], &segments, &body].into_iter().for_each(|bytes| digest.update(bytes));
        let whole = header[4] == 0 && digest.finalize() == checksum;
        let (continued, first, last) = (flags & 1 != 0, flags & 2 != 0, flags & 4 != 0);
        Ok(whole.then_some(Self { serial, sequence, granule, continued, first, last, segments, body }))
    }
}

/// What the pages of a logical stream have left behind.
#[derive(Default)]
struct Stream {
    /// The packet that the last page left unfinished.
    unfinished: Option<Vec<u8>>,
    begun: bool,
    /// Whether its first page says that it is sound; pictures and what else stands beside it may be damaged.
    sound: bool,
    sequence: u32,
    /// Frames so far, by the stream's own count: 0 before the first sound.
    granule: u64,
    ended: bool,
}

impl Stream {
    /// Pages that are missing before this one. Without its first page none of a stream can be read. A stream that was joined on the way
    /// has its headers, and then pages from there on: before the first sound only damage in between tells that one was there.
    fn gap(&self, page: &Page, behind_damage: bool) -> u64 {
        if !self.begun {
            return u64::from(!page.first);
        }
        let counts = self.sound && !page.first && (self.granule > 0 || behind_damage);
        if counts { page.sequence.saturating_sub(self.sequence).saturating_sub(1).into() } else { 0 }
    }

    /// Looks at all packets that a page ends.
    fn take(&mut self, page: &Page) -> Refused<()> {
        (self.begun, self.ended) = (true, page.last);
        if page.first {
            self.sound = SOUND.iter().any(|begins| page.body.starts_with(begins));
        }
        self.granule = match u64::try_from(page.granule) {
            _ if page.first => 0,
            Ok(granule) => granule,
            // No packet ends here.
            Err(_) => self.granule,
        };
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

    /// The same with a place in time.
    fn sound(flags: u8, sequence: u32, granule: u64) -> Vec<u8> {
        let mut page = page(flags, sequence, &[7], if flags & 2 != 0 { SOUND[0] } else { b"\x02abcdef" });
        page[6..14].copy_from_slice(&granule.to_le_bytes());
        page[22..26].fill(0);
        let checksum = CHECKSUM.checksum(&page).to_le_bytes();
        page[22..26].copy_from_slice(&checksum);
        page
    }

    fn walked(bytes: &[u8]) -> Refused<Option<Missing>> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        walk(&mut file).unwrap()
    }

    fn verdict(bytes: &[u8]) -> Refused<()> {
        walked(bytes).map(|_| ())
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
    fn pages_that_are_missing_are_counted_and_joining_late_is_none() {
        let missing = |pages: &[Vec<u8>]| walked(&pages.concat()).unwrap();
        let heads = || [sound(2, 0, 0), sound(0, 1, 0)];
        let [first, second] = heads();
        let whole = [first, second, sound(0, 2, 100), sound(0, 3, 200), sound(0, 4, 300), sound(4, 5, 400)];
        let damage = |at: usize| {
            let mut pages = whole.to_vec();
            pages[at][28] ^= 1;
            missing(&pages)
        };
        let without = |at: usize| missing(&[&whole[..at], &whole[at + 1..]].concat());
        let one = |after| Some(Missing { pages: 1, after });
        assert_eq!(missing(&whole), None);
        assert_eq!((damage(3), without(3)), (one(100), one(100)));
        // The first sound and the last.
        assert_eq!((damage(2), without(2)), (one(0), None));
        assert_eq!((damage(5), without(5)), (one(300), None));
        let [first, second] = heads();
        assert_eq!(
            missing(&[first, second, sound(0, 700, 9_100), sound(4, 703, 9_400)]),
            Some(Missing { pages: 2, after: 9_100 })
        );
        // What is no page is none, nor what stands behind the end; a new stream counts anew.
        assert_eq!(missing(&[whole.concat(), b"OggS".repeat(20)]), None);
        assert_eq!(missing(&[whole[..4].concat(), b"OggSOggS".to_vec(), whole[4..].concat()]), None);
        assert_eq!(missing(&[whole.concat(), whole.concat()]), None);
        assert_eq!(missing(&[whole.concat(), whole[..3].concat(), whole[4..].concat()]), one(500));
        // Of what is no sound nothing is missed.
        let picture = page(2, 0, &[7], b"\x80theora");
        assert_eq!(missing(&[picture, sound(0, 1, 0), sound(0, 2, 100), sound(0, 5, 400)]), None);
        // A stream whose beginning is missing is not read at all.
        assert_eq!(without(0), one(0));
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
