//! What is damaged or missing on the way is told, and what stands in its place is as long.

use super::*;

/// Reads all of a file that was opened tolerantly.
fn tolerant(path: &Path) -> (Decoder, Vec<Vec<f32>>) {
    let mut decoder = Decoder::open_tolerant(path).unwrap_or_else(|error| panic!("{error}"));
    let mut read = vec![Vec::new(); decoder.info().channels];
    decoder
        .for_each_block(4_096, |block| {
            read.iter_mut().zip(&block.channels).for_each(|(whole, part)| whole.extend_from_slice(part));
            Ok::<(), AudioError>(())
        })
        .expect("read");
    (decoder, read)
}

/// The sound around a page that is not read is joined without a trace: no count that is off at the end tells that.
#[test]
fn a_page_that_is_damaged_or_missing_is_told_and_its_place() {
    let folder = folder();
    let path = folder.path().join("damaged.ogg");
    let whole = pages(&std::fs::read(codec_file("pages.ogg")).expect("read"));
    let damaged = |page: usize| {
        let mut pages = whole.clone();
        let last = pages[page].len() - 1;
        pages[page][last] ^= 1;
        pages.concat()
    };
    let without = |page: usize| [&whole[..page], &whole[page + 1..]].concat().concat();
    // The second page of sound, by damage and by loss; the last.
    for (bytes, after) in [(damaged(3), 2_752), (without(3), 2_752), (damaged(5), 8_896)] {
        std::fs::write(&path, bytes).expect("written");
        let error = decode(&path).map(|_| ()).expect_err("something is missing");
        let first_s = f64::from(after) / 44_100.0;
        match &error {
            AudioError::Corrupt { at_s, what, .. } => {
                assert!(*at_s == first_s && what.contains("damaged or missing: 1"), "{error}");
            }
            other => panic!("{other}"),
        }
        let (decoder, read) = tolerant(&path);
        assert_eq!(decoder.warnings()[0], AudioWarning::PagesMissing { pages: 1, first_s }, "{:?}", decoder.warnings());
        assert!(decoder.warnings().iter().all(|warning| warning.code() != "counted_more"), "{:?}", decoder.warnings());
        assert!((4_000..11_025).contains(&read[0].len()), "{} frames", read[0].len());
    }
    // The first page of sound is part of what a reader begins with.
    std::fs::write(&path, damaged(2)).expect("written");
    for open in [Decoder::open, Decoder::open_tolerant] {
        assert!(matches!(open(&path), Err(AudioError::Corrupt { .. })));
    }
}

#[test]
fn opus_that_lacks_a_page_is_damaged_and_not_truncated() {
    use automaster::audio::codec::{Codec, Coding, encode};
    let audio = AudioBuffer { sample_rate_hz: 48_000, channels: grid_noise(16, 2, 80_000) };
    let bytes = encode(&audio, Coding { codec: Codec::Opus, bitrate_kbps: 192 }).expect("encoded").bytes;
    let mut pages = pages(&bytes);
    assert!(pages.len() > 5);
    pages.remove(4);
    let error = decode_bytes(&folder(), &pages.concat()).map(|_| ()).expect_err("a page is missing");
    assert!(matches!(error, AudioError::Corrupt { .. }) && error.to_string().contains("damaged or missing"), "{error}");
}

/// Matroska counts in milliseconds, and its blocks of Vorbis do not tell how long they are.
#[test]
fn silence_for_a_damaged_packet_is_as_long_as_the_packet() {
    let folder = folder();
    let path = folder.path().join("damaged.mka");
    let mut bytes = std::fs::read(codec_file("vorbis.mka")).expect("read");
    let (_, whole) = decode(&codec_file("vorbis.mka")).expect("is whole");
    // The block of track 1 at 135 ms, among long ones: the first bit of its packet says that it is no sound.
    let at = bytes.windows(4).position(|window| window == [0x81, 0, 0x87, 0x80]).expect("a block") + 4;
    bytes[at] |= 1;
    std::fs::write(&path, bytes).expect("written");
    let (decoder, read) = decode(&path).expect("is bridged");
    let codes: Vec<_> = decoder.warnings().iter().map(|warning| warning.code()).collect();
    assert_eq!(codes, ["damaged_packets"]);
    assert_eq!(read[0].len(), whole[0].len());
    let tail = whole[0].len() - 1_000;
    assert!(read.iter().zip(&whole).all(|(read, whole)| read[tail..] == whole[tail..]), "what follows is out of time");
}
