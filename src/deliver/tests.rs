//! Deliveries of a short loud song, read back by programs that know nothing of this one.

#![allow(clippy::print_stderr, reason = "what is skipped is said aloud")]

use super::*;
use crate::audio::encode::{EncodeFormat, Encoder};
use crate::job::load_mix;
use crate::target::delivery::profile_named;
use lofty::config::WriteOptions;
use lofty::tag::{Tag, TagExt};
use std::process::{Command, Output};
use std::sync::atomic::AtomicBool;
use tempfile::TempDir;

const RATE: u32 = 48_000;

/// A loud master of 6 s: bass, chords, noise bursts, cut flat at −0.3 dBFS.
fn master(folder: &TempDir) -> Song {
    master_in(folder, Container::Wav, 2, None)
}

/// The same in one or two channels, as WAV or FLAC, with tags.
pub(super) fn master_in(folder: &TempDir, container: Container, sides: usize, tag: Option<&Tag>) -> Song {
    let mut state = 11u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / f64::from(1u32 << 23) - 1.0
    };
    let mut channels = vec![Vec::new(); sides];
    for n in 0..6 * RATE as usize + 77 {
        let t = n as f64 / f64::from(RATE);
        let voice = |hz: f64| (std::f64::consts::TAU * hz * t).sin();
        let burst = noise() * (-(t % 0.25) * 30.0).exp();
        for (side, channel) in channels.iter_mut().enumerate() {
            let x = 0.5 * voice(55.0) + 0.4 * voice(330.0 + side as f64) + 0.9 * burst + 0.1 * noise();
            channel.push((0.9 * x).clamp(-0.966, 0.966) as f32);
        }
    }
    let path = folder.path().join(if container == Container::Wav { "song.wav" } else { "song.flac" });
    let format = EncodeFormat {
        container,
        sample_format: SampleFormat::Int24,
        dither: Dither::None,
        sample_rate_hz: RATE,
        channels: sides,
    };
    let mut encoder = Encoder::create(&path, format, false).unwrap();
    encoder.push(&channels).unwrap();
    encoder.finish().unwrap().keep().unwrap();
    if let Some(tag) = tag {
        tag.save_to_path(&path, WriteOptions::default()).unwrap();
    }
    with_progress(|progress| load_mix(&path, progress)).unwrap()
}

pub(super) fn with_progress<T>(work: impl FnOnce(&Progress) -> T) -> T {
    let (tell, stop) = (|_, _| {}, AtomicBool::new(false));
    work(&Progress { tell: &tell, stop: &stop, threads: 1 })
}

pub(super) fn delivered(song: &Song, places: &[&str], folder: &Path) -> Result<Delivered, Error> {
    let places: Vec<&Profile> = places.iter().map(|name| profile_named(name).unwrap()).collect();
    with_progress(|progress| deliver(song, &places, folder, false, progress))
}

/// Runs an independent reader; none, said aloud, where it is not installed.
fn reader(program: &str, args: &[&str], file: &Path) -> Option<Output> {
    match Command::new(program).args(args).arg(file).output() {
        Ok(output) => Some(output),
        Err(_) => {
            eprintln!("SKIPPED: {program} is not on this machine, {} is not read by it", file.display());
            None
        }
    }
}

/// What a reader says; it has to succeed.
pub(super) fn says(program: &str, args: &[&str], file: &Path) -> Option<String> {
    let output = reader(program, args, file)?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {}: {text}", file.display());
    Some(text)
}

pub(super) const PROBE: [&str; 4] = [
    "-v",
    "error",
    "-show_entries",
    "stream=codec_name,sample_rate,bits_per_raw_sample,channels,bits_per_sample:format_tags:stream_tags",
];

#[test]
fn streaming_files_keep_their_ceiling_through_the_codecs() {
    let folder = tempfile::tempdir().unwrap();
    let (song, out) = (master(&folder), folder.path().join("out"));
    let made = delivered(&song, &["youtube"], &out).unwrap();
    let place = &made.places[0];
    let audio = place.files[0].audio.as_ref().unwrap();
    assert!(audio.true_peak_dbtp <= -1.0 + 0.05 && audio.frames == song.analysis.frames, "{audio:?}");
    assert!(!place.codecs.is_empty() && place.codecs.iter().all(|c| c.decoded_dbtp <= 0.0), "{:?}", place.codecs);
    let notes = place.notes.join("\n");
    assert!(notes.contains("turns it down by") && notes.contains("gains nothing"), "{notes}");
    if let Some(text) = says("ffprobe", &PROBE, &out.join("youtube/song.youtube.wav")) {
        assert!(text.contains("codec_name=pcm_s24le") && text.contains("sample_rate=48000"), "{text}");
    }
    let page = std::fs::read_to_string(out.join("DELIVERY.md")).unwrap();
    assert!(page.contains("## YouTube") && page.contains(&place.files[0].md5), "{page}");
}

#[test]
fn a_compact_disc_is_whole_sectors_and_cdrdao_takes_its_sheet() {
    let folder = tempfile::tempdir().unwrap();
    let (song, out) = (master(&folder), folder.path().join("out"));
    let made = delivered(&song, &["cd"], &out).unwrap();
    let audio = made.places[0].files[0].audio.as_ref().unwrap();
    assert_eq!((audio.sample_rate_hz, audio.frames % 588), (44_100, 0));
    assert!(audio.true_peak_dbtp <= -0.3 + 0.05, "{audio:?}");
    let wav = std::fs::read(out.join("cd/song.wav")).unwrap();
    assert_eq!(u16::from_le_bytes([wav[70], wav[71]]), 16, "words of 16 bits");
    let toc = out.join("cd/song.toc");
    if let Ok(output) = Command::new("cdrdao").args(["show-toc", "song.toc"]).current_dir(out.join("cd")).output() {
        let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && text.contains("TRACK  1") && !text.contains("ERROR"), "{text}");
        let size = Command::new("cdrdao").args(["toc-size", "song.toc"]).current_dir(out.join("cd")).output().unwrap();
        assert_eq!(
            String::from_utf8_lossy(&size.stdout).trim(),
            (audio.frames / 588).to_string(),
            "sectors as cdrdao counts them"
        );
    } else {
        eprintln!("SKIPPED: cdrdao is not on this machine, {} is not read by it", toc.display());
    }
    if let Ok(sums) = Command::new("md5sum").args(["-c", "checksums.md5"]).current_dir(out.join("cd")).output() {
        assert!(sums.status.success());
    }
    let short = Song { audio: None, ..master(&tempfile::tempdir().unwrap()) };
    assert!(delivered(&short, &["cd"], &folder.path().join("none")).is_err());
}

#[test]
fn an_archive_is_read_by_everybody() {
    let folder = tempfile::tempdir().unwrap();
    let (song, out) = (master(&folder), folder.path().join("out"));
    let made = delivered(&song, &["archive"], &out).unwrap();
    let at = |name: &str| out.join("archive").join(name);
    says("flac", &["-t", "-s"], &at("song.flac"));
    let gain = format!("{:.2} dB", -18.0 - song.analysis.loudness.integrated_lufs);
    if let Some(tags) = says("metaflac", &["--export-tags-to=-"], &at("song.flac")) {
        assert!(tags.to_uppercase().contains("REPLAYGAIN_TRACK_GAIN") && tags.contains(&gain), "{tags}");
    }
    if let Some(text) = says("ffprobe", &PROBE, &at("song.wav")) {
        assert!(text.contains("TAG:encoded_by=automaster") && text.contains("A=PCM,F=48000,W=24"), "{text}");
    }
    if let Some(text) = says("ffprobe", &PROBE, &at("song.opus")) {
        assert!(text.contains("codec_name=opus") && text.to_uppercase().contains("R128_TRACK_GAIN"), "{text}");
    }
    if cfg!(feature = "codecs")
        && let Some(text) = says("ffprobe", &PROBE, &at("song.mp3"))
    {
        assert!(text.contains("codec_name=mp3") && text.to_uppercase().contains("REPLAYGAIN_TRACK_GAIN"), "{text}");
    }
    says("opusinfo", &[], &at("song.opus"));
    // The lossless files hold the master's own samples; the copies do not clip.
    for file in made.places[0].files.iter().filter(|f| f.audio.is_some()) {
        let audio = file.audio.as_ref().unwrap();
        let lossless = file.file.ends_with("flac") || file.file.ends_with("wav");
        let moved = (audio.integrated_lufs - song.analysis.loudness.integrated_lufs).abs();
        assert!(if lossless { moved < 1e-3 } else { audio.true_peak_dbtp <= 0.0 }, "{file:?}");
        assert_eq!(audio.frames, song.analysis.frames, "{file:?}");
    }
}

#[test]
fn a_vinyl_pre_master_is_not_limited_and_its_lows_are_in_phase() {
    let folder = tempfile::tempdir().unwrap();
    let (song, out) = (master(&folder), folder.path().join("out"));
    let made = delivered(&song, &["vinyl"], &out).unwrap();
    let audio = made.places[0].files[0].audio.as_ref().unwrap();
    assert!(audio.true_peak_dbtp <= -1.0 && audio.true_peak_dbtp > -1.1, "{audio:?}");
    let written = with_progress(|progress| load_mix(&out.join("vinyl/song.vinyl.wav"), progress)).unwrap();
    assert!(written.analysis.loud.image[0].width_db < -20.0, "{:?}", written.analysis.loud.image);
    let notes = made.places[0].notes.join("\n");
    assert!(notes.contains("no limiter") && notes.contains("33 1/3"), "{notes}");
}

#[test]
fn a_second_run_makes_only_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let (song, out) = (master(&folder), folder.path().join("out"));
    let first = delivered(&song, &["cd", "vinyl"], &out).unwrap();
    let time = |name: &str| std::fs::metadata(out.join(name)).unwrap().modified().unwrap();
    let (cd, vinyl) = (time("cd/song.wav"), time("vinyl/song.vinyl.wav"));
    std::fs::remove_file(out.join("cd/song.cue")).unwrap();
    std::fs::write(out.join("vinyl/song.vinyl.wav"), b"half of it").unwrap();
    let second = delivered(&song, &["cd", "vinyl"], &out).unwrap();
    assert_eq!(second, first, "the same files with the same bytes");
    assert_eq!(time("cd/song.wav"), cd, "what is there is left alone");
    assert!(time("vinyl/song.vinyl.wav") >= vinyl && out.join("cd/song.cue").is_file());
    // A run that is stopped leaves whole files only, and what it made counts.
    let (tell, stop) = (|_, _| {}, AtomicBool::new(true));
    let progress = Progress { tell: &tell, stop: &stop, threads: 1 };
    let stopped = folder.path().join("stopped");
    let vinyl = profile_named("vinyl").unwrap();
    assert!(matches!(deliver(&song, &[vinyl], &stopped, false, &progress), Err(Error::Paused { .. })));
    assert!(!stopped.join("vinyl").exists(), "it was stopped before it began");
    // Somebody's file is not overwritten.
    let foreign = folder.path().join("foreign");
    std::fs::create_dir_all(foreign.join("cd")).unwrap();
    std::fs::write(foreign.join("cd/song.wav"), b"mine").unwrap();
    for _ in 0..2 {
        let error = delivered(&song, &["cd"], &foreign).unwrap_err();
        assert!(error.to_string().contains("exists already"), "{error}");
    }
    assert_eq!(std::fs::read(foreign.join("cd/song.wav")).unwrap(), b"mine");
}
