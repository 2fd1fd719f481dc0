//! The same pieces as Standard MIDI files, played by FluidSynth with sampled instruments: another ear's sound, the same exact truth.

use super::synth::{Chance, Event, Piece, RATE_HZ, Voice, score_of};
use std::path::Path;
use std::process::Command;

const TICKS_A_BEAT: f64 = 480.0;
/// General MIDI sound fonts as Debian's packages lay them down (timgm6mb-soundfont, fluid-soundfont-gm).
const FONTS: [&str; 2] = ["/usr/share/sounds/sf2/TimGM6mb.sf2", "/usr/share/sounds/sf2/FluidR3_GM.sf2"];

/// A piece played by FluidSynth, mono at [`RATE_HZ`]; none where it or a sound font is missing.
pub(crate) fn played(piece: &Piece, seconds: f64, seed: u64) -> Option<Vec<f32>> {
    let font = FONTS.into_iter().find(|font| Path::new(font).is_file())?;
    let folder = tempfile::tempdir().ok()?;
    let (midi, wav) = (folder.path().join("piece.mid"), folder.path().join("piece.wav"));
    std::fs::write(&midi, file(piece, seconds, seed)).unwrap();
    let mut fluidsynth = Command::new("fluidsynth");
    fluidsynth
        .args(["-q", "-n", "-i", "-g", "0.6", "-r", &RATE_HZ.to_string(), "-T", "wav", "-F"])
        .arg(&wav)
        .arg(font)
        .arg(&midi);
    let ended = fluidsynth.output().ok()?;
    assert!(ended.status.success(), "{ended:?}");
    let mut reader = hound::WavReader::open(&wav).unwrap();
    assert_eq!((reader.spec().sample_rate, reader.spec().channels), (RATE_HZ, 2));
    let samples: Vec<f32> = reader.samples::<i16>().map(|s| f32::from(s.unwrap()) / 32_768.0).collect();
    Some(samples.chunks_exact(2).map(|frame| 0.5 * (frame[0] + frame[1])).collect())
}

/// Channel, program, and the key of a drum.
const fn instrument(voice: Voice) -> (u8, u8, Option<u8>) {
    match voice {
        Voice::Piano => (0, 0, None),
        Voice::Organ => (1, 19, None),
        Voice::Pad => (2, 48, None),
        Voice::Pluck => (3, 24, None),
        Voice::Bass => (4, 33, None),
        Voice::Kick => (9, 0, Some(36)),
        Voice::Snare => (9, 0, Some(38)),
        Voice::Hat => (9, 0, Some(42)),
    }
}

/// A file of one track.
fn file(piece: &Piece, seconds: f64, seed: u64) -> Vec<u8> {
    let mut chance = Chance(seed);
    let mut events: Vec<(u32, Vec<u8>)> = Vec::new();
    let micros = (60e6 / piece.bpm).round() as u32;
    events.push((0, [&[0xff, 0x51, 3][..], &micros.to_be_bytes()[1..]].concat()));
    for voice in [Voice::Piano, Voice::Organ, Voice::Pad, Voice::Pluck, Voice::Bass] {
        let (channel, program, _) = instrument(voice);
        events.push((0, vec![0xc0 | channel, program]));
    }
    for Event { beat, beats, pitch, loud, voice } in score_of(piece, seconds, seed) {
        let (channel, _, drum) = instrument(voice);
        // People are not exact: 5 ms either way.
        let start = (beat + 0.01 * (chance.next() - 0.5) * piece.bpm / 60.0).max(0.0);
        let tick = |beat: f64| (beat * TICKS_A_BEAT).round() as u32;
        let velocity = (30.0 + 100.0 * loud * (0.85 + 0.3 * chance.next())).min(127.0) as u8;
        let key = drum.unwrap_or(pitch.clamp(0, 127) as u8);
        events.push((tick(start), vec![0x90 | channel, key, velocity]));
        events.push((tick(start + beats).max(tick(start) + 1), vec![0x80 | channel, key, 0]));
    }
    // At one moment a note ends before the next begins.
    events.sort_by_key(|(tick, bytes)| (*tick, u8::from(bytes[0] & 0xf0 == 0x90)));
    let mut track = Vec::new();
    let mut now = 0;
    for (tick, bytes) in events {
        track.extend(variable(tick - now));
        track.extend(bytes);
        now = tick;
    }
    track.extend([0, 0xff, 0x2f, 0]);
    let mut out = b"MThd\0\0\0\x06\0\0\0\x01".to_vec();
    out.extend((TICKS_A_BEAT as u16).to_be_bytes());
    out.extend(b"MTrk");
    out.extend((track.len() as u32).to_be_bytes());
    out.extend(track);
    out
}

/// A length in seven bits a byte, the highest first.
fn variable(value: u32) -> Vec<u8> {
    let mut bytes = vec![(value & 127) as u8];
    let mut rest = value >> 7;
    while rest > 0 {
        bytes.insert(0, 128 | (rest & 127) as u8);
        rest >>= 7;
    }
    bytes
}
