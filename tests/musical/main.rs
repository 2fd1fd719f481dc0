//! Tempo and key against pieces whose truth is known: 24 of eight styles, rendered from notes by a synthesiser of this test.
//! Nothing in the estimators was fitted to them; methods and profiles are those of the literature, the weights by which the level of the
//! beat is chosen come from other pieces (`src/musical/tempo.rs`). 128 pieces of sixteen styles, drawn anew, show how far that carries.

#![allow(clippy::print_stderr, reason = "the table of estimates is the evidence; `--nocapture` shows it")]

mod midi;
mod styles;
mod synth;

use automaster::musical::{Key, Mode, MusicalListener};
use synth::{Chance, Piece, RATE_HZ, Style, render};

const fn piece(style: Style, bpm: f64, tonic: i32, minor: bool) -> Piece {
    Piece { style, bpm, tonic, minor }
}

const PIECES: [Piece; 24] = [
    piece(Style::Rock, 128.0, 4, false),
    piece(Style::Rock, 96.0, 9, true),
    piece(Style::Rock, 152.0, 7, false),
    piece(Style::Ballad, 68.0, 0, false),
    piece(Style::Ballad, 76.0, 2, true),
    piece(Style::Ballad, 84.0, 5, false),
    piece(Style::House, 124.0, 9, true),
    piece(Style::House, 130.0, 1, true),
    piece(Style::House, 118.0, 3, false),
    piece(Style::Waltz, 140.0, 7, false),
    piece(Style::Waltz, 108.0, 2, true),
    piece(Style::Waltz, 172.0, 10, false),
    piece(Style::Swing, 144.0, 5, false),
    piece(Style::Swing, 112.0, 0, true),
    piece(Style::Swing, 168.0, 10, false),
    piece(Style::Reggae, 74.0, 11, true),
    piece(Style::Reggae, 88.0, 2, false),
    piece(Style::Reggae, 80.0, 6, true),
    piece(Style::Hymn, 92.0, 3, false),
    piece(Style::Hymn, 104.0, 8, false),
    piece(Style::Hymn, 72.0, 4, true),
    piece(Style::Arpeggio, 120.0, 6, true),
    piece(Style::Arpeggio, 100.0, 1, false),
    piece(Style::Arpeggio, 136.0, 11, true),
];

/// The weighted score of MIREX: the same 1, a fifth above 0.5, relative 0.3, parallel 0.2.
fn mirex(estimate: &Key, truth: &Piece) -> f64 {
    let apart = (i32::from(estimate.tonic) - truth.tonic).rem_euclid(12);
    let minor = estimate.mode == Mode::Minor;
    match (apart, minor == truth.minor) {
        (0, true) => 1.0,
        (7, true) => 0.5,
        (9, false) if !truth.minor => 0.3,
        (3, false) if truth.minor => 0.3,
        (0, false) => 0.2,
        _ => 0.0,
    }
}

fn near(bpm: f64, truth: f64) -> bool {
    (bpm / truth - 1.0).abs() <= 0.04
}

#[test]
fn tempo_and_key_of_pieces_whose_truth_is_known() {
    let sounds = PIECES.iter().enumerate().map(|(n, truth)| render(truth, 24.0, 1000 + n as u64));
    judge("by this test's synthesiser", sounds.collect());
}

#[test]
fn tempo_and_key_of_the_same_pieces_played_by_sampled_instruments() {
    let sounds: Option<Vec<Vec<f32>>> =
        PIECES.iter().enumerate().map(|(n, truth)| midi::played(truth, 24.0, 1000 + n as u64)).collect();
    match sounds {
        Some(sounds) => judge("from MIDI by FluidSynth", sounds),
        None => eprintln!("SKIPPED: FluidSynth or a sound font is missing (Debian: fluidsynth timgm6mb-soundfont)"),
    }
}

/// Prints what is heard of the 24 pieces and holds it to the bars.
fn judge(played: &str, sounds: Vec<Vec<f32>>) {
    eprintln!("{played}:");
    let (mut exact, mut octave, mut score) = (0, 0, 0.0);
    for (n, (truth, sound)) in PIECES.iter().zip(sounds).enumerate() {
        let mut listener = MusicalListener::new(RATE_HZ);
        // Blocks of any size give the same.
        sound.chunks(5000 + 977 * n).for_each(|block| listener.push(&[block.to_vec()]));
        let heard = listener.finish();
        let (tempo, key) = (heard.tempo.expect("a tempo"), heard.key.expect("a key"));
        let same = near(tempo.bpm, truth.bpm);
        let multiple = [0.5, 2.0, 1.0 / 3.0, 3.0].iter().any(|times| near(tempo.bpm, times * truth.bpm));
        exact += u32::from(same);
        octave += u32::from(!same && multiple);
        score += mirex(&key, truth);
        let name = Key { tonic: truth.tonic as u8, mode: if truth.minor { Mode::Minor } else { Mode::Major }, ..key }.name();
        eprintln!(
            "{:9} {:5.1} BPM heard {:5.1} {:8} {name:9} heard {:9} {:.1}",
            format!("{:?}", truth.style),
            truth.bpm,
            tempo.bpm,
            if same {
                ""
            } else if multiple {
                "octave"
            } else {
                "WRONG"
            },
            key.name(),
            mirex(&key, truth)
        );
    }
    let count = PIECES.len() as f64;
    let (exact, octave, score) = (f64::from(exact) / count, f64::from(octave) / count, score / count);
    eprintln!("tempo {:.0} %, and {:.0} % at a multiple; key {score:.2}", 100.0 * exact, 100.0 * octave);
    assert!(exact >= 0.85, "tempo right in {exact:.2}, at a multiple in {octave:.2}");
    assert!(score >= 0.7, "weighted key score {score:.2}");
}

/// Sixteen styles with the tempi that they are played at.
const STYLES: [(Style, [f64; 2]); 16] = [
    (Style::Rock, [90.0, 160.0]),
    (Style::Ballad, [60.0, 90.0]),
    (Style::House, [112.0, 134.0]),
    (Style::Waltz, [100.0, 180.0]),
    (Style::Swing, [100.0, 180.0]),
    (Style::Reggae, [66.0, 92.0]),
    (Style::Hymn, [66.0, 110.0]),
    (Style::Arpeggio, [90.0, 140.0]),
    (Style::Disco, [108.0, 130.0]),
    (Style::HipHop, [80.0, 100.0]),
    (Style::DrumAndBass, [160.0, 180.0]),
    (Style::Bossa, [120.0, 160.0]),
    (Style::March, [100.0, 126.0]),
    (Style::Funk, [90.0, 118.0]),
    (Style::Metal, [120.0, 190.0]),
    (Style::Folk, [80.0, 130.0]),
];

#[test]
fn the_level_of_the_beat_carries_over_to_other_pieces() {
    let mut chance = Chance(4242);
    let (mut exact, mut octave, mut count) = (0, 0, 0);
    for (style, [slow, fast]) in STYLES {
        let mut heard = Vec::new();
        for nth in 0..8 {
            let bpm = slow + (fast - slow) * chance.next();
            let truth = piece(style, bpm, (12.0 * chance.next()) as i32, chance.next() < 0.5);
            let mut listener = MusicalListener::new(RATE_HZ);
            listener.push(&[render(&truth, 24.0, 9000 + 100 * count + nth)]);
            let tempo = listener.finish().tempo.expect("a tempo").bpm;
            exact += u32::from(near(tempo, bpm));
            octave += u32::from([0.5, 2.0, 1.0 / 3.0, 3.0].iter().any(|times| near(tempo, times * bpm)));
            if !near(tempo, bpm) {
                heard.push(format!("{bpm:.0} as {tempo:.0}"));
            }
        }
        eprintln!("{:12} {} of 8 right  {}", format!("{style:?}"), 8 - heard.len(), heard.join(", "));
        count += 1;
    }
    let (exact, octave) = (f64::from(exact) / 128.0, f64::from(octave) / 128.0);
    eprintln!("128 pieces: tempo {:.0} %, and {:.0} % at a multiple", 100.0 * exact, 100.0 * octave);
    assert!(exact >= 0.8 && exact + octave >= 0.95, "tempo right in {exact:.2}, at a multiple in {octave:.2}");
}

#[test]
fn what_has_neither_pulse_nor_pitch_has_no_tempo_and_silence_nothing() {
    // A minute of noise, steady and in hits: neither has a pitch.
    let mut chance = Chance(77);
    for decay_s in [f64::INFINITY, 0.05] {
        let hit = |n: usize| (-((n % 22_050) as f64 / 44_100.0) / decay_s).exp();
        let noise = (0..60 * RATE_HZ as usize).map(|n| (0.3 * (2.0 * chance.next() - 1.0) * hit(n)) as f32).collect();
        let mut listener = MusicalListener::new(RATE_HZ);
        listener.push(&[noise]);
        let heard = listener.finish();
        assert!(heard.key.is_none(), "{decay_s}: {heard:?}");
    }
    let mut listener = MusicalListener::new(RATE_HZ);
    listener.push(&[vec![0.0; 10 * RATE_HZ as usize]]);
    let heard = listener.finish();
    assert!(heard.tempo.is_none() && heard.key.is_none(), "{heard:?}");
    let mut listener = MusicalListener::new(RATE_HZ);
    listener.push(&[vec![0.1; 1000]]);
    assert!(listener.finish().tempo.is_none());
}
