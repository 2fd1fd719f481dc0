//! A DDP 2.00 set of a compact disc: what plants read. The image with its standard pause, the map, the PQ list, CD-Text, sums.
//!
//! The protocol's owner does not publish it. The layout here follows the open description of the project ddp-reverse-eng
//! (`spec/ddp2.md`, MIT licence, found by comparing what several mastering programs write), and a test holds it to the example printed
//! there. No plant's own reader has been tried: have a test pressing's TOC compared with the PQ list.
//!
//! Records are ASCII of fixed width, numbers right-aligned; time 0 is the first sector of the image.

use super::cd_text;
use super::disc::{Disc, PREGAP_SECTORS, SECTOR_FRAMES, msf};
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// Bytes of a sector of music.
const SECTOR_BYTES: u64 = 4 * SECTOR_FRAMES;
/// The image's name.
pub const IMAGE: &str = "IMAGE.DAT";
const PQ: &str = "PQDESCR";
/// The name of the packs of CD-Text.
pub(super) const CD_TEXT: &str = "CDTEXT.BIN";

/// The small files of a set by name, in the order in which its map lists them after itself.
pub fn sheets(disc: &Disc, master: &str) -> Vec<(&'static str, Vec<u8>)> {
    let (pq, text) = (pq(disc), text(disc));
    let mut map = Vec::new();
    if let Some(text) = &text {
        map.extend(stream("S0", text.len() as u64, "CDTEXT", CD_TEXT));
    }
    map.extend(stream("S0", pq.len() as u64, "PQ DESCR", PQ));
    map.extend(stream("D0", PREGAP_SECTORS + disc.sectors(), "", IMAGE));
    let mut out = vec![("DDPID", id(disc, master)), ("DDPMS", map)];
    out.extend(text.map(|text| (CD_TEXT, text)));
    out.push((PQ, pq));
    out
}

/// The disc's CD-Text; none where it says nothing, or more than a block holds.
fn text(disc: &Disc) -> Option<Vec<u8>> {
    let titles: Vec<&str> =
        [disc.title.as_str()].into_iter().chain(disc.tracks.iter().map(|track| track.title.as_str())).collect();
    let artists: Vec<&str> = [disc.artist.as_str()].into_iter().chain(disc.tracks.iter().map(|t| t.artist.as_str())).collect();
    cd_text::packs(&titles, &artists)
}

/// What to know where the set has no CD-Text although the disc has titles, in a sentence for people.
pub fn left_out(disc: &Disc) -> Option<String> {
    let tracks = disc.tracks.iter().flat_map(|track| [&track.title, &track.artist]);
    let says = [&disc.title, &disc.artist].into_iter().chain(tracks).any(|text| !text.is_empty());
    (says && text(disc).is_none()).then(|| {
        let most = cd_text::MOST_BYTES;
        format!(
            "The DDP set has no CD-Text: titles and artists are longer than the {most} bytes that it holds. Cue and TOC have \
             them; for the plant, shorten them."
        )
    })
}

/// A record of spaces with texts at their places.
fn record(size: usize, fields: &[(usize, &str)]) -> Vec<u8> {
    let mut out = vec![b' '; size];
    for (at, text) in fields {
        out[*at..at + text.len()].copy_from_slice(text.as_bytes());
    }
    out
}

/// Who the master is.
fn id(disc: &Disc, master: &str) -> Vec<u8> {
    let master: String = master.chars().map(|c| if c.is_ascii() && !c.is_control() { c } else { '_' }).take(48).collect();
    record(128, &[(0, "DDP 2.00"), (8, disc.ean.as_deref().unwrap_or_default()), (38, &master), (87, "CD")])
}

/// A packet of the map: a stream, its length (sectors of the image, else bytes), its file.
fn stream(kind: &str, length: u64, subcode: &str, file: &str) -> Vec<u8> {
    let length = format!("{length:>8}");
    let mut fields = vec![(0, "VVVM"), (4, kind), (14, length.as_str()), (30, subcode), (71, " 17"), (74, file)];
    let pause = format!("{PREGAP_SECTORS:>4}");
    match kind {
        // Whole sectors of sound, with a pause of so many before the first track.
        "D0" => fields.extend([(38, "DA7"), (41, "1"), (46, pause.as_str())]),
        _ if subcode == "CDTEXT" => fields.push((55, "00")),
        _ => {}
    }
    record(128, &fields)
}

/// Every index with its time; the lead-out twice, as other programs write it.
fn pq(disc: &Disc) -> Vec<u8> {
    let mut out = Vec::new();
    let mut packet = |track: &str, index: &str, sectors: u64, isrc: &str, ean: &str| {
        let time = msf(sectors).replace(':', "");
        let fields = [(0, "VVVS"), (4, track), (6, index), (10, time.as_str()), (16, "01"), (20, isrc), (32, ean)];
        out.extend(record(64, &fields));
    };
    packet("00", "00", 0, "", disc.ean.as_deref().unwrap_or_default());
    for (n, (track, (pause, music))) in disc.tracks.iter().zip(disc.starts()).enumerate() {
        let (number, isrc) = (format!("{:02}", n + 1), track.isrc.as_deref().unwrap_or_default());
        let paused = n == 0 || pause < music;
        if paused {
            packet(&number, "00", if n == 0 { 0 } else { PREGAP_SECTORS + pause }, isrc, "");
        }
        packet(&number, "01", PREGAP_SECTORS + music, if paused { "" } else { isrc }, "");
    }
    (0..2).for_each(|_| packet("AA", "01", PREGAP_SECTORS + disc.sectors(), "", ""));
    out
}

/// Writes the image: the standard pause of silence, then the samples of a 16-bit stereo WAV. Errors: not such a file; the disk.
pub fn write_image(wav: &Path, image: &Path) -> io::Result<()> {
    let mut input = BufReader::new(File::open(wav)?);
    let bytes = seek_data(&mut input)?;
    let mut output = BufWriter::new(File::create(image)?);
    io::copy(&mut io::repeat(0).take(PREGAP_SECTORS * SECTOR_BYTES), &mut output)?;
    if io::copy(&mut input.take(bytes), &mut output)? != bytes || !bytes.is_multiple_of(SECTOR_BYTES) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the sound is not whole sectors"));
    }
    output.flush()
}

/// Goes to the samples of a RIFF file; gives their bytes.
fn seek_data(input: &mut (impl Read + Seek)) -> io::Result<u64> {
    input.seek(SeekFrom::Start(12))?;
    loop {
        let mut head = [0; 8];
        input.read_exact(&mut head)?;
        let size = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
        if &head[..4] == b"data" {
            return Ok(size.into());
        }
        input.seek(SeekFrom::Current(i64::from(size.next_multiple_of(2))))?;
    }
}

/// `CHECKSUM.TXT` and `CHECKSUM.MD5` of the set's files in a folder. Errors: a file cannot be read.
pub fn checksums(folder: &Path, names: &[&str]) -> io::Result<[String; 2]> {
    let (mut crc, mut md5) = ("[CRC32 Checksum]\n".to_owned(), String::new());
    for name in names {
        let (mut file, mut sum, mut hash, mut buffer) =
            (File::open(folder.join(name))?, crc32fast::Hasher::new(), md5::Context::new(), vec![0; 1 << 16]);
        loop {
            let read = file.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            sum.update(&buffer[..read]);
            hash.consume(&buffer[..read]);
        }
        crc += &format!("{name}={:08X}\n", sum.finalize());
        md5 += &format!("{:x} *{name}\n", hash.finalize());
    }
    Ok([crc, md5])
}

#[cfg(test)]
mod tests {
    use super::super::disc::DiscTrack;
    use super::*;

    /// The example that the open description prints (`spec/ddp2.md`, section 1; written by cue2ddp), but for the PQ list's name: two
    /// tracks, a UPC, an ISRC, a pause before the second track, titles.
    #[test]
    fn the_printed_example_comes_out() {
        let track = |title: &str, pause_sectors, sectors| DiscTrack {
            title: title.into(),
            pause_sectors,
            sectors,
            ..DiscTrack::default()
        };
        let first = DiscTrack { isrc: Some("USABC1234567".into()), ..track("One", 0, 600) };
        let tracks = vec![first, track("Two", 150, 750)];
        let disc = Disc { title: "Title".into(), ean: Some("0123456789012".into()), tracks, ..Disc::default() };
        let sheets: Vec<(&str, String)> =
            sheets(&disc, "").into_iter().map(|(name, bytes)| (name, bytes.iter().map(|b| char::from(*b)).collect())).collect();
        let names: Vec<&str> = sheets.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["DDPID", "DDPMS", "CDTEXT.BIN", "PQDESCR"]);
        let padded = |lines: &[&str], width: usize| lines.iter().map(|line| format!("{line:width$}")).collect::<String>();
        assert_eq!(
            sheets[0].1,
            padded(&["DDP 2.000123456789012                                                                  CD"], 128)
        );
        assert_eq!(
            sheets[1].1,
            padded(
                &[
                    "VVVMS0              90        CDTEXT                   00               17CDTEXT.BIN",
                    "VVVMS0             448        PQ DESCR                                  17PQDESCR",
                    "VVVMD0            1650                DA71     150                      17IMAGE.DAT",
                ],
                128
            )
        );
        assert_eq!(
            sheets[3].1,
            padded(
                &[
                    "VVVS0000  00000001              0123456789012",
                    "VVVS0100  00000001  USABC1234567",
                    "VVVS0101  00020001",
                    "VVVS0200  00100001",
                    "VVVS0201  00120001",
                    "VVVSAA01  00220001",
                    "VVVSAA01  00220001",
                ],
                64
            )
        );
    }

    #[test]
    fn texts_that_do_not_fit_are_left_out_aloud() {
        let track = |title: &str| DiscTrack { title: title.into(), sectors: 600, ..DiscTrack::default() };
        let with = |tracks| Disc { tracks, ..Disc::default() };
        let has_text = |disc: &Disc| sheets(disc, "").iter().any(|(name, _)| *name == CD_TEXT);
        let (short, long, silent) = (with(vec![track("One")]), with(vec![track(&"x".repeat(79)); 40]), with(vec![track("")]));
        assert!(has_text(&short) && left_out(&short).is_none());
        assert!(!has_text(&long) && left_out(&long).unwrap().contains("no CD-Text"));
        assert!(!has_text(&silent) && left_out(&silent).is_none(), "there is nothing to leave out");
    }

    #[test]
    fn the_image_is_the_pause_and_the_samples() {
        let folder = tempfile::tempdir().unwrap();
        let sound: Vec<u8> = (0..2 * SECTOR_BYTES).map(|n| n as u8).collect();
        let mut wav = b"RIFF\0\0\0\0WAVEJUNK\x03\0\0\0abc\0fmt \x04\0\0\0abcddata".to_vec();
        wav.extend((sound.len() as u32).to_le_bytes());
        wav.extend(&sound);
        let (from, to) = (folder.path().join("x.wav"), folder.path().join(IMAGE));
        std::fs::write(&from, &wav).unwrap();
        write_image(&from, &to).unwrap();
        let image = std::fs::read(&to).unwrap();
        let pause = (PREGAP_SECTORS * SECTOR_BYTES) as usize;
        assert!(image[..pause].iter().all(|byte| *byte == 0) && image[pause..] == sound);
        std::fs::write(&from, &wav[..wav.len() - 1]).unwrap();
        assert!(write_image(&from, &to).is_err());
        // The check value that every description of CRC-32 gives, and the MD5 of the same digits.
        std::fs::write(folder.path().join("X"), b"123456789").unwrap();
        let [crc, md5] = checksums(folder.path(), &["X"]).unwrap();
        assert_eq!(crc, "[CRC32 Checksum]\nX=CBF43926\n");
        assert_eq!(md5, "25f9e794323b453885f5181f1b624d0b *X\n");
    }
}
