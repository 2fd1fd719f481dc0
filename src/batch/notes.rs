//! What is worth a word about a row that is done: what was odd about its files, settings that do nothing to its mix, and a loudness that
//! was asked for and is not there.

use crate::order::Proposal;
use crate::plan::Concession;
use crate::render::Master;
use crate::report::{Source, wording};
use std::fmt::Display;

/// The feature that a loudness is asked for in.
const LOUDNESS: &str = "loudness.integrated_lufs";

/// Each in a sentence: those of the mix, of the references, of the master. `asked_lufs` is the loudness that the row or its place asks for.
pub(super) fn notes(proposal: &Proposal, master: &Master, asked_lufs: Option<f64>) -> Vec<String> {
    let odd = |source: &Source| -> Vec<String> {
        source.warnings.iter().map(|warning| format!("{}: {warning}", source.file)).collect()
    };
    let mut notes: Vec<String> = std::iter::once(&proposal.heard).chain(&proposal.references).flat_map(odd).collect();
    notes.extend(master.warnings.iter().map(|warning| format!("{}: {warning}", master.path.display())));
    notes.extend(wording::idle(&proposal.heard.file, proposal.heard.analysis.channels, &proposal.plan.chain));
    if asked_lufs.is_some() {
        let reached_lufs = master.analysis.loudness.integrated_lufs;
        notes.extend(conceded(&master.path.display(), &proposal.plan.concessions, reached_lufs));
    }
    notes
}

/// The loudness that was left on purpose, as a report says it: `loudness -11.6 LUFS instead of -11.0 LUFS: …`.
fn conceded(master: &impl Display, concessions: &[Concession], reached_lufs: f64) -> Option<String> {
    let concession = concessions.iter().find(|concession| concession.feature == LOUDNESS)?;
    let left = wording::left(LOUDNESS, reached_lufs, concession.wanted);
    Some(format!("{master}: {left}: {}", wording::rule(concession.rule)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::ClampRule;

    #[test]
    fn a_loudness_that_was_left_says_what_is_there_instead_and_why() {
        let concession =
            |feature: &str| Concession { feature: feature.to_owned(), wanted: -11.0, planned: -11.5, rule: ClampRule::PsrFloor };
        let told = conceded(&"a.wav", &[concession("loudness.lra_lu"), concession(LOUDNESS)], -11.62).unwrap();
        let why = wording::rule(ClampRule::PsrFloor);
        assert_eq!(told, format!("a.wav: loudness -11.6 LUFS instead of -11.0 LUFS: {why}"));
        assert_eq!(conceded(&"a.wav", &[concession("loudness.lra_lu")], -11.62), None);
    }
}
