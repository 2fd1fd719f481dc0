//! Eight more styles. With other seeds and tempi of the first eight they are what the estimators may be tuned on.

use super::synth::{Piece, Style, Voice};

/// One bar; `chord` as MIDI numbers in the octave above the tonic's zero, `root` its root.
pub(crate) fn bar(piece: &Piece, root: i32, chord: [i32; 3], put: &mut dyn FnMut(f64, f64, i32, f64, Voice)) {
    let kick =
        |put: &mut dyn FnMut(f64, f64, i32, f64, Voice), at: &[f64]| at.iter().for_each(|b| put(*b, 0.2, 0, 0.9, Voice::Kick));
    let snare =
        |put: &mut dyn FnMut(f64, f64, i32, f64, Voice), at: &[f64]| at.iter().for_each(|b| put(*b, 0.2, 0, 0.6, Voice::Snare));
    let hats = |put: &mut dyn FnMut(f64, f64, i32, f64, Voice), count: usize, loud: f64| {
        (0..count).for_each(|n| put(4.0 * n as f64 / count as f64, 0.1, 0, loud, Voice::Hat));
    };
    match piece.style {
        Style::Disco => {
            kick(put, &[0.0, 1.0, 2.0, 3.0]);
            snare(put, &[1.0, 3.0]);
            hats(put, 16, 0.15);
            for eighth in 0..8 {
                put(0.5 * f64::from(eighth), 0.4, root + 36 + 12 * (eighth % 2), 0.5, Voice::Bass);
                if eighth % 2 == 1 {
                    put(0.5 * f64::from(eighth), 0.2, 0, 0.35, Voice::Hat);
                }
            }
            chord.iter().for_each(|note| put(0.0, 4.0, note + 60, 0.2, Voice::Pad));
        }
        Style::HipHop => {
            kick(put, &[0.0, 1.75, 2.5]);
            snare(put, &[1.0, 3.0]);
            hats(put, 8, 0.25);
            put(3.75, 0.1, 0, 0.2, Voice::Hat);
            [(0.0, 1.5), (1.75, 0.7), (2.5, 1.4)].iter().for_each(|(b, l)| put(*b, *l, root + 36, 0.6, Voice::Bass));
            chord.iter().for_each(|note| put(0.0, 3.8, note + 60, 0.25, Voice::Piano));
        }
        Style::DrumAndBass => {
            kick(put, &[0.0, 2.5]);
            snare(put, &[1.0, 3.0]);
            hats(put, 8, 0.25);
            put(1.75, 0.1, 0, 0.2, Voice::Snare);
            [(0.0, 2.4), (2.5, 1.4)].iter().for_each(|(b, l)| put(*b, *l, root + 36, 0.6, Voice::Bass));
            chord.iter().for_each(|note| put(0.0, 4.0, note + 60, 0.2, Voice::Pad));
        }
        Style::Bossa => {
            [0.0, 1.0, 1.5, 2.5, 3.0]
                .iter()
                .for_each(|b| chord.iter().for_each(|note| put(*b, 0.4, note + 60, 0.22, Voice::Pluck)));
            [(0.0, 0), (1.5, 7), (2.0, 7), (3.5, 0)].iter().for_each(|(b, up)| put(*b, 0.5, root + 36 + up, 0.5, Voice::Bass));
            hats(put, 8, 0.15);
        }
        Style::March => {
            for half in [0.0, 2.0] {
                put(half, 0.8, root + 36, 0.6, Voice::Bass);
                put(half, 0.2, 0, 0.6, Voice::Kick);
                chord.iter().for_each(|note| put(half + 1.0, 0.5, note + 60, 0.3, Voice::Organ));
                put(half + 1.0, 0.2, 0, 0.5, Voice::Snare);
                [0.5, 0.75].iter().for_each(|b| put(half + b, 0.1, 0, 0.2, Voice::Snare));
            }
        }
        Style::Funk => {
            kick(put, &[0.0, 0.75, 2.5]);
            snare(put, &[1.0, 3.0]);
            hats(put, 16, 0.22);
            [0.0, 0.75, 1.5, 2.5, 3.25].iter().for_each(|b| put(*b, 0.3, root + 36, 0.55, Voice::Bass));
            [0.5, 1.75, 2.25, 3.5].iter().for_each(|b| chord.iter().for_each(|note| put(*b, 0.2, note + 60, 0.2, Voice::Pluck)));
        }
        Style::Metal => {
            for sixteenth in 0..16 {
                let beat = 0.25 * f64::from(sixteenth);
                put(beat, 0.1, 0, 0.5, Voice::Kick);
                if sixteenth % 2 == 0 {
                    [0, 7].iter().for_each(|up| put(beat, 0.3, root + 40 + up, 0.35, Voice::Pluck));
                }
            }
            snare(put, &[1.0, 3.0]);
            (0..4).for_each(|n| put(f64::from(n), 0.1, 0, 0.35, Voice::Hat));
        }
        // Folk: picked eighths, a bass on the halves.
        _ => {
            for eighth in 0..8usize {
                put(0.5 * eighth as f64, 0.9, chord[[0, 2, 1, 2][eighth % 4]] + 60, 0.3, Voice::Pluck);
            }
            [0.0, 2.0].iter().for_each(|b| put(*b, 1.8, root + 48, 0.5, Voice::Pluck));
        }
    }
}
