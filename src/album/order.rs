//! An order for the album: an arc of energy, and transitions that fit in tempo, key and level, with the reason for each.
//!
//! Nothing here is a rule: it is a proposal with its scores. Energy is a rank by three ranks (loudness, onsets a second, tempo),
//! so it compares the album with itself. The arc is practice: begin strongly, the peak early, a rest past the middle, a second rise, end
//! softly. All orders are compared for up to 12 units (Held and Karp, J. SIAM 10, 1962), by exchange of pairs beyond that. Joined
//! tracks stay together.

use super::Request;
use super::heard::{self, Heard};
use super::programme;
use super::record::{Record, key};
use crate::error::Error;
use crate::musical::{Key, Mode, Musical, MusicalListener};
use crate::progress::{Progress, Step};
use serde::{Deserialize, Serialize};

/// Energy over the album: (place 0 to 1, energy 0 to 1).
const ARC: [(f64, f64); 6] = [(0.0, 0.75), (0.2, 1.0), (0.45, 0.6), (0.6, 0.4), (0.8, 0.8), (1.0, 0.15)];
/// What a place of the arc weighs beside one transition, by the square of the distance; the first and the last place, which people
/// remember, weigh twice as much.
const ARC_WEIGHT: f64 = 4.0;
/// Up to so many units all orders are compared.
const MOST_COMPARED: usize = 12;
/// A tempo step of this factor, in octaves, is half as good as none.
const TEMPO_HALF_OCTAVES: f64 = 0.12;
/// A step in loudness of this much is half as good as none.
const LEVEL_HALF_LU: f64 = 6.0;
/// Shares of a transition's score.
const SHARES: [f64; 3] = [0.4, 0.35, 0.25];

/// A proposed order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// The sheet's entries in the proposed order, from 1.
    pub order: Vec<usize>,
    /// The tracks in the proposed order.
    pub tracks: Vec<OrderedTrack>,
    /// From each to the next.
    pub transitions: Vec<Transition>,
    /// Mean score of the transitions in the proposed order, and in the given one.
    pub transition_score: f64,
    /// The same of the order as it was given.
    pub given_transition_score: f64,
    /// How closely the arc is followed, 0 to 1.
    pub arc_score: f64,
    /// The same of the order as it was given.
    pub given_arc_score: f64,
}

/// A track of a proposed order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderedTrack {
    /// Its title.
    pub title: String,
    /// Tempo and key.
    pub musical: Musical,
    /// Energy against the other tracks, 0 to 1.
    pub energy: f64,
    /// Loudness of its mix.
    pub integrated_lufs: f64,
    /// Why it stands here.
    pub reason: String,
}

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

struct Unit {
    entries: Vec<usize>,
    energy: f64,
}

/// Proposes an order. Errors: a file cannot be read; the folder cannot be written; interrupted.
pub fn suggest_order(request: &Request, progress: &Progress) -> Result<Order, Error> {
    let record = Record::open(&request.output, request.overwrite)?;
    let heard = heard::entries(&record, request, progress)?;
    let mut musical = Vec::new();
    progress.piece(1, 1)?;
    for (index, heard) in heard.iter().enumerate() {
        musical.push(listen(&record, request, index, heard, progress)?);
    }
    let titles: Vec<String> = (0..heard.len()).map(|index| heard::title_artist(request, index).0).collect();
    let energies = energies(&heard, &musical);
    let groups = programme::groups(&request.sheet);
    let units: Vec<Unit> = groups.iter().map(|group| unit(group.entries().collect(), &energies)).collect();
    let between = |a: usize, b: usize| {
        let (from, to) = (units[a].entries[units[a].entries.len() - 1], units[b].entries[0]);
        let loudness = [from, to].map(|i| heard[i].analysis.loudness.integrated_lufs);
        transition((&musical[from], loudness[0]), (&musical[to], loudness[1]))
    };
    let scores: Vec<Vec<f64>> =
        (0..units.len()).map(|a| (0..units.len()).map(|b| if a == b { 0.0 } else { between(a, b).score }).collect()).collect();
    let energies_of: Vec<f64> = units.iter().map(|unit| unit.energy).collect();
    let best = if units.len() <= MOST_COMPARED { compared(&energies_of, &scores) } else { exchanged(&energies_of, &scores) };
    let given: Vec<usize> = (0..units.len()).collect();
    let mean = |order: &[usize]| {
        let steps = order.len().saturating_sub(1).max(1) as f64;
        order.windows(2).map(|pair| scores[pair[0]][pair[1]]).sum::<f64>() / steps
    };
    let arc_score = |order: &[usize]| {
        let miss: f64 = order.iter().enumerate().map(|(n, unit)| miss(energies_of[*unit], n, order.len())).sum();
        // The ends count twice.
        1.0 - (miss / (order.len() + 2) as f64).sqrt().min(1.0)
    };
    let order: Vec<usize> = best.iter().flat_map(|unit| units[*unit].entries.iter().copied()).collect();
    let place = |(n, entry): (usize, &usize)| OrderedTrack {
        title: titles[*entry].clone(),
        musical: musical[*entry].clone(),
        energy: energies[*entry],
        integrated_lufs: heard[*entry].analysis.loudness.integrated_lufs,
        reason: reason(n, order.len(), energies[*entry], &energies),
    };
    Ok(Order {
        tracks: order.iter().enumerate().map(place).collect(),
        transitions: best.windows(2).map(|pair| between(pair[0], pair[1])).collect(),
        transition_score: mean(&best),
        given_transition_score: mean(&given),
        arc_score: arc_score(&best),
        given_arc_score: arc_score(&given),
        order: order.into_iter().map(|entry| entry + 1).collect(),
    })
}

fn unit(entries: Vec<usize>, energies: &[f64]) -> Unit {
    let energy = entries.iter().map(|entry| energies[*entry]).sum::<f64>() / entries.len().max(1) as f64;
    Unit { entries, energy }
}

fn listen(record: &Record, request: &Request, index: usize, heard: &Heard, progress: &Progress) -> Result<Musical, Error> {
    let key = key(&["musical", &heard.key]);
    if let Some(musical) = record.kept(&key) {
        return Ok(musical);
    }
    let mut listener = MusicalListener::new(heard.info.sample_rate_hz);
    for part in heard::stretches(request, index..index + 1) {
        part.for_each_block(|block| {
            listener.push(&block.channels);
            progress.at(Step::ListenMix, index as u64, request.sheet.tracks.len() as u64)
        })?;
    }
    let musical = listener.finish();
    record.keep(&key, &musical)?;
    Ok(musical)
}

/// The tracks ranked by the mean of their ranks in loudness (twice), onsets and tempo, 0 to 1.
fn energies(heard: &[Heard], musical: &[Musical]) -> Vec<f64> {
    let ranks = |values: Vec<f64>| -> Vec<f64> {
        let below = |value: f64| values.iter().filter(|other| **other < value).count() as f64;
        let equal = |value: f64| values.iter().filter(|other| **other == value).count() as f64;
        let most = (values.len().max(2) - 1) as f64;
        values.iter().map(|value| (below(*value) + 0.5 * (equal(*value) - 1.0)) / most).collect()
    };
    let loudness = ranks(heard.iter().map(|heard| heard.analysis.loudness.integrated_lufs).collect());
    let onsets = ranks(heard.iter().map(|heard| heard.analysis.whole.transients_per_s).collect());
    let tempi = ranks(musical.iter().map(|musical| musical.tempo.map_or(0.0, |tempo| tempo.bpm)).collect());
    ranks((0..heard.len()).map(|i| 2.0 * loudness[i] + onsets[i] + tempi[i]).collect())
}

fn arc(place: f64) -> f64 {
    let after = ARC.iter().position(|(at, _)| *at >= place).unwrap_or(ARC.len() - 1).max(1);
    let ((x0, y0), (x1, y1)) = (ARC[after - 1], ARC[after]);
    y0 + (y1 - y0) * (place - x0) / (x1 - x0)
}

fn miss(energy: f64, n: usize, count: usize) -> f64 {
    let end = if n == 0 || n + 1 == count { 2.0 } else { 1.0 };
    end * (energy - arc(n as f64 / (count.max(2) - 1) as f64)).powi(2)
}

fn transition((from, from_lufs): (&Musical, f64), (to, to_lufs): (&Musical, f64)) -> Transition {
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

fn reason(n: usize, count: usize, energy: f64, energies: &[f64]) -> String {
    let rank = 1 + energies.iter().filter(|other| **other > energy).count();
    let wanted = arc(n as f64 / (count.max(2) - 1) as f64);
    let role = match n {
        0 => "opens",
        _ if n + 1 == count => "closes",
        _ if wanted > 0.75 => "a peak of the arc",
        _ if wanted < 0.5 => "a rest",
        _ => "on the way",
    };
    format!("{role}: energy {} of {count}, {energy:.2} where the arc has {wanted:.2}", rank)
}

/// The best of all orders.
fn compared(energies: &[f64], scores: &[Vec<f64>]) -> Vec<usize> {
    let n = energies.len();
    if n < 2 {
        return (0..n).collect();
    }
    // best[set][last]: the most that an order of `set` that ends with `last` can have, and what came before.
    let mut best = vec![vec![(f64::NEG_INFINITY, usize::MAX); n]; 1 << n];
    for first in 0..n {
        best[1 << first][first] = (-ARC_WEIGHT * miss(energies[first], 0, n), usize::MAX);
    }
    for set in 1usize..1 << n {
        let placed = set.count_ones() as usize;
        for last in (0..n).filter(|last| set & (1 << last) != 0) {
            let (value, _) = best[set][last];
            for next in (0..n).filter(|next| set & (1 << next) == 0) {
                let new = value + scores[last][next] - ARC_WEIGHT * miss(energies[next], placed, n);
                let cell = &mut best[set | 1 << next][next];
                if new > cell.0 + 1e-12 {
                    *cell = (new, last);
                }
            }
        }
    }
    let mut set = (1 << n) - 1;
    let mut last = (0..n).max_by(|a, b| best[set][*a].0.total_cmp(&best[set][*b].0).then(b.cmp(a))).unwrap_or(0);
    let mut order = vec![last];
    while best[set][last].1 != usize::MAX {
        let before = best[set][last].1;
        set &= !(1 << last);
        last = before;
        order.push(last);
    }
    order.reverse();
    order
}

/// From the given order, pairs exchanged as long as that helps.
fn exchanged(energies: &[f64], scores: &[Vec<f64>]) -> Vec<usize> {
    let n = energies.len();
    let value = |order: &[usize]| {
        let steps: f64 = order.windows(2).map(|pair| scores[pair[0]][pair[1]]).sum();
        steps - ARC_WEIGHT * order.iter().enumerate().map(|(i, unit)| miss(energies[*unit], i, n)).sum::<f64>()
    };
    let mut order: Vec<usize> = (0..n).collect();
    let mut now = value(&order);
    loop {
        let mut better = false;
        for a in 0..n {
            for b in a + 1..n {
                order.swap(a, b);
                let new = value(&order);
                if new > now + 1e-9 {
                    (now, better) = (new, true);
                } else {
                    order.swap(a, b);
                }
            }
        }
        if !better {
            return order;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arc_is_followed_and_neighbours_fit() {
        // Without any preference between neighbours the arc alone decides.
        let energies = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0];
        let none = vec![vec![0.0; 6]; 6];
        let order = compared(&energies, &none);
        assert_eq!((order[1], order[5]), (5, 0), "the peak early, the end soft: {order:?}");
        // With energies alike the chain of good transitions decides.
        let chain: Vec<Vec<f64>> =
            (0..5).map(|a: usize| (0..5).map(|b| f64::from(u8::from(b == (a + 2) % 5))).collect()).collect();
        let order = compared(&[0.5; 5], &chain);
        assert!(order.windows(2).all(|pair| pair[1] == (pair[0] + 2) % 5), "{order:?}");
        let swapped = exchanged(&energies, &none);
        let cost = |order: &[usize]| order.iter().enumerate().map(|(n, unit)| miss(energies[*unit], n, 6)).sum::<f64>();
        assert!(cost(&swapped) <= cost(&compared(&energies, &none)) + 1e-9, "{swapped:?}");
    }

    #[test]
    fn keys_that_are_near_score_high() {
        let key = |tonic, mode| Key { tonic, mode, strength: 1.0, margin: 0.1, tuning_cents: 0.0 };
        let c = key(0, Mode::Major);
        let order = [c, key(9, Mode::Minor), key(7, Mode::Major), key(2, Mode::Major), key(6, Mode::Major)];
        let scores: Vec<f64> = order.iter().map(|other| key_score(&c, other)).collect();
        assert!(scores.windows(2).all(|pair| pair[0] >= pair[1]) && scores[0] == 1.0 && scores[4] == 0.0, "{scores:?}");
    }
}
