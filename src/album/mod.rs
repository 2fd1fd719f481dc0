//! An album is one work: its tracks mastered toward their own centre, joined as the artist joined them, and written as a release.
//!
//! ```text
//! sheet ─ listen ─▶ parts ─ aim each ─ cohesion ─▶ aims drawn together ─ propose ─▶ plans ─ keep the order of loudness ◀─┐
//!                                                                                     ▼                                concede
//!          files, sheet, report ◀─ cut ◀─ programme of each group (joined parts) ◀─ render ─ too soft ───────────────────┘
//! ```
//!
//! What is heard, planned and written is noted (`record.rs`): a run that was stopped is finished by the next one.

mod assemble;
mod cohesion;
mod disc;
mod figures;
mod format;
mod heard;
mod listing;
mod names;
mod notes;
mod order;
mod page;
mod parting;
mod plans;
mod playback;
mod programme;
mod record;
mod sheet;
mod sides;
mod text;

pub use crate::deliver::codes::{barcode, ean13, isrc};
pub use cohesion::{COHESION_PERCENT, LARGEST_CORRECTION_LU};
pub use figures::{ALBUM_VERSION, Album, Figures, MixWarning, Spread, Track};
pub use order::{Order, Transition, suggest_order};
pub use page::html;
pub use playback::{Played, PlayedTrack};
pub use sheet::{Entry, GAP_S, Sheet};
pub use text::{order_text, text};

use crate::audio::AudioError;
use crate::audio::format::Container;
use crate::audio::metadata::{Metadata, TrackTags};
use crate::error::Error;
use crate::job::{Aims, Wishes};
use crate::progress::Progress;
use assemble::Cut;
use format::Format;
use heard::Heard;
use names::Names;
use plans::Planned;
use programme::{Group, Layout};
use record::{Record, key};
use std::path::PathBuf;

/// The texts about the album in its folder.
const TEXTS: [&str; 3] = ["album.toml", "album.html", "album.json"];

/// What is asked for.
pub struct Request {
    /// What is on the album.
    pub sheet: Sheet,
    /// What its masters should sound like.
    pub aims: Aims,
    /// How they should be made; `loudness_lufs` is that of the loudest track, `container` is not looked at; words, dither and rate
    /// that are not asked for are those of the plans that the sheet names.
    pub wishes: Wishes,
    /// File format of the masters; none: that of the plans that the sheet names, else WAV.
    pub container: Option<Container>,
    /// Feedback in words that every proposed plan follows, as [`crate::words::instruct`] understands it.
    pub instructions: Option<String>,
    /// How far the tracks are drawn together, 0 to 1.
    pub cohesion: f64,
    /// The folder to fill.
    pub output: PathBuf,
    /// Whether files in the way that this program has not made may be replaced.
    pub overwrite: bool,
    /// What is made of the masters beside.
    pub releases: Vec<Release>,
}

/// What is made of an album's masters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release {
    /// The image of a compact disc with its sheets, in `cd/`.
    Cd,
    /// Pre-masters of a record's sides, in `vinyl/`.
    Vinyl,
}

/// Masters an album. Errors: a file cannot be read; joins that cannot be; words that are not understood; the folder cannot be made;
/// somebody's file is in the way; a promise that is not kept; a model; the disk; [`Error::Paused`] when told to stop. What was
/// finished before an error stays, and is not made again.
pub fn make(request: &Request, progress: &Progress) -> Result<Album, Error> {
    match made(request, progress) {
        Err(Error::Interrupted | Error::Paused { .. }) => {
            let names = Names::of(request, format::container(request)?);
            let record = Record::open(&request.output, request.overwrite)?;
            let there = names.tracks.iter().filter(|track| record.has(&track.file)).count();
            let done = format!("{there} of {} tracks, and what was heard and planned", names.tracks.len());
            Err(Error::Paused { folder: request.output.clone(), done })
        }
        ended => ended,
    }
}

fn made(request: &Request, progress: &Progress) -> Result<Album, Error> {
    let mut record = Record::open(&request.output, request.overwrite)?;
    let entries = heard::entries(&record, request, progress)?;
    let groups = programme::groups(&request.sheet);
    let format = Format::of(request, &entries)?;
    let layouts = layouts(request, &groups, &entries, format.sample_rate_hz)?;
    let names = Names::of(request, format.container);
    check_places(&record, request, &names)?;
    if request.releases.contains(&Release::Cd) {
        disc::check(request, &names, &layouts, format.sample_rate_hz)?;
    }
    let mut spans = Vec::new();
    for span in groups.iter().flat_map(|group| &group.parts) {
        let heard = heard::part(&record, request, span, &entries, progress)?;
        spans.push((span.clone(), heard));
    }
    let mut planned = plans::make(&record, request, spans, progress)?;
    let fades = layouts.iter().flat_map(|layout| &layout.fades);
    for (part, fades) in planned.iter_mut().zip(fades) {
        format.put_into(&mut part.plan);
        part.fades = format!("{fades:?}");
    }
    loop {
        plans::concede_known(&record, &mut planned, request)?;
        write_plans(&mut record, request, &names, &planned)?;
        let Some(softer) = masters(&mut record, request, (&names, &groups, &layouts), &planned, format, progress)? else {
            break;
        };
        plans::concede_found(&record, &mut planned, softer, request)?;
    }
    let mut album = figures::album(&record, request, &names, (&entries, &planned, &groups), format.sample_rate_hz, progress)?;
    for release in &request.releases {
        match release {
            Release::Cd => album.releases.extend(disc::make(&mut record, request, &album, progress)?),
            Release::Vinyl => album.releases.extend(sides::make(&record, &album, progress)?),
        }
    }
    TEXTS.iter().for_each(|name| record.claim(name));
    let old = record.left_over().into_iter().filter(|name| !is_read(&record, request, name)).collect();
    album.notes.extend(notes::left_over(old));
    if !is_read(&record, request, "album.toml") {
        record.text("album.toml", &written_sheet(request, &names, &planned).to_toml()?)?;
    }
    record.text("album.json", &crate::report::json::pretty(&album).unwrap_or_default())?;
    record.text("album.html", &html(&album))?;
    Ok(album)
}

/// Makes what is missing of the masters; a part that does not get as loud as planned ends it.
fn masters(
    record: &mut Record,
    request: &Request,
    (names, groups, layouts): (&Names, &[Group], &[Layout]),
    planned: &[Planned],
    format: Format,
    progress: &Progress,
) -> Result<Option<plans::Softer>, Error> {
    let mut track = 0;
    for (group, layout) in groups.iter().zip(layouts) {
        let parts: Vec<&Planned> = planned.iter().filter(|part| group.entries().contains(&part.span.first)).collect();
        let cuts = cuts(request, names, &parts, layout, &mut track, format)?;
        let mut missing = false;
        for cut in &cuts {
            missing |= !record.is_there(&cut.name, &cut.key)?;
        }
        if missing {
            let softer = assemble::make(record, request, &parts, layout, &cuts, format, progress)?;
            if softer.is_some() {
                return Ok(softer);
            }
        }
    }
    Ok(None)
}

fn layouts(request: &Request, groups: &[Group], entries: &[Heard], rate_hz: u32) -> Result<Vec<Layout>, Error> {
    let lay = |group: &Group| {
        let channels = entries[group.entries()].iter().map(|heard| heard.info.channels);
        let error = |(entry, what): (usize, String)| Error::Album { path: request.sheet.tracks[entry].file.clone(), what };
        if channels.clone().min() != channels.max() {
            return Err(error((group.entries().start, "mono and stereo cannot be joined; export both alike".to_owned())));
        }
        let lengths: Vec<Vec<u64>> =
            group.parts.iter().map(|part| entries[part.range()].iter().map(|heard| heard.lengths[0]).collect()).collect();
        let rates: Vec<u32> = group.parts.iter().map(|part| entries[part.first].info.sample_rate_hz).collect();
        Layout::new(group, &request.sheet, &lengths, &rates, rate_hz).map_err(error)
    };
    groups.iter().map(lay).collect()
}

/// Whether a name in the album's folder is that of something that this run reads, a sheet, a plan, a mix, a reference: it is a person's, and
/// stays as it is.
fn is_read(record: &Record, request: &Request, name: &str) -> bool {
    let Ok(place) = record.path(name).canonicalize() else { return false };
    let tracks = &request.sheet.tracks;
    let plans = tracks.iter().filter_map(|track| track.plan.as_ref()).chain(&request.sheet.path);
    let sounds = tracks.iter().map(|track| &track.file).chain(request.aims.references.iter().map(|(path, _)| path));
    plans.chain(sounds).any(|path| path.canonicalize().is_ok_and(|path| path == place))
}

/// Looks before any work whether everything can be written. Errors: somebody's file is in the way; a master would replace its mix.
fn check_places(record: &Record, request: &Request, names: &Names) -> Result<(), Error> {
    for track in &names.tracks {
        if is_read(record, request, &track.file) {
            let place = record.path(&track.file);
            let what = "it is read and would be written; choose another folder".to_owned();
            return Err(AudioError::CannotWrite { path: place, what }.into());
        }
        record.check_free(&track.file)?;
    }
    TEXTS.iter().filter(|name| !is_read(record, request, name)).try_for_each(|name| record.check_free(name))
}

fn write_plans(record: &mut Record, request: &Request, names: &Names, planned: &[Planned]) -> Result<(), Error> {
    for part in planned {
        let name = names.plan(part.span.first);
        if is_read(record, request, &name) {
            record.claim(&name);
            continue;
        }
        let text = part.plan.to_toml().map_err(|source| Error::Plan { path: record.path(&name), source })?;
        record.text(&name, &text)?;
    }
    Ok(())
}

fn cuts(
    request: &Request,
    names: &Names,
    parts: &[&Planned],
    layout: &Layout,
    track: &mut usize,
    format: Format,
) -> Result<Vec<Cut>, Error> {
    let mut made_from = vec![format!("{layout:?} {format:?}")];
    for part in parts {
        let plan = part.plan.to_toml().map_err(|source| Error::Plan { path: request.output.clone(), source })?;
        made_from.extend([part.heard.key.clone(), plan]);
    }
    let mut out = Vec::new();
    for frames in layout.file_frames() {
        let Some(named) = names.tracks.get(*track) else { break };
        *track += 1;
        let sheet = &request.sheet;
        let tags = TrackTags {
            title: named.title.clone(),
            artist: named.artist.clone(),
            album: names.album.clone(),
            album_artist: sheet.artist.clone(),
            isrc: sheet.tracks[named.entry].isrc.clone().unwrap_or_default(),
            barcode: sheet.upc.clone().unwrap_or_default(),
            number: *track,
            total: names.tracks.len(),
        };
        let own = format!("{tags:?} {} {frames}", named.file);
        let key_parts: Vec<&str> = made_from.iter().map(String::as_str).chain([own.as_str()]).collect();
        let metadata = Metadata::on_album(Metadata::read(&sheet.tracks[named.entry].file), &tags);
        out.push(Cut { name: named.file.clone(), key: key(&key_parts), metadata, frames });
    }
    Ok(out)
}

/// The sheet that makes the same album again: everything said, every plan named.
fn written_sheet(request: &Request, names: &Names, planned: &[Planned]) -> Sheet {
    let mut sheet = request.sheet.clone();
    sheet.title = names.album.clone();
    sheet.cohesion_percent = Some(100.0 * request.cohesion);
    for (index, entry) in sheet.tracks.iter_mut().enumerate() {
        entry.file = entry.file.canonicalize().unwrap_or_else(|_| entry.file.clone());
        entry.plan = planned.iter().any(|part| part.span.first == index).then(|| PathBuf::from(names.plan(index)));
        (entry.title, entry.artist) = heard::title_artist(request, index);
    }
    sheet
}
