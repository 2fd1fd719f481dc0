//! A small synthesiser for pieces whose tempo and key are known: notes as in a MIDI file, instruments by rotating phasors.

use super::styles;
use std::f64::consts::TAU;

pub(crate) const RATE_HZ: u32 = 22_050;

/// A note or a stroke.
pub(crate) struct Event {
    pub(crate) beat: f64,
    pub(crate) beats: f64,
    /// MIDI number; of a drum, none.
    pub(crate) pitch: i32,
    pub(crate) loud: f64,
    pub(crate) voice: Voice,
}

#[derive(Clone, Copy)]
pub(crate) enum Voice {
    Piano,
    Organ,
    Pad,
    Pluck,
    Bass,
    Kick,
    Snare,
    Hat,
}

/// What a piece is played as.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Style {
    Rock,
    Ballad,
    House,
    Waltz,
    Swing,
    Reggae,
    Hymn,
    Arpeggio,
    Disco,
    HipHop,
    DrumAndBass,
    Bossa,
    March,
    Funk,
    Metal,
    Folk,
}

/// A piece with its truth.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece {
    pub(crate) style: Style,
    pub(crate) bpm: f64,
    /// Pitch class of the tonic.
    pub(crate) tonic: i32,
    pub(crate) minor: bool,
}

pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    /// 0 to 1.
    pub(crate) fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// Triads as (root above the tonic, minor third?), a progression.
fn progression(piece: &Piece) -> &'static [(i32, bool)] {
    match (piece.style, piece.minor) {
        (Style::Rock, false) => &[(0, false), (7, false), (9, true), (5, false)],
        (Style::Rock, true) => &[(0, true), (8, false), (3, false), (10, false)],
        (Style::Ballad, false) => &[(0, false), (9, true), (5, false), (7, false)],
        (Style::Ballad, true) => &[(0, true), (5, true), (7, false), (0, true)],
        (Style::House, false) => &[(5, false), (7, false), (0, false), (9, true)],
        (Style::House, true) => &[(0, true), (8, false), (10, false), (0, true)],
        (Style::Swing, false) => &[(2, true), (7, false), (0, false), (9, true)],
        (Style::Swing, true) => &[(0, true), (5, true), (7, false), (0, true)],
        (Style::Reggae, false) => &[(0, false), (2, true), (5, false), (7, false)],
        (Style::Reggae, true) => &[(0, true), (10, false), (0, true), (5, true)],
        (_, false) => &[(0, false), (5, false), (7, false), (0, false)],
        (_, true) => &[(0, true), (5, true), (0, true), (7, false)],
    }
}

/// The notes of `bars` bars.
fn score(piece: &Piece, bars: usize, chance: &mut Chance) -> Vec<Event> {
    let mut out = Vec::new();
    let meter = if matches!(piece.style, Style::Waltz) { 3.0 } else { 4.0 };
    let scale: [i32; 7] = if piece.minor { [0, 2, 3, 5, 7, 8, 10] } else { [0, 2, 4, 5, 7, 9, 11] };
    let mut step = 7i32;
    for bar in 0..bars {
        let (root, third) = progression(piece)[bar % progression(piece).len()];
        let root = piece.tonic + root;
        let chord = [root, root + if third { 3 } else { 4 }, root + 7];
        let at = bar as f64 * meter;
        let mut put = |beat: f64, beats: f64, pitch: i32, loud: f64, voice: Voice| {
            out.push(Event { beat: at + beat, beats, pitch, loud, voice });
        };
        let mut tune = |put: &mut dyn FnMut(f64, f64, i32, f64, Voice), voice: Voice, length: f64| {
            let mut beat = 0.0;
            while beat < meter {
                step = (step + (chance.next() * 5.0) as i32 - 2).clamp(3, 13);
                let pitch = piece.tonic + 60 + 12 * (step / 7) + scale[(step % 7) as usize];
                if chance.next() < 0.8 {
                    put(beat, length, pitch, 0.35, voice);
                }
                beat += if chance.next() < 0.3 { 2.0 * length } else { length };
            }
        };
        match piece.style {
            Style::Rock => {
                for eighth in 0..8 {
                    let beat = 0.5 * f64::from(eighth);
                    put(beat, 0.45, root + 36, 0.5, Voice::Bass);
                    chord.iter().for_each(|note| put(beat, 0.4, note + 48, 0.2, Voice::Pluck));
                    put(beat, 0.1, 0, 0.25, Voice::Hat);
                }
                [0.0, 2.0, 2.5].iter().for_each(|beat| put(*beat, 0.2, 0, 0.9, Voice::Kick));
                [1.0, 3.0].iter().for_each(|beat| put(*beat, 0.2, 0, 0.6, Voice::Snare));
                tune(&mut put, Voice::Organ, 1.0);
            }
            Style::Ballad => {
                for eighth in 0..8usize {
                    put(0.5 * eighth as f64, 1.0, chord[[0, 1, 2, 1][eighth % 4]] + 60, 0.35, Voice::Piano);
                }
                put(0.0, 4.0, root + 36, 0.5, Voice::Piano);
                tune(&mut put, Voice::Piano, 1.0);
            }
            Style::House => {
                for beat in 0..4 {
                    let beat = f64::from(beat);
                    put(beat, 0.2, 0, 1.0, Voice::Kick);
                    put(beat + 0.5, 0.1, 0, 0.4, Voice::Hat);
                    put(beat + 0.5, 0.4, root + 36, 0.5, Voice::Bass);
                }
                [1.0, 3.0].iter().for_each(|beat| put(*beat, 0.2, 0, 0.5, Voice::Snare));
                chord.iter().for_each(|note| put(0.0, 4.0, note + 60, 0.25, Voice::Pad));
                tune(&mut put, Voice::Pluck, 0.5);
            }
            Style::Waltz => {
                put(0.0, 1.0, root + 36, 0.6, Voice::Piano);
                for beat in [1.0, 2.0] {
                    chord.iter().for_each(|note| put(beat, 0.8, note + 60, 0.25, Voice::Piano));
                }
                tune(&mut put, Voice::Organ, 1.0);
            }
            Style::Swing => {
                for beat in 0..4usize {
                    let walk = [root, chord[1], chord[2], root + 9][beat];
                    put(beat as f64, 0.9, walk + 36, 0.5, Voice::Bass);
                    put(beat as f64, 0.1, 0, 0.35, Voice::Hat);
                    if beat % 2 == 1 {
                        put(beat as f64 + 0.66, 0.1, 0, 0.3, Voice::Hat);
                    }
                }
                chord.iter().for_each(|note| put(0.66, 1.0, note + 60, 0.25, Voice::Piano));
                tune(&mut put, Voice::Pluck, 1.0);
            }
            Style::Reggae => {
                for beat in 0..4 {
                    chord.iter().for_each(|note| put(f64::from(beat) + 0.5, 0.25, note + 60, 0.3, Voice::Organ));
                    put(f64::from(beat), 0.1, 0, 0.25, Voice::Hat);
                }
                put(2.0, 0.2, 0, 0.9, Voice::Kick);
                put(2.0, 0.2, 0, 0.4, Voice::Snare);
                [(0.0, 0), (0.75, 0), (1.5, 7), (3.0, 0)]
                    .iter()
                    .for_each(|(beat, up)| put(*beat, 0.6, root + 36 + up, 0.6, Voice::Bass));
                tune(&mut put, Voice::Organ, 0.5);
            }
            Style::Hymn => {
                for half in 0..4 {
                    let beat = f64::from(half);
                    chord.iter().for_each(|note| put(beat, 0.95, note + 60, 0.3, Voice::Organ));
                    put(beat, 0.95, root + 48, 0.4, Voice::Organ);
                }
                tune(&mut put, Voice::Organ, 1.0);
            }
            Style::Arpeggio => {
                for sixteenth in 0..16usize {
                    let note = chord[sixteenth % 3] + 60 + 12 * ((sixteenth / 3) % 2) as i32;
                    let loud = if sixteenth % 4 == 0 { 0.5 } else { 0.3 };
                    put(0.25 * sixteenth as f64, 0.24, note, loud, Voice::Pluck);
                }
                put(0.0, 3.9, root + 36, 0.4, Voice::Pad);
                [0.0, 1.0, 2.0, 3.0].iter().for_each(|beat| put(*beat, 0.2, 0, 0.5, Voice::Kick));
            }
            _ => {
                styles::bar(piece, root, chord, &mut put);
                tune(&mut put, Voice::Organ, if matches!(piece.style, Style::Funk | Style::Disco) { 0.5 } else { 1.0 });
            }
        }
    }
    out
}

/// Whole bars of about `seconds`.
fn bars_of(piece: &Piece, seconds: f64) -> (usize, f64) {
    let meter = if matches!(piece.style, Style::Waltz) { 3.0 } else { 4.0 };
    ((seconds * piece.bpm / 60.0 / meter).ceil() as usize, meter)
}

/// The notes of about `seconds` of a piece.
pub(crate) fn score_of(piece: &Piece, seconds: f64, seed: u64) -> Vec<Event> {
    score(piece, bars_of(piece, seconds).0, &mut Chance(seed))
}

/// About `seconds` of a piece, mono.
pub(crate) fn render(piece: &Piece, seconds: f64, seed: u64) -> Vec<f32> {
    let mut chance = Chance(seed);
    let (bars, meter) = bars_of(piece, seconds);
    let events = score(piece, bars, &mut chance);
    let rate = f64::from(RATE_HZ);
    let beat_s = 60.0 / piece.bpm;
    let mut out = vec![0.0f64; ((bars as f64 * meter * beat_s + 1.5) * rate) as usize];
    for event in events {
        // People are not exact.
        let start = (event.beat * beat_s + 0.01 * (chance.next() - 0.5)).max(0.0);
        let loud = event.loud * (0.85 + 0.3 * chance.next());
        let from = (start * rate) as usize;
        play(&mut out[from..], &event, event.beats * beat_s, loud, &mut chance);
    }
    let peak = out.iter().fold(1e-9f64, |peak, x| peak.max(x.abs()));
    out.iter().map(|x| (0.7 * x / peak) as f32).collect()
}

fn play(out: &mut [f64], event: &Event, seconds: f64, loud: f64, chance: &mut Chance) {
    let rate = f64::from(RATE_HZ);
    let hz = 440.0 * ((f64::from(event.pitch) - 69.0) / 12.0).exp2();
    // Harmonics, how fast they fall, attack, decay a second, release.
    let (harmonics, slope, attack_s, decay, release_s) = match event.voice {
        Voice::Piano => (8, 1.2, 0.004, 2.5, 0.2),
        Voice::Organ => (6, 1.0, 0.015, 0.0, 0.06),
        Voice::Pad => (5, 1.5, 0.25, 0.0, 0.4),
        Voice::Pluck => (10, 1.0, 0.002, 6.0, 0.05),
        Voice::Bass => (6, 1.3, 0.005, 1.5, 0.05),
        Voice::Kick | Voice::Snare | Voice::Hat => return drum(out, event.voice, loud, chance),
    };
    let frames = (((seconds + release_s) * rate) as usize).min(out.len());
    for harmonic in 1..=harmonics {
        let own = hz * f64::from(harmonic);
        if own > 0.45 * rate {
            break;
        }
        let (sin, cos) = (TAU * own / rate).sin_cos();
        let phase = TAU * chance.next();
        let (mut x, mut y) = (phase.cos(), phase.sin());
        let gain = loud * f64::from(harmonic).powf(-slope);
        let fall = (-decay * (1.0 + 0.3 * f64::from(harmonic - 1)) / rate).exp();
        let mut level = 1.0;
        for (n, out) in out[..frames].iter_mut().enumerate() {
            let t = n as f64 / rate;
            let rise = (t / attack_s).min(1.0);
            let end = if t > seconds { 1.0 - (t - seconds) / release_s } else { 1.0 };
            *out += gain * level * rise * end * y;
            (x, y) = (x * cos - y * sin, x * sin + y * cos);
            level *= fall;
        }
    }
}

fn drum(out: &mut [f64], voice: Voice, loud: f64, chance: &mut Chance) {
    let rate = f64::from(RATE_HZ);
    let seconds = match voice {
        Voice::Kick => 0.25,
        Voice::Snare => 0.18,
        _ => 0.06,
    };
    let (mut phase, mut before) = (0.0f64, 0.0);
    let frames = ((seconds * rate) as usize).min(out.len());
    for (n, out) in out[..frames].iter_mut().enumerate() {
        let t = n as f64 / rate;
        let noise = 2.0 * chance.next() - 1.0;
        *out += loud
            * match voice {
                Voice::Kick => {
                    phase += (50.0 + 110.0 * (-t / 0.03).exp()) / rate;
                    (TAU * phase).sin() * (-t / 0.07).exp()
                }
                Voice::Snare => (0.6 * noise + 0.4 * (TAU * 190.0 * t).sin()) * (-t / 0.05).exp(),
                _ => 0.7 * (noise - before) * (-t / 0.015).exp(),
            };
        before = noise;
    }
}
