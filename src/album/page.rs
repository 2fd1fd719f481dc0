//! The album report as one HTML page, in the report's style: tracks side by side, before and after.

use super::figures::{Album, Figures, Track};
use crate::dsp::bands::third_octave_centre_hz;
use crate::report::html::parts::{Axis, Plot, escape, figure, frequency_grid, page, table};
use crate::report::wording;

/// Tone is drawn so far down from its highest band.
const TONE_RANGE_DB: f64 = 54.0;
/// Loudness is drawn over so much at least.
const LOUDNESS_RANGE_LU: f64 = 12.0;

/// The page.
pub fn html(album: &Album) -> String {
    let title = if album.artist.is_empty() { album.title.clone() } else { format!("{} — {}", album.artist, album.title) };
    let body = format!(
        "<p class=\"headline\">{}</p>\n{}<h2>Track by track</h2>\n{}<h2>In pictures</h2>\n{}{}<h2>How far apart</h2>\n{}\
         <h2>What platforms will do</h2>\n{}{}{}{}",
        escape(&headline(album)),
        notes(album),
        tracks(album),
        loudness(album),
        format_args!(
            "<div class=\"pair\">{}{}</div>",
            tone(album, "Tone of the mixes", "mix"),
            tone(album, "Tone of the masters", "master")
        ),
        spread(album),
        places(album),
        alone(album),
        releases(album),
        files(album),
    );
    page(&title, &album.program, &body)
}

fn headline(album: &Album) -> String {
    let (b, a) = (&album.before, &album.after);
    let order = if album.order_kept { "the order of loudness is kept" } else { "the order of loudness is not kept" };
    let together = match album.cohesion_percent {
        Some(percent) => format!("drawn together by {percent:.0} %"),
        None => "each by its own plan".to_owned(),
    };
    format!(
        "{} tracks, {together}: their tones lay {:.1} dB apart and now lie {:.1} dB apart, their loudness {:.1} and {:.1} LU; {order}.",
        album.tracks.len(),
        b.tone_db,
        a.tone_db,
        b.loudness_lu,
        a.loudness_lu
    )
}

fn notes(album: &Album) -> String {
    let warnings = album.tracks.iter().flat_map(|track| &track.warnings).map(ToString::to_string);
    let lines: String = warnings.chain(album.notes.iter().cloned()).map(|note| format!("<li>{}</li>\n", escape(&note))).collect();
    if lines.is_empty() {
        return String::new();
    }
    format!("<ul class=\"held\">\n{lines}</ul>\n")
}

fn releases(album: &Album) -> String {
    if album.releases.is_empty() {
        return String::new();
    }
    let lines: String = album.releases.iter().map(|line| format!("<li>{}</li>\n", escape(line))).collect();
    format!("<h2>Disc and sides</h2>\n<ul>\n{lines}</ul>\n")
}

fn pair(track: &Track, decimals: usize, read: fn(&Figures) -> f64) -> String {
    format!("{:.decimals$} → {:.decimals$}", read(&track.before), read(&track.after))
}

fn tracks(album: &Album) -> String {
    let row = |track: &Track| {
        vec![
            format!("{}. {}", track.number, track.title),
            pair(track, 1, |f| f.integrated_lufs),
            track.level_lu.map_or("by its plan".to_owned(), |level| format!("{level:.1}")),
            pair(track, 1, |f| f.true_peak_dbtp),
            pair(track, 1, |f| f.psr_lu),
            pair(track, 1, |f| f.lra_lu),
            pair(track, 1, |f| f.tilt_db_per_octave),
            pair(track, 1, |f| f.tone_distance_db),
            pair(track, 1, |f| f.width_db),
        ]
    };
    let head = [
        "Track",
        "Loudness, LUFS",
        "Level aimed for, LU",
        "True peak, dBTP",
        "PSR, LU",
        "LRA, LU",
        "Tilt, dB/octave",
        "Tone off the album's, dB",
        "Width, dB",
    ];
    table(&head, 1..9, &album.tracks.iter().map(row).collect::<Vec<_>>())
}

/// Every track's loudness before and after, in order.
fn loudness(album: &Album) -> String {
    let count = album.tracks.len() as f64;
    let all = album.tracks.iter().flat_map(|track| [track.before.integrated_lufs, track.after.integrated_lufs]);
    let (low, high) = all.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
    // Differences look as large as they are: the axis spans no less than that.
    let spare = (LOUDNESS_RANGE_LU - (high - low)).max(2.0) / 2.0;
    let y = Axis::linear((low - spare).floor(), (high + spare).ceil());
    let mut plot = Plot::new(Axis::linear(0.5, count + 0.5), y);
    plot.y_grid(&y.ticks(6), |v| format!("{v:.0}"));
    plot.x_grid(&album.tracks.iter().map(|track| (track.number as f64, true)).collect::<Vec<_>>(), |v| format!("{v:.0}"));
    for track in &album.tracks {
        let x = track.number as f64;
        let (before, after) = ((x, track.before.integrated_lufs), (x, track.after.integrated_lufs));
        plot.stroke("way", before, after);
        plot.stroke("dot mix", before, before);
        plot.stroke("dot master", after, after);
    }
    let says = "Loudness of each track, mix and master";
    figure("Loudness, track by track", "LUFS", &[("disc mix", "mix"), ("disc master", "master")], &[plot.frame(14.0, says)])
}

/// All tones over each other.
fn tone(album: &Album, title: &str, class: &str) -> String {
    // Both pictures have one scale.
    let all = album.tracks.iter().flat_map(|track| track.before.tone_db.iter().chain(&track.after.tone_db));
    let top = (all.copied().fold(0.0, f64::max) / 6.0).ceil() * 6.0 + 3.0;
    let y = Axis::linear(top - TONE_RANGE_DB, top);
    let mut plot = Plot::new(Axis::log(20.0, 20_000.0), y);
    frequency_grid(&mut plot);
    plot.y_grid(&y.ticks(5), |v| if v == 0.0 { "0".to_owned() } else { format!("{v:+.0}") });
    for track in &album.tracks {
        let tone = if class == "mix" { &track.before.tone_db } else { &track.after.tone_db };
        // Below the picture a line ends instead of running along its edge.
        let shown = |db: &f64| *db > top - TONE_RANGE_DB;
        let (from, to) = (tone.iter().position(shown).unwrap_or(0), tone.iter().rposition(shown).unwrap_or(0));
        let points = tone.iter().enumerate().map(|(band, db)| (third_octave_centre_hz(band), *db));
        plot.line(class, points.skip(from.saturating_sub(1)).take(to + 2 - from.saturating_sub(1)));
    }
    figure(title, "dB against 100 Hz to 8 kHz, a line a track", &[], &[plot.frame(14.0, title)])
}

fn spread(album: &Album) -> String {
    let (b, a) = (&album.before, &album.after);
    let row = |name: &str, before: f64, after: f64, unit: &str| {
        vec![name.to_owned(), format!("{before:.2} {unit}"), format!("{after:.2} {unit}")]
    };
    let rows = [
        row("Tone, 100 Hz to 10 kHz", b.tone_db, a.tone_db, "dB"),
        row("Loudness", b.loudness_lu, a.loudness_lu, "LU"),
        row("Peak to loudness (PSR)", b.psr_lu, a.psr_lu, "LU"),
        row("Loudness range", b.lra_lu, a.lra_lu, "LU"),
        row("Width", b.width_db, a.width_db, "dB"),
    ];
    table(&["Standard deviation over the tracks", "Mixes", "Masters"], 1..3, &rows)
}

fn places(album: &Album) -> String {
    let row = |place: &super::Played| {
        let album_rule = match (place.album_gain_db, place.album_lufs, place.album_mode) {
            (Some(gain), Some(lufs), Some(crate::target::delivery::AlbumMode::Loudest)) => {
                format!("{gain:+.1} dB: its loudest track to {lufs} LUFS ({})", place.source)
            }
            (Some(gain), Some(lufs), _) => format!("{gain:+.1} dB: the whole to {lufs} LUFS ({})", place.source),
            _ => "track by track".to_owned(),
        };
        let gains = place.tracks.iter().map(|track| track.track_gain_db);
        let (low, high) = gains.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), x| (l.min(x), h.max(x)));
        vec![place.title.clone(), format!("{} LUFS", place.track_lufs), format!("{low:+.1} to {high:+.1} dB"), album_rule]
    };
    let head = ["Platform", "Plays single tracks at", "Turns them by", "Played as an album"];
    table(&head, 1..3, &album.places.iter().map(row).collect::<Vec<_>>())
}

/// What is heard of each track, alone and within the album.
fn alone(album: &Album) -> String {
    let mut head = vec!["Heard at, LUFS (alone / in the album)"];
    head.extend(album.places.iter().map(|place| place.title.as_str()));
    let row = |(n, track): (usize, &Track)| {
        let heard = album.places.iter().map(|place| {
            let played = &place.tracks[n];
            match played.album_heard_lufs {
                Some(lufs) => format!("{:.1} / {lufs:.1}", played.track_heard_lufs),
                None => format!("{:.1}", played.track_heard_lufs),
            }
        });
        [format!("{}. {}", track.number, track.title)].into_iter().chain(heard).collect()
    };
    let rows: Vec<Vec<String>> = album.tracks.iter().enumerate().map(row).collect();
    let columns = head.len();
    table(&head, 1..columns, &rows)
}

fn files(album: &Album) -> String {
    let row = |track: &Track| {
        vec![
            track.file.clone(),
            wording::duration(track.seconds),
            track.join.clone(),
            track.isrc.clone().unwrap_or_default(),
            track.plan.clone(),
            track.mix.clone(),
        ]
    };
    let rows: Vec<Vec<String>> = album.tracks.iter().map(row).collect();
    let table = table(&["File", "Length", "Joined", "ISRC", "Plan", "Mix"], 1..2, &rows);
    format!("<details><summary>Files, plans and sources</summary>\n{table}</details>\n")
}
