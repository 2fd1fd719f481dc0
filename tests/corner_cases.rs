//! Odd and hostile files of other projects' test suites: each decodes to the known samples, is refused with the right
//! error, or at least ends cleanly. `tests/data/cornercases/README.md` says where they come from.

use automaster::audio::decode::Decoder;
use automaster::audio::metadata::Metadata;
use automaster::audio::{AudioBuffer, AudioError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

struct Case {
    path: PathBuf,
    expect: String,
    md5: String,
}

fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/cornercases");
    let table = std::fs::read_to_string(folder.join("expectations.tsv")).expect("the table of expectations");
    let case = |line: &str| {
        let fields: Vec<&str> = line.split('\t').collect();
        Case { path: folder.join(fields[0]), expect: fields[1].to_owned(), md5: fields[2].to_owned() }
    };
    table.lines().skip(1).map(case).collect()
}

/// The interleaved samples of a whole file, read in odd blocks, as little-endian f32.
fn decode(mut decoder: Decoder) -> Result<(Vec<u8>, Decoder), AudioError> {
    let mut bytes = Vec::new();
    let mut block = AudioBuffer::default();
    loop {
        let frames = decoder.read(&mut block, 1_009)?;
        if frames == 0 {
            return Ok((bytes, decoder));
        }
        for frame in 0..frames {
            bytes.extend(block.channels.iter().flat_map(|channel| channel[frame].to_le_bytes()));
        }
    }
}

fn outcome(path: &Path) -> Result<String, AudioError> {
    let (bytes, decoder) = decode(Decoder::open(path)?)?;
    let frame_bytes = 4 * decoder.info().channels as u64;
    let declared = decoder.info().frames;
    assert!(declared.is_none_or(|frames| frames * frame_bytes <= bytes.len() as u64), "{declared:?} frames declared");
    Ok(format!("{:x}", md5::compute(bytes)))
}

#[test]
fn every_file_has_the_expected_outcome() {
    let cases = cases();
    assert!(cases.len() > 100);
    let mut wrong = Vec::new();
    for Case { path, expect, md5 } in &cases {
        let found = outcome(path);
        let right = match (expect.as_str(), &found) {
            ("samples", Ok(samples)) => samples == md5,
            ("channels", Err(AudioError::TooManyChannels { .. })) => true,
            ("rate", Err(AudioError::RateOutOfRange { .. })) => true,
            ("empty", Err(AudioError::Empty { .. })) => true,
            ("corrupt", Err(AudioError::Corrupt { .. } | AudioError::Truncated { .. } | AudioError::NotAudio { .. })) => true,
            ("truncated", Err(AudioError::Truncated { .. })) => true,
            ("any", _) => true,
            _ => false,
        };
        if let Err(error) = &found {
            assert!(error.to_string().starts_with(&path.display().to_string()), "names its file: {error}");
        }
        if !right {
            wrong.push(format!("{}: expected {expect} {md5}, found {found:?}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn tolerance_keeps_what_a_truncated_file_holds_and_warns() {
    for Case { path, md5, .. } in cases().into_iter().filter(|case| case.expect == "truncated") {
        let (bytes, decoder) = decode(Decoder::open_tolerant(&path).expect("opened")).expect("decoded");
        assert_eq!(format!("{:x}", md5::compute(bytes)), md5);
        assert_eq!(decoder.warnings().iter().map(|warning| warning.code()).collect::<Vec<_>>(), ["truncated"]);
    }
}

#[test]
fn a_20_bit_word_keeps_the_bits_below_it() {
    let case = cases().into_iter().find(|case| case.expect == "rate").expect("one file has a rate out of range");
    let mut bytes = std::fs::read(&case.path).expect("read");
    bytes[24..28].copy_from_slice(&12_340_u32.to_le_bytes());
    let file = tempfile::NamedTempFile::new().expect("created");
    std::fs::write(file.path(), bytes).expect("written");
    assert_eq!(outcome(file.path()).expect("decoded"), case.md5);
}

/// Files of more than two channels are refused, but their words are read right: the same words as one channel are FFmpeg's samples
/// (as 32-bit integers; of the big-endian file, which FFmpeg reads wrong, those of its twin).
#[test]
fn words_of_many_channels_are_read_right_as_one() {
    const TWINS: &str = "b63af1c38d42074ec75c0a873aee41a0";
    let files = [
        ("8000Hz-le-3ch-5S-24bit", TWINS),
        ("8000Hz-le-3ch-5S-24bit-rf64", TWINS),
        ("8000Hz-be-3ch-5S-24bit", TWINS),
        ("8000Hz-le-4ch-9S-12bit", "2c10f3eacbc1f6df5fcb4c0809333031"),
        ("8000Hz-le-5ch-9S-5bit", "d9122022ae0388e5400d2927a4871aab"),
    ];
    for (name, md5) in files {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/data/cornercases/scipy/test-{name}.wav"));
        let mut bytes = std::fs::read(path).expect("read");
        let big = bytes.starts_with(b"RIFX");
        let at = bytes.windows(4).position(|window| window == b"fmt ").expect("a format") + 8;
        let (channels, align) = if big { (at + 3, at + 13) } else { (at + 2, at + 12) };
        bytes[align] /= bytes[channels];
        bytes[channels] = 1;
        let file = tempfile::NamedTempFile::new().expect("created");
        std::fs::write(file.path(), bytes).expect("written");
        let (floats, _) = decode(Decoder::open(file.path()).expect("opened")).expect("decoded");
        let (floats, _) = floats.as_chunks::<4>();
        let integers =
            floats.iter().flat_map(|word| ((f64::from(f32::from_le_bytes(*word)) * 2f64.powi(31)) as i32).to_le_bytes());
        assert_eq!(format!("{:x}", md5::compute(integers.collect::<Vec<u8>>())), md5, "{name}");
    }
}

/// No header makes the reader take time or memory that the file itself does not warrant. Tags are read as well.
#[test]
fn hostile_files_take_no_time_and_no_memory() {
    for Case { path, .. } in cases() {
        let start = Instant::now();
        for open in [Decoder::open, Decoder::open_tolerant] {
            let _ = open(&path).and_then(decode);
        }
        let _ = Metadata::read(&path);
        assert!(start.elapsed() < Duration::from_secs(5), "{} took {:?}", path.display(), start.elapsed());
    }
    if let Some(peak_kib) = peak_memory_kib() {
        assert!(peak_kib < 300_000, "{peak_kib} KiB at the peak");
    }
}

/// The greatest resident size of this process so far, on Linux.
fn peak_memory_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}
