//! What is joined to what, and where it is cut.
//!
//! ```text
//! entries   A   B(gapless)   C(crossfade)   D        E(hidden)
//! parts    [A ─── B]        [C]            [D]      [E]          one plan each: one piece of music for the chain
//! groups   [  part ╳ part                ] [part ─ silence ─ part]   rendered as one programme, limited and dithered as one
//! files     A │ B │ C                       D with E               cut from the programme at exact frames
//! ```

use super::sheet::{GAP_S, Sheet};
use crate::audio::resample::frames_at;
use crate::render::{Curve, Fade};

/// Consecutive entries that are one recording: one plan, one run through the chain.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PartSpan {
    /// First entry.
    pub(super) first: usize,
    /// How many.
    pub(super) entries: usize,
    /// Seconds that it overlaps the part before it; 0 where there is silence between or nothing.
    pub(super) crossfade_s: f64,
    /// Seconds of silence after the part before it, in the same file.
    pub(super) hidden_pause_s: f64,
}

impl PartSpan {
    /// Its entries.
    pub(super) fn range(&self) -> std::ops::Range<usize> {
        self.first..self.first + self.entries
    }
}

/// Parts that are rendered as one programme.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Group {
    /// The parts; each but the first overlaps the one before it, or follows after a hidden pause.
    pub(super) parts: Vec<PartSpan>,
    /// Silence at the end of the last file: the pause before the next group.
    pub(super) gap_after_s: f64,
}

impl Group {
    /// Index range of its entries.
    pub(super) fn entries(&self) -> std::ops::Range<usize> {
        let last = self.parts.last().map_or(0, |part| part.first + part.entries);
        self.parts.first().map_or(0, |part| part.first)..last
    }
}

/// The groups of an album.
pub(super) fn groups(sheet: &Sheet) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (index, entry) in sheet.tracks.iter().enumerate() {
        let part = PartSpan {
            first: index,
            entries: 1,
            crossfade_s: entry.crossfade_s.unwrap_or(0.0),
            hidden_pause_s: entry.hidden_pause_s.unwrap_or(0.0),
        };
        match groups.last_mut() {
            Some(group) if entry.gapless => {
                if let Some(part) = group.parts.last_mut() {
                    part.entries += 1;
                }
            }
            Some(group) if entry.joined() => group.parts.push(part),
            last => {
                if let Some(last) = last {
                    last.gap_after_s = entry.gap_s.or(sheet.gap_s).unwrap_or(GAP_S);
                }
                groups.push(Group { parts: vec![part], gap_after_s: 0.0 });
            }
        }
    }
    groups
}

/// Where everything of a group lies, in frames at the rate of delivery.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Layout {
    /// First frame of each part in the programme.
    pub(super) starts: Vec<u64>,
    /// The fades of each part, in its own frames.
    pub(super) fades: Vec<Vec<Fade>>,
    /// Frames of the programme without the pause after it.
    pub(super) frames: u64,
    /// First frame of each file; the first is 0.
    pub(super) cuts: Vec<u64>,
    /// Silence after the programme.
    pub(super) gap_frames: u64,
}

impl Layout {
    /// Lays a group out. `lengths` are the frames of each entry of each part at its own rate `rates_hz`. Errors: a crossfade longer
    /// than one of the two that it joins, so that fades meet or a file would end before it begins; told for the entry.
    pub(super) fn new(
        group: &Group,
        sheet: &Sheet,
        lengths: &[Vec<u64>],
        rates_hz: &[u32],
        rate_hz: u32,
    ) -> Result<Self, (usize, String)> {
        let at_rate = |seconds: f64| (seconds * f64::from(rate_hz)).round() as u64;
        let of_part = |part: usize| frames_at(lengths[part].iter().sum(), rates_hz[part], rate_hz);
        let mut out =
            Self { starts: Vec::new(), fades: Vec::new(), frames: 0, cuts: Vec::new(), gap_frames: at_rate(group.gap_after_s) };
        let too_long = |part: &PartSpan, joined: &str| {
            let what = format!("a crossfade of {} s is longer than the music that it joins{joined}", part.crossfade_s);
            (part.first, what)
        };
        // The part that each cut is in.
        let mut owners = Vec::new();
        for (index, part) in group.parts.iter().enumerate() {
            let own = of_part(index);
            let overlap = at_rate(part.crossfade_s);
            let next = group.parts.get(index + 1);
            let after = next.map_or(0, |next| at_rate(next.crossfade_s));
            let own_s = own as f64 / f64::from(rate_hz);
            if overlap > own {
                return Err(too_long(part, &format!(": its own lasts {own_s:.1} s")));
            }
            // It is told for the entry that asks for the crossfade, which is the next one.
            if let Some(next) = next.filter(|_| after > own) {
                return Err(too_long(next, &format!(": what is before it lasts {own_s:.1} s")));
            }
            if let Some(next) = next.filter(|_| overlap + after > own) {
                let (from, into) = (part.crossfade_s, next.crossfade_s);
                let what = format!("its crossfades of {from} s and {into} s are together longer than its music, {own_s:.1} s");
                return Err((part.first, what));
            }
            let start = out.frames + at_rate(part.hidden_pause_s) - overlap;
            out.starts.push(start);
            let (head, tail) = (&sheet.tracks[part.first], &sheet.tracks[part.range().end - 1]);
            let mut fades = Vec::new();
            let mut fade = |frames: u64, rising: bool, curve: Curve| {
                if frames > 0 {
                    fades.push(Fade { start_frame: if rising { 0 } else { own - frames.min(own) }, frames, rising, curve });
                }
            };
            fade(overlap, true, Curve::EqualPower);
            fade(after, false, Curve::EqualPower);
            let (fade_in, fade_out) = (at_rate(head.fade_in_s), at_rate(tail.fade_out_s));
            if fade_in + fade_out > own {
                return Err((part.first, "its fades are longer than its music".to_owned()));
            }
            fade(fade_in, true, Curve::Smooth);
            fade(fade_out, false, Curve::Smooth);
            out.fades.push(fades);
            // A hidden part has no file of its own; a crossfade is cut in its middle; gapless joins where the recordings meet.
            let mut inside = 0;
            for (nth, length) in lengths[index].iter().enumerate() {
                let hidden = sheet.tracks[part.first + nth].hidden_pause_s.is_some();
                if !hidden {
                    let middle = if nth == 0 { overlap / 2 } else { 0 };
                    out.cuts.push(start + frames_at(inside, rates_hz[index], rate_hz) + middle);
                    owners.push(index);
                }
                inside += length;
            }
            out.frames = start + own;
        }
        // A part may be long enough for a crossfade whose middle is not within the entry beside it.
        let ends = out.cuts.iter().skip(1).copied().chain([out.frames]);
        if let Some(at) = out.cuts.iter().zip(ends).position(|(begin, end)| *begin >= end) {
            return Err(too_long(&group.parts[*owners.get(at + 1).unwrap_or(&owners[at])], ""));
        }
        Ok(out)
    }

    /// Frames of each file, the pause with the last one.
    pub(super) fn file_frames(&self) -> Vec<u64> {
        let ends = self.cuts.iter().skip(1).copied().chain([self.frames + self.gap_frames]);
        self.cuts.iter().zip(ends).map(|(start, end)| end - start).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::sheet::Entry;
    use super::*;

    fn sheet() -> Sheet {
        let entry = |change: &dyn Fn(&mut Entry)| {
            let mut entry = Entry::default();
            change(&mut entry);
            entry
        };
        let tracks = vec![
            entry(&|_| {}),
            entry(&|e| e.gapless = true),
            entry(&|e| e.crossfade_s = Some(2.0)),
            entry(&|e| (e.gap_s, e.fade_out_s) = (Some(3.0), 1.0)),
            entry(&|e| e.hidden_pause_s = Some(60.0)),
            entry(&|_| {}),
        ];
        Sheet { tracks, ..Sheet::default() }
    }

    #[test]
    fn entries_fall_into_parts_and_groups() {
        let groups = groups(&sheet());
        let spans: Vec<Vec<_>> = groups.iter().map(|g| g.parts.iter().map(|p| (p.first, p.entries)).collect()).collect();
        assert_eq!(spans, [vec![(0, 2), (2, 1)], vec![(3, 1), (4, 1)], vec![(5, 1)]]);
        assert_eq!(groups.iter().map(|g| g.gap_after_s).collect::<Vec<_>>(), [3.0, GAP_S, 0.0]);
    }

    #[test]
    fn cuts_fall_on_exact_frames() {
        let (sheet, groups) = (sheet(), groups(&sheet()));
        let layout = Layout::new(&groups[0], &sheet, &[vec![1000, 501], vec![900]], &[100, 100], 100).unwrap();
        assert_eq!((layout.starts.as_slice(), layout.frames), (&[0, 1301][..], 2201));
        assert_eq!(layout.cuts, [0, 1000, 1401]);
        assert_eq!(layout.file_frames(), [1000, 401, 800 + 300]);
        assert_eq!(layout.fades[0], [Fade { start_frame: 1301, frames: 200, rising: false, curve: Curve::EqualPower }]);
        let hidden = Layout::new(&groups[1], &sheet, &[vec![1000], vec![900]], &[100, 50], 100).unwrap();
        assert_eq!((hidden.cuts.as_slice(), hidden.starts.as_slice(), hidden.frames), (&[0][..], &[0, 7000][..], 8800));
        assert!(Layout::new(&groups[0], &sheet, &[vec![100, 50], vec![900]], &[100, 100], 100).is_err());
    }
    #[test]
    fn a_crossfade_is_cut_within_the_entries_that_it_joins() {
        let laid_out = |changes: [fn(&mut Entry); 3], lengths: &[Vec<u64>]| {
            let mut tracks = vec![Entry::default(); 3];
            tracks.iter_mut().zip(changes).for_each(|(track, change)| change(track));
            let sheet = Sheet { tracks, ..Sheet::default() };
            let groups = groups(&sheet);
            Layout::new(&groups[0], &sheet, lengths, &vec![100; lengths.len()], 100)
        };
        let nothing: fn(&mut Entry) = |_| {};
        let faded: fn(&mut Entry) = |entry| entry.crossfade_s = Some(10.0);
        let gapless: fn(&mut Entry) = |entry| entry.gapless = true;
        // 60 s, then 3 s crossfaded by 10 s that go on for 60 s: the middle of the crossfade lies behind the 3 s.
        let (entry, what) = laid_out([nothing, faded, gapless], &[vec![6000], vec![300, 6000]]).unwrap_err();
        assert!(entry == 1 && what.contains("a crossfade of 10 s is longer than the music that it joins"), "{entry} {what}");
        let fits = laid_out([nothing, faded, gapless], &[vec![6000], vec![600, 6000]]).unwrap();
        assert_eq!((fits.cuts.as_slice(), fits.file_frames()), (&[0, 5500, 5600][..], vec![5500, 100, 6000]));
        // The other way round: the short entry ends what is faded out.
        let (entry, _) = laid_out([nothing, gapless, faded], &[vec![6000, 300], vec![6000]]).unwrap_err();
        assert_eq!(entry, 2);
        let fits = laid_out([nothing, gapless, faded], &[vec![6000, 600], vec![6000]]).unwrap();
        assert_eq!(fits.cuts, [0, 6000, 6100]);
        // The entry that asks is told of, with what it asks for, whichever of the two is too short.
        let apart: fn(&mut Entry) = |entry| entry.gap_s = Some(1.0);
        let two = |lengths: [u64; 2]| laid_out([nothing, faded, apart], &lengths.map(|frames| vec![frames]));
        let (entry, what) = two([900, 6000]).unwrap_err();
        let says = "a crossfade of 10 s is longer than the music that it joins: what is before it lasts 9.0 s";
        assert_eq!((entry, what.as_str()), (1, says));
        let (entry, what) = two([6000, 900]).unwrap_err();
        assert!(entry == 1 && what.ends_with("of 10 s is longer than the music that it joins: its own lasts 9.0 s"), "{what}");
        let (entry, what) = laid_out([nothing, faded, faded], &[vec![6000], vec![1500], vec![6000]]).unwrap_err();
        assert!(
            entry == 1 && what.starts_with("its crossfades of 10 s and 10 s are together longer than its music, 15"),
            "{what}"
        );
        // Nothing is left of an entry: that is no file either.
        assert!(laid_out([nothing, gapless, faded], &[vec![6000, 500], vec![6000]]).is_err());
    }
}
