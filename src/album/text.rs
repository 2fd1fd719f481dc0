//! The album as text for a terminal.

use super::figures::{Album, Track};
use super::order::Order;

/// What was made, in a screen.
pub fn text(album: &Album) -> String {
    let mut out = format!("{} — {}\n\n", or(&album.artist, "(no artist)"), album.title);
    out += "     LUFS before → after    PSR            LRA            tone off centre  track\n";
    for track in &album.tracks {
        out += &line(track);
    }
    let (b, a) = (&album.before, &album.after);
    out += &format!(
        "\nspread of tone {:.1} → {:.1} dB, of loudness {:.1} → {:.1} LU, of PSR {:.1} → {:.1} LU\n",
        b.tone_db, a.tone_db, b.loudness_lu, a.loudness_lu, b.psr_lu, a.psr_lu
    );
    let order = if album.order_kept { "kept" } else { "NOT kept" };
    out += &format!("order of loudness {order}; the album as a whole: {:.1} LUFS\n", album.integrated_lufs);
    for place in album.places.iter().filter(|place| place.album_gain_db.is_some()) {
        out += &format!(
            "{}: the album is turned by {:+.1} dB ({})\n",
            place.title,
            place.album_gain_db.unwrap_or(0.0),
            place.source
        );
    }
    album.notes.iter().for_each(|note| out += &format!("note: {note}\n"));
    album.releases.iter().for_each(|line| out += &format!("{line}\n"));
    out
}

fn line(track: &Track) -> String {
    let (b, a) = (&track.before, &track.after);
    format!(
        "{:02}   {:>6.1} → {:>6.1}       {:>4.1} → {:>4.1}    {:>4.1} → {:>4.1}    {:>4.1} → {:>4.1}      {}\n",
        track.number,
        b.integrated_lufs,
        a.integrated_lufs,
        b.psr_lu,
        a.psr_lu,
        b.lra_lu,
        a.lra_lu,
        b.tone_distance_db,
        a.tone_distance_db,
        track.title
    )
}

/// A proposed order with its reasons.
pub fn order_text(order: &Order) -> String {
    let mut out = String::new();
    for (n, track) in order.tracks.iter().enumerate() {
        let tempo = track.musical.tempo.map_or("no tempo".to_owned(), |tempo| format!("{:.0} BPM", tempo.bpm));
        let key = track.musical.key.map_or("no key".to_owned(), |key| key.name());
        out +=
            &format!("{:>2}. {}\n    {tempo}, {key}, {:.1} LUFS: {}\n", n + 1, track.title, track.integrated_lufs, track.reason);
    }
    out += "\n";
    for transition in &order.transitions {
        out += &format!("{:.2}  {}\n", transition.score, transition.says);
    }
    out += &format!(
        "\ntransitions {:.2} (as given {:.2}), arc {:.2} (as given {:.2})\norder of the given files: {}\n",
        order.transition_score,
        order.given_transition_score,
        order.arc_score,
        order.given_arc_score,
        order.order.iter().map(usize::to_string).collect::<Vec<_>>().join(" ")
    );
    out
}

fn or<'a>(text: &'a str, other: &'a str) -> &'a str {
    if text.is_empty() { other } else { text }
}
