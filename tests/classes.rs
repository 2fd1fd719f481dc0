//! Classes of odd and hostile files, built here: chunk order and padding, odd lengths, lengths that lie, every place of a cut, 64-bit
//! forms, every word length, no frame, one frame, thousands of chunks, one format in another, foreign tags, changes on the way.
//! For each file: the samples, the error, the warnings; and never more time or memory than the file warrants.

#![allow(clippy::print_stderr, reason = "what is skipped is said aloud")]

mod riff;

use automaster::audio::decode::Decoder;
use automaster::audio::metadata::Metadata;
use automaster::audio::{AudioBuffer, AudioError};
use riff::*;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Time that a file may take: 2 s per MiB, at least this much on a busy machine.
const LEAST_TIME: Duration = Duration::from_secs(2);
/// Memory that a file may take: 20 times its size and this much.
const LEAST_MEMORY_BYTES: u64 = 100 << 20;
const RATE_HZ: u32 = 44_100;

/// What became of a file.
#[derive(Debug)]
struct Read {
    samples: Vec<f32>,
    warnings: Vec<&'static str>,
}

/// A folder for files that are read once.
struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// Reads bytes as a file, tags too, within the bounds of time and memory.
    fn read(&self, bytes: &[u8]) -> Result<Read, AudioError> {
        self.read_with(bytes, Decoder::open)
    }

    fn read_tolerant(&self, bytes: &[u8]) -> Result<Read, AudioError> {
        self.read_with(bytes, Decoder::open_tolerant)
    }

    fn read_with(&self, bytes: &[u8], open: fn(&Path) -> Result<Decoder, AudioError>) -> Result<Read, AudioError> {
        let path = self.file("file", bytes);
        let (began, mut outcome) = (Instant::now(), None);
        let memory = allocation_counter::measure(|| {
            outcome = Some(open(&path).and_then(samples));
            drop(Metadata::read(&path));
        });
        let most_time = LEAST_TIME.max(Duration::from_secs_f64(2.0 * bytes.len() as f64 / f64::from(1 << 20)));
        assert!(began.elapsed() < most_time, "{:?} for {} bytes", began.elapsed(), bytes.len());
        // The samples that this test collects are not the reader's.
        let collected = outcome.as_ref().and_then(|o| o.as_ref().ok()).map_or(0, |read| 12 * read.samples.len() as u64);
        let most = 20 * bytes.len() as u64 + LEAST_MEMORY_BYTES + collected;
        assert!(memory.bytes_max < most, "{} bytes of memory for {} bytes", memory.bytes_max, bytes.len());
        outcome.unwrap()
    }
}

fn samples(mut decoder: Decoder) -> Result<Read, AudioError> {
    let (mut block, mut samples) = (AudioBuffer::default(), Vec::new());
    loop {
        let frames = decoder.read(&mut block, 1_009)?;
        if frames == 0 {
            let warnings = decoder.warnings().iter().map(|warning| warning.code()).collect();
            return Ok(Read { samples, warnings });
        }
        samples.extend((0..frames).flat_map(|frame| block.channels.iter().map(move |channel| channel[frame])));
    }
}

/// Expects these words, exactly and without a warning.
#[track_caller]
fn same(read: Result<Read, AudioError>, words: &[i16]) {
    let read = read.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(read.samples, samples_16(words));
    assert!(read.warnings.is_empty(), "{:?}", read.warnings);
}

#[track_caller]
fn corrupt(read: Result<Read, AudioError>, says: &str) {
    match read {
        Err(error @ AudioError::Corrupt { .. }) => assert!(error.to_string().contains(says), "{error}"),
        other => panic!("{other:?}"),
    }
}

fn list(bytes: usize) -> Chunk {
    chunk(b"LIST", [b"INFOICMT".as_slice(), &vec![b'x'; bytes]].concat())
}

#[test]
fn chunks_come_in_any_order_with_any_padding() {
    let (desk, words) = (Desk::new(), words_16(501, 2));
    let (fmt, data) = (format(1, 2, RATE_HZ, 16), chunk(b"data", little(&words)));
    for before in [vec![], vec![list(9)], vec![chunk(b"bext", vec![0; 602]), list(0), chunk(b"JUNK", vec![7; 27])]] {
        for between in [vec![], vec![chunk(b"fact", vec![1, 0, 0, 0])], vec![list(1), chunk(b"PEAK", vec![0; 24])]] {
            for after in [vec![], vec![list(33)], vec![chunk(b"id3 ", vec![0; 11]), chunk(b"data", vec![1; 40])]] {
                let chunks =
                    [before.as_slice(), std::slice::from_ref(&fmt), &between, std::slice::from_ref(&data), &after].concat();
                same(desk.read(&riff(b"RIFF", &chunks)), &words);
            }
        }
    }
    for odd in [list(9).unpadded(), chunk(b"JUNK", vec![b'd'; 3]).unpadded(), chunk(b"bext", vec![0; 603]).unpadded()] {
        same(desk.read(&riff(b"RIFF", &[odd.clone(), fmt.clone(), odd, data.clone()])), &words);
    }
    corrupt(desk.read(&riff(b"RIFF", &[data.clone(), fmt.clone()])), "before the format");
    corrupt(desk.read(&riff(b"RIFF", std::slice::from_ref(&fmt))), "before its samples");

    let (comm, ssnd) = (common(2, 501, 16, RATE_HZ), sound(&big(&words)));
    let name = chunk(b"NAME", b"a song".to_vec());
    for chunks in
        [vec![&comm, &ssnd], vec![&ssnd, &comm], vec![&name, &comm, &name, &ssnd, &name], vec![&name, &ssnd, &name, &comm]]
    {
        let chunks: Vec<Chunk> = chunks.into_iter().cloned().collect();
        same(desk.read(&aiff(b"AIFF", &chunks)), &words);
    }
    for chunks in [vec![&fmt, &data], vec![&name, &fmt, &name, &data, &name]] {
        let chunks: Vec<Chunk> = chunks.into_iter().cloned().collect();
        same(desk.read(&wave64(&chunks)), &words);
    }
    corrupt(desk.read(&wave64(&[data, fmt])), "before the format");
}

#[test]
fn bytes_that_make_no_whole_frame_are_left_over() {
    let (desk, words) = (Desk::new(), words_16(100, 2));
    for extra in 1..4 {
        let data = [little(&words), vec![9; extra]].concat();
        for data in [chunk(b"data", data.clone()), chunk(b"data", data).unpadded()] {
            same(desk.read(&riff(b"RIFF", &[format(1, 2, RATE_HZ, 16), data])), &words);
        }
    }
}

#[test]
fn lengths_that_lie_cost_nothing_and_mislead_nobody() {
    let (desk, words) = (Desk::new(), words_16(1_000, 2));
    let (fmt, data) = (format(1, 2, RATE_HZ, 16), chunk(b"data", little(&words)));
    // The length of the whole file is nobody's business.
    for length in [0, 4, 100, 0x7FFF_FFFF, u32::MAX] {
        let mut file = riff(b"RIFF", &[fmt.clone(), data.clone()]);
        file[4..8].copy_from_slice(&length.to_le_bytes());
        same(desk.read(&file), &words);
    }
    // The data's length is a promise: less is what counts, more is a truncated file.
    let claims = |claims: u64| riff(b"RIFF", &[fmt.clone(), data.clone().claiming(claims), list(5)]);
    same(desk.read(&claims(400)), &words[..200]);
    for more in [4_100, 1 << 20, 0x7FFF_0000, 0xFFFF_0000] {
        match desk.read(&claims(more)) {
            Err(AudioError::Truncated { declared_s: Some(declared_s), .. }) => {
                assert!((declared_s - (more / 4) as f64 / f64::from(RATE_HZ)).abs() < 1e-6);
            }
            other => panic!("{more}: {other:?}"),
        }
        assert_eq!(desk.read_tolerant(&claims(more)).unwrap().warnings, ["truncated"]);
    }
    for other in [list(5), chunk(b"fmt ", fmt.bytes.clone()), chunk(b"JUNK", vec![])] {
        for claim in [0x10_0000, 0x7FFF_FFFF, u32::MAX.into()] {
            let file = riff(b"RIFF", &[other.clone().claiming(claim), fmt.clone(), data.clone()]);
            corrupt(desk.read(&file), "before its samples");
        }
    }
    corrupt(desk.read(&riff(b"RIFF", &[fmt.clone().claiming(15), data.clone()])), "too short");
    // Channels, rate and words beyond reason.
    for (channels, rate_hz, align, bits) in
        [(0, RATE_HZ, 4, 16), (2, RATE_HZ, 0, 16), (2, RATE_HZ, 3, 16), (2, RATE_HZ, 4, 0), (2, RATE_HZ, 4, 65_535)]
    {
        let fmt = chunk(b"fmt ", format_bytes(1, channels, rate_hz, align, bits));
        corrupt(desk.read(&riff(b"RIFF", &[fmt, data.clone()])), "");
    }
    for (channels, rate_hz) in [(65_535, RATE_HZ), (3, RATE_HZ), (2, 0), (2, 7_999), (2, 384_001), (1, u32::MAX)] {
        let fmt = chunk(b"fmt ", format_bytes(1, channels, rate_hz, 4, 16));
        let refused = desk.read(&riff(b"RIFF", &[fmt, data.clone()])).unwrap_err();
        assert!(matches!(refused, AudioError::TooManyChannels { .. } | AudioError::RateOutOfRange { .. }), "{refused}");
    }

    let wide = |claims: u64| wave64(&[fmt.clone(), data.clone().claiming(claims)]);
    for more in [4_100, 1 << 33, i64::MAX as u64 >> 1] {
        assert!(matches!(desk.read(&wide(more)), Err(AudioError::Truncated { .. })), "{more}");
    }
    assert_eq!(desk.read(&wide(i64::MAX as u64)).unwrap().warnings, ["length_unknown"]);
    assert_eq!(desk.read(&wide(u64::MAX)).unwrap().warnings, ["length_unknown"]);
    for claim in [1 << 40, u64::MAX] {
        corrupt(desk.read(&wave64(&[list(5).claiming(claim), fmt.clone(), data.clone()])), "before its samples");
    }
    let mut backwards = wave64(&[list(5), fmt.clone(), data.clone()]);
    backwards[56..64].copy_from_slice(&3_u64.to_le_bytes());
    corrupt(desk.read(&backwards), "shorter than its head");

    let comm = |channels, frames| common(channels, frames, 16, RATE_HZ);
    same(desk.read(&aiff(b"AIFF", &[comm(2, u32::MAX), sound(&big(&words))])), &words);
    for claim in [5_000, 0x7FFF_FFFF, u32::MAX.into()] {
        let lying = aiff(b"AIFF", &[comm(2, 1_000), sound(&big(&words)).claiming(claim)]);
        assert!(matches!(desk.read(&lying), Err(AudioError::Truncated { .. })), "{claim}");
    }
    let mut offset = sound(&big(&words));
    offset.bytes[0] = 0xFF;
    assert!(desk.read(&aiff(b"AIFF", &[comm(2, 1_000), offset])).is_err());
    assert!(matches!(desk.read(&aiff(b"AIFF", &[comm(9, 1), sound(&[])])), Err(AudioError::TooManyChannels { .. })));
}

#[test]
fn sixty_four_bit_lengths_are_read_where_they_are_meant() {
    let (desk, words) = (Desk::new(), words_16(700, 2));
    let (fmt, data) = (format(1, 2, RATE_HZ, 16), chunk(b"data", little(&words)));
    let ds64 = |data_bytes: u64| {
        let sizes = [3_000_u64, data_bytes, 700];
        chunk(b"ds64", [sizes.map(u64::to_le_bytes).concat(), vec![0; 4]].concat())
    };
    let open = u64::from(u32::MAX);
    for magic in [b"RF64", b"BW64"] {
        let file = |ds64: Chunk, claims: u64| riff(magic, &[ds64, fmt.clone(), data.clone().claiming(claims), list(4)]);
        same(desk.read(&file(ds64(2_800), open)), &words);
        same(desk.read(&file(ds64(1_400), open)), &words[..700]);
        same(desk.read(&file(ds64(9), 2_800)), &words);
        for more in [2_900, 5 << 30, 1 << 60] {
            assert!(matches!(desk.read(&file(ds64(more), open)), Err(AudioError::Truncated { .. })), "{more}");
        }
        assert_eq!(desk.read(&file(ds64(u64::MAX), open)).unwrap().warnings, ["length_unknown"]);
        let without = riff(magic, &[fmt.clone(), data.clone().claiming(open)]);
        assert_eq!(desk.read(&without).unwrap().warnings, ["length_unknown"]);
    }
}

/// A file of 5 GiB that takes no room on the disk: its length is told to the frame, and its first frames are read.
#[test]
fn a_file_beyond_four_gib_has_its_length() {
    const DATA_BYTES: u64 = 5 << 30;
    let (desk, words) = (Desk::new(), words_16(1_000, 2));
    let sizes = [DATA_BYTES + 72, DATA_BYTES, DATA_BYTES / 4].map(u64::to_le_bytes).concat();
    let ds64 = chunk(b"ds64", [sizes, vec![0; 4]].concat());
    let data = || chunk(b"data", little(&words));
    let rf64 = riff(b"RF64", &[ds64, format(1, 2, RATE_HZ, 16), data().claiming(u32::MAX.into())]);
    let wide = wave64(&[format(1, 2, RATE_HZ, 16), data().claiming(DATA_BYTES)]);
    for head in [rf64, wide] {
        let path = desk.file("long.wav", &head);
        let file = std::fs::File::options().write(true).open(&path).unwrap();
        if file.set_len(head.len() as u64 - 4_000 + DATA_BYTES).is_err() {
            eprintln!("SKIPPED: this file system holds no file of 5 GiB");
            return;
        }
        let mut decoder = Decoder::open(&path).unwrap();
        assert_eq!(decoder.info().frames, Some(DATA_BYTES / 4));
        assert!(decoder.warnings().is_empty());
        let mut block = AudioBuffer::default();
        assert_eq!(decoder.read(&mut block, 1_500).unwrap(), 1_500);
        assert_eq!(block.channels[0][..1_000], samples_16(&words).iter().copied().step_by(2).collect::<Vec<_>>());
        assert!(block.channels[1][1_000..].iter().all(|sample| *sample == 0.0));
        // One byte less is a truncated file.
        file.set_len(head.len() as u64 - 4_001 + DATA_BYTES).unwrap();
        assert!(matches!(Decoder::open(&path), Err(AudioError::Truncated { .. })));
    }
}

#[test]
fn every_word_length_and_every_extensible_form_is_scaled_alike() {
    let desk = Desk::new();
    // The same three values, in words of 1 to 8 bytes.
    let values = [-0.5_f32, 0.25, 0.0];
    for bytes in 1..=8_u16 {
        let word = |value: f32| {
            let offset = if bytes == 1 { i64::MIN } else { 0 };
            let word = ((f64::from(value) * 2f64.powi(63)) as i64).wrapping_add(offset).to_le_bytes();
            word[8 - usize::from(bytes)..].to_vec()
        };
        let data = || chunk(b"data", values.iter().flat_map(|&value| word(value)).collect());
        for fmt in [format(1, 1, RATE_HZ, 8 * bytes), extensible(1, 1, RATE_HZ, 8 * bytes, 8 * bytes)] {
            for file in [riff(b"RIFF", &[fmt.clone(), data()]), wave64(&[fmt, data()])] {
                assert_eq!(desk.read(&file).unwrap().samples, values, "{bytes} bytes");
            }
        }
        // Fewer bits in use: they are the upper ones.
        if bytes > 1 {
            let fmt = extensible(1, 1, RATE_HZ, 8 * bytes, 8 * bytes - 4);
            assert_eq!(desk.read(&riff(b"RIFF", &[fmt, data()])).unwrap().samples, values, "{bytes} bytes, less 4 bits");
        }
    }
    let floats = |bytes: Vec<u8>, bits: u16| {
        let read = |fmt| desk.read(&riff(b"RIFF", &[fmt, chunk(b"data", bytes.clone())])).unwrap().samples;
        assert_eq!(read(format(3, 1, RATE_HZ, bits)), values);
        assert_eq!(read(extensible(3, 1, RATE_HZ, bits, bits)), values);
    };
    floats(values.iter().flat_map(|value| value.to_le_bytes()).collect(), 32);
    floats(values.iter().flat_map(|&value| f64::from(value).to_le_bytes()).collect(), 64);
    // A float of two bytes, a codec nobody knows, an extensible form cut short.
    for fmt in [format(3, 1, RATE_HZ, 16), format(0x1234, 1, RATE_HZ, 16), extensible(0x4444, 1, RATE_HZ, 16, 16)] {
        let refused = desk.read(&riff(b"RIFF", &[fmt, chunk(b"data", vec![0; 64])])).unwrap_err();
        assert!(matches!(refused, AudioError::Unsupported { .. } | AudioError::Corrupt { .. }), "{refused}");
    }
    let short = chunk(b"fmt ", extensible(1, 1, RATE_HZ, 16, 16).bytes[..30].to_vec());
    corrupt(desk.read(&riff(b"RIFF", &[short, chunk(b"data", vec![0; 64])])), "extensible");
}

#[test]
fn no_frame_is_empty_and_one_frame_is_one() {
    let desk = Desk::new();
    for frames in [0, 1] {
        let words = words_16(frames, 2);
        let files = [
            riff(b"RIFF", &[format(1, 2, RATE_HZ, 16), chunk(b"data", little(&words))]),
            wave64(&[format(1, 2, RATE_HZ, 16), chunk(b"data", little(&words))]),
            aiff(b"AIFF", &[common(2, frames as u32, 16, RATE_HZ), sound(&big(&words))]),
        ];
        for file in files {
            match frames {
                0 => assert!(matches!(desk.read(&file), Err(AudioError::Empty { .. }))),
                _ => same(desk.read(&file), &words),
            }
        }
    }
}

#[test]
fn samples_that_are_no_numbers_are_refused_in_every_form() {
    let desk = Desk::new();
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300] {
        let doubles = chunk(b"data", [0.5, bad, 0.25].iter().flat_map(|value| value.to_le_bytes()).collect());
        for file in
            [riff(b"RIFF", &[format(3, 1, RATE_HZ, 64), doubles.clone()]), wave64(&[format(3, 1, RATE_HZ, 64), doubles.clone()])]
        {
            assert!(matches!(desk.read(&file), Err(AudioError::NotFinite { channel: 1, .. })), "{bad}");
        }
    }
    let tiny = chunk(b"data", [f32::MIN_POSITIVE / 2.0, -1e-45, 1e38].iter().flat_map(|value| value.to_le_bytes()).collect());
    let read = desk.read(&riff(b"RIFF", &[format(3, 1, RATE_HZ, 32), tiny])).unwrap();
    assert_eq!(read.samples, [f32::MIN_POSITIVE / 2.0, -1e-45, 1e38]);
}

#[test]
fn twenty_thousand_chunks_are_walked_in_no_time() {
    let (desk, words) = (Desk::new(), words_16(100, 2));
    let many = |length: usize| vec![chunk(b"note", vec![b'n'; length]); 20_000];
    for length in [0, 1, 16] {
        let file = [many(length), vec![format(1, 2, RATE_HZ, 16)], many(length), vec![chunk(b"data", little(&words))]].concat();
        same(desk.read(&riff(b"RIFF", &file)), &words);
        same(desk.read(&wave64(&file)), &words);
        let file = [many(length), vec![common(2, 100, 16, RATE_HZ), sound(&big(&words))], many(length)].concat();
        same(desk.read(&aiff(b"AIFF", &file)), &words);
    }
    // Blocks of padding in FLAC, boxes in MP4, comments in Ogg cannot be walked otherwise than by their readers.
    let flac = std::fs::read(codec("../cornercases/claxon/pop.flac")).unwrap();
    let mut blocks = flac[..4 + 38].to_vec();
    blocks[4] &= 0x7F;
    blocks.extend([1, 0, 0, 3, 9, 9, 9].repeat(20_000));
    blocks.extend([0x81, 0, 0, 0]);
    let rest = &flac[4 + 38..];
    assert_eq!(flac[4] & 0x80, 0x80, "the file has one block alone");
    blocks.extend(rest);
    assert_eq!(desk.read(&blocks).unwrap().samples, desk.read(&flac).unwrap().samples);
    let m4a = std::fs::read(codec("lossless-16.m4a")).unwrap();
    let first = u32::from_be_bytes([m4a[0], m4a[1], m4a[2], m4a[3]]) as usize;
    // Behind the samples: their places in the file are absolute.
    let boxes = [m4a.as_slice(), &b"\x00\x00\x00\x09free!".repeat(20_000)].concat();
    assert!(first > 8 && desk.read(&boxes).unwrap().samples == desk.read(&m4a).unwrap().samples);
}

fn codec(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/codecs").join(name)
}

/// The small files of every codec.
fn codecs() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(codec("")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| !matches!(file.extension().and_then(|e| e.to_str()), Some("md" | "sh")));
    files.sort();
    assert!(files.len() > 17);
    files
}

#[test]
fn a_cut_at_any_place_is_an_error_or_a_warning_and_never_more_music() {
    let desk = Desk::new();
    for file in codecs() {
        let whole = std::fs::read(&file).unwrap();
        let all = desk.read(&whole).unwrap_or_else(|error| panic!("{error}")).samples.len();
        // Closely in the header, coarsely behind it.
        let places = (0..200.min(whole.len())).step_by(7).chain((200..whole.len()).step_by(whole.len() / 24 + 1));
        for place in places {
            for read in [desk.read(&whole[..place]), desk.read_tolerant(&whole[..place])].into_iter().flatten() {
                assert!(read.samples.len() <= all, "{file:?} cut at {place} has more than before");
            }
        }
    }
    // Where the header tells the length, nothing that is missing goes unseen.
    let words = words_16(400, 2);
    let wav = riff(b"RIFF", &[format(1, 2, RATE_HZ, 16), chunk(b"data", little(&words))]);
    let aiff = aiff(b"AIFF", &[common(2, 400, 16, RATE_HZ), sound(&big(&words))]);
    let wide = wave64(&[format(1, 2, RATE_HZ, 16), chunk(b"data", little(&words))]);
    for whole in [wav, aiff, wide] {
        for place in 0..whole.len() {
            assert!(desk.read(&whole[..place]).is_err(), "a cut at {place} of {} is not seen", whole.len());
        }
    }
}

#[test]
fn one_format_inside_another_is_read_by_what_it_is() {
    let desk = Desk::new();
    let words = words_16(300, 2);
    let wav = riff(b"RIFF", &[format(1, 2, RATE_HZ, 16), chunk(b"data", little(&words))]);
    // The name of a file says nothing.
    for name in ["song.mp3", "song.flac", "song", "song.txt"] {
        let path = desk.file(name, &wav);
        same(Decoder::open(&path).and_then(samples), &words);
    }
    // MP3 frames in a WAV file, whole and cut.
    let mp3 = std::fs::read(codec("no-xing.mp3")).unwrap();
    let fmt = chunk(b"fmt ", [format_bytes(0x55, 2, RATE_HZ, 1, 0), vec![12, 0, 1, 0, 2, 0, 0, 0, 0, 4, 1, 0, 0, 0]].concat());
    let inside = riff(b"RIFF", &[fmt.clone(), chunk(b"data", mp3.clone()), list(7)]);
    assert_eq!(desk.read(&inside).unwrap().samples, desk.read(&mp3).unwrap().samples);
    assert!(matches!(desk.read(&inside[..inside.len() / 2]), Err(AudioError::Truncated { .. })));
    // A WAV file in WAV, a text in WAV with MP3's number.
    assert!(desk.read(&riff(b"RIFF", &[fmt, chunk(b"data", b"no frames at all".repeat(50))])).is_err());
}

/// An ID3v2 tag that claims a length, which is written in seven bits a byte.
fn id3(claims: usize, bytes: usize) -> Vec<u8> {
    let length: Vec<u8> = (0..4).rev().map(|place| (claims >> (7 * place) & 0x7F) as u8).collect();
    [b"ID3\x03\x00\x00".as_slice(), &length, &vec![0; bytes]].concat()
}

#[test]
fn foreign_tags_before_and_behind_do_not_matter() {
    let desk = Desk::new();
    let trailers = [
        [b"TAG".as_slice(), &[b' '; 125]].concat(),
        [b"APETAGEX".as_slice(), &2000_u32.to_le_bytes(), &[0; 20]].concat(),
        b"LYRICSBEGININD0000200000021LYRICS200".to_vec(),
    ];
    for name in ["gapless.mp3", "no-xing.mp3", "stream.aac"] {
        let whole = std::fs::read(codec(name)).unwrap();
        let plain = desk.read(&whole).unwrap().samples;
        for front in [id3(0, 0), id3(100, 100), id3(5_000, 5_000)] {
            let read = desk.read(&[front, whole.clone()].concat()).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(read.samples == plain, "{name}: {} values, {} without a tag", read.samples.len(), plain.len());
        }
    }
    let words = words_16(5_000, 2);
    let wav = riff(b"RIFF", &[format(1, 2, RATE_HZ, 16), chunk(b"data", little(&words))]);
    let flac = std::fs::read(codec("../cornercases/claxon/wasted_bits.flac")).unwrap();
    let plain = desk.read(&flac).unwrap().samples;
    for trailer in &trailers {
        same(desk.read(&[wav.clone(), trailer.clone()].concat()), &words);
        assert_eq!(desk.read(&[flac.clone(), trailer.clone()].concat()).unwrap().samples, plain);
    }
    for front in [id3(0, 0), id3(100, 100), id3(70_000, 70_000)] {
        same(desk.read(&[front.clone(), wav.clone()].concat()), &words);
        assert_eq!(desk.read(&[front, flac.clone()].concat()).unwrap().samples, plain);
    }
    // A tag that claims the rest of the file and more.
    for whole in [&wav, &flac] {
        assert!(desk.read(&[id3(0x0FFF_FFFF, 30), whole.clone()].concat()).is_err());
    }
}

#[test]
fn a_stream_that_changes_on_the_way_is_refused_and_one_that_goes_on_is_read() {
    let desk = Desk::new();
    let read = |name: &str| std::fs::read(codec(name)).unwrap();
    let stereo = read("stereo.ogg");
    let twice = desk.read(&[stereo.clone(), stereo.clone()].concat());
    assert_eq!(twice.unwrap().samples.len(), 2 * desk.read(&stereo).unwrap().samples.len());
    // Opus at 48 kHz behind Vorbis at 44.1 kHz, one channel behind two, FLAC behind Vorbis.
    // Another codec of the same rate and channels goes on as well.
    let both = desk.read(&[stereo, read("flac.oga")].concat()).unwrap();
    assert_eq!(both.samples.len(), 2 * (11_025 + 11_025));
    for (first, then) in [("stereo.ogg", "stereo.opus"), ("stereo.opus", "mono.opus"), ("stereo.opus", "stereo.ogg")] {
        let refused = desk.read(&[read(first), read(then)].concat()).map(|all| all.samples.len());
        let refused = refused.expect_err(&format!("{then} behind {first} is not lost in silence"));
        assert!(matches!(refused, AudioError::Corrupt { .. } | AudioError::Unsupported { .. }), "{refused}");
    }
    // A FLAC file whose later frames say another rate.
    let flac = read("../cornercases/claxon/wasted_bits.flac");
    let other = read("../cornercases/claxon/short.flac");
    assert!(desk.read(&[flac[..flac.len() - 300].to_vec(), other].concat()).is_err());
}

#[test]
fn a_checksum_that_does_not_fit_is_a_warning_and_a_damaged_frame_an_error() {
    let desk = Desk::new();
    let whole = std::fs::read(codec("../cornercases/claxon/non_subset.flac")).unwrap();
    let plain = desk.read(&whole).unwrap();
    assert!(plain.warnings.is_empty());
    // The MD5 is the last 16 of 34 bytes behind two marks of 4 bytes.
    let mut wrong = whole.clone();
    wrong[4 + 4 + 18] ^= 1;
    let read = desk.read(&wrong).unwrap();
    assert_eq!((read.samples == plain.samples, read.warnings), (true, vec!["checksum_wrong"]));
    let mut none = whole.clone();
    none[4 + 4 + 18..4 + 4 + 34].fill(0);
    assert!(desk.read(&none).unwrap().warnings.is_empty(), "all zeros means: not known");
    let mut damaged = whole.clone();
    let middle = damaged.len() - 200;
    damaged[middle] ^= 0x10;
    assert!(matches!(desk.read(&damaged), Err(AudioError::Corrupt { .. })));
}

#[cfg(unix)]
#[test]
fn a_pipe_and_a_device_are_refused_without_waiting() {
    let desk = Desk::new();
    let pipe = desk.0.path().join("pipe.wav");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for path in [pipe.as_path(), Path::new("/dev/zero"), Path::new("/dev/null")] {
        assert!(matches!(Decoder::open(path), Err(AudioError::NotAFile { .. })), "{path:?}");
    }
}

#[test]
fn a_file_that_changes_while_it_is_read_is_told() {
    let desk = Desk::new();
    let wav = riff(b"RIFF", &[format(1, 2, RATE_HZ, 16), chunk(b"data", little(&words_16(50_000, 2)))]);
    let mut block = AudioBuffer::default();
    let mut finish = |path: &Path, change: &dyn Fn()| {
        let mut decoder = Decoder::open(path).unwrap();
        decoder.read(&mut block, 4_096).unwrap();
        change();
        loop {
            match decoder.read(&mut block, 4_096) {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                Err(error) => return Err(error),
            }
        }
    };
    let path = desk.file("changing.wav", &wav);
    let shorter = || std::fs::File::options().write(true).open(&path).unwrap().set_len(9_000).unwrap();
    assert!(matches!(finish(&path, &shorter), Err(AudioError::Changed { .. })));
    let path = desk.file("changing.wav", &wav);
    let longer = || std::fs::write(&path, [wav.clone(), vec![0; 500]].concat()).unwrap();
    assert!(matches!(finish(&path, &longer), Err(AudioError::Changed { .. })));
    let path = desk.file("changing.wav", &wav);
    let gone = || std::fs::remove_file(&path).unwrap();
    assert!(finish(&path, &gone).is_ok(), "a file that is removed is read to its end");
    let path = desk.file("changing.wav", &wav);
    let replaced = || std::fs::rename(desk.file("new.wav", &wav[..100]), &path).unwrap();
    assert!(finish(&path, &replaced).is_ok(), "a file that is replaced is read to its end");
}
