//! `DELIVERY.md`: what was delivered, file by file.

use super::{Delivered, Place};
use crate::target::delivery::profile_named;
use std::fmt::Write;

/// The page.
pub fn markdown(delivered: &Delivered) -> String {
    let mut out = format!(
        "# Delivery of {}\n\nThe master measures {:.1} LUFS and {:.2} dBTP. Every figure below was measured on the written file.\n",
        delivered.master, delivered.integrated_lufs, delivered.true_peak_dbtp
    );
    for place in &delivered.places {
        place_markdown(&mut out, place);
    }
    out
}

fn place_markdown(out: &mut String, place: &Place) {
    let title = profile_named(&place.place).map_or(place.place.as_str(), |profile| &profile.title);
    let _ = writeln!(out, "\n## {title}\n");
    for note in &place.notes {
        let _ = writeln!(out, "- {note}");
    }
    let _ = writeln!(
        out,
        "\n| file | format | rate, Hz | length, s | LUFS | dBTP | bytes | md5 |\n|---|---|---:|---:|---:|---:|---:|---|"
    );
    for file in &place.files {
        let audio = file.audio.as_ref().map_or_else(
            || "text |  |  |  | ".to_owned(),
            |a| {
                let seconds = a.frames as f64 / f64::from(a.sample_rate_hz);
                format!("{} | {} | {seconds:.3} | {:.2} | {:.2}", a.format, a.sample_rate_hz, a.integrated_lufs, a.true_peak_dbtp)
            },
        );
        let _ = writeln!(out, "| {} | {audio} | {} | `{}` |", file.file, file.bytes, file.md5);
    }
    if !place.codecs.is_empty() {
        let _ = writeln!(out, "\n| codec | kbit/s | in, dBTP | decoded, dBTP | raised by, dB |\n|---|---:|---:|---:|---:|");
    }
    for c in &place.codecs {
        let raised = c.decoded_dbtp - c.original_dbtp;
        let _ = writeln!(
            out,
            "| {} | {:.0} | {:.2} | {:.2} | {raised:+.2} |",
            c.coding, c.mean_kbps, c.original_dbtp, c.decoded_dbtp
        );
    }
}
