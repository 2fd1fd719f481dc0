//! The image: left against right, over windows of 3 s.

use super::super::Span;
use super::super::moments::{BANDS_HZ, Moment};
use super::super::rules::rule;
use super::{Judge, decibels, joined};

/// Windows in which image is judged.
const WINDOW_S: f64 = 3.0;
/// A window counts as music within this of the loudest.
const MUSIC_DB: f64 = 40.0;
/// Correlation under which a window cancels.
const CANCELS: f64 = -0.05;
/// A band counts within this of the whole.
const BAND_COUNTS_DB: f64 = 20.0;

impl Judge<'_> {
    /// Left against right, over windows of 3 s.
    pub(super) fn image(&mut self) {
        if self.heard.analysis.channels < 2 {
            return;
        }
        let moment_s = self.heard.moments.moment_s();
        let per_window = ((WINDOW_S / moment_s) as usize).max(1);
        let all = self.heard.moments.all.chunks(per_window).map(sum).enumerate();
        let loudest = all.clone().map(|(_, m)| power(&m.full)).fold(0.0, f64::max);
        let music: Vec<(usize, Moment)> = all.filter(|(_, m)| decibels(power(&m.full) / loudest) > -MUSIC_DB).collect();
        let at = |index: usize| {
            let from_s = (index * per_window) as f64 * moment_s;
            Span { from_s, to_s: (from_s + per_window as f64 * moment_s).min(self.heard.duration_s()) }
        };
        let spans = |chosen: &dyn Fn(&Moment) -> bool| joined(music.iter().filter(|(_, m)| chosen(m)).map(|(i, _)| at(*i)));

        let balance = self.heard.analysis.loud.balance_db;
        let pulls = rule("imbalance").limit;
        let pulled = spans(&|m| (balance_db(&m.full) * balance.signum()) > pulls);
        let cancelled = spans(&|m| correlation(&m.full) < CANCELS);
        let share = music.iter().filter(|(_, m)| correlation(&m.full) < CANCELS).count() as f64 / music.len().max(1) as f64;
        let whole = sum(&self.heard.moments.all);
        let lost: Vec<(f64, [f64; 2], Vec<Span>)> = (0..BANDS_HZ.len())
            .filter(|&b| decibels(power(&whole.bands[b]) / power(&whole.full)) > -BAND_COUNTS_DB)
            .map(|b| {
                (mono_loss_db(&whole.bands[b]), BANDS_HZ[b], spans(&|m| mono_loss_db(&m.bands[b]) > rule("mono_loss").limit))
            })
            .filter(|(loss_db, ..)| *loss_db > rule("mono_loss").limit)
            .collect();

        let over_db = self.heard.analysis.whole.balance_db;
        if over_db.abs() > rule("silent_channel").limit {
            self.found("silent_channel", over_db, None, Vec::new());
        } else if balance.abs() > pulls {
            self.found("imbalance", balance, None, pulled);
        }
        if !self.heard.analysis.has_image() {
            self.found("dual_mono", self.heard.analysis.widest_db(), None, Vec::new());
        }
        if 100.0 * share > rule("negative_correlation").limit {
            self.found("negative_correlation", 100.0 * share, None, cancelled);
        }
        for (loss_db, band_hz, spans) in lost {
            self.found("mono_loss", loss_db, Some(band_hz), spans);
        }
    }
}

fn sum(moments: &[Moment]) -> Moment {
    let mut sum = Moment::default();
    for moment in moments {
        let bands = sum.bands.iter_mut().zip(&moment.bands).chain([(&mut sum.full, &moment.full)]);
        bands.for_each(|(sum, powers)| sum.iter_mut().zip(powers).for_each(|(sum, power)| *sum += power));
    }
    sum
}

fn power([mid, side, _]: &[f32; 3]) -> f64 {
    f64::from(*mid) + f64::from(*side)
}

fn left_right(powers: &[f32; 3]) -> (f64, f64) {
    let (both, cross) = (power(powers), 2.0 * f64::from(powers[2]));
    ((both + cross).max(0.0), (both - cross).max(0.0))
}

fn balance_db(powers: &[f32; 3]) -> f64 {
    let (left, right) = left_right(powers);
    decibels(left.max(1e-14) / right.max(1e-14))
}

fn correlation(powers: &[f32; 3]) -> f64 {
    let (left, right) = left_right(powers);
    let scale = (left * right).sqrt();
    if scale < 1e-4 * power(powers).max(1e-14) { 0.0 } else { f64::from(powers[0] - powers[1]) / scale }
}

fn mono_loss_db(powers: &[f32; 3]) -> f64 {
    decibels(power(powers) / f64::from(powers[0]).max(1e-14))
}
