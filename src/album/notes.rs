//! What to know of an album, in sentences.

use super::Request;
use super::cohesion::STRANGELY_SOFT_LU;
use super::figures::Track;
use super::names::{NamedTrack, Names};
use super::plans::Planned;
use crate::audio::metadata::Metadata;
use crate::deliver::codes;
use crate::plan::ClampRule;
use crate::report::wording;

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
    for rule in [ClampRule::PsrFloor, ClampRule::Punch, ClampRule::NoLouder, ClampRule::Range, ClampRule::FixedByPerson] {
        let yields =
            |part: &&Planned| part.plan.concessions.iter().any(|c| c.feature == "loudness.integrated_lufs" && c.rule == rule);
        let held = planned.iter().filter(yields).count();
        if held > 0 {
            notes.push(format!("Loudness was held back in {held} of {} plans: {}.", planned.len(), wording::rule(rule)));
        }
    }
    notes.extend(hiding(request, names));
    notes.extend(same_isrc(&isrcs(request, names)));
    notes
}

/// Tracks with hidden music at their end: what is measured after is more than what was measured before.
fn hiding(request: &Request, names: &Names) -> Vec<String> {
    let says = |(n, track): (usize, &NamedTrack)| {
        let next = names.tracks.get(n + 1).map_or(request.sheet.tracks.len(), |next| next.entry);
        (next > track.entry + 1).then(|| {
            let title = &track.title;
            format!("\"{title}\" ends with hidden music: the figures of its master count that too, those of its mix do not.")
        })
    };
    names.tracks.iter().enumerate().filter_map(says).collect()
}

/// The ISRC that each track's file carries: the sheet's, else that of its mix's tags; none where that is no ISRC.
fn isrcs(request: &Request, names: &Names) -> Vec<Option<String>> {
    let isrc = |track: &NamedTrack| {
        let entry = &request.sheet.tracks[track.entry];
        entry.isrc.clone().or_else(|| codes::isrc(Metadata::read(&entry.file)?.isrc_barcode()[0]?).ok())
    };
    names.tracks.iter().map(isrc).collect()
}

/// Tracks whose tags have the ISRC of an earlier one; two in the sheet are refused there.
fn same_isrc(isrcs: &[Option<String>]) -> Vec<String> {
    let says = |(n, isrc): (usize, &Option<String>)| {
        let isrc = isrc.as_ref()?;
        let first = isrcs[..n].iter().position(|earlier| earlier.as_ref() == Some(isrc))?;
        Some(format!(
            "Track {} has the ISRC of track {}, {isrc}, in its tags: every recording has its own; say the right one in the sheet.",
            n + 1,
            first + 1
        ))
    };
    isrcs.iter().enumerate().filter_map(says).collect()
}

/// Files in the album's folder that earlier runs have made and this one has no use for.
pub(super) fn left_over(names: Vec<String>) -> Option<String> {
    let all = names.join(", ");
    let says = format!("Made by an earlier run, and no part of the album any more: {all}. Delete what nobody needs.");
    (!names.is_empty()).then_some(says)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_with_one_isrc_for_two_tracks_are_told() {
        let isrcs = ["USS1Z9900001", "", "USS1Z9900002", "USS1Z9900001", ""];
        let isrcs = isrcs.map(|isrc| (!isrc.is_empty()).then(|| isrc.to_owned()));
        let notes = same_isrc(&isrcs);
        assert_eq!(notes.len(), 1, "{notes:?}");
        assert!(notes[0].starts_with("Track 4 has the ISRC of track 1, USS1Z9900001, "), "{notes:?}");
    }
}
