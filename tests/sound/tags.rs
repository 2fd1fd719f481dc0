//! Tags on their way from the mix to the master.

use super::*;

/// An ID3v2.4 frame of less than 128 bytes.
fn frame(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    [&name[..], &[0, 0, 0, content.len() as u8, 0, 0], content].concat()
}

/// A WAV file with such frames in its ID3 chunk, as a tagger leaves it.
fn tagged_mix(path: &Path, frames: &[Vec<u8>]) {
    write(path, format(Container::Wav, SampleFormat::Int16, 44_100, 2), &grid_noise(16, 2, 100), 100).expect("written");
    let frames = frames.concat();
    // Lengths are in seven bits a byte.
    let length = [0, 0, (frames.len() >> 7) as u8, (frames.len() & 0x7F) as u8];
    let tag = [b"ID3\x04\x00\x00".as_slice(), &length, &frames].concat();
    let mut bytes = std::fs::read(path).expect("read");
    bytes.extend([b"ID3 ".as_slice(), &(tag.len() as u32).to_le_bytes(), &tag].concat());
    bytes.resize(bytes.len().next_multiple_of(2), 0);
    std::fs::write(path, bytes).expect("written");
}

/// Writes a master with a mix's tags; its bytes.
fn master(path: &Path, metadata: &Metadata, audio: &[Vec<f32>]) -> Vec<u8> {
    let mut encoder = Encoder::create(path, format(Container::Wav, SampleFormat::Float32, 48_000, 2), false).expect("created");
    encoder.push(audio).expect("pushed");
    let mut written = encoder.finish().expect("finished");
    let memory = allocation_counter::measure(|| written.write_metadata(metadata).expect("tagged"));
    assert!(memory.bytes_max < 1 << 18, "{} bytes of memory for a tag", memory.bytes_max);
    assert!(written.warnings().is_empty(), "{:?}", written.warnings());
    written.keep().expect("kept");
    std::fs::read(path).expect("read")
}

#[test]
fn what_a_tag_says_of_the_mix_s_file_stays_behind() {
    let folder = folder();
    let mix = folder.path().join("mix.wav");
    tagged_mix(
        &mix,
        &[
            frame(b"TIT2", b"\x03Title"),
            frame(b"COMM", b"\x03eng\x00A remark"),
            frame(b"COMM", b"\x03engiTunNORM\x00 00000C2F 00000B5A"),
            frame(b"TXXX", b"\x03Mixing room\x00Blue"),
            frame(b"TXXX", b"\x03MP3GAIN_MINMAX\x00123,201"),
            frame(b"TXXX", b"\x03replaygain_reference_loudness\x0089.0 dB"),
            frame(b"RVA2", b"track\x00\x01\x02\x00\x00"),
            frame(b"RVAD", b"\x03\x10\x00\x08\x00\x08"),
        ],
    );
    let metadata = Metadata::read(&mix).expect("tags");
    let path = folder.path().join("master.wav");
    let bytes = master(&path, &metadata, &grid_noise(24, 2, 500));
    let holds = |text: &[u8]| bytes.windows(text.len()).any(|window| window == text);
    assert!(
        holds(b"Title") && holds(b"A remark") && holds(b"Mixing room") && holds(b"Blue"),
        "what tells of the music goes along"
    );
    for text in [b"iTunNORM".as_slice(), b"MP3GAIN", b"replaygain", b"RVA2", b"RVAD"] {
        assert!(!holds(text), "{} is the mix's", text.escape_ascii());
    }
    assert_eq!(Metadata::read(&path).expect("tags").title_artist_album(), [Some("Title"), None, None]);
}

/// A tag goes behind the samples: the memory that it takes does not grow with the song, which stays where it is.
#[test]
fn a_tag_is_put_behind_a_song_that_is_not_read() {
    let folder = folder();
    let mix = folder.path().join("mix.wav");
    tagged_mix(&mix, &[frame(b"TIT2", b"\x03Title")]);
    let metadata = Metadata::read(&mix).expect("tags");
    let audio = grid_noise(24, 2, 250_000);
    let (plain, path) = (folder.path().join("plain.wav"), folder.path().join("master.wav"));
    write(&plain, format(Container::Wav, SampleFormat::Float32, 48_000, 2), &audio, 250_000).expect("written");
    let (plain, bytes) = (std::fs::read(plain).expect("read"), master(&path, &metadata, &audio));
    assert!(plain.len() > 1 << 20 && bytes[8..plain.len()] == plain[8..]);
    let riff_bytes = u32::from_le_bytes(bytes[4..8].try_into().expect("4 bytes"));
    assert_eq!(riff_bytes as usize, bytes.len() - 8);
    assert_eq!(&bytes[plain.len()..plain.len() + 4], b"ID3 ");
    assert!(decode(&path).expect("decoded").1 == audio);
    assert_eq!(Metadata::read(&path).expect("tags").title_artist_album(), [Some("Title"), None, None]);
}

/// 24 bits in one channel can make an odd length: the padding byte comes before the tag.
#[test]
fn a_tag_begins_at_an_even_place() {
    let folder = folder();
    let mix = folder.path().join("mix.wav");
    tagged_mix(&mix, &[frame(b"TIT2", b"\x03Title")]);
    let metadata = Metadata::read(&mix).expect("tags");
    let path = folder.path().join("odd.wav");
    let audio = grid_noise(24, 1, 333);
    let mut encoder = Encoder::create(&path, format(Container::Wav, SampleFormat::Int24, 48_000, 1), false).expect("created");
    encoder.push(&audio).expect("pushed");
    let mut written = encoder.finish().expect("finished");
    written.write_metadata(&metadata).expect("tagged");
    written.keep().expect("kept");
    let bytes = std::fs::read(&path).expect("read");
    let at = bytes.windows(4).rposition(|window| window == b"ID3 ").expect("a tag");
    assert_eq!((at % 2, bytes.len() % 2), (0, 0));
    assert!(decode(&path).expect("decoded").1 == audio);
    assert_eq!(Metadata::read(&path).expect("tags").title_artist_album()[0], Some("Title"));
}
