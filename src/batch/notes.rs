//! What is worth a word about a row that is done: what was odd about its files, and settings that do nothing to its mix.

use crate::order::Proposal;
use crate::render::Master;
use crate::report::{Source, wording};

/// Each in a sentence: those of the mix, of the references, of the master.
pub(super) fn notes(proposal: &Proposal, master: &Master) -> Vec<String> {
    let odd = |source: &Source| -> Vec<String> {
        source.warnings.iter().map(|warning| format!("{}: {warning}", source.file)).collect()
    };
    let mut notes: Vec<String> = std::iter::once(&proposal.heard).chain(&proposal.references).flat_map(odd).collect();
    notes.extend(master.warnings.iter().map(|warning| format!("{}: {warning}", master.path.display())));
    notes.extend(wording::idle(&proposal.heard.file, proposal.heard.analysis.channels, &proposal.plan.chain));
    notes
}
