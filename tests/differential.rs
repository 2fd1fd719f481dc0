//! What is decoded equals what FFmpeg decodes: sample by sample for every lossless file, within a tolerance and to the frame for lossy
//! ones. Over the small files of the tests, over files that FFmpeg makes here (every lossless container with every word length), and
//! over the music in `.cache/corpus` where that was fetched (`scripts/fetch-corpus.sh`). Without FFmpeg it is skipped aloud.

#![allow(clippy::print_stderr, reason = "what is skipped is said aloud")]

use automaster::audio::decode::Decoder;
use automaster::audio::{AudioBuffer, AudioError};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Power of the difference over that of the music that two decoders of a lossy codec may have: single precision each, and Opus
/// (RFC 6716, section 6) leaves a decoder more room than that.
const LOSSY_TOLERANCE_DB: f64 = -70.0;
/// Music files that an ordinary run looks at, none of them long; `AUTOMASTER_DIFFERENTIAL=all` looks at every one.
const FEW: usize = 4;
const NOT_LONG_BYTES: u64 = 1_500_000;

fn has_ffmpeg() -> bool {
    let found = Command::new("ffmpeg").arg("-version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    let found = found.is_ok_and(|status| status.success());
    if !found {
        eprintln!("SKIPPED: ffmpeg is missing: nothing is compared with it");
    }
    found
}

/// Difference of a file's two decodings, read side by side: frames here, frames there, power of the difference and of the music.
struct Difference {
    frames: [u64; 2],
    error: f64,
    power: f64,
    lossy: bool,
}

fn difference(path: &Path) -> Result<Difference, String> {
    let mut decoder = Decoder::open(path).map_err(|error| error.to_string())?;
    let info = decoder.info().clone();
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-v", "error", "-nostdin", "-i"]).arg(path).args(["-map", "0:a:0", "-f", "f32le", "-"]);
    let mut child = ffmpeg.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().map_err(|error| error.to_string())?;
    let mut theirs = std::io::BufReader::with_capacity(1 << 18, child.stdout.take().ok_or("no output")?);
    let mut found = Difference { frames: [0; 2], error: 0.0, power: 0.0, lossy: info.lossy };
    let (mut block, mut bytes) = (AudioBuffer::default(), Vec::new());
    loop {
        let frames = decoder.read(&mut block, 8_192).map_err(|error| error.to_string())?;
        if frames == 0 {
            break;
        }
        bytes.clear();
        let wanted = (4 * frames * info.channels) as u64;
        theirs.by_ref().take(wanted).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
        found.frames[0] += frames as u64;
        found.frames[1] += (bytes.len() / 4 / info.channels) as u64;
        let (words, _) = bytes.as_chunks::<4>();
        for (index, word) in words.iter().enumerate() {
            let (ours, theirs) = (block.channels[index % info.channels][index / info.channels], f32::from_le_bytes(*word));
            found.error += f64::from(ours - theirs).powi(2);
            found.power += f64::from(theirs).powi(2);
        }
    }
    let rest = std::io::copy(&mut theirs, &mut std::io::sink()).map_err(|error| error.to_string())?;
    found.frames[1] += rest / 4 / info.channels as u64;
    child.wait().map_err(|error| error.to_string())?;
    Ok(found)
}

/// Music of the corpus that ends in the middle of a packet.
const CUT: [&str; 1] = ["tb_design.ogg"];

/// Lossy files of which FFmpeg gives more frames, by at most so many: all others are as long here as there. In each it leaves on what
/// fills up the last packet.
const LONGER_THERE: [(&str, u64); 3] = [
    // Where the edit list says how much of the last packet is music.
    ("priming.m4a", 239),
    // Where the first page of sound is the last too.
    ("stereo.ogg", 111),
    // Where the last page begins with the end of a packet.
    ("battle-epic.ogg", 128),
];

/// What is wrong with a file, if anything.
fn fault(path: &Path) -> Option<String> {
    let wrong = |what: String| Some(format!("{}: {what}", path.display()));
    if CUT.iter().any(|name| path.ends_with(name)) {
        let opened = Decoder::open(path).and_then(|mut decoder| decoder.for_each_block(8192, |_| Ok::<(), AudioError>(())));
        let refused = matches!(opened, Err(AudioError::Truncated { .. }));
        return if refused { None } else { wrong("cut, and not told".into()) };
    }
    let found = match difference(path) {
        Ok(found) => found,
        Err(error) => return wrong(error),
    };
    let [ours, theirs] = found.frames;
    let error_db = 10.0 * (found.error / found.power.max(1e-30)).log10();
    if !found.lossy && (ours != theirs || found.error > 0.0) {
        return wrong(format!("{ours} frames here, {theirs} there, difference {error_db:.1} dB"));
    }
    let longer = LONGER_THERE.iter().find(|(name, _)| path.ends_with(name)).map_or(0, |(_, frames)| *frames);
    if !(ours..=ours + longer).contains(&theirs) {
        return wrong(format!("{ours} frames here, {theirs} there"));
    }
    if error_db > LOSSY_TOLERANCE_DB {
        return wrong(format!("difference {error_db:.1} dB"));
    }
    None
}

fn all_right(files: &[PathBuf]) {
    let faults: Vec<String> = files.iter().filter_map(|file| fault(file)).collect();
    assert!(faults.is_empty(), "{} of {}:\n{}", faults.len(), files.len(), faults.join("\n"));
}

#[test]
fn the_small_files_of_every_codec_are_decoded_as_ffmpeg_decodes_them() {
    if !has_ffmpeg() {
        return;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/codecs");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| !matches!(file.extension().and_then(|e| e.to_str()), Some("md" | "sh")));
    assert!(files.len() > 17);
    all_right(&files);
}

#[test]
fn every_lossless_format_that_ffmpeg_writes_is_decoded_to_the_sample() {
    if !has_ffmpeg() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    let words = ["pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_f64le", "pcm_mulaw", "pcm_alaw"];
    let big = ["pcm_s8", "pcm_s16be", "pcm_s24be", "pcm_s32be", "pcm_f32be", "pcm_f64be"];
    let mut cases: Vec<(&str, &str, &[&str])> = Vec::new();
    cases.extend(
        words
            .iter()
            .flat_map(|word| [("wav", *word, &[][..]), ("w64", *word, &[][..]), ("rf64.wav", *word, &["-rf64", "always"][..])]),
    );
    cases.extend(big.iter().flat_map(|word| [("aiff", *word, &[][..]), ("caf", *word, &[][..])]));
    cases.extend([("flac", "flac", &["-sample_fmt", "s16"][..]), ("24.flac", "flac", &["-sample_fmt", "s32"][..])]);
    cases.extend([("m4a", "alac", &["-sample_fmt", "s16p"][..]), ("24.m4a", "alac", &["-sample_fmt", "s32p"][..])]);
    cases.extend([
        ("alac.caf", "alac", &["-sample_fmt", "s16p"][..]),
        ("oga", "flac", &["-sample_fmt", "s16"][..]),
        ("mka", "flac", &["-sample_fmt", "s16"][..]),
    ]);
    for (index, (extension, codec, more)) in cases.into_iter().enumerate() {
        let (rate, channels) = if index % 2 == 0 { ("44100", "2") } else { ("96000", "1") };
        let file = folder.path().join(format!("{codec}-{rate}.{extension}"));
        let source = format!("anoisesrc=r={rate}:d=0.35:a=0.9:seed=7");
        let mut ffmpeg = Command::new("ffmpeg");
        ffmpeg.args(["-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", &source, "-ac", channels, "-c:a", codec]).args(more);
        // Not every container takes every word.
        if ffmpeg.arg(&file).stderr(Stdio::null()).status().unwrap().success() {
            files.push(file);
        }
    }
    assert!(files.len() > 30, "{} files", files.len());
    all_right(&files);
}

/// Music below a folder whose name ends so, in the order of the names.
fn music(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let (mut files, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().and_then(|e| e.to_str()).is_some_and(|e| endings.contains(&e)) {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

#[test]
fn music_is_decoded_as_ffmpeg_decodes_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    if !has_ffmpeg() {
        return;
    }
    let mut files = music(&root.join("examples"), &["flac"]);
    let corpus = music(&root.join(".cache/corpus"), &["flac", "wav", "aiff", "ogg", "oga", "mp3", "opus"]);
    if corpus.is_empty() {
        eprintln!("SKIPPED: there is no music in .cache/corpus: only the examples are compared");
    }
    let all = std::env::var("AUTOMASTER_DIFFERENTIAL").is_ok_and(|text| text == "all");
    let mut corpus = corpus;
    corpus.retain(|file| all || file.metadata().is_ok_and(|metadata| metadata.len() < NOT_LONG_BYTES));
    let step = if all { 1 } else { (corpus.len() / FEW).max(1) };
    files.extend(corpus.into_iter().step_by(step));
    if all {
        eprintln!("{} files of music", files.len());
    }
    all_right(&files);
}
