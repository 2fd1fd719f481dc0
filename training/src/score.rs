//! One figure a system: the mean of its errors, each measured in errors of the untouched mix, with a confidence interval.
//!
//! For each metric, the mean over the cases divided by identity's; then the mean over the metrics. Interval: 95 %,
//! bootstrap over songs (percentiles of 2,000 resamples), identity resampled along with the system.

use crate::metrics::Figures;
use crate::report::Row;
use crate::rng::Rng;
use crate::systems::System;
use std::collections::BTreeMap;

const RESAMPLES: usize = 2000;

type Read = fn(&Figures) -> Option<f64>;

/// What is independent of level: the distance to the known master once both are equally loud.
const METRICS: [Read; 6] = [
    |f| Some(f.tone_mid_error_db),
    |f| f.tone_side_error_db,
    |f| Some(f.lra_error_lu),
    |f| Some(f.psr_error_lu),
    |f| Some(f.crest_error_db),
    |f| Some(f.width_error_db),
];

/// Mean and 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Score {
    /// The figure: 1 is no better than the mix as it was.
    pub(crate) mean: f64,
    /// 2.5th and 97.5th percentile.
    pub(crate) interval: (f64, f64),
}

/// The score of `system` among `rows` of one kind; none where identity or the system has no figures.
pub(crate) fn score(rows: &[&Row], system: System, seed: u64) -> Option<Score> {
    let mut songs: BTreeMap<(&str, &str), [Option<&Figures>; 2]> = BTreeMap::new();
    for row in rows {
        let places = [row.system == System::Identity, row.system == system];
        let pair = songs.entry((&row.mix, &row.reference)).or_default();
        for (place, _) in pair.iter_mut().zip(places).filter(|(_, is)| *is) {
            *place = row.figures.as_ref();
        }
    }
    let songs: Vec<[&Figures; 2]> = songs.into_values().filter_map(|[a, b]| Some([a?, b?])).collect();
    let mut rng = Rng::named(seed, "bootstrap");
    let all: Vec<usize> = (0..songs.len()).collect();
    let mean = ratio(&songs, &all)?;
    let mut resampled: Vec<f64> =
        (0..RESAMPLES).filter_map(|_| ratio(&songs, &all.iter().map(|_| rng.index(songs.len())).collect::<Vec<_>>())).collect();
    resampled.sort_by(f64::total_cmp);
    let at = |share: f64| resampled.get((share * resampled.len() as f64) as usize).copied().unwrap_or(mean);
    Some(Score { mean, interval: (at(0.025), at(0.975)) })
}

fn ratio(songs: &[[&Figures; 2]], chosen: &[usize]) -> Option<f64> {
    let of_metric = |read: &Read| {
        let sums = chosen.iter().filter_map(|s| Some((read(songs[*s][0])?, read(songs[*s][1])?)));
        let (before, after) = sums.fold((0.0, 0.0), |(b, a), (x, y)| (b + x, a + y));
        (before > 0.0).then_some(after / before)
    };
    let ratios: Vec<f64> = METRICS.iter().filter_map(of_metric).collect();
    (!ratios.is_empty()).then(|| ratios.iter().sum::<f64>() / ratios.len() as f64)
}
