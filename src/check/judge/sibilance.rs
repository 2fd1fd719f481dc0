//! Sibilants: short, strong, narrow and high, as a voice makes them.

use super::super::Span;
use super::super::moments::{Moment, SIBILANT_HZ};
use super::super::rules::rule;
use super::{Judge, decibels, joined};

/// The song's own average of sibilant moments: the mean of the loudest tenth of its moments in that band.
const LOUDEST_SHARE: f64 = 0.1;
/// A sibilant stands as high as the body of the voice at that moment, less this.
const SIBILANT_TO_BODY_DB: f64 = 3.0;
/// A sibilant is a hump: per hertz it stands this far over the air above it.
const SIBILANT_OVER_AIR_DB: f64 = 9.0;

impl Judge<'_> {
    /// Short humps in the treble, each against the song's own average of such moments.
    pub(super) fn sibilance(&mut self) {
        let (all, moment_s) = (&self.heard.moments.all, self.heard.moments.moment_s());
        let limit_db = rule("sibilance").limit;
        let mut found: Option<(f64, [f64; 2])> = None;
        let mut spans = Vec::new();
        for (band, band_hz) in SIBILANT_HZ.iter().enumerate() {
            let mut levels: Vec<f64> = all.iter().map(|m| f64::from(m.sibilant[band])).collect();
            levels.sort_by(f64::total_cmp);
            let tenth = &levels[levels.len() - (levels.len() as f64 * LOUDEST_SHARE) as usize..];
            let average = tenth.iter().sum::<f64>() / tenth.len().max(1) as f64;
            let over_db = |moment: &Moment| decibels(f64::from(moment.sibilant[band]) / average.max(1e-14));
            // An s lasts longer than a hi-hat: the moment before or after it stands out too, half as far.
            let lasts = |index: usize| {
                let beside = [index.checked_sub(1), Some(index + 1)].into_iter().flatten();
                beside.filter_map(|at| all.get(at)).any(|moment| over_db(moment) > 0.5 * limit_db)
            };
            for (index, moment) in all.iter().enumerate().filter(|(at, m)| is_sibilant(m, band) && lasts(*at)) {
                let over_db = over_db(moment);
                if over_db > limit_db {
                    let from_s = index as f64 * moment_s;
                    spans.push(Span { from_s, to_s: from_s + moment_s });
                    if found.is_none_or(|(most, _)| over_db > most) {
                        found = Some((over_db, *band_hz));
                    }
                }
            }
        }
        spans.sort_by(|a, b| a.from_s.total_cmp(&b.from_s));
        if let Some((over_db, band_hz)) = found {
            self.found("sibilance", over_db, Some(band_hz), joined(spans.into_iter()));
        }
    }
}

/// A hump in the treble, as high as the voice's body, over less air.
fn is_sibilant(moment: &Moment, band: usize) -> bool {
    let (power, [from_hz, to_hz]) = (f64::from(moment.sibilant[band]), SIBILANT_HZ[band]);
    let strongest = moment.sibilant.iter().all(|other| *other <= moment.sibilant[band]);
    let over_body = decibels(power / f64::from(moment.body).max(1e-14));
    let over_air = decibels(power / (to_hz - from_hz) / f64::from(moment.air_per_hz).max(1e-16));
    strongest && over_body > -SIBILANT_TO_BODY_DB && over_air > SIBILANT_OVER_AIR_DB
}
