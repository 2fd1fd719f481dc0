//! THE table of feature groups: what reasons speak of, fewer and larger than features. Words: `report/wording/why.rs`.

use super::super::Wishes;
use super::super::aim::Aim;
use super::super::traits::{Traits, band_of};
use crate::analysis::{Analysis, Defect};
use crate::dsp::bands::{DYNAMICS_BAND_NAMES, THIRD_OCTAVE_HZ, THIRD_OCTAVES};
use crate::params::Unit;
use crate::target::Target;

/// Figures that stand or fall together in a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeatureGroup {
    /// Its name: `air`, `width_low`.
    pub id: &'static str,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// The mid's third octaves from one to another, against the mean of 100 Hz to 8 kHz.
    Tone(u32, u32),
    /// Side over mid in the third octaves of a dynamics band.
    Width(usize),
    /// How far a dynamics band's level spreads.
    Spread(usize),
    /// How far a dynamics band's peaks stand out.
    Crest(usize),
    Loudness,
    Range,
    Punch,
    Density,
    Balance,
    /// DC, clipping, hum: what is wrong whatever the target.
    Faults,
}

const fn group(id: &'static str, kind: Kind) -> FeatureGroup {
    FeatureGroup { id, kind }
}

const GROUPS: [FeatureGroup; 22] = [
    group("low_end", Kind::Tone(20, 125)),
    group("low_mids", Kind::Tone(160, 500)),
    group("mids", Kind::Tone(630, 2000)),
    group("presence", Kind::Tone(2500, 6300)),
    group("air", Kind::Tone(8000, 20000)),
    group("loudness", Kind::Loudness),
    group("macro_dynamics", Kind::Range),
    group("punch", Kind::Punch),
    group("density", Kind::Density),
    group("spread_low", Kind::Spread(0)),
    group("spread_low_mid", Kind::Spread(1)),
    group("spread_high_mid", Kind::Spread(2)),
    group("spread_high", Kind::Spread(3)),
    group("attack_low", Kind::Crest(0)),
    group("attack_low_mid", Kind::Crest(1)),
    group("attack_high_mid", Kind::Crest(2)),
    group("attack_high", Kind::Crest(3)),
    group("width_low", Kind::Width(0)),
    group("width_low_mid", Kind::Width(1)),
    group("width_high_mid", Kind::Width(2)),
    group("width_high", Kind::Width(3)),
    group("balance", Kind::Balance),
];
/// Faults stand apart: they are no figures of a target.
const FAULTS: FeatureGroup = group("faults", Kind::Faults);

const ALL: [FeatureGroup; GROUPS.len() + 1] = {
    let mut all = [FAULTS; GROUPS.len() + 1];
    let mut i = 0;
    while i < GROUPS.len() {
        all[i] = GROUPS[i];
        i += 1;
    }
    all
};

/// All feature groups.
pub fn groups() -> &'static [FeatureGroup] {
    &ALL
}

impl FeatureGroup {
    /// Ids of its features in the feature table (of faults: of defects); tone is compared without level, the side against the mid.
    pub fn features(&self) -> Vec<String> {
        let band = |b: usize, figure: &str| vec![format!("loud.{}.{figure}", DYNAMICS_BAND_NAMES[b])];
        let octaves = |side: &str| self.octaves().map(|i| format!("loud.{side}_{}_hz_dbfs", THIRD_OCTAVE_HZ[i])).collect();
        match self.kind {
            Kind::Tone(..) => octaves("mid"),
            Kind::Width(_) => octaves("side"),
            Kind::Spread(b) => band(b, "spread_db"),
            Kind::Crest(b) => band(b, "crest_db"),
            Kind::Loudness => vec!["loudness.integrated_lufs".into()],
            Kind::Range => vec!["loudness.lra_lu".into()],
            Kind::Punch => vec!["loudness.psr_lu".into()],
            Kind::Density => vec!["loud.crest_db".into()],
            Kind::Balance => vec!["loud.balance_db".into()],
            Kind::Faults => ["dc_percent", "clipped_runs_count", "hum_excess_db"].map(|f| format!("defects.{f}")).to_vec(),
        }
    }

    /// Unit of its figures.
    pub fn unit(&self) -> Unit {
        match self.kind {
            Kind::Loudness => Unit::Lufs,
            Kind::Range | Kind::Punch => Unit::Lu,
            Kind::Faults => Unit::Count,
            _ => Unit::Db,
        }
    }

    /// Its figures in a file, in the order of [`FeatureGroup::features`].
    pub fn figures(&self, analysis: &Analysis) -> Vec<f64> {
        match self.kind {
            Kind::Faults => {
                let count = |is: fn(&Defect) -> bool| analysis.defects.iter().filter(|d| is(d)).count() as f64;
                vec![
                    count(|d| matches!(d, Defect::Dc { .. })),
                    count(|d| matches!(d, Defect::ClippedRuns { .. })),
                    count(|d| matches!(d, Defect::Hum { .. })),
                ]
            }
            _ => self.of(&Traits::of(analysis)),
        }
    }

    /// The third octaves of a tone or width group.
    fn octaves(&self) -> impl Iterator<Item = usize> + use<> {
        let kind = self.kind;
        (0..THIRD_OCTAVES).filter(move |i| match kind {
            Kind::Tone(from, to) => (from..=to).contains(&THIRD_OCTAVE_HZ[*i]),
            Kind::Width(b) => band_of(*i) == b,
            _ => false,
        })
    }

    /// What its figures should be: the target's, as far as the wishes ask for and mastering should go.
    pub fn aims(&self, mix: &Analysis, target: &Target, wishes: &Wishes) -> Vec<f64> {
        match self.kind {
            Kind::Faults => vec![0.0; self.features().len()],
            _ => self.of(&Aim::new(mix, target, wishes).goal),
        }
    }

    fn of(&self, traits: &Traits) -> Vec<f64> {
        match self.kind {
            Kind::Tone(..) => self.octaves().map(|i| traits.tone_db()[i]).collect(),
            Kind::Width(_) => self.octaves().map(|i| traits.width_db()[i]).collect(),
            Kind::Spread(b) => vec![traits.spread[b]],
            Kind::Crest(b) => vec![traits.crest[b]],
            Kind::Loudness => vec![traits.loudness_lufs],
            Kind::Range => vec![traits.lra_lu],
            Kind::Punch => vec![traits.psr_lu],
            Kind::Density => vec![traits.crest_db],
            Kind::Balance => vec![traits.balance_db],
            Kind::Faults => Vec::new(),
        }
    }

    /// Mean of its figures.
    pub(super) fn mean(&self, traits: &Traits) -> f64 {
        let figures = self.of(traits);
        figures.iter().sum::<f64>() / figures.len().max(1) as f64
    }

    pub(super) fn is_faults(&self) -> bool {
        self.kind == Kind::Faults
    }

    pub(super) fn is_loudness(&self) -> bool {
        self.kind == Kind::Loudness
    }
}

/// A target whose groups for which `is_on` holds are on target: there they are as the mix is.
pub(super) fn with_on_target(mix: &Traits, target: &Traits, is_on: impl Fn(usize) -> bool) -> Traits {
    if !(0..GROUPS.len()).any(&is_on) {
        return target.clone();
    }
    let mut traits = target.clone();
    let (mut tone, mut width) = (target.tone_db(), target.width_db());
    let (mix_tone, mix_width) = (mix.tone_db(), mix.width_db());
    for (_, group) in GROUPS.iter().enumerate().filter(|(i, _)| is_on(*i)) {
        match group.kind {
            Kind::Tone(..) => group.octaves().for_each(|i| tone[i] = mix_tone[i]),
            Kind::Width(_) => group.octaves().for_each(|i| width[i] = mix_width[i]),
            Kind::Spread(b) => traits.spread[b] = mix.spread[b],
            Kind::Crest(b) => traits.crest[b] = mix.crest[b],
            Kind::Loudness => traits.loudness_lufs = mix.loudness_lufs,
            Kind::Range => traits.lra_lu = mix.lra_lu,
            Kind::Punch => traits.psr_lu = mix.psr_lu,
            Kind::Density => traits.crest_db = mix.crest_db,
            Kind::Balance => traits.balance_db = mix.balance_db,
            Kind::Faults => {}
        }
    }
    let anchor = target.anchor_db();
    traits.mid_db = tone.map(|t| t + anchor);
    traits.side_db = std::array::from_fn(|i| traits.mid_db[i] + width[i]);
    traits
}

/// The group that refinement steers a parameter by.
pub(super) fn steers(param: &str) -> Option<&'static FeatureGroup> {
    let mut parts = param.split('.');
    let (stage, field, figure) = (parts.next()?, parts.next()?, parts.next());
    let of_band = |name: &str| DYNAMICS_BAND_NAMES.iter().position(|band| *band == name);
    let octave = figure.and_then(|f| f.strip_prefix("gain_")?.strip_suffix("_hz_db")?.parse().ok());
    let octave = octave.and_then(|hz: u32| THIRD_OCTAVE_HZ.iter().position(|f| *f == hz));
    let is = |group: &&FeatureGroup| match (stage, group.kind) {
        ("match_eq", Kind::Tone(..)) => field == "mid" && octave.is_some_and(|i| group.octaves().any(|o| o == i)),
        ("match_eq", Kind::Width(b)) => field == "side" && octave.is_some_and(|i| band_of(i) == b),
        ("stereo", Kind::Width(b)) => field.strip_suffix("_width_percent").and_then(of_band) == Some(b),
        ("stereo", Kind::Balance) => field == "balance_db",
        ("multiband", Kind::Spread(b)) => figure.is_some_and(|f| f.ends_with("_ratio")) && of_band(field) == Some(b),
        ("multiband", Kind::Crest(b)) => figure == Some("transient_db") && of_band(field) == Some(b),
        ("compressor", Kind::Spread(b)) => b == 1,
        ("leveler", Kind::Range) | ("clipper", Kind::Loudness) => true,
        ("limiter", Kind::Loudness) => field == "drive_db",
        ("limiter", Kind::Punch) => field == "ceiling_dbtp",
        _ => false,
    };
    GROUPS.iter().find(is)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{Analyzer, find_feature};
    use std::collections::BTreeSet;

    #[test]
    fn every_feature_is_in_the_table_and_no_figure_in_two_groups() {
        let all: Vec<String> = groups().iter().flat_map(FeatureGroup::features).collect();
        let known = |id: &&String| id.starts_with("defects.") || find_feature(id).is_some();
        assert_eq!(all.iter().find(|id| !known(id)), None);
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
        // All 31 third octaves of mid and side, spread and crest of four bands, five figures of the whole, three faults.
        assert_eq!(all.len(), 2 * 31 + 2 * 4 + 5 + 3);
        assert_eq!(groups().iter().map(|g| g.id).collect::<BTreeSet<_>>().len(), groups().len());
    }

    #[test]
    fn a_group_on_target_asks_for_nothing_and_leaves_the_others() {
        let tone = |hz: f32| (0..44_100 * 3).map(|n| 0.1 * (n as f32 * hz / 7000.0).sin()).collect::<Vec<f32>>();
        let traits = |hz: f32| {
            let mut analyzer = Analyzer::new(44_100, 2);
            analyzer.push(&[tone(hz), tone(1.5 * hz)]);
            Traits::of(&analyzer.finish().analysis())
        };
        let (mix, target) = (traits(100.0), traits(900.0));
        assert_eq!(with_on_target(&mix, &target, |_| false), target);
        let all = with_on_target(&mix, &target, |_| true);
        assert!(GROUPS.iter().all(|g| (g.mean(&all) - g.mean(&mix)).abs() < 1e-9));
        let one = with_on_target(&mix, &target, |i| GROUPS[i].id == "width_high");
        for group in GROUPS {
            let expected = if group.id == "width_high" { &mix } else { &target };
            assert!((group.mean(&one) - group.mean(expected)).abs() < 1e-9, "{}", group.id);
        }
    }

    #[test]
    fn refinement_steers_by_the_group_of_the_band() {
        let by = |param: &str| steers(param).map(|g| g.id);
        assert_eq!(by("match_eq.mid.gain_8000_hz_db"), Some("air"));
        assert_eq!(by("match_eq.side.gain_50_hz_db"), Some("width_low"));
        assert_eq!(by("stereo.high_mid_width_percent"), Some("width_high_mid"));
        assert_eq!(by("multiband.low.high_ratio"), Some("spread_low"));
        assert_eq!(by("limiter.drive_db"), Some("loudness"));
        assert_eq!(by("repair.declip"), None);
    }
}
