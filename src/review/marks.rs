//! Where in the mix something is wrong: marks over the waveform, from the list of defects and the trace.

use super::wire::Mark;
use crate::analysis::{Analysis, Defect, Trace};

/// Marks that are told at most.
const MARKS: usize = 200;
/// A true peak above full scale by this is worth a mark.
const OVER_DBTP: f64 = 0.05;

/// The marks of a mix, in order of time.
pub(super) fn marks(analysis: &Analysis, trace: &Trace) -> Vec<Mark> {
    let seconds = analysis.frames as f64 / f64::from(analysis.sample_rate_hz);
    let mut marks = runs("clipped", &trace.clipped_s, trace.step_s);
    let clipped = |s: &f64| trace.clipped_s.iter().any(|c| (c - s).abs() < 0.5 * trace.step_s);
    let peaks = trace.true_peak_dbtp.iter().enumerate().filter(|(_, dbtp)| **dbtp > OVER_DBTP);
    let over: Vec<f64> = peaks.map(|(i, _)| i as f64 * trace.step_s).filter(|s| !clipped(s)).collect();
    marks.extend(runs("over full scale between samples", &over, trace.step_s));
    for defect in &analysis.defects {
        match defect {
            Defect::SilentHead { seconds: length } => marks.push(mark("silence", 0.0, *length)),
            Defect::SilentTail { seconds: length } => marks.push(mark("silence", seconds - length, seconds)),
            _ => {}
        }
    }
    marks.sort_by(|a, b| a.start_s.total_cmp(&b.start_s));
    marks.truncate(MARKS);
    marks
}

fn mark(what: &'static str, start_s: f64, end_s: f64) -> Mark {
    Mark { what, start_s, end_s }
}

/// Steps that follow each other are one mark.
fn runs(what: &'static str, starts_s: &[f64], step_s: f64) -> Vec<Mark> {
    let mut marks: Vec<Mark> = Vec::new();
    for start_s in starts_s {
        match marks.last_mut() {
            Some(last) if *start_s <= last.end_s + 0.5 * step_s => last.end_s = start_s + step_s,
            _ => marks.push(mark(what, *start_s, start_s + step_s)),
        }
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Analyzer;

    #[test]
    fn what_is_clipped_or_silent_is_marked_where_it_is() {
        let rate = 44_100;
        let tone = |n: usize, gain: f32| (gain * (0.06 * n as f32).sin()).clamp(-1.0, 1.0);
        let gain = |n: usize| if n < 2 * rate { 0.0 } else { if (4 * rate..5 * rate).contains(&n) { 4.0 } else { 0.3 } };
        let channel: Vec<f32> = (0..8 * rate).map(|n| tone(n, gain(n))).collect();
        let mut analyzer = Analyzer::new(rate as u32, 1);
        analyzer.push(&[channel]);
        let timeline = analyzer.finish();
        let marks = marks(&timeline.analysis(), &timeline.trace());
        let silence = marks.iter().find(|m| m.what == "silence").unwrap();
        assert!(silence.start_s == 0.0 && (silence.end_s - 2.0).abs() < 0.2, "{silence:?}");
        let clipped: Vec<_> = marks.iter().filter(|m| m.what == "clipped").collect();
        assert_eq!(clipped.len(), 1, "{marks:?}");
        assert!((clipped[0].start_s - 4.0).abs() < 0.15 && (clipped[0].end_s - 5.0).abs() < 0.15, "{clipped:?}");
    }
}
