//! Blending references: every figure is the weighted mean in its own unit (decibels for levels), so that two references
//! of the same record at different gains blend to the record at the mean gain.

use super::{ReferenceUse, Target};
use crate::analysis::{Analysis, BandDynamics, BandImage, Defect, Loudness, Section, Spectrum, of_two_lu};
use crate::dsp::bands::{DYNAMICS_BANDS, THIRD_OCTAVES};
use std::collections::BTreeMap;

impl Target {
    /// Blends references; weights are any positive numbers. References without a stereo image have no say in the image,
    /// as long as another one has; none says anything above where another one ends (a codec's low-pass, half a lower rate). Loudness is that
    /// of as many channels as the one with most has. `None` where there is no reference.
    pub fn blend(references: &[(String, Analysis, f64)]) -> Option<Self> {
        let total: f64 = references.iter().map(|r| r.2).sum();
        let all: Vec<(&Analysis, f64)> = references.iter().map(|r| (&r.1, r.2 / total)).collect();
        let stereo: Vec<_> = all.iter().copied().filter(|(a, _)| a.has_image()).collect();
        let image = if stereo.is_empty() { all.clone() } else { normalised(&stereo) };
        let first = all.first()?.0;
        let channels = all.iter().map(|(a, _)| a.channels).max()?;
        let value = Analysis {
            features_version: first.features_version,
            sample_rate_hz: all.iter().map(|(a, _)| a.sample_rate_hz).min()?,
            channels,
            frames: first.frames,
            loudness: loudness(&all, channels),
            whole: section(&all, &image, |a| &a.whole),
            loud: section(&all, &image, |a| &a.loud),
            defects: lowest_lowpass(&all),
        };
        let references =
            references.iter().map(|(file, _, weight)| ReferenceUse { file: file.clone(), weight: weight / total }).collect();
        let (genres, spread, strangeness) = (Vec::new(), BTreeMap::new(), None);
        Some(Self { value, references, genres, spread, strangeness, has_image: !stereo.is_empty() })
    }
}

impl Target {
    /// This target moved towards another one: `share` of the way, 0 to 1, in every figure's own unit.
    pub fn towards(self, other: Self, share: f64) -> Self {
        let parts = [(String::new(), self.value.clone(), 1.0 - share), (String::new(), other.value, share)];
        let value = Self::blend(&parts).map_or(self.value, |blend| blend.value);
        let scaled = |weight: &mut f64, by: f64| *weight *= by;
        let (mut references, mut genres, mut spread) = (self.references, other.genres, other.spread);
        references.iter_mut().for_each(|r| scaled(&mut r.weight, 1.0 - share));
        genres.iter_mut().for_each(|g| scaled(&mut g.weight, share));
        // What is copied from a reference is certain.
        spread.values_mut().for_each(|s| scaled(s, share));
        let has_image = self.has_image || other.has_image;
        Self { value, references, genres, spread, strangeness: other.strangeness, has_image }
    }
}

fn normalised<'a>(parts: &[(&'a Analysis, f64)]) -> Vec<(&'a Analysis, f64)> {
    let total: f64 = parts.iter().map(|p| p.1).sum();
    parts.iter().map(|(a, w)| (*a, w / total)).collect()
}

fn mean(parts: &[(&Analysis, f64)], read: impl Fn(&Analysis) -> f64) -> f64 {
    parts.iter().map(|(a, w)| w * read(a)).sum()
}

/// The lowest low-pass that a codec left in any of them.
fn lowest_lowpass(all: &[(&Analysis, f64)]) -> Vec<Defect> {
    let lowest = all.iter().filter_map(|(a, _)| a.lowpass_hz()).min_by(f64::total_cmp);
    lowest.map(|freq_hz| Defect::LossyLowpass { freq_hz }).into_iter().collect()
}

fn loudness(all: &[(&Analysis, f64)], channels: usize) -> Loudness {
    let of = |read: fn(&Loudness) -> f64| mean(all, |a| read(&a.loudness));
    let in_channels = |read: fn(&Loudness) -> f64| mean(all, |a| read(&a.loudness) + a.of_two_lu() - of_two_lu(channels));
    Loudness {
        integrated_lufs: in_channels(|l| l.integrated_lufs),
        max_momentary_lufs: in_channels(|l| l.max_momentary_lufs),
        max_short_term_lufs: in_channels(|l| l.max_short_term_lufs),
        lra_lu: of(|l| l.lra_lu),
        true_peak_dbtp: of(|l| l.true_peak_dbtp),
        sample_peak_dbfs: of(|l| l.sample_peak_dbfs),
        plr_lu: of(|l| l.plr_lu),
        psr_lu: of(|l| l.psr_lu),
    }
}

fn section(all: &[(&Analysis, f64)], image: &[(&Analysis, f64)], pick: fn(&Analysis) -> &Section) -> Section {
    let of = |read: &dyn Fn(&Section) -> f64| mean(all, |a| read(pick(a)));
    let image_of = |read: &dyn Fn(&Section) -> f64| mean(image, |a| read(pick(a)));
    let mid: [f64; THIRD_OCTAVES] = std::array::from_fn(|i| of(&|s| s.spectrum.mid_dbfs[i]));
    // The side follows the blended mid at the image's own side-to-mid ratio.
    let side = std::array::from_fn(|i| mid[i] + image_of(&|s| s.spectrum.side_dbfs[i] - s.spectrum.mid_dbfs[i]));
    Section {
        duration_s: of(&|s| s.duration_s),
        spectrum: Spectrum {
            mid_dbfs: mid,
            side_dbfs: side,
            tilt_db_per_octave: of(&|s| s.spectrum.tilt_db_per_octave),
            centroid_hz: of(&|s| s.spectrum.centroid_hz.ln()).exp(),
        },
        dynamics: std::array::from_fn::<_, DYNAMICS_BANDS, _>(|b| BandDynamics {
            rms_dbfs: of(&|s| s.dynamics[b].rms_dbfs),
            crest_db: of(&|s| s.dynamics[b].crest_db),
            spread_db: of(&|s| s.dynamics[b].spread_db),
            p95_dbfs: of(&|s| s.dynamics[b].p95_dbfs),
            p10_dbfs: of(&|s| s.dynamics[b].p10_dbfs),
        }),
        image: std::array::from_fn::<_, DYNAMICS_BANDS, _>(|b| BandImage {
            width_db: image_of(&|s| s.image[b].width_db),
            correlation: image_of(&|s| s.image[b].correlation),
        }),
        crest_db: of(&|s| s.crest_db),
        transients_per_s: of(&|s| s.transients_per_s),
        balance_db: image_of(&|s| s.balance_db),
        mono_loss_db: image_of(&|s| s.mono_loss_db),
    }
}
