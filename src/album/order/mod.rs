//! An order for the album: an arc of energy, and transitions that fit in tempo, key and level, with the reason for each.
//!
//! Nothing here is a rule: it is a proposal with its scores. Energy is a rank by three ranks (loudness, onsets a second, tempo),
//! so it compares the album with itself. The arc is practice: begin strongly, the peak early, a rest past the middle, a second rise, end
//! softly. All orders are compared for up to 12 units (Held and Karp, J. SIAM 10, 1962), by exchange of pairs beyond that. Joined
//! tracks stay together.

mod arc;
mod transition;

pub use transition::Transition;

use super::Request;
use super::heard::{self, Heard};
use super::programme;
use super::record::{Record, key};
use crate::error::Error;
use crate::musical::{Musical, MusicalListener};
use crate::progress::{Progress, Step};
use arc::{arc, miss};
use serde::{Deserialize, Serialize};
use transition::transition;

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
        let loudness = [from, to].map(|i| heard[i].analysis.heard_lufs());
        transition((&musical[from], loudness[0]), (&musical[to], loudness[1]))
    };
    let scores: Vec<Vec<f64>> =
        (0..units.len()).map(|a| (0..units.len()).map(|b| if a == b { 0.0 } else { between(a, b).score }).collect()).collect();
    let energies_of: Vec<f64> = units.iter().map(|unit| unit.energy).collect();
    let best = arc::best(&energies_of, &scores);
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
    let loudness = ranks(heard.iter().map(|heard| heard.analysis.heard_lufs()).collect());
    let onsets = ranks(heard.iter().map(|heard| heard.analysis.whole.transients_per_s).collect());
    let tempi = ranks(musical.iter().map(|musical| musical.tempo.map_or(0.0, |tempo| tempo.bpm)).collect());
    ranks((0..heard.len()).map(|i| 2.0 * loudness[i] + onsets[i] + tempi[i]).collect())
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
