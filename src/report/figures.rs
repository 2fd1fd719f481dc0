//! The few figures that a musician looks at first.
//!
//! Tone is the level of four bands against the whole: mean third-octave level of the mid in the band, minus its mean
//! from 100 Hz to 8 kHz, in the loud parts. Width is side power over mid power there. Both are differences of levels, so
//! loudness does not enter.

use super::{Report, Source};
use crate::analysis::{Analysis, find_feature};
use crate::dsp::bands::{DYNAMICS_CROSSOVERS_HZ, THIRD_OCTAVE_HZ};
use crate::params::Unit;
use std::ops::Range;

/// One line of the overview.
pub(super) struct Figure {
    /// What it is called.
    pub(super) name: &'static str,
    /// Unit of all values.
    pub(super) unit: Unit,
    /// Of the mix.
    pub(super) mix: f64,
    /// Of the master, where there is one.
    pub(super) master: Option<f64>,
    /// Of the target, where there is one.
    pub(super) reference: Option<f64>,
    /// What was aimed for.
    pub(super) goal: Option<Goal>,
    /// Whether the aim itself is less than what was asked for.
    pub(super) held_back: bool,
}

/// What a figure should be.
pub(super) enum Goal {
    /// Near a value.
    Near {
        /// The value.
        value: f64,
        /// How far off is still right.
        tolerance: f64,
    },
    /// Not above a value.
    AtMost(f64),
}

impl Figure {
    /// Whether the master has what was aimed for.
    pub(super) fn reached(&self) -> Option<bool> {
        let master = self.master?;
        Some(match *self.goal.as_ref()? {
            Goal::Near { value, tolerance } => (master - value).abs() <= tolerance,
            Goal::AtMost(limit) => master <= limit,
        })
    }
}

/// How far a tone band may be from the aim, in dB: half a decibel over an octave and more is just heard.
const TONE_TOLERANCE_DB: f64 = 1.0;
/// How far the width may be from the aim, in dB.
const WIDTH_TOLERANCE_DB: f64 = 1.5;
/// How much a meter may read over the ceiling, in dB; as the promise allows.
const CEILING_TOLERANCE_DB: f64 = 0.05;

/// Name and corner frequencies in Hz of the tone bands.
fn tone_bands() -> [(&'static str, Range<f64>); 4] {
    let [low, mid, high] = DYNAMICS_CROSSOVERS_HZ;
    [("bass", 30.0..low), ("body", low..mid), ("presence", mid..high), ("air", high..16_500.0)]
}

/// Mean level of some third octaves of the mid up to `reach_hz`, in dBFS; none where there are none.
fn mean_level_dbfs(analysis: &Analysis, range: &Range<f64>, reach_hz: f64) -> Option<f64> {
    let levels = THIRD_OCTAVE_HZ.iter().map(|hz| f64::from(*hz)).zip(analysis.loud.spectrum.mid_dbfs);
    let inside: Vec<f64> = levels.filter(|(hz, _)| range.contains(hz) && *hz <= reach_hz).map(|(_, level)| level).collect();
    (!inside.is_empty()).then(|| inside.iter().sum::<f64>() / inside.len() as f64)
}

/// A band against the whole, as far as all files that are compared reach.
fn tone_db(analysis: &Analysis, range: &Range<f64>, reach_hz: f64) -> Option<f64> {
    Some(mean_level_dbfs(analysis, range, reach_hz)? - mean_level_dbfs(analysis, &(100.0..8_001.0), reach_hz)?)
}

/// Side over mid in the loud parts.
fn width_db(analysis: &Analysis) -> f64 {
    analysis.loud.spectrum.width_db()
}

/// The overview of a job.
pub(super) fn overview(report: &Report) -> Vec<Figure> {
    let mix = &report.mix.analysis;
    let master = report.master.as_ref().map(|m| &m.analysis);
    let reference = report.target.as_ref().map(|t| &t.value);
    let near = |read: &dyn Fn(&Analysis) -> f64, share: f64, tolerance: f64| {
        reference.map(|r| Goal::Near { value: read(mix) + share * (read(r) - read(mix)), tolerance })
    };
    let figure = |name, unit, read: &dyn Fn(&Analysis) -> f64, goal: Option<Goal>| Figure {
        name,
        unit,
        mix: read(mix),
        master: master.map(read),
        reference: reference.map(read),
        goal,
        held_back: false,
    };
    let (asked, delivery) = (report.asked, report.plan.delivery);
    let conceded = |feature: &str| report.plan.concessions.iter().find(|c| c.feature == feature);
    let tolerance = |feature: &str, otherwise: f64| find_feature(feature).map_or(otherwise, |f| f.tolerance);
    let loudness = |a: &Analysis| a.loudness.integrated_lufs;
    let loudness_goal = match delivery.loudness_lufs {
        Some(value) => Some(Goal::Near { value, tolerance: tolerance("loudness.integrated_lufs", 0.5) }),
        // One channel is compared as it is heard from two speakers.
        None => reference.map(|r| {
            let there = r.heard_lufs() - mix.of_two_lu();
            let value = loudness(mix) + asked.loudness * (there - loudness(mix));
            Goal::Near { value, tolerance: tolerance("loudness.integrated_lufs", 0.5) }
        }),
    };
    // What was left on purpose is aimed for as it was planned.
    let goal = |feature: &str, read: &dyn Fn(&Analysis) -> f64| {
        let tolerance = tolerance(feature, 1.0);
        match conceded(feature) {
            Some(concession) => Some(Goal::Near { value: concession.planned, tolerance }),
            None => near(read, asked.dynamics, tolerance),
        }
    };
    let range = |a: &Analysis| a.loudness.lra_lu;
    let range_goal = goal("loudness.lra_lu", &range);
    let punch = |a: &Analysis| a.loudness.psr_lu;
    let mut figures = vec![
        figure("loudness", Unit::Lufs, &loudness, loudness_goal),
        figure(
            "true peak",
            Unit::Dbtp,
            &|a| a.loudness.true_peak_dbtp,
            Some(Goal::AtMost(delivery.ceiling_dbtp + CEILING_TOLERANCE_DB)),
        ),
        figure("loudness range", Unit::Lu, &range, range_goal),
        figure("punch (PSR)", Unit::Lu, &punch, goal("loudness.psr_lu", &punch)),
    ];
    figures[0].held_back = conceded("loudness.integrated_lufs").is_some();
    figures[2].held_back = conceded("loudness.lra_lu").is_some();
    figures[3].held_back = conceded("loudness.psr_lu").is_some();
    let reach_hz = report.target.as_ref().map_or(mix.reach_hz(), |target| target.reach_hz_for(mix));
    for (name, band) in tone_bands().into_iter().filter(|(_, band)| tone_db(mix, band, reach_hz).is_some()) {
        let read = |a: &Analysis| tone_db(a, &band, reach_hz).unwrap_or_default();
        figures.push(figure(name, Unit::Db, &read, near(&read, asked.tone, TONE_TOLERANCE_DB)));
    }
    if mix.channels == 2 {
        let has_image = report.target.as_ref().is_some_and(|t| t.has_image_for(mix));
        let goal = if has_image { near(&width_db, asked.width, WIDTH_TOLERANCE_DB) } else { None };
        let mut width = figure("width", Unit::Db, &width_db, goal);
        width.reference = width.reference.filter(|_| has_image);
        figures.push(width);
    }
    figures
}

/// The overview of one file: the same figures without an aim.
pub(super) fn of_source(source: &Source, reach_hz: f64) -> Vec<(&'static str, Unit, f64)> {
    let a = &source.analysis;
    let mut figures = vec![
        ("loudness", Unit::Lufs, a.loudness.integrated_lufs),
        ("loudest 3 s", Unit::Lufs, a.loudness.max_short_term_lufs),
        ("true peak", Unit::Dbtp, a.loudness.true_peak_dbtp),
        ("loudness range", Unit::Lu, a.loudness.lra_lu),
        ("punch (PSR)", Unit::Lu, a.loudness.psr_lu),
    ];
    let tone = |(name, band): (&'static str, Range<f64>)| Some((name, Unit::Db, tone_db(a, &band, reach_hz)?));
    figures.extend(tone_bands().into_iter().filter_map(tone));
    if a.channels == 2 {
        figures.push(("width", Unit::Db, width_db(a)));
        figures.push(("lost in mono", Unit::Db, a.loud.mono_loss_db));
    }
    figures
}
