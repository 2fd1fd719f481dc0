//! A file over time in few points, for pictures.

use super::loudness::{SHORT_TERM_ROWS, lufs_or_silence};
use super::{NOTHING_DBFS, ROW_S, Timeline};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Points at most: a picture is no wider.
const POINTS: usize = 600;

/// Loudness and peaks over time; every list has one value a step, rounded to 0.01.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Trace {
    /// Length of a step in seconds: a tenth of a second, or as many as make 600 steps at most.
    pub step_s: f64,
    /// Short-term loudness (3 s) that ends with the step; at the beginning of what there is; −70 at the least.
    pub short_term_lufs: Vec<f64>,
    /// Level of left and right together.
    pub rms_dbfs: Vec<f64>,
    /// Largest sample.
    pub peak_dbfs: Vec<f64>,
    /// Largest true peak that was looked at, at least the sample peak.
    pub true_peak_dbtp: Vec<f64>,
    /// Where the file touches its flat top, in a file that is clipped: beginnings of steps, in seconds.
    pub clipped_s: Vec<f64>,
}

impl Timeline {
    /// The file over time.
    pub fn trace(&self) -> Trace {
        if let Some(trace) = self.kept_trace() {
            return trace.clone();
        }
        let rows = self.rows();
        let step = rows.div_ceil(POINTS).max(1);
        let mut trace = Trace { step_s: step as f64 * ROW_S, ..Trace::default() };
        let clipped_at = self.flat_top().map_or(f64::INFINITY, |top| top * 0.9999);
        for start in (0..rows).step_by(step) {
            let part = start..(start + step).min(rows);
            let last = part.end;
            let loudness = lufs_or_silence(self.k_power(last.saturating_sub(SHORT_TERM_ROWS)..last));
            let peak = self.largest_of(&part, |row| row.sample_peak);
            trace.short_term_lufs.push(round(loudness));
            trace.rms_dbfs.push(decibels(self.power(&part).sqrt()));
            trace.peak_dbfs.push(decibels(peak));
            trace.true_peak_dbtp.push(decibels(self.largest_of(&part, |row| row.true_peak)));
            if peak >= clipped_at {
                trace.clipped_s.push(round(start as f64 * ROW_S));
            }
        }
        trace
    }
}

fn decibels(gain: f64) -> f64 {
    if gain > 0.0 { round((20.0 * gain.log10()).max(NOTHING_DBFS)) } else { NOTHING_DBFS }
}

fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::super::signals::{Noise, listen, sine};

    #[test]
    fn a_trace_follows_the_level_and_is_never_long() {
        let mut channel = sine(44_100, 60 * 44_100, 1000.0, 0.01);
        channel.extend(sine(44_100, 60 * 44_100, 1000.0, 0.5));
        let trace = listen(44_100, &[channel.clone(), channel]).trace();
        assert_eq!((trace.step_s, trace.peak_dbfs.len()), (0.2, 600));
        assert!((trace.peak_dbfs[100] + 40.0).abs() < 0.02 && (trace.peak_dbfs[500] + 6.02).abs() < 0.02);
        // A sine at 1 kHz in both channels reads its peak level.
        assert!((trace.short_term_lufs[100] + 40.0).abs() < 0.1, "{}", trace.short_term_lufs[100]);
        assert!((trace.short_term_lufs[599] + 6.0).abs() < 0.1);
        assert!((trace.rms_dbfs[500] + 9.03).abs() < 0.05, "{}", trace.rms_dbfs[500]);
        assert!(trace.clipped_s.is_empty());
    }

    #[test]
    fn clipping_is_marked_where_it_is() {
        let mut channel = Noise(3).samples(10 * 44_100, 0.1);
        channel[200_000..240_000].iter_mut().for_each(|x| *x = (*x * 20.0).clamp(-1.0, 1.0));
        let trace = listen(44_100, &[channel]).trace();
        let (first, last) = (trace.clipped_s[0], *trace.clipped_s.last().unwrap());
        assert!((4.5..4.7).contains(&first) && (5.2..5.5).contains(&last), "{first} {last}");
        assert!(listen(44_100, &[]).trace().peak_dbfs.is_empty());
    }
}
