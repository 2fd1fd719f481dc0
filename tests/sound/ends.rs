//! Where the sound of a track begins and ends: what containers tell of it, in whatever they count, and what they tell wrongly.

use super::*;
use automaster::audio::codec::{Codec, Coding, encode};

fn read(name: &str) -> Vec<u8> {
    std::fs::read(codec_file(name)).expect("read")
}

/// Expects the same samples, the length that was told, and no warning.
#[track_caller]
fn same(read: Result<(Decoder, Vec<Vec<f32>>), AudioError>, expected: &[Vec<f32>]) {
    let (decoder, read) = read.unwrap_or_else(|error| panic!("{error}"));
    assert!(read == expected, "{} frames, expected {}", read[0].len(), expected[0].len());
    assert_eq!(decoder.info().frames, Some(expected[0].len() as u64));
    assert!(decoder.warnings().is_empty(), "{:?}", decoder.warnings());
}

/// The big-endian number at an offset in the body of the last box of a name.
fn box_number<'a>(bytes: &'a mut [u8], name: &[u8; 4], offset: usize) -> &'a mut [u8] {
    let at = bytes.windows(4).rposition(|window| window == name).expect("the box") + 4 + offset;
    &mut bytes[at..at + 4]
}

fn number(bytes: &[u8]) -> u32 {
    u32::from_be_bytes(bytes.try_into().expect("4 bytes"))
}

/// Two files one behind the other: the count in the first one's first frame is that of the first one.
#[test]
fn an_mp3_that_holds_more_than_it_counts_is_read_to_its_end() {
    let (_, once) = decode(&codec_file("gapless.mp3")).expect("decoded");
    let (_, twice) = decode_bytes(&folder(), &read("gapless.mp3").repeat(2)).expect("decoded");
    // Eleven packets each, by the tag of LAME; the first 529 + 576 frames of the first are dropped.
    let packets = 11 * 1152;
    assert_eq!(twice[0].len(), 2 * packets - 1105);
    for (twice, once) in twice.iter().zip(&once) {
        assert!(twice[..once.len()] == once[..]);
        // The second has its own delay in front.
        let second = &twice[packets..packets + once.len()];
        assert!(second.iter().zip(once).all(|(a, b)| (a - b).abs() < 1e-5));
    }
}

#[test]
fn the_edit_list_of_an_mp4_counts_in_ticks_of_its_media() {
    let folder = folder();
    let (_, plain) = decode(&codec_file("priming.m4a")).expect("decoded");
    let mut doubled = read("priming.m4a");
    // The timescale, and everything that counts in it: duration, start of the edit, lengths of the packets.
    for (name, offset) in [(b"mdhd", 12), (b"mdhd", 16), (b"elst", 12), (b"stts", 12), (b"stts", 20)] {
        let field = box_number(&mut doubled, name, offset);
        let twice = 2 * number(field);
        field.copy_from_slice(&twice.to_be_bytes());
    }
    same(decode_bytes(&folder, &doubled), &plain);
    // An edit of 400 ms of the 250 that there are.
    let mut long = read("priming.m4a");
    box_number(&mut long, b"elst", 8).copy_from_slice(&400_u32.to_be_bytes());
    same(decode_bytes(&folder, &long), &plain);
    // The same where the media says so too.
    box_number(&mut long, b"mdhd", 16).copy_from_slice(&(1024 + 17_640_u32).to_be_bytes());
    same(decode_bytes(&folder, &long), &plain);
    // Milliseconds tell where to cut, but not to the frame how much there is: no whole file is taken for a truncated one.
    let mut coarse = read("priming.m4a");
    for (name, offset) in [(b"mdhd", 12), (b"mdhd", 16), (b"elst", 12), (b"stts", 12), (b"stts", 20)] {
        let field = box_number(&mut coarse, name, offset);
        let milliseconds = (f64::from(number(field)) / 44.1).ceil() as u32;
        field.copy_from_slice(&milliseconds.to_be_bytes());
    }
    let (decoder, cut) = decode_bytes(&folder, &coarse).unwrap_or_else(|error| panic!("{error}"));
    assert!(
        cut[0].len().abs_diff(plain[0].len()) < 100 && decoder.info().frames.is_none(),
        "{} {:?}",
        cut[0].len(),
        decoder.info()
    );
}

/// The packets of `priming.m4a` in a CAF file.
fn aac_in_caf() -> Vec<u8> {
    let mut m4a = read("priming.m4a");
    let packets = number(box_number(&mut m4a, b"stsz", 8)) as usize;
    let sizes: Vec<u32> = (0..packets).map(|packet| number(box_number(&mut m4a, b"stsz", 12 + 4 * packet))).collect();
    let start = number(box_number(&mut m4a, b"stco", 8)) as usize;
    let data = &m4a[start..start + sizes.iter().sum::<u32>() as usize];
    let chunk = |name: &[u8; 4], body: Vec<u8>| [&name[..], &(body.len() as i64).to_be_bytes(), &body].concat();
    let words = |words: &[u32]| words.iter().flat_map(|word| word.to_be_bytes()).collect::<Vec<u8>>();
    let description = [44_100_f64.to_be_bytes().to_vec(), b"aac ".to_vec(), words(&[2, 0, 1024, 2, 0])].concat();
    // Packets, frames of music, priming, padding; then the size of each packet, in seven bits a byte.
    let mut table = [(packets as u64).to_be_bytes(), 11_025_u64.to_be_bytes()].concat();
    table.extend(words(&[1024, packets as u32 * 1024 - 1024 - 11_025]));
    table.extend(sizes.iter().flat_map(|size| [(size >> 7) as u8 | 0x80, (size & 0x7F) as u8]));
    let data = chunk(b"data", [[0; 4].as_slice(), data].concat());
    [b"caff\x00\x01\x00\x00".to_vec(), chunk(b"desc", description), chunk(b"pakt", table), data].concat()
}

#[test]
fn the_packet_table_of_a_caf_tells_priming_and_padding() {
    let (_, plain) = decode(&codec_file("priming.m4a")).expect("decoded");
    same(decode_bytes(&folder(), &aac_in_caf()), &plain);
}

/// The file with all counts of its pages of sound moved on, as of one that was cut out of a longer one.
fn moved(bytes: &[u8], by: i64) -> Vec<u8> {
    let mut pages = pages(bytes);
    for page in &mut pages {
        let granule = i64::from_le_bytes(page[6..14].try_into().expect("8 bytes"));
        if granule > 0 {
            page[6..14].copy_from_slice(&(granule + by).to_le_bytes());
            seal(page);
        }
    }
    pages.concat()
}

fn opus() -> Vec<u8> {
    let audio = AudioBuffer { sample_rate_hz: 48_000, channels: grid_noise(16, 2, 80_000) };
    let bytes = encode(&audio, Coding { codec: Codec::Opus, bitrate_kbps: 192 }).expect("encoded").bytes;
    assert!(pages(&bytes).len() > 5);
    bytes
}

/// RFC 7845, 4.5, and what libvorbis does: a stream begins where its first page of sound says.
#[test]
fn an_ogg_stream_need_not_begin_at_zero() {
    let folder = folder();
    for whole in [read("pages.ogg"), opus()] {
        let (_, plain) = decode_bytes(&folder, &whole).expect("decoded");
        same(decode_bytes(&folder, &moved(&whole, 1_000_000)), &plain);
        // Joined on the way: the headers, then pages from the third of sound on.
        let late = [&pages(&whole)[..2], &pages(&whole)[4..]].concat().concat();
        let (decoder, read) = decode_bytes(&folder, &late).expect("decoded");
        assert!(decoder.warnings().is_empty(), "{:?}", decoder.warnings());
        let frames = read[0].len();
        assert_eq!(decoder.info().frames, Some(frames as u64));
        assert!((1..plain[0].len()).contains(&frames), "{frames} frames");
    }
    // Its one page of sound is the last: it may be short of what its packets hold by no more than one.
    let (_, plain) = decode(&codec_file("stereo.opus")).expect("decoded");
    let (_, read) = decode_bytes(&folder, &moved(&read("stereo.opus"), 1_000_000)).expect("decoded");
    assert!(read[0].len() - plain[0].len() < 960 && read[0].starts_with(&plain[0]), "{} frames", read[0].len());
}

/// Families 1 and 255 with one stream and each channel in its place say what family 0 says; any other mapping is another sound.
#[test]
fn opus_in_another_mapping_family_is_read_where_it_says_the_same() {
    let folder = folder();
    let (_, plain) = decode(&codec_file("stereo.opus")).expect("decoded");
    let mapped = |family: u8, mapping: [u8; 2]| {
        let mut pages = pages(&read("stereo.opus"));
        // One page of one packet of 19 bytes: its segment, then its body, of which the family is the last byte.
        pages[0][27] = 23;
        pages[0].pop();
        pages[0].extend([family, 1, 1, mapping[0], mapping[1]]);
        seal(&mut pages[0]);
        decode_bytes(&folder, &pages.concat())
    };
    same(mapped(1, [0, 1]), &plain);
    same(mapped(255, [0, 1]), &plain);
    for refused in [mapped(1, [1, 0]), mapped(255, [0, 255])] {
        let error = refused.map(|_| ()).expect_err("another sound");
        assert!(matches!(error, AudioError::Unsupported { .. }), "{error}");
    }
}

/// At such rates AAC may be the lower half of HE-AAC, which nothing in the header tells.
#[test]
fn aac_at_a_low_rate_is_read_with_a_warning() {
    let (decoder, read) = decode(&codec_file("low.aac")).expect("decoded");
    assert_eq!((decoder.info().sample_rate_hz, read[0].len()), (24_000, 7 * 1024));
    assert_eq!(decoder.warnings(), [AudioWarning::PerhapsHeAac { sample_rate_hz: 24_000 }]);
    let (decoder, _) = decode(&codec_file("stream.aac")).expect("decoded");
    assert!(decoder.warnings().is_empty(), "{:?}", decoder.warnings());
}
