//! A portrait: the figures by which the learned parts know a mix and a master, few and free of level.
//!
//! Tone is relative to the mean of 100 Hz to 8 kHz, the side relative to the mid; each figure is the mean of the whole
//! file's and the loud sections'. Training and mastering compute it here and nowhere else.

use crate::analysis::{Analysis, Section};
use crate::dsp::bands::{DYNAMICS_BAND_NAMES, DYNAMICS_BANDS, THIRD_OCTAVE_HZ, THIRD_OCTAVES};
use std::ops::Range;

/// Version of the portrait: raised whenever an id, the order or a meaning changes.
pub const PORTRAIT_VERSION: u32 = 2;
/// How many figures a portrait has.
pub const FIGURES: usize = 2 * THIRD_OCTAVES + 4 + 2 * DYNAMICS_BANDS;
/// Mid of each third octave against the anchor, dB.
pub const TONE: Range<usize> = 0..THIRD_OCTAVES;
/// Side over mid of each third octave, dB.
pub const WIDTH: Range<usize> = THIRD_OCTAVES..2 * THIRD_OCTAVES;
/// Loudness range, LU.
pub const LRA: usize = 2 * THIRD_OCTAVES;
/// Peak to short-term loudness, LU.
pub const PSR: usize = LRA + 1;
/// Crest of the full band, dB.
pub const CREST: usize = LRA + 2;
/// Crest of each dynamics band, dB.
pub const BAND_CREST: Range<usize> = LRA + 3..LRA + 3 + DYNAMICS_BANDS;
/// Spread of each dynamics band, dB.
pub const BAND_SPREAD: Range<usize> = BAND_CREST.end..BAND_CREST.end + DYNAMICS_BANDS;
/// Integrated loudness, LUFS; the last figure, since a mix's own says nothing.
pub const LOUDNESS: usize = FIGURES - 1;

/// Third octaves that anchor the tone: 100 Hz to 8 kHz.
const ANCHOR: Range<usize> = 7..27;
/// Tone below this and width outside these are no figures but noise floors.
const LOWEST_TONE_DB: f64 = -60.0;
const WIDTH_DB: (f64, f64) = (-40.0, 10.0);

/// The figures, in the order of the ranges above.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Portrait(pub [f64; FIGURES]);

/// What a portrait is made of, levels and all.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Parts {
    pub mid_db: [f64; THIRD_OCTAVES],
    pub side_db: [f64; THIRD_OCTAVES],
    pub lra_lu: f64,
    pub psr_lu: f64,
    pub crest_db: f64,
    pub band_crest_db: [f64; DYNAMICS_BANDS],
    pub band_spread_db: [f64; DYNAMICS_BANDS],
    pub loudness_lufs: f64,
}

impl Portrait {
    /// The portrait of an analysis.
    pub fn of(analysis: &Analysis) -> Self {
        let both = |read: &dyn Fn(&Section) -> f64| 0.5 * (read(&analysis.whole) + read(&analysis.loud));
        Self::assemble(&Parts {
            mid_db: std::array::from_fn(|i| both(&|s| s.spectrum.mid_dbfs[i])),
            side_db: std::array::from_fn(|i| both(&|s| s.spectrum.side_dbfs[i])),
            lra_lu: analysis.loudness.lra_lu,
            psr_lu: analysis.loudness.psr_lu,
            crest_db: both(&|s| s.crest_db),
            band_crest_db: std::array::from_fn(|b| both(&|s| s.dynamics[b].crest_db)),
            band_spread_db: std::array::from_fn(|b| both(&|s| s.dynamics[b].spread_db)),
            loudness_lufs: analysis.loudness.integrated_lufs,
        })
    }

    /// The portrait of figures that are known by themselves.
    pub fn assemble(parts: &Parts) -> Self {
        let anchor = parts.mid_db[ANCHOR].iter().sum::<f64>() / ANCHOR.len() as f64;
        let mut figures = [0.0; FIGURES];
        for i in 0..THIRD_OCTAVES {
            figures[TONE.start + i] = (parts.mid_db[i] - anchor).max(LOWEST_TONE_DB);
            figures[WIDTH.start + i] = (parts.side_db[i] - parts.mid_db[i]).clamp(WIDTH_DB.0, WIDTH_DB.1);
        }
        (figures[LRA], figures[PSR], figures[CREST]) = (parts.lra_lu, parts.psr_lu, parts.crest_db);
        figures[BAND_CREST].copy_from_slice(&parts.band_crest_db);
        figures[BAND_SPREAD].copy_from_slice(&parts.band_spread_db);
        figures[LOUDNESS] = parts.loudness_lufs;
        Self(figures)
    }

    /// The figures' names, unit as suffix.
    pub fn ids() -> Vec<String> {
        let tone = THIRD_OCTAVE_HZ.iter().map(|hz| format!("tone_{hz}_hz_db"));
        let width = THIRD_OCTAVE_HZ.iter().map(|hz| format!("width_{hz}_hz_db"));
        let whole = ["lra_lu", "psr_lu", "crest_db"].map(String::from);
        let crest = DYNAMICS_BAND_NAMES.iter().map(|band| format!("{band}.crest_db"));
        let spread = DYNAMICS_BAND_NAMES.iter().map(|band| format!("{band}.spread_db"));
        tone.chain(width).chain(whole).chain(crest).chain(spread).chain(["integrated_lufs".into()]).collect()
    }

    /// The mean of one range of figures over a dynamics band's third octaves.
    fn band_mean(&self, range: Range<usize>, band: usize) -> f64 {
        let inside: Vec<f64> = (0..THIRD_OCTAVES).filter(|i| band_of(*i) == band).map(|i| self.0[range.start + i]).collect();
        inside.iter().sum::<f64>() / inside.len() as f64
    }
}

/// The dynamics band that a third octave belongs to.
fn band_of(third_octave: usize) -> usize {
    let hz = f64::from(THIRD_OCTAVE_HZ[third_octave]);
    crate::dsp::bands::DYNAMICS_CROSSOVERS_HZ.iter().filter(|f| hz >= **f).count()
}

/// The analysis whose portrait is `goal`: `mix` with every figure moved by the difference of the portraits, in the whole
/// and in the loud sections alike. Peaks stand at `ceiling_dbtp`. Where the portrait's floors cut, the mix's own figure moves.
pub fn repaint(mix: &Analysis, goal: &Portrait, ceiling_dbtp: f64) -> Analysis {
    let now = Portrait::of(mix);
    let by = Portrait(std::array::from_fn(|i| goal.0[i] - now.0[i]));
    let louder = by.0[LOUDNESS];
    let mut value = mix.clone();
    value.defects.clear();
    let l = &mut value.loudness;
    l.integrated_lufs += louder;
    l.max_momentary_lufs += louder;
    l.max_short_term_lufs += louder;
    l.lra_lu = (l.lra_lu + by.0[LRA]).max(0.0);
    l.psr_lu = (l.psr_lu + by.0[PSR]).max(1.0);
    l.true_peak_dbtp = ceiling_dbtp;
    l.sample_peak_dbfs = ceiling_dbtp;
    l.plr_lu = ceiling_dbtp - l.integrated_lufs;
    for section in [&mut value.whole, &mut value.loud] {
        for i in 0..THIRD_OCTAVES {
            let tone = by.0[TONE.start + i];
            section.spectrum.mid_dbfs[i] += tone + louder;
            section.spectrum.side_dbfs[i] += tone + louder + by.0[WIDTH.start + i];
        }
        section.spectrum.tilt_db_per_octave += slope_db_per_octave(&by.0[TONE]);
        section.crest_db = (section.crest_db + by.0[CREST]).max(0.0);
        for b in 0..DYNAMICS_BANDS {
            let band = &mut section.dynamics[b];
            let level = louder + by.band_mean(TONE, b);
            band.rms_dbfs += level;
            band.crest_db = (band.crest_db + by.0[BAND_CREST.start + b]).max(0.0);
            band.spread_db = (band.spread_db + by.0[BAND_SPREAD.start + b]).max(0.0);
            band.p95_dbfs += level + 0.5 * by.0[BAND_SPREAD.start + b];
            band.p10_dbfs += level - 0.5 * by.0[BAND_SPREAD.start + b];
            section.image[b].width_db += by.band_mean(WIDTH, b);
        }
    }
    value
}

/// Least-squares slope of a curve over 100 Hz to 10 kHz.
fn slope_db_per_octave(curve: &[f64]) -> f64 {
    const BANDS: Range<usize> = 7..28;
    let centre = 0.5 * (BANDS.start + BANDS.end - 1) as f64;
    // Three bands to an octave, but for 10^0.3 against 2.
    let octave = |i: usize| (i as f64 - centre) * 0.1 * 10f64.log2();
    let (up, down) = BANDS.fold((0.0, 0.0), |(u, d), i| (u + octave(i) * curve[i], d + octave(i).powi(2)));
    up / down
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Analyzer;

    fn analysis(gain: f32) -> Analysis {
        let mut state = 1u32;
        let mut noise = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 24) as f32 - 0.5
        };
        let mut analyzer = Analyzer::new(44_100, 2);
        let (left, right): (Vec<f32>, Vec<f32>) =
            (0..44_100 * 5).map(|n| (noise() * gain, noise() * gain * if n % 22_050 < 4000 { 1.0 } else { 0.2 })).unzip();
        analyzer.push(&[left, right]);
        analyzer.finish().analysis()
    }

    #[test]
    fn level_moves_loudness_alone() {
        let (soft, loud) = (Portrait::of(&analysis(0.1)), Portrait::of(&analysis(0.4)));
        for (i, id) in Portrait::ids().iter().enumerate() {
            let expected = if i == LOUDNESS { 20.0 * 4f64.log10() } else { 0.0 };
            assert!((loud.0[i] - soft.0[i] - expected).abs() < 0.02, "{id}: {} {}", loud.0[i], soft.0[i]);
        }
    }

    #[test]
    fn a_repainted_analysis_has_the_goals_portrait() {
        let mix = analysis(0.2);
        let mut goal = Portrait::of(&mix);
        // The tone's moves have no mean over the anchor's bands.
        (ANCHOR.start..ANCHOR.end).for_each(|i| goal.0[i] += if i % 2 == 0 { 1.0 } else { -1.0 });
        goal.0[WIDTH.start + 20] -= 3.0;
        for i in [LRA, PSR, CREST, BAND_CREST.start, BAND_SPREAD.end - 1, LOUDNESS] {
            goal.0[i] += 1.5;
        }
        let painted = Portrait::of(&repaint(&mix, &goal, -1.0));
        for (i, id) in Portrait::ids().iter().enumerate() {
            assert!((painted.0[i] - goal.0[i]).abs() < 1e-9, "{id}: {} for {}", painted.0[i], goal.0[i]);
        }
    }

    #[test]
    fn a_tilt_is_its_slope() {
        let curve: Vec<f64> = (0..THIRD_OCTAVES).map(|i| 2.0 * 0.1 * 10f64.log2() * i as f64).collect();
        assert!((slope_db_per_octave(&curve) - 2.0).abs() < 1e-12);
        assert_eq!(Portrait::ids().len(), FIGURES);
    }
}
