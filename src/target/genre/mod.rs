//! Targets without a reference: what a master of this mix would measure if it were of these genres.
//!
//! `mix ─ portrait ─ learned map + offset of each genre (or its convention) ─ blend by share ─▶ portrait of the master ─▶ Target`
//!
//! The expectation already leans on the mix as far as the records' masters did, so it is aimed for whole; its spread says
//! how sure it is and is the tolerance that the report shows.

pub mod convention;
pub mod model;
pub mod profile;

use super::portrait::{self, FIGURES, LOUDNESS, LRA, Portrait, repaint};
use super::{GenreSource, GenreUse, Target};
use crate::analysis::Analysis;
use crate::dsp::bands::{DYNAMICS_BAND_NAMES, THIRD_OCTAVE_HZ};
use crate::genre::{Genre, GenreWeights};
use convention::Convention;
use model::GenreModel;
use profile::SoundProfile;
use std::collections::BTreeMap;

/// Ceiling that a genre's peaks are said to stand at; the wishes' own is what is delivered.
const CEILING_DBTP: f64 = -1.0;
/// A share under this is not worth telling.
const SMALLEST_SHARE: f64 = 0.03;
/// The widest sides that are aimed for without a reference: no side over mid. Where a mix has that already, left and right
/// cancel each other: polarity, which no genre says anything about, and whose image is left as it is.
const WIDEST_DB: f64 = 0.0;

/// One expectation, its spread, and what it stands on.
struct Expectation {
    master: Portrait,
    spread: [f64; FIGURES],
    minutes: f64,
    source: GenreSource,
}

impl Expectation {
    /// The master to expect of a mix of this genre.
    fn of(model: &GenreModel, genre: Genre, mix: &Portrait) -> Self {
        let mut master = model.expect(mix);
        let mut spread = std::array::from_fn(|i| model.spread[i]);
        if let Some(learned) = model.of(genre) {
            add(&mut master, &learned.offset);
            spread = std::array::from_fn(|i| learned.spread[i]);
            return Self { master, spread, minutes: learned.minutes, source: GenreSource::Learned };
        }
        if let Some(convention) = Convention::of(genre) {
            add(&mut master, &model.recentred(&convention.mean(model)));
            if let Some(like) = convention.like.and_then(|g| model.of(g)) {
                add(&mut master, &like.offset);
            }
            master.0[LOUDNESS] = convention.loudness_lufs;
        }
        Self { master, spread, minutes: 0.0, source: GenreSource::Convention }
    }
}

fn add(portrait: &mut Portrait, moves: &[f64]) {
    portrait.0.iter_mut().zip(moves).for_each(|(figure, by)| *figure += by);
}

impl Target {
    /// What a master of this mix would measure, by its genres.
    pub fn of_genre(mix: &Analysis, weights: &GenreWeights) -> Self {
        let model = GenreModel::embedded();
        let now = Portrait::of(mix);
        let shares: Vec<(Genre, f64)> = weights.ranked().into_iter().filter(|(_, share)| *share >= SMALLEST_SHARE).collect();
        let total: f64 = shares.iter().map(|s| s.1).sum();
        let parts: Vec<(Expectation, f64)> =
            shares.iter().map(|(genre, share)| (Expectation::of(model, *genre, &now), share / total)).collect();
        let names = shares.iter().map(|(genre, _)| genre.name().to_owned());
        let uses = names.zip(&parts).map(|(name, (part, weight))| GenreUse {
            name,
            weight: *weight,
            evidence_minutes: part.minutes,
            source: part.source,
        });
        let uses = uses.collect();
        Self::expected(mix, &now, &parts, uses)
    }

    /// What a master of this mix would measure, were it one of the records of a profile.
    pub fn of_profile(mix: &Analysis, profile: &SoundProfile) -> Self {
        let model = GenreModel::embedded();
        let now = Portrait::of(mix);
        let mean = profile.mean();
        let mut master = model.expect(&now);
        add(&mut master, &model.recentred(&mean));
        master.0[LOUDNESS] = mean.0[LOUDNESS];
        let spread = std::array::from_fn(|i| model.spread[i].min(profile.spread().0[i]));
        let minutes = profile.minutes;
        let used = GenreUse { name: profile.name.clone(), weight: 1.0, evidence_minutes: minutes, source: GenreSource::Profile };
        let part = Expectation { master, spread, minutes, source: GenreSource::Profile };
        Self::expected(mix, &now, &[(part, 1.0)], vec![used])
    }

    /// The master to expect of any genre, the same for every mix: what learning has to beat.
    pub fn of_corpus(mix: &Analysis) -> Self {
        let model = GenreModel::embedded();
        let master = Portrait(std::array::from_fn(|i| model.master_mean[i]));
        let part = Expectation { master, spread: [0.0; FIGURES], minutes: model.minutes, source: GenreSource::Learned };
        Self::expected(mix, &Portrait::of(mix), &[(part, 1.0)], Vec::new())
    }

    fn expected(mix: &Analysis, now: &Portrait, parts: &[(Expectation, f64)], genres: Vec<GenreUse>) -> Self {
        let model = GenreModel::embedded();
        let mean = |i: usize| parts.iter().map(|(part, weight)| weight * part.master.0[i]).sum::<f64>();
        let mut goal = Portrait(std::array::from_fn(mean));
        for i in portrait::WIDTH {
            goal.0[i] = if now.0[i] > WIDEST_DB { now.0[i] } else { goal.0[i].min(WIDEST_DB) };
        }
        // What is as even as masters are in the mean needs no levelling, whatever mixes like it were made into on average.
        goal.0[LRA] = goal.0[LRA].max(model.master_mean[LRA].min(now.0[LRA]));
        // A blend is as uncertain as its parts and as far as they lie apart.
        let variance = |i: usize| {
            let of_part =
                |(part, weight): &(Expectation, f64)| weight * (part.spread[i].powi(2) + (part.master.0[i] - goal.0[i]).powi(2));
            parts.iter().map(of_part).sum::<f64>()
        };
        let spread = Portrait(std::array::from_fn(|i| variance(i).sqrt()));
        Self {
            value: repaint(mix, &goal, CEILING_DBTP),
            references: Vec::new(),
            genres,
            spread: by_feature(&spread),
            strangeness: Some(model.strangeness(now)),
            has_image: mix.has_image(),
        }
    }
}

/// The figures of a portrait under the ids of the features that reports speak of.
fn by_feature(spread: &Portrait) -> BTreeMap<String, f64> {
    let mut map = BTreeMap::new();
    let mut put = |id: String, i: usize| {
        map.insert(id, (spread.0[i] * 100.0).round() / 100.0);
    };
    for (i, hz) in THIRD_OCTAVE_HZ.iter().enumerate() {
        put(format!("loud.mid_{hz}_hz_dbfs"), portrait::TONE.start + i);
        put(format!("loud.side_{hz}_hz_dbfs"), portrait::WIDTH.start + i);
    }
    for (b, name) in DYNAMICS_BAND_NAMES.iter().enumerate() {
        put(format!("loud.{name}.crest_db"), portrait::BAND_CREST.start + b);
        put(format!("loud.{name}.spread_db"), portrait::BAND_SPREAD.start + b);
        // A band's width is as certain as the third octave in its middle.
        put(format!("loud.{name}.width_db"), portrait::WIDTH.start + [5, 12, 20, 27][b]);
    }
    put("loudness.lra_lu".into(), LRA);
    put("loudness.psr_lu".into(), portrait::PSR);
    put("loud.crest_db".into(), portrait::CREST);
    put("loudness.integrated_lufs".into(), LOUDNESS);
    map
}

/// What is known of a genre: minutes of evidence, records, and where the figures come from.
pub fn knowledge(genre: Genre) -> (f64, usize, GenreSource) {
    match GenreModel::embedded().of(genre) {
        Some(learned) => (learned.minutes, learned.records, GenreSource::Learned),
        None => (0.0, 0, GenreSource::Convention),
    }
}

#[cfg(test)]
mod tests;
