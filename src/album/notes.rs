//! What to know of an album, in sentences.

use super::Request;
use super::cohesion::STRANGELY_SOFT_LU;
use super::figures::Track;
use super::names::Names;
use super::plans::Planned;

/// What the figures of tracks and plans say.
pub(super) fn notes(request: &Request, names: &Names, tracks: &[Track], planned: &[Planned]) -> Vec<String> {
    let mut notes = Vec::new();
    if planned.iter().all(|part| part.level_lu.is_none()) {
        notes.push(
            "Every track follows the plan that its sheet names: no aim, loudness, cohesion, setting or instruction that is asked \
             for reaches them. For that, take the plans out of the sheet."
                .to_owned(),
        );
    }
    let loudest = tracks.iter().map(|track| track.heard_lufs(&track.before)).fold(f64::NEG_INFINITY, f64::max);
    for (track, named) in tracks.iter().zip(&names.tracks) {
        let under = loudest - track.heard_lufs(&track.before);
        let first = planned.iter().rfind(|part| part.span.first <= named.entry).map_or(0, |part| part.span.first);
        // A level that was written down, and that of a plan, are what a person wants.
        let asked = track.level_lu.is_none() || request.sheet.tracks[first].level_lu.is_some();
        if under > STRANGELY_SOFT_LU && !asked {
            notes.push(format!(
                "\"{}\" is {under:.1} LU softer than the loudest mix and stays soft; if that is only its export level, say level_lu.",
                track.title
            ));
        }
    }
    let held =
        planned.iter().filter(|part| part.plan.concessions.iter().any(|c| c.feature == "loudness.integrated_lufs")).count();
    if held > 0 {
        notes.push(format!("Loudness was held back in {held} of {} plans, so that peaks are not flattened.", planned.len()));
    }
    notes
}

/// Files in the album's folder that earlier runs have made and this one has no use for.
pub(super) fn left_over(names: Vec<String>) -> Option<String> {
    let all = names.join(", ");
    let says = format!("Made by an earlier run, and no part of the album any more: {all}. Delete what nobody needs.");
    (!names.is_empty()).then_some(says)
}
