//! What is fuzzed: one function a target, each given any bytes. Used by the fuzzers in `fuzz_targets/` and, over the kept seeds and
//! regressions, by `tests/fuzz_seeds.rs`: so an ordinary test run covers what a fuzzer found, without a fuzzer.

#![allow(dead_code, reason = "each fuzzer uses one function")]

use automaster::audio::AudioBuffer;
use automaster::audio::decode::Decoder;
use automaster::audio::metadata::Metadata;
use automaster::inference;
use automaster::plan::Plan;
use automaster::report::Report;
use automaster::review::understand;
use automaster::target::genre::profile::SoundProfile;
use automaster::words;
use crc::{Algorithm, Crc, Table};
use std::cell::RefCell;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::LazyLock;
use tempfile::NamedTempFile;

/// A target: its name and its function.
pub(crate) type Target = (&'static str, fn(&[u8]));

/// All targets.
pub(crate) const TARGETS: [Target; 16] = [
    ("wav", wav),
    ("flac", flac),
    ("mp3", mp3),
    ("aac", aac),
    ("ogg", ogg),
    ("opus", opus),
    ("aiff", aiff),
    ("caf", caf),
    ("m4a", m4a),
    ("mka", mka),
    ("plan", plan),
    ("report", report),
    ("profile", profile),
    ("manifest", manifest),
    ("request", request),
    ("words", words),
];

/// Frames after which a stream has been read for long enough: a few bytes may stand for hours of silence.
const MOST_FRAMES: usize = 4_000_000;

/// WAV in all its forms: RIFF, RIFX, RF64, BW64, Wave64.
pub(crate) fn wav(bytes: &[u8]) {
    sound(bytes);
}

/// FLAC.
pub(crate) fn flac(bytes: &[u8]) {
    sound(bytes);
}

/// MP3.
pub(crate) fn mp3(bytes: &[u8]) {
    sound(bytes);
}

/// AAC in ADTS.
pub(crate) fn aac(bytes: &[u8]) {
    sound(bytes);
}

/// Vorbis and FLAC in Ogg.
pub(crate) fn ogg(bytes: &[u8]) {
    sound(bytes);
    sound(&with_ogg_checksums(bytes));
}

/// Opus in Ogg.
pub(crate) fn opus(bytes: &[u8]) {
    ogg(bytes);
}

/// AIFF and AIFC.
pub(crate) fn aiff(bytes: &[u8]) {
    sound(bytes);
}

/// CAF.
pub(crate) fn caf(bytes: &[u8]) {
    sound(bytes);
}

/// AAC and ALAC in MP4.
pub(crate) fn m4a(bytes: &[u8]) {
    sound(bytes);
}

/// Matroska.
pub(crate) fn mka(bytes: &[u8]) {
    sound(bytes);
}

/// The same with the right checksum on every Ogg page (RFC 3533), without which what a fuzzer changes in a page is never read.
fn with_ogg_checksums(bytes: &[u8]) -> Vec<u8> {
    const OGG: Algorithm<u32> = Algorithm { xorout: 0, check: 0x89a1_897f, residue: 0, ..crc::CRC_32_CKSUM };
    let (mut bytes, mut at) = (bytes.to_vec(), 0);
    while let Some(skipped) = bytes[at..].windows(4).position(|window| window == b"OggS") {
        at += skipped;
        let page = &mut bytes[at..];
        let segments = page.get(26).and_then(|&segments| page.get(27..27 + usize::from(segments)));
        let Some(segments) = segments else { break };
        let end = 27 + segments.len() + segments.iter().map(|&bytes| usize::from(bytes)).sum::<usize>();
        let Some(page) = page.get_mut(..end) else { break };
        page[22..26].fill(0);
        let checksum = Crc::<u32, Table<16>>::new(&OGG).checksum(page);
        page[22..26].copy_from_slice(&checksum.to_le_bytes());
        at += end;
    }
    bytes
}

/// Decodes strictly and tolerantly and reads the tags. The first bytes decide on the reader, whatever the target's name.
fn sound(bytes: &[u8]) {
    in_file(bytes, |path| {
        for open in [Decoder::open, Decoder::open_tolerant] {
            let Ok(mut decoder) = open(path) else { continue };
            let channels = decoder.info().channels;
            assert!((1..=2).contains(&channels), "{channels} channels");
            let (mut block, mut total) = (AudioBuffer::default(), 0);
            while let Ok(frames @ 1..) = decoder.read(&mut block, 4_096) {
                total += frames;
                assert!(block.channels.len() == channels && block.channels.iter().all(|channel| channel.len() == frames));
                assert!(block.channels.iter().flatten().all(|sample| sample.is_finite()));
                if total > MOST_FRAMES {
                    break;
                }
            }
        }
        drop(Metadata::read(path));
    });
}

/// The plan's TOML; what is read is written and read again.
pub(crate) fn plan(bytes: &[u8]) {
    let Ok(plan) = Plan::from_toml(&String::from_utf8_lossy(bytes)) else { return };
    let text = plan.to_toml().expect("what was read can be written");
    let again = Plan::from_toml(&text).expect("what was written can be read");
    assert_eq!(again.chain, plan.chain);
}

/// The report's JSON, as a program reads it, and its pages.
pub(crate) fn report(bytes: &[u8]) {
    let Ok(report) = serde_json::from_slice::<Report>(bytes) else { return };
    let text = automaster::report::json::pretty(&report).expect("what was read can be written");
    assert!(serde_json::from_str::<Report>(&text).is_ok(), "what was written can be read");
    automaster::report::html::report(&report);
    automaster::report::markdown::report(&report);
}

/// The TOML of a person's own sound.
pub(crate) fn profile(bytes: &[u8]) {
    if let Ok(profile) = SoundProfile::from_toml(&String::from_utf8_lossy(bytes)) {
        let again = SoundProfile::from_toml(&profile.to_toml());
        assert_eq!(again.as_ref(), Ok(&profile));
    }
}

/// The models' manifest.
pub(crate) fn manifest(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    drop(inference::models_listed(&text));
}

/// What the review page sends: a path, a line break, a JSON body.
pub(crate) fn request(bytes: &[u8]) {
    let end = bytes.iter().position(|&byte| byte == b'\n').unwrap_or(bytes.len());
    let body = bytes.get(end + 1..).unwrap_or_default();
    drop(understand(&String::from_utf8_lossy(&bytes[..end]), body));
}

/// Feedback in words, on a plan that has something to change.
pub(crate) fn words(bytes: &[u8]) {
    static PLAN: LazyLock<Plan> =
        LazyLock::new(|| Plan::from_toml(include_str!("seeds/plan/example.toml")).expect("the seed is a plan"));
    let text = String::from_utf8_lossy(bytes);
    for revision in [words::revise(&PLAN, &text), words::instruct(&PLAN, &text)].into_iter().flatten() {
        let text = revision.plan.to_toml().expect("a revised plan can be written");
        Plan::from_toml(&text).expect("a revised plan can be read");
    }
}

/// Hands the bytes over as a file, which this thread uses again and again.
fn in_file(bytes: &[u8], then: impl FnOnce(&Path)) {
    thread_local! {
        static FILE: RefCell<Option<NamedTempFile>> = const { RefCell::new(None) };
    }
    FILE.with_borrow_mut(|file| {
        let file = file.get_or_insert_with(|| NamedTempFile::new().expect("a temporary file"));
        let handle = file.as_file_mut();
        handle.set_len(0).and_then(|()| handle.seek(SeekFrom::Start(0))).expect("emptied");
        handle.write_all(bytes).expect("written");
        then(file.path());
    });
}
