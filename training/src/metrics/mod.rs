//! How close a master came to what it was aimed at, and what it cost.

mod align;
mod bands;
mod feature_loss;
mod harm;
mod loudness;
mod spectra;
mod truth;

use crate::sound::Sound;
use anyhow::Result;
use automaster::dsp::bands::{DYNAMICS_BANDS, THIRD_OCTAVES};
use feature_loss::{FeatureLoss, Features};
use serde::Serialize;

/// All figures of one master. Errors are absolute differences from the reference.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Figures {
    /// Integrated loudness.
    pub(crate) lufs_error_lu: f64,
    /// Third octaves of the mid at equal loudness, mean over bands that the reference has.
    pub(crate) tone_mid_error_db: f64,
    /// The same of the side.
    pub(crate) tone_side_error_db: Option<f64>,
    /// Loudness range.
    pub(crate) lra_error_lu: f64,
    /// Peak to short-term loudness.
    pub(crate) psr_error_lu: f64,
    /// Crest factor, mean over the dynamics bands.
    pub(crate) crest_error_db: f64,
    /// Side over mid, mean over the dynamics bands.
    pub(crate) width_error_db: f64,
    /// Sum of the parts below.
    pub(crate) feature_loss: f64,
    /// The audio-feature loss, part by part.
    pub(crate) feature_loss_parts: FeatureLoss,
    /// Distance to the known truth, where there is one.
    pub(crate) truth_distance_db: Option<f64>,
    /// Gain changes that are neither fixed EQ nor slow level.
    pub(crate) harm_db: f64,
    /// The same measured against the known truth instead of the mix: fast gain changes that restoration did not call for,
    /// and those it called for and did not get.
    pub(crate) harm_to_truth_db: Option<f64>,
    /// Share of the master that is no linear image of the mix.
    pub(crate) distortion_db: f64,
    /// True peak by a 16× meter of another make; none without scipy.
    pub(crate) true_peak_dbtp: Option<f64>,
    /// What the reference and the master read.
    pub(crate) readings: [Readings; 2],
}

/// Figures of one file.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Readings {
    /// Integrated loudness.
    pub(crate) integrated_lufs: f64,
    /// Loudness range.
    pub(crate) lra_lu: f64,
    /// Peak to short-term loudness.
    pub(crate) psr_lu: f64,
    /// Crest per dynamics band.
    pub(crate) crest_db: [f64; DYNAMICS_BANDS],
    /// Width per dynamics band.
    pub(crate) width_db: [f64; DYNAMICS_BANDS],
}

/// Everything measured of one file on its own.
pub(crate) struct Portrait {
    loudness: loudness::Loudness,
    mid_db: [f64; THIRD_OCTAVES],
    side_db: [f64; THIRD_OCTAVES],
    bands: [bands::BandFigures; DYNAMICS_BANDS],
    features: Features,
}

/// Third octaves that are compared: 25 Hz to 12.5 kHz. Lossy corpus files end near 16 kHz.
const TONE_BANDS: std::ops::Range<usize> = 1..29;
/// Bands of the reference so far below its strongest do not count.
const TONE_GATE_DB: f64 = 60.0;
/// Nor does a side so far below the mid of its band.
const SIDE_GATE_DB: f64 = 30.0;
/// Nor a dynamics band so far below the strongest.
const BAND_GATE_DB: f64 = 50.0;

impl Portrait {
    /// Measures a file of at least 3 s.
    pub(crate) fn of(sound: &Sound) -> Result<Self> {
        let [mid, side] = sound.mid_side();
        let db = |samples: &[f32]| spectra::third_octave_powers(samples).map(|power| 10.0 * (power + 1e-15).log10());
        Ok(Self {
            loudness: loudness::measure(sound)?,
            mid_db: db(&mid),
            side_db: db(&side),
            bands: bands::measure(sound),
            features: Features::measure(sound),
        })
    }

    fn readings(&self) -> Readings {
        Readings {
            integrated_lufs: self.loudness.integrated_lufs,
            lra_lu: self.loudness.lra_lu,
            psr_lu: self.loudness.psr_lu,
            crest_db: self.bands.map(|band| band.crest_db),
            width_db: self.bands.map(|band| band.width_db),
        }
    }
}

/// Judges a master made of `mix` against a reference's portrait (and its sound, where it is the known truth).
pub(crate) fn judge(
    master: &Sound,
    mix: &Sound,
    reference: &Portrait,
    truth: Option<&Sound>,
    true_peak_dbtp: Option<f64>,
) -> Result<Figures> {
    let portrait = Portrait::of(master)?;
    let gain_db = reference.loudness.integrated_lufs - portrait.loudness.integrated_lufs;
    let (mid_error, side_error) = tone_errors_db(&portrait, reference, gain_db);
    let strongest_db = reference.bands.iter().fold(f64::NEG_INFINITY, |max, band| max.max(band.level_db));
    let band_error = |figure: fn(&bands::BandFigures) -> f64| {
        let heard = portrait.bands.iter().zip(&reference.bands).filter(|(_, r)| r.level_db >= strongest_db - BAND_GATE_DB);
        mean(heard.map(|(m, r)| (figure(m) - figure(r)).abs())).unwrap_or(0.0)
    };
    let parts = portrait.features.loss(&reference.features);
    let (harm_db, distortion_db) = harm::measure(master, mix);
    Ok(Figures {
        lufs_error_lu: gain_db.abs(),
        tone_mid_error_db: mid_error.unwrap_or(0.0),
        tone_side_error_db: side_error,
        lra_error_lu: (portrait.loudness.lra_lu - reference.loudness.lra_lu).abs(),
        psr_error_lu: (portrait.loudness.psr_lu - reference.loudness.psr_lu).abs(),
        crest_error_db: band_error(|band| band.crest_db),
        width_error_db: band_error(|band| band.width_db),
        feature_loss: parts.total(),
        feature_loss_parts: parts,
        truth_distance_db: truth.map(|truth| truth::distance_db(master, truth, gain_db)),
        harm_db,
        harm_to_truth_db: truth.map(|truth| harm::measure(master, truth).0),
        distortion_db,
        true_peak_dbtp,
        readings: [reference.readings(), portrait.readings()],
    })
}

/// Mean differences of mid and of side over the bands that count, the master brought to the reference's loudness.
fn tone_errors_db(master: &Portrait, reference: &Portrait, gain_db: f64) -> (Option<f64>, Option<f64>) {
    let strongest_db = reference.mid_db.iter().fold(f64::NEG_INFINITY, |max, db| max.max(*db));
    let heard = |db: f64| db >= strongest_db - TONE_GATE_DB;
    let difference = |m: &[f64], r: &[f64], band: usize| (m[band] + gain_db - r[band]).abs();
    let mid = TONE_BANDS.filter(|band| heard(reference.mid_db[*band]));
    let side_counts = |band: &usize| {
        let side_db = reference.side_db[*band];
        heard(side_db) && side_db >= reference.mid_db[*band] - SIDE_GATE_DB
    };
    (
        mean(mid.map(|band| difference(&master.mid_db, &reference.mid_db, band))),
        mean(TONE_BANDS.filter(side_counts).map(|band| difference(&master.side_db, &reference.side_db, band))),
    )
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (count, sum) = values.fold((0, 0.0), |(n, s), x| (n + 1, s + x));
    (count > 0).then(|| sum / f64::from(count))
}

/// The middle value (the upper of two); 0 for none.
fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    /// 20 s of noise, the second half 10 dB down, with a weak side.
    fn noise() -> Sound {
        let mut rng = Rng::named(5, "noise");
        let mut sound = Sound { channels: [const { Vec::new() }; 2] };
        for n in 0..882_000 {
            let level = if n < 441_000 { 0.2 } else { 0.063 };
            let (mid, side) = (rng.uniform(-level, level), rng.uniform(-level, level) * 0.3);
            sound.channels[0].push((mid + side) as f32);
            sound.channels[1].push((mid - side) as f32);
        }
        sound
    }

    #[test]
    fn the_truth_itself_has_no_error() {
        let truth = noise();
        let figures = judge(&truth, &truth, &Portrait::of(&truth).unwrap(), Some(&truth), None).unwrap();
        assert_eq!((figures.lufs_error_lu, figures.lra_error_lu, figures.psr_error_lu), (0.0, 0.0, 0.0));
        assert_eq!((figures.tone_mid_error_db, figures.tone_side_error_db), (0.0, Some(0.0)));
        assert_eq!((figures.crest_error_db, figures.width_error_db, figures.feature_loss), (0.0, 0.0, 0.0));
        assert_eq!(figures.truth_distance_db, Some(0.0));
        assert!(figures.harm_db < 1e-6 && figures.distortion_db < -60.0);
        assert!((figures.readings[0].lra_lu - 10.0).abs() < 1.0);
        // Side 0.3 of mid: −10.5 dB in every band.
        assert!(figures.readings[0].width_db.iter().all(|db| (db + 10.46).abs() < 0.5));
    }

    #[test]
    fn each_error_moves_with_its_own_cause() {
        let truth = noise();
        let portrait = Portrait::of(&truth).unwrap();
        let judge = |master: &Sound| judge(master, &truth, &portrait, Some(&truth), None).unwrap();

        let mut louder = truth.clone();
        louder.scale(2.0);
        let louder = judge(&louder);
        assert!((louder.lufs_error_lu - 6.02).abs() < 0.01);
        assert!(louder.tone_mid_error_db < 1e-3 && louder.width_error_db < 1e-3 && louder.truth_distance_db.unwrap() < 1e-3);

        let [mid, side] = truth.mid_side();
        let sum = |sign: f32| mid.iter().zip(&side).map(|(m, s)| m + sign * 2.0 * s).collect();
        let wider = judge(&Sound { channels: [sum(1.0), sum(-1.0)] });
        assert!((wider.width_error_db - 6.02).abs() < 0.01);
        // At equal loudness the mid gives way to the wider side: 10·log10((1 + 0.6²)/(1 + 0.3²)).
        assert!((wider.tone_mid_error_db - 0.961).abs() < 0.05);

        let clipped = truth.channels.each_ref().map(|c| c.iter().map(|x| x.clamp(-0.1, 0.1)).collect());
        let clipped = judge(&Sound { channels: clipped });
        assert!(clipped.psr_error_lu > 1.0 && clipped.harm_db > 0.1, "{clipped:?}");
    }
}
