//! `DELIVERY.md`: what was delivered, file by file.

use super::{Delivered, Place, ddp};
use crate::target::delivery::profile_named;
use std::fmt::Write;

/// The page.
pub fn markdown(delivered: &Delivered) -> String {
    let mut out = format!(
        "# Delivery of {}\n\nThe master measures {:.1} LUFS and {:.2} dBTP. Every figure below was measured on the written file.\n\n\
         What a codec loses: *noise to mask* is the mean of its noise over what the music hides (ITU-R BS.1387, simplified; under 0 dB it \
         hides), *heard* the share of moments in which some band's noise is 1.5 dB over that, *up to* where the copy and the file end.\n",
        delivered.master, delivered.integrated_lufs, delivered.true_peak_dbtp
    );
    for place in &delivered.places {
        place_markdown(&mut out, place, of_another(delivered, place));
    }
    out
}

/// What a place was made of, where it was not the master that this delivery is of.
fn of_another(delivered: &Delivered, place: &Place) -> Option<String> {
    let now = &delivered.master;
    (place.master_sha256 != delivered.master_sha256).then(|| match place.master.as_str() {
        "" => format!("Not made of {now}, but by an earlier delivery, of a master that it has not noted."),
        same if same == now => format!("Made of an earlier {now}, which has changed since: deliver it here again."),
        other => format!("Made of {other}, not of {now}."),
    })
}

fn place_markdown(out: &mut String, place: &Place, of_another: Option<String>) {
    let title = profile_named(&place.place).map_or(place.place.as_str(), |profile| &profile.title);
    let _ = writeln!(out, "\n## {title}\n");
    if let Some(other) = of_another {
        let _ = writeln!(out, "**{other}**\n");
    }
    for note in &place.notes {
        let _ = writeln!(out, "- {note}");
    }
    if !place.left.is_empty() {
        let names: Vec<&str> = place.left.iter().map(|file| file.file.as_str()).collect();
        let _ = writeln!(out, "- Left from an earlier delivery, and no part of this one: {}.", names.join(", "));
    }
    let _ = writeln!(
        out,
        "\n| file | format | rate, Hz | length, s | LUFS | dBTP | bytes | md5 |\n|---|---|---:|---:|---:|---:|---:|---|"
    );
    for file in &place.files {
        let audio = file.audio.as_ref().map_or_else(
            || format!("{} |  |  |  | ", silent_kind(&file.file)),
            |a| {
                let seconds = a.frames as f64 / f64::from(a.sample_rate_hz);
                format!("{} | {} | {seconds:.3} | {:.2} | {:.2}", a.format, a.sample_rate_hz, a.integrated_lufs, a.true_peak_dbtp)
            },
        );
        let _ = writeln!(out, "| {} | {audio} | {} | `{}` |", file.file, file.bytes, file.md5);
    }
    codecs_markdown(out, place);
}

/// What a file is that is no sound file.
fn silent_kind(file: &str) -> &'static str {
    match file.rsplit('/').next() {
        Some(ddp::IMAGE) => "image of the disc",
        Some(ddp::CD_TEXT) => "CD-Text packs",
        _ => "text",
    }
}

/// What the codecs make of the file, and what they lose.
fn codecs_markdown(out: &mut String, place: &Place) {
    if place.codecs.is_empty() {
        return;
    }
    let _ = writeln!(
        out,
        "\n| codec | kbit/s | in, dBTP | decoded, dBTP | raised by, dB | noise to mask, dB | heard, % | up to, kHz |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|"
    );
    for c in &place.codecs {
        let raised = c.decoded_dbtp - c.original_dbtp;
        let _ = writeln!(
            out,
            "| {} | {:.0} | {:.2} | {:.2} | {raised:+.2} | {:.1} | {:.1} | {:.1} of {:.1} |",
            c.coding,
            c.mean_kbps,
            c.original_dbtp,
            c.decoded_dbtp,
            c.noise_to_mask_db,
            c.heard_percent,
            c.bandwidth_hz / 1000.0,
            c.original_bandwidth_hz / 1000.0
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::MadeFile;
    use super::*;

    #[test]
    fn an_image_is_no_text() {
        let file = |name: &str| MadeFile {
            file: format!("cd/{name}"),
            bytes: 1,
            md5: String::new(),
            sha256: String::new(),
            audio: None,
        };
        let files = ["ddp/IMAGE.DAT", "ddp/CDTEXT.BIN", "song.cue"].map(file).to_vec();
        let place = Place { place: "cd".into(), files, ..Place::default() };
        let page = markdown(&Delivered { places: vec![place], ..Delivered::default() });
        for row in ["cd/ddp/IMAGE.DAT | image of the disc |", "cd/ddp/CDTEXT.BIN | CD-Text packs |", "cd/song.cue | text |"] {
            assert!(page.contains(row), "{row} in {page}");
        }
    }

    #[test]
    fn a_place_says_whether_it_is_of_this_master() {
        let place = |master: &str, sha: &str| Place {
            place: "cd".into(),
            master: master.into(),
            master_sha256: sha.into(),
            ..Place::default()
        };
        let delivered = |place: Place| Delivered {
            master: "new.wav".into(),
            master_sha256: "2".into(),
            places: vec![place],
            ..Delivered::default()
        };
        for (place, says) in [
            (place("new.wav", "2"), None),
            (place("renamed.wav", "2"), None),
            (place("new.wav", "1"), Some("**Made of an earlier new.wav, which has changed since")),
            (place("old.wav", "1"), Some("**Made of old.wav, not of new.wav.**")),
            (place("", ""), Some("of a master that it has not noted")),
        ] {
            let page = markdown(&delivered(place));
            assert!(says.map_or(!page.contains("**"), |says| page.contains(says)), "{page}");
        }
    }
}
