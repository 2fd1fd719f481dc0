//! Streaming: what the place will do to this file, and the file that survives its codecs.

use super::ceiling::{Found, available, find, settle};
use super::shelf::{Shelf, io_error};
use super::{CodecFigures, dither_24, plan, stem};
use crate::audio::codec::{Coding, round_trip_heard};
use crate::audio::decode::Decoder;
use crate::audio::format::{Container, SampleFormat};
use crate::error::Error;
use crate::job::{self, Song};
use crate::progress::Progress;
use crate::render::BLOCK_FRAMES;
use crate::target::delivery::{Profile, Up};
use std::path::Path;

/// Gains this small are not heard.
const NOTHING_DB: f64 = 0.05;

/// Makes the 24-bit file and says what happens to it.
pub(super) fn make(shelf: &mut Shelf, song: &Song, profile: &Profile, progress: &Progress) -> Result<(), Error> {
    if shelf.whole(profile)? {
        return Ok(());
    }
    let loudness = song.analysis.loudness;
    let first = profile.ceiling_for(loudness.integrated_lufs);
    let mut found = find(song, &profile.codecs, first, profile.decoded_dbtp, progress)?;
    let name = format!("{}.{}.wav", stem(song), profile.name);
    let rendered = shelf.making(&format!("checked-{name}"));
    let codecs = settle(&mut found, profile.decoded_dbtp, |found| {
        let format = (Container::Wav, SampleFormat::Int24, dither_24(song, found.ceiling_dbtp.is_some()));
        let plan = plan(song, format, song.info.sample_rate_hz, found.ceiling_dbtp);
        job::render(song, &plan, &rendered, true, progress)?;
        check(&rendered, &profile.codecs)
    })?;
    let made = shelf.sound(&name, |path| std::fs::rename(&rendered, path).map_err(|source| io_error(path, source)))?;
    if let Some(audio) = made.audio {
        for note in loudness_notes(profile, audio.integrated_lufs, audio.true_peak_dbtp) {
            shelf.note(note);
        }
    }
    for note in peak_notes(profile, &found, first, loudness.true_peak_dbtp, &codecs) {
        shelf.note(note);
    }
    shelf.place().codecs = codecs;
    Ok(())
}

/// The codecs' figures of a written file. Errors: an encoder fails.
pub(super) fn check(path: &Path, codecs: &[Coding]) -> Result<Vec<CodecFigures>, Error> {
    available(codecs).0.into_iter().map(|coding| of_file(path, coding)).collect()
}

fn of_file(path: &Path, coding: Coding) -> Result<CodecFigures, Error> {
    let mut decoder = Decoder::open(path)?;
    let (rate_hz, channels) = (decoder.info().sample_rate_hz, decoder.info().channels);
    let (trip, loss) = round_trip_heard(coding, rate_hz, channels, |take| {
        decoder.for_each_block(BLOCK_FRAMES, |block| take(&block.channels).map_err(Error::from))
    })?;
    Ok(CodecFigures::new(trip, loss))
}

fn loudness_notes(profile: &Profile, integrated_lufs: f64, true_peak_dbtp: f64) -> Vec<String> {
    let Some(wanted) = profile.loudness_lufs else { return Vec::new() };
    let (title, source) = (&profile.title, profile.loudness_source.words());
    let distance = integrated_lufs - wanted;
    let gain_db = profile.playback_gain_db(integrated_lufs, true_peak_dbtp);
    let turned = match gain_db {
        down if down < -NOTHING_DB => format!("turns it down by {:.1} dB", -down),
        up if up > NOTHING_DB => format!("turns it up by {up:.1} dB"),
        _ => "plays it as it is".to_owned(),
    };
    let mut notes =
        vec![format!("{title} plays at {wanted} LUFS ({source}) and {turned}; the file has {integrated_lufs:.1} LUFS.")];
    notes.push(if distance > NOTHING_DB {
        "A louder master would be turned down by as much more: it gains nothing there and costs dynamics.".to_owned()
    } else if profile.up == Up::ToPeak && distance + gain_db > -NOTHING_DB {
        "A louder master would sound as loud: the service makes up the difference.".to_owned()
    } else {
        format!("A master louder by up to {:.1} dB would be played louder.", -(distance + gain_db))
    });
    for (name, lufs) in [("loud", profile.loud_lufs), ("quiet", profile.quiet_lufs)] {
        if let Some(lufs) = lufs {
            notes.push(format!(
                "Listeners who choose \"{name}\" ({lufs} LUFS) hear it {:+.1} dB from that file.",
                lufs - integrated_lufs
            ));
        }
    }
    notes
}

fn peak_notes(profile: &Profile, found: &Found, first: f64, master_dbtp: f64, codecs: &[CodecFigures]) -> Vec<String> {
    let mut notes = Vec::new();
    let source = profile.ceiling_source.words();
    if master_dbtp > first {
        notes.push(format!(
            "The master's true peak of {master_dbtp:.1} dBTP was limited to the {first} dBTP asked for ({source})."
        ));
    }
    let limit = profile.decoded_dbtp;
    let over =
        codecs.iter().filter(|figures| figures.decoded_dbtp > limit).max_by(|a, b| a.decoded_dbtp.total_cmp(&b.decoded_dbtp));
    if found.lowered_db > 0.0 {
        let to = found.ceiling_dbtp.unwrap_or(first);
        let comes_to = if over.is_some() {
            format!("and that is not enough to keep all decoded copies under {limit} dBTP")
        } else {
            format!("the smallest change, to a tenth of a dB, that keeps decoded copies under {limit} dBTP")
        };
        notes.push(format!("The ceiling was lowered by {:.2} dB to {to:.2} dBTP, {comes_to}.", found.lowered_db));
    }
    if let Some(over) = over {
        notes.push(format!("{} still decodes to {:+.2} dBTP: look at the loudest transients.", over.coding, over.decoded_dbtp));
    }
    notes.extend(found.missing.iter().cloned());
    notes
}

#[cfg(test)]
mod tests {
    use super::super::ceiling::tests::copy;
    use super::*;
    use crate::target::delivery::profile_named;

    #[test]
    fn one_note_does_not_deny_the_other() {
        let profile = profile_named("youtube").unwrap();
        let found = Found { ceiling_dbtp: Some(-2.94), start_dbtp: -2.0, lowered_db: 0.94, missing: Vec::new() };
        let notes = |decoded_dbtp: f64| peak_notes(profile, &found, -2.0, -1.9, &[copy(-1.0), copy(decoded_dbtp)]).join("\n");
        let limit = profile.decoded_dbtp;
        let kept = notes(limit - 0.02);
        assert!(
            kept.contains("lowered by 0.94 dB to -2.94 dBTP, the smallest change") && !kept.contains("still decodes"),
            "{kept}"
        );
        let over = notes(limit + 0.2);
        assert!(
            over.contains("that is not enough to keep all decoded copies under") && over.contains("still decodes to"),
            "{over}"
        );
        assert!(!over.contains("the smallest change"), "{over}");
    }
}
