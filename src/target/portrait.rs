//! A portrait: the figures by which the learned parts know a mix and a master, few and free of level.
//!
//! Tone is relative to the mean of 100 Hz to 8 kHz, the side relative to the mid; each figure is the mean of the whole
//! file's and the loud sections'. Training and mastering compute it here and nowhere else.

use crate::analysis::{Analysis, BandImage, NOTHING_DBFS, Section, Spectrum};
use crate::dsp::bands::{DYNAMICS_BAND_NAMES, DYNAMICS_BANDS, THIRD_OCTAVE_HZ, THIRD_OCTAVES};
use std::ops::Range;

/// Version of the portrait: raised whenever an id, the order or a meaning changes. With 3, loudness and PSR of one channel are as they are heard
/// from two speakers; of two channels, of which alone models are fitted, everything is as in 2.
pub const PORTRAIT_VERSION: u32 = 3;
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
/// Integrated loudness, LUFS, of one channel as it is heard from two speakers; the last figure, since a mix's own says nothing.
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
            loudness_lufs: analysis.heard_lufs(),
        })
    }

    /// The portrait of figures that are known by themselves.
    pub fn assemble(parts: &Parts) -> Self {
        // Above half the sample rate there is nothing to anchor by.
        let sounding = || parts.mid_db[ANCHOR].iter().filter(|level| **level > NOTHING_DBFS);
        let anchor = sounding().sum::<f64>() / sounding().count().max(1) as f64;
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
    l.plr_lu = ceiling_dbtp - l.integrated_lufs - mix.of_two_lu();
    for section in [&mut value.whole, &mut value.loud] {
        let was = section.spectrum;
        let mid_dbfs = std::array::from_fn(|i| was.mid_dbfs[i] + by.0[TONE.start + i] + louder);
        let wider = |i: usize| by.0[TONE.start + i] + louder + by.0[WIDTH.start + i];
        section.spectrum = Spectrum::of(mid_dbfs, std::array::from_fn(|i| was.side_dbfs[i] + wider(i)));
        let loss_db = |spectrum: &Spectrum| 10.0 * spectrum.side_over_mid().ln_1p() / std::f64::consts::LN_10;
        section.mono_loss_db = (section.mono_loss_db + loss_db(&section.spectrum) - loss_db(&was)).max(0.0);
        section.crest_db = (section.crest_db + by.0[CREST]).max(0.0);
        for b in 0..DYNAMICS_BANDS {
            let band = &mut section.dynamics[b];
            let level = louder + by.band_mean(TONE, b);
            band.rms_dbfs += level;
            band.crest_db = (band.crest_db + by.0[BAND_CREST.start + b]).max(0.0);
            band.spread_db = (band.spread_db + by.0[BAND_SPREAD.start + b]).max(0.0);
            band.p95_dbfs += level + 0.5 * by.0[BAND_SPREAD.start + b];
            band.p10_dbfs += level - 0.5 * by.0[BAND_SPREAD.start + b];
            let image = &mut section.image[b];
            let width_db = image.width_db + by.band_mean(WIDTH, b);
            *image = BandImage { width_db, correlation: correlation_at(image, width_db) };
        }
    }
    value
}

/// The correlation that goes with a new width: of channels alike in power it is (mid − side) / (mid + side).
fn correlation_at(image: &BandImage, width_db: f64) -> f64 {
    let alike = |width_db: f64| {
        let side_over_mid = 10f64.powf(width_db / 10.0);
        (1.0 - side_over_mid) / (1.0 + side_over_mid)
    };
    (image.correlation + alike(width_db) - alike(image.width_db)).clamp(-1.0, 1.0)
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
    fn what_follows_from_tone_and_width_follows_when_they_are_repainted() {
        let mix = analysis(0.2);
        let mut goal = Portrait::of(&mix);
        // Two decibels an octave brighter, 6 dB narrower.
        (0..THIRD_OCTAVES).for_each(|i| goal.0[TONE.start + i] += 2.0 * 0.1 * 10f64.log2() * (i as f64 - 16.5));
        (0..THIRD_OCTAVES).for_each(|i| goal.0[WIDTH.start + i] -= 6.0);
        let painted = repaint(&mix, &goal, -1.0);
        for (was, is) in [(&mix.whole, &painted.whole), (&mix.loud, &painted.loud)] {
            assert!((is.spectrum.tilt_db_per_octave - was.spectrum.tilt_db_per_octave - 2.0).abs() < 1e-9);
            assert!(is.spectrum.centroid_hz > 1.1 * was.spectrum.centroid_hz);
            assert!(is.mono_loss_db < was.mono_loss_db - 1.0 && is.mono_loss_db > 0.0);
            assert!(is.image.iter().zip(&was.image).all(|(is, was)| is.correlation > was.correlation + 0.2));
        }
        let same = repaint(&mix, &Portrait::of(&mix), mix.loudness.true_peak_dbtp);
        assert!((same.whole.spectrum.centroid_hz / mix.whole.spectrum.centroid_hz - 1.0).abs() < 1e-9);
        assert!((same.whole.mono_loss_db - mix.whole.mono_loss_db).abs() < 1e-9);
        assert_eq!(Portrait::ids().len(), FIGURES);
    }

    #[test]
    fn one_channel_is_the_portrait_of_two_of_the_same() {
        let channel: Vec<f32> = (0..44_100 * 4).map(|n| (n as f32 * 0.05).sin() * 0.2).collect();
        let heard = |channels: usize| {
            let mut analyzer = Analyzer::new(44_100, channels);
            analyzer.push(&vec![channel.clone(); channels]);
            Portrait::of(&analyzer.finish().analysis())
        };
        let (one, two) = (heard(1), heard(2));
        for i in [LRA, PSR, CREST, LOUDNESS] {
            assert!((one.0[i] - two.0[i]).abs() < 0.01, "{}: {} {}", Portrait::ids()[i], one.0[i], two.0[i]);
        }
    }

    #[test]
    fn tone_is_anchored_where_the_music_reaches() {
        let mut parts = Parts {
            mid_db: [-30.0; THIRD_OCTAVES],
            side_db: [-40.0; THIRD_OCTAVES],
            lra_lu: 5.0,
            psr_lu: 10.0,
            crest_db: 12.0,
            band_crest_db: [12.0; DYNAMICS_BANDS],
            band_spread_db: [4.0; DYNAMICS_BANDS],
            loudness_lufs: -14.0,
        };
        // At 8 kHz there is nothing from 4 kHz on.
        parts.mid_db[23..].fill(NOTHING_DBFS);
        assert_eq!(Portrait::assemble(&parts).0[TONE.start], 0.0);
    }
}
