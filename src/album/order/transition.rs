//! From one track to the next: how well keys, tempi and levels fit.

use crate::musical::{Key, Mode, Musical};
use serde::{Deserialize, Serialize};

/// A tempo step of this factor, in octaves, is half as good as none.
const TEMPO_HALF_OCTAVES: f64 = 0.12;
/// A step in loudness of this much is half as good as none.
const LEVEL_HALF_LU: f64 = 6.0;
/// Shares of a transition's score.
const SHARES: [f64; 3] = [0.4, 0.35, 0.25];

/// From one track to the next.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Transition {
    /// Score, 0 to 1.
    pub score: f64,
    /// Of the keys: 1 for the same or relative, less for each fifth between.
    pub key_score: f64,
    /// Of the tempi, double and half counted as equal.
    pub tempo_score: f64,
    /// Of the step in loudness.
    pub level_score: f64,
    /// In words.
    pub says: String,
}

/// The transition between two tracks, each with its loudness in LUFS.
pub(super) fn transition((from, from_lufs): (&Musical, f64), (to, to_lufs): (&Musical, f64)) -> Transition {
    let key_score = match (&from.key, &to.key) {
        (Some(a), Some(b)) => key_score(a, b),
        _ => 0.5,
    };
    let octaves = match (from.tempo, to.tempo) {
        (Some(a), Some(b)) => {
            let octaves = (b.bpm / a.bpm).log2();
            Some(octaves - octaves.round())
        }
        _ => None,
    };
    let tempo_score = octaves.map_or(0.5, |octaves| 0.5f64.powf(octaves.abs() / TEMPO_HALF_OCTAVES));
    let step = to_lufs - from_lufs;
    let level_score = 0.5f64.powf(step.abs() / LEVEL_HALF_LU);
    let score = SHARES[0] * key_score + SHARES[1] * tempo_score + SHARES[2] * level_score;
    Transition { score, key_score, tempo_score, level_score, says: says(from, to, octaves, step) }
}

fn key_score(a: &Key, b: &Key) -> f64 {
    let apart = (12 + a.fifths() - b.fifths()) % 12;
    let apart = apart.min(12 - apart);
    if a.tonic == b.tonic && a.mode != b.mode {
        return 0.7;
    }
    let change = if a.mode == b.mode || apart == 0 { 0.0 } else { 0.1 };
    (1.0 - 0.2 * f64::from(apart)).max(0.0) - change * f64::from(u8::from(apart < 5))
}

fn says(from: &Musical, to: &Musical, octaves: Option<f64>, step: f64) -> String {
    let keys = match (&from.key, &to.key) {
        (Some(a), Some(b)) => {
            let apart = (12 + a.fifths() - b.fifths()) % 12;
            let how = match (apart.min(12 - apart), a.tonic == b.tonic) {
                (0, true) => "the same key".to_owned(),
                (0, false) => "relative keys".to_owned(),
                (_, true) => format!("{} to {}", mode(a), mode(b)),
                (1, _) => "a fifth apart".to_owned(),
                (n, _) => format!("{n} fifths apart"),
            };
            format!("{} → {}, {how}", a.name(), b.name())
        }
        _ => "no key to compare".to_owned(),
    };
    let tempi = match (from.tempo, to.tempo, octaves) {
        (Some(a), Some(b), Some(octaves)) => {
            let how = if octaves.abs() < 0.03 {
                "the same pulse"
            } else if octaves.abs() < 0.15 {
                "near"
            } else {
                "a change of pace"
            };
            format!("{:.0} → {:.0} BPM, {how}", a.bpm, b.bpm)
        }
        _ => "no tempo to compare".to_owned(),
    };
    format!("{keys}; {tempi}; {step:+.1} LU")
}

fn mode(key: &Key) -> &'static str {
    if key.mode == Mode::Major { "major" } else { "minor" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_are_near_score_high() {
        let key = |tonic, mode| Key { tonic, mode, strength: 1.0, margin: 0.1, tuning_cents: 0.0 };
        let c = key(0, Mode::Major);
        let order = [c, key(9, Mode::Minor), key(7, Mode::Major), key(2, Mode::Major), key(6, Mode::Major)];
        let scores: Vec<f64> = order.iter().map(|other| key_score(&c, other)).collect();
        assert!(scores.windows(2).all(|pair| pair[0] >= pair[1]) && scores[0] == 1.0 && scores[4] == 0.0, "{scores:?}");
    }
}
