//! Streaming: what the place will do to this file, and the file that survives its codecs.

use super::ceiling::{Found, available, find};
use super::shelf::Shelf;
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
    let found = find(song, &profile.codecs, first, profile.decoded_dbtp, progress)?;
    let limited = found.ceiling_dbtp.is_some();
    let format = (Container::Wav, SampleFormat::Int24, dither_24(song, limited));
    let plan = plan(song, format, song.info.sample_rate_hz, found.ceiling_dbtp);
    let name = format!("{}.{}.wav", stem(song), profile.name);
    let made = shelf.sound(&name, |path| job::render(song, &plan, path, true, progress).map(drop))?;
    let path = shelf.path(&name);
    shelf.place().codecs = check(&path, &profile.codecs)?;
    if let Some(audio) = made.audio {
        for note in loudness_notes(profile, audio.integrated_lufs, audio.true_peak_dbtp) {
            shelf.note(note);
        }
    }
    for note in peak_notes(profile, &found, first, loudness.true_peak_dbtp, &shelf.place().codecs.clone()) {
        shelf.note(note);
    }
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
    if found.lowered_db > 0.0 {
        let to = found.ceiling_dbtp.unwrap_or(first);
        notes.push(format!(
            "The ceiling was lowered by {:.1} dB to {to:.1} dBTP, the smallest change that keeps decoded copies under {} dBTP.",
            found.lowered_db, profile.decoded_dbtp
        ));
    }
    if let Some(over) = codecs.iter().find(|figures| figures.decoded_dbtp > profile.decoded_dbtp) {
        notes.push(format!("{} still decodes to {:+.2} dBTP: look at the loudest transients.", over.coding, over.decoded_dbtp));
    }
    notes.extend(found.missing.iter().cloned());
    notes
}
