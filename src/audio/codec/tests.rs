//! Each codec on music of known samples: what comes back lies over what went in; independent programs read the files.

#![allow(clippy::print_stderr, reason = "what is skipped is said aloud")]

use super::*;
use std::io::Write;
use std::process::Command;

/// Decaying chords and drum-like bursts of an odd length, `frames` at `rate_hz`; the right channel differs.
fn music(rate_hz: u32, channels: usize, frames: usize, gain: f64) -> AudioBuffer {
    let mut state = 7u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / f64::from(1u32 << 23) - 1.0
    };
    let rate = f64::from(rate_hz);
    let voice = |n: usize, hz: f64| (std::f64::consts::TAU * hz * n as f64 / rate).sin();
    let mut audio = AudioBuffer::silence(rate_hz, channels, frames);
    for n in 0..frames {
        let beat = (n as f64 / rate) % 0.37;
        let burst = noise() * (-beat * 40.0).exp();
        for (side, channel) in audio.channels.iter_mut().enumerate() {
            let chord = voice(n, 110.0) + 0.6 * voice(n, 277.2 + side as f64) + 0.4 * voice(n, 1318.5);
            channel[n] = (gain * (0.3 * chord * (-beat * 3.0).exp() + 0.5 * burst)) as f32;
        }
    }
    audio
}

fn coding(codec: Codec) -> Coding {
    let bitrate_kbps = if codec == Codec::Opus { 192 } else { 256 };
    Coding { codec, bitrate_kbps }
}

/// The codecs that are here; what is not is said aloud.
fn here() -> impl Iterator<Item = Codec> {
    Codec::ALL.into_iter().filter(|codec| match codec.available() {
        Ok(()) => true,
        Err(error) => {
            eprintln!("SKIPPED: {error}");
            false
        }
    })
}

/// Energy of `a[n + lag] − b[n]` over the middle, relative to that of `b`, dB.
fn error_db(a: &[f32], b: &[f32], lag: isize) -> f64 {
    let margin = 3000;
    let (mut error, mut energy) = (0.0, 0.0);
    for n in margin..b.len() - margin {
        let x = f64::from(a[(n as isize + lag) as usize]);
        error += (x - f64::from(b[n])).powi(2);
        energy += f64::from(b[n]).powi(2);
    }
    10.0 * (error / energy).log10()
}

#[test]
fn what_comes_back_lies_sample_over_sample() {
    for codec in here() {
        for (rate_hz, channels, frames) in [(44_100, 2, 70_001), (48_000, 1, 61_003), (96_000, 2, 60_000)] {
            let audio = music(rate_hz, channels, frames, 0.7);
            let (back, figures) = round_trip(&audio, coding(codec)).unwrap();
            let what = format!("{codec:?} {rate_hz} Hz, {channels} channels: {figures:?}");
            assert_eq!((back.sample_rate_hz, back.channels.len(), back.frames()), (rate_hz, channels, frames), "{what}");
            let at_0 = error_db(&back.channels[0], &audio.channels[0], 0);
            assert!(at_0 < -8.0, "{what}: error {at_0} dB");
            for lag in [-1105, -528, -2, -1, 1, 2, 529, 1024] {
                let there = error_db(&back.channels[0], &audio.channels[0], lag);
                assert!(there > at_0 + 0.5, "{what}: lag {lag} has {there} dB, none has {at_0} dB");
            }
            let nominal = f64::from(coding(codec).bitrate_kbps);
            assert!((0.3 * nominal..1.35 * nominal).contains(&figures.mean_kbps), "{what}");
        }
    }
}

#[test]
fn blocks_of_any_length_give_the_same_bytes_and_figures() {
    let audio = music(44_100, 2, 30_000, 0.9);
    for codec in here() {
        let coding = coding(codec);
        let whole = encode(&audio, coding).unwrap();
        let mut encoder = CodecEncoder::new(coding, 44_100, 2).unwrap();
        for start in (0..30_000).step_by(1777) {
            let end = 30_000.min(start + 1777);
            encoder.push(&audio.channels.iter().map(|c| c[start..end].to_vec()).collect::<Vec<_>>()).unwrap();
        }
        assert!(encoder.finish().unwrap() == whole, "{codec:?}");
        let (_, figures) = round_trip(&audio, coding).unwrap();
        let parts = round_trip_blocks::<CodecError>(coding, 44_100, 2, |take| {
            audio.channels[0]
                .chunks(9000)
                .zip(audio.channels[1].chunks(9000))
                .try_for_each(|(l, r)| take(&[l.to_vec(), r.to_vec()]))
        });
        assert_eq!(parts.unwrap(), figures, "{codec:?}");
    }
}

/// Peaks that were cut flat come back above where they were cut, at any bitrate.
#[test]
fn flattened_peaks_come_back() {
    let mut audio = music(44_100, 2, 60_000, 3.0);
    audio.channels.iter_mut().flatten().for_each(|x| *x = x.clamp(-0.8, 0.8));
    for codec in here() {
        for bitrate_kbps in [96, 256] {
            let (_, figures) = round_trip(&audio, Coding { codec, bitrate_kbps }).unwrap();
            let over_db = figures.decoded_dbtp - 20.0 * 0.8f64.log10();
            assert!(over_db > 0.5, "{figures:?}: {over_db} dB over the cut");
            assert!((figures.overshoot_db() - (figures.decoded_dbtp - figures.original_dbtp)).abs() < 1e-12);
        }
    }
}

#[test]
fn silence_and_short_music_survive() {
    for codec in here() {
        for frames in [1, 500, 5000] {
            let silent = AudioBuffer::silence(44_100, 2, frames);
            let (back, figures) = round_trip(&silent, coding(codec)).unwrap();
            assert_eq!(back.frames(), frames, "{codec:?}");
            assert!(figures.decoded_dbtp < -80.0, "{codec:?}: {figures:?}");
        }
    }
}

#[test]
fn what_cannot_be_had_is_refused_in_words() {
    let audio = AudioBuffer::silence(44_100, 2, 100);
    let error = encode(&audio, Coding { codec: Codec::Opus, bitrate_kbps: 0 }).unwrap_err().to_string();
    assert!(error.contains("Opus 0 kbit/s") && error.contains("a bitrate of 0"), "{error}");
    #[cfg(feature = "codecs")]
    {
        let error = encode(&audio, Coding { codec: Codec::Mp3, bitrate_kbps: 100 }).unwrap_err().to_string();
        assert!(error.contains("MP3 100 kbit/s") && error.contains("112"), "{error}");
    }
    #[cfg(not(feature = "codecs"))]
    assert!(encode(&audio, coding(Codec::Mp3)).unwrap_err().to_string().contains("feature `codecs`"));
    assert!(CodecError::NoFfmpeg.to_string().contains("install"));
}

/// ffmpeg's own decoders see the same music: the same length, the same peak.
#[test]
fn ffmpeg_decodes_the_same_music() {
    if Codec::Aac.available().is_err() {
        eprintln!("SKIPPED: no ffmpeg on this machine");
        return;
    }
    let audio = music(44_100, 2, 50_001, 0.8);
    for codec in here() {
        let coded = encode(&audio, coding(codec)).unwrap();
        let mut file = tempfile::Builder::new().suffix(&format!(".{}", codec.extension())).tempfile().unwrap();
        file.write_all(&coded.bytes).unwrap();
        let decoded = Command::new("ffmpeg")
            .args(["-hide_banner", "-loglevel", "error", "-nostdin", "-i"])
            .arg(file.path())
            .args(["-f", "f32le", "pipe:1"])
            .output()
            .unwrap();
        assert!(decoded.status.success(), "{codec:?}: {}", String::from_utf8_lossy(&decoded.stderr));
        let theirs: Vec<f32> = decoded.stdout.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
        let ours = coded.decode().unwrap();
        let left: Vec<f32> = theirs.iter().step_by(2).copied().collect();
        let frames = left.len().min(ours.frames());
        assert!(left.len().abs_diff(ours.frames()) <= 1024, "{codec:?}: {} frames, theirs {}", ours.frames(), left.len());
        let difference = error_db(&ours.channels[0][..frames], &left[..frames], 0);
        assert!(difference < -60.0, "{codec:?}: {difference} dB");
    }
}

/// The Opus encoder is a port; the C library on the same music raises the peak alike.
#[test]
fn opus_overshoots_like_the_c_library() {
    let encoders = Command::new("ffmpeg").args(["-hide_banner", "-encoders"]).output();
    if !encoders.is_ok_and(|list| String::from_utf8_lossy(&list.stdout).contains("libopus")) {
        eprintln!("SKIPPED: no ffmpeg with libopus on this machine");
        return;
    }
    let mut audio = music(48_000, 2, 96_000, 3.0);
    audio.channels.iter_mut().flatten().for_each(|x| *x = x.clamp(-0.8, 0.8));
    let coding = Coding { codec: Codec::Opus, bitrate_kbps: 128 };
    let (_, ours) = round_trip(&audio, coding).unwrap();
    let mut samples = Vec::new();
    interleave(&audio.channels, &mut samples);
    let raw: Vec<u8> = samples.iter().flat_map(|x| x.to_le_bytes()).collect();
    let (mut input, output) =
        (tempfile::NamedTempFile::new().unwrap(), tempfile::Builder::new().suffix(".opus").tempfile().unwrap());
    input.write_all(&raw).unwrap();
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-loglevel", "error", "-nostdin", "-y", "-f", "f32le", "-ar", "48000", "-ac", "2", "-i"]).arg(input.path());
    assert!(ffmpeg.args(["-c:a", "libopus", "-b:a", "128k"]).arg(output.path()).status().unwrap().success());
    let coded = Coded { coding, sample_rate_hz: 48_000, frames: 96_000, bytes: std::fs::read(output.path()).unwrap() };
    let theirs = coded.decoded_dbtp().unwrap();
    assert!((theirs - ours.decoded_dbtp).abs() < 0.5, "{theirs} dBTP, ours {}", ours.decoded_dbtp);
}
