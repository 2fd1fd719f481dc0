//! From what was heard to what is found: each rule against its own figure.

mod image;
mod sibilance;

use super::edges::BLOCK_S;
use super::listen::Heard;
use super::rules::rule;
use super::{Finding, Span, words};
use crate::analysis::{Defect, SILENCE_LUFS};
use crate::audio::AudioError;

/// Times that are told of one finding.
const SPANS: usize = 40;

/// The sample rates that music is upsampled from, Hz.
const LOWER_RATES_HZ: [f64; 6] = [11_025.0, 16_000.0, 22_050.0, 24_000.0, 44_100.0, 48_000.0];

struct Judge<'a> {
    heard: &'a Heard,
    findings: Vec<Finding>,
}

/// Everything that the rules find.
pub(super) fn judge(heard: &Heard) -> Vec<Finding> {
    let mut judge = Judge { heard, findings: Vec::new() };
    if heard.analysis.loudness.integrated_lufs <= SILENCE_LUFS {
        judge.found("silent", heard.analysis.loudness.integrated_lufs, None, Vec::new());
        return judge.findings;
    }
    if heard.duration_s() < rule("short").limit {
        judge.found("short", heard.duration_s(), None, Vec::new());
    }
    judge.peaks();
    judge.defects();
    judge.image();
    judge.format();
    judge.edges();
    judge.clicks();
    judge.sibilance();
    judge.findings
}

/// A fault that ended the reading, as a finding; none for what is no mix at all.
pub(super) fn unreadable(fault: &AudioError) -> Option<Finding> {
    let at = |from_s: f64| vec![Span { from_s, to_s: from_s }];
    match fault {
        AudioError::NotFinite { at_s, .. } => Some(finding("not_finite", 1.0, None, at(*at_s))),
        AudioError::TooManyChannels { channels, .. } => Some(finding("channels", f64::from(*channels), None, Vec::new())),
        AudioError::Truncated { at_s, .. } => Some(finding("truncated", *at_s, None, at(*at_s))),
        _ => None,
    }
}

fn finding(code: &str, value: f64, band_hz: Option<[f64; 2]>, spans: Vec<Span>) -> Finding {
    let rule = rule(code);
    let says = words::sentence(rule.code, value, band_hz, &spans);
    let (verdict, limit, unit, advice) = (rule.verdict, rule.limit, rule.unit, rule.advice);
    Finding { code: rule.code, verdict, value, limit, unit, band_hz, spans, says, advice }
}

impl Judge<'_> {
    fn found(&mut self, code: &str, value: f64, band_hz: Option<[f64; 2]>, spans: Vec<Span>) {
        self.findings.push(finding(code, value, band_hz, spans));
    }

    /// The trace's steps that satisfy something.
    fn steps(&self, values: &[f64], chosen: impl Fn(f64) -> bool) -> Vec<Span> {
        let step_s = self.heard.trace.step_s;
        let at = |index: usize| Span { from_s: index as f64 * step_s, to_s: (index + 1) as f64 * step_s };
        joined((0..values.len()).filter(|&index| chosen(values[index])).map(at))
    }

    fn peaks(&mut self) {
        let (loudness, trace) = (self.heard.analysis.loudness, &self.heard.trace);
        let (peak, true_peak) = (rule("peak").limit, rule("true_peak").limit);
        let over_peak = self.steps(&trace.peak_dbfs, |level| level > peak);
        let over_true = self.steps(&trace.true_peak_dbtp, |level| level > true_peak);
        if loudness.sample_peak_dbfs > peak {
            self.found("peak", loudness.sample_peak_dbfs, None, over_peak);
        }
        if loudness.true_peak_dbtp > true_peak {
            self.found("true_peak", loudness.true_peak_dbtp, None, over_true);
        } else if loudness.sample_peak_dbfs > rule("headroom").limit && loudness.sample_peak_dbfs <= peak {
            self.found("headroom", loudness.sample_peak_dbfs, None, Vec::new());
        }
    }

    /// What listening finds in every file.
    fn defects(&mut self) {
        let duration_s = self.heard.duration_s();
        for defect in &self.heard.analysis.defects {
            match *defect {
                Defect::ClippedRuns { count, .. } => {
                    let step_s = self.heard.trace.step_s;
                    let at = |from_s: &f64| Span { from_s: *from_s, to_s: from_s + step_s };
                    let spans = joined(self.heard.trace.clipped_s.iter().map(at));
                    self.found("clipped", count as f64, None, spans);
                }
                Defect::AlreadyLimited { psr_lu } => self.found("limited", psr_lu, None, Vec::new()),
                Defect::Dc { offset_percent } => self.found("dc", offset_percent, None, Vec::new()),
                Defect::Hum { freq_hz, excess_db } => self.found("hum", excess_db, Some([freq_hz, 6.0 * freq_hz]), Vec::new()),
                Defect::LossyLowpass { freq_hz } => self.found("lossy", freq_hz, Some([freq_hz, 20_000.0]), Vec::new()),
                Defect::SilentHead { seconds } => {
                    self.found("silent_edge", seconds, None, vec![Span { from_s: 0.0, to_s: seconds }]);
                }
                Defect::SilentTail { seconds } => {
                    self.found("silent_edge", seconds, None, vec![Span { from_s: duration_s - seconds, to_s: duration_s }]);
                }
                Defect::MonoLoss { .. } | Defect::OutOfPhase { .. } => {}
            }
        }
    }

    /// Word length, lossy files, sample rates that were raised.
    fn format(&mut self) {
        let heard = self.heard;
        let short = |bits: &u32| f64::from(*bits) <= rule("word_length").limit;
        if heard.info.lossy && !self.findings.iter().any(|f| f.code == "lossy") {
            self.found("lossy", 0.0, None, Vec::new());
        } else if let Some(bits) = heard.used_bits.filter(short).filter(|_| !heard.info.lossy) {
            self.found("word_length", f64::from(bits), None, Vec::new());
        }
        let nyquist_hz = f64::from(heard.info.sample_rate_hz) / 2.0;
        let edges = LOWER_RATES_HZ.iter().map(|rate_hz| rate_hz / 2.0).filter(|edge_hz| 1.15 * edge_hz < nyquist_hz);
        // The lowest edge: above it, all higher ones are empty too.
        let mut falls = edges.filter_map(|edge_hz| {
            let (below, _) = heard.moments.long_term_db(0.75 * edge_hz, 0.88 * edge_hz)?;
            let (_, above) = heard.moments.long_term_db(1.03 * edge_hz, 0.985 * nyquist_hz)?;
            Some((below - above, edge_hz))
        });
        if let Some((fall_db, edge_hz)) = falls.find(|(fall_db, _)| *fall_db > rule("upsampled").limit) {
            self.found("upsampled", fall_db, Some([edge_hz, nyquist_hz]), Vec::new());
        }
    }

    fn edges(&mut self) {
        let (edges, duration_s) = (&self.heard.edges, self.heard.duration_s());
        let (start, end, noise) = (edges.start_db(), edges.end_db(), edges.noise());
        if let Some(start_db) = start.filter(|db| *db > rule("head_cut").limit) {
            self.found("head_cut", start_db, None, vec![Span { from_s: 0.0, to_s: 0.02 }]);
        }
        if end > rule("tail_cut").limit {
            self.found("tail_cut", end, None, vec![Span { from_s: (duration_s - BLOCK_S).max(0.0), to_s: duration_s }]);
        }
        for (level_dbfs, from_s, to_s) in noise.into_iter().flatten().filter(|n| n.0 > rule("noisy_edge").limit) {
            self.found("noisy_edge", level_dbfs, None, vec![Span { from_s, to_s }]);
        }
    }

    fn clicks(&mut self) {
        let mut all: Vec<(f64, f64)> = self.heard.clicks.iter().flat_map(|clicks| clicks.found.iter().copied()).collect();
        all.sort_by(|a, b| a.0.total_cmp(&b.0));
        let most = all.iter().map(|click| click.1).fold(0.0, f64::max);
        if !all.is_empty() {
            let spans = joined(all.iter().map(|(at_s, _)| Span { from_s: *at_s, to_s: at_s + 0.001 }));
            self.found("clicks", most, None, spans);
        }
    }
}

fn decibels(ratio: f64) -> f64 {
    10.0 * ratio.max(1e-20).log10()
}

/// Rising spans, joined where they are less than a tenth of a second apart; the first [`SPANS`] of them.
fn joined(spans: impl Iterator<Item = Span>) -> Vec<Span> {
    let mut all: Vec<Span> = Vec::new();
    for span in spans {
        match all.last_mut() {
            Some(last) if span.from_s <= last.to_s + 0.1 => last.to_s = last.to_s.max(span.to_s),
            _ => all.push(span),
        }
    }
    all.truncate(SPANS);
    all
}
