//! Is this mix ready to be mastered? Faults that are better mended in the mix are found, timed and told to its engineer.
//!
//! ```text
//! file ─ decode ─┬ Analyzer (loudness, clipping, DC, hum, lossy low-pass, …) ┐
//!                └ clicks │ edges │ word length │ spectra over time           ┴▶ Heard ─ judge by RULES ─▶ Check ─ words, letter
//! ```
//!
//! Thresholds, their reasons and their sources are one table, [`RULES`]; `docs/check.md` is made from it.

mod clicks;
mod edges;
mod judge;
mod letter;
mod listen;
mod moments;
mod rules;
#[cfg(test)]
mod tests;
mod words;

use crate::audio::AudioError;
use crate::error::Error;
use crate::progress::Progress;
use schemars::JsonSchema;
use serde::Serialize;
use std::path::Path;

pub use letter::{html, markdown};
pub use rules::{RULES, Rule, rule, rules_json, rules_markdown, rules_text};
pub use words::{clock, says, text};

/// Version of the result's shape.
pub const CHECK_VERSION: u32 = 1;

/// How a finding, or a whole mix, is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Nothing stands in the way.
    Pass,
    /// Can be mastered, better after a look at it.
    Warn,
    /// Has to be mended before it is mastered.
    Fail,
}

/// A stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Span {
    /// Beginning in seconds.
    pub from_s: f64,
    /// End in seconds.
    pub to_s: f64,
}

/// Something that a rule found.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Finding {
    /// The rule's code.
    pub code: &'static str,
    /// How bad it is.
    pub verdict: Verdict,
    /// What was measured, in the rule's unit.
    pub value: f64,
    /// What the rule allows.
    pub limit: f64,
    /// The unit of both.
    pub unit: &'static str,
    /// The band that is meant, from and to in Hz, where it is not all of them.
    pub band_hz: Option<[f64; 2]>,
    /// Where; empty: all through.
    pub spans: Vec<Span>,
    /// What it is, as a sentence.
    pub says: String,
    /// What to try in the mix.
    pub advice: &'static str,
}

/// A checked mix.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Check {
    /// Version of this shape.
    pub version: u32,
    /// Name of the file, without its folder.
    pub file: String,
    /// The worst of the findings.
    pub verdict: Verdict,
    /// Length in seconds; 0 where the file could not be read to its end.
    pub duration_s: f64,
    /// Integrated loudness.
    pub integrated_lufs: Option<f64>,
    /// Largest true peak.
    pub true_peak_dbtp: Option<f64>,
    /// What was found, the worst first.
    pub findings: Vec<Finding>,
    /// The rules that looked and found nothing.
    pub passed: Vec<&'static str>,
}

impl Check {
    fn of(file: &Path, heard: Option<&listen::Heard>, mut findings: Vec<Finding>) -> Self {
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.verdict));
        let found = |code: &str| findings.iter().any(|finding| finding.code == code);
        // What stopped the reading, and silence, leave the rest unknown.
        let looked_at = RULES.iter().filter(|_| heard.is_some() && !found("silent"));
        let passed = looked_at.map(|rule| rule.code).filter(|code| !found(code)).collect();
        Self {
            version: CHECK_VERSION,
            file: file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
            verdict: findings.iter().map(|finding| finding.verdict).max().unwrap_or(Verdict::Pass),
            duration_s: heard.map_or(0.0, |heard| heard.duration_s()),
            integrated_lufs: heard.map(|heard| heard.analysis.loudness.integrated_lufs),
            true_peak_dbtp: heard.map(|heard| heard.analysis.loudness.true_peak_dbtp),
            findings,
            passed,
        }
    }
}

/// Checks a mix. A fault that ends the reading (NaN, too many channels, truncated) is a finding too. Errors: the file is missing
/// or not audio at all; interrupted.
pub fn check(path: &Path, progress: &Progress) -> Result<Check, Error> {
    match listen::listen(path, progress) {
        Ok(heard) => Ok(Check::of(path, Some(&heard), judge::judge(&heard))),
        Err(Error::Audio(fault)) => {
            judge::unreadable(&fault).map_or(Err(Error::Audio(fault)), |finding| Ok(Check::of(path, None, vec![finding])))
        }
        Err(error) => Err(error),
    }
}

/// Checks music that is in memory: planar, 1 or 2 channels, `bits` its word length where it has one.
pub fn check_samples(name: &Path, channels: &[Vec<f32>], sample_rate_hz: u32, bits: Option<u32>) -> Result<Check, Error> {
    if channels.is_empty() || channels[0].is_empty() {
        return Err(Error::Audio(AudioError::Empty { path: name.to_owned() }));
    }
    let heard = listen::listen_to(channels, sample_rate_hz, bits);
    Ok(Check::of(name, Some(&heard), judge::judge(&heard)))
}
