//! A pre-master for vinyl: no limiter; lows in phase, the extremes and sibilants tamed; what a cutting engineer wants to know.

use super::ceiling::through;
use super::shelf::Shelf;
use super::{plan, samples, stem};
use crate::audio::format::{Container, Dither, SampleFormat};
use crate::chain::eq::BandKind;
use crate::chain::{ChainSettings, MasteringChain};
use crate::check;
use crate::dsp::true_peak::TruePeakMeter;
use crate::error::Error;
use crate::job::{self, Song};
use crate::progress::Progress;
use crate::target::delivery::{Profile, Vinyl};

/// What a cutting engineer listens for, of the rules of a mix check.
const MINDED: [&str; 3] = ["negative_correlation", "mono_loss", "sibilance"];
/// Left under the ceiling for the dither.
const ROOM_DB: f64 = 0.02;

/// Makes the pre-master.
pub(super) fn make(shelf: &mut Shelf, song: &Song, profile: &Profile, progress: &Progress) -> Result<(), Error> {
    let Some(vinyl) = &profile.vinyl else { return Ok(()) };
    if shelf.whole(profile)? {
        return Ok(());
    }
    let mut plan = plan(song, (Container::Wav, SampleFormat::Int24, Dither::Tpdf), song.info.sample_rate_hz, None);
    plan.chain = settings(vinyl, f64::from(song.info.sample_rate_hz));
    let peak = true_peak_dbtp(song, &plan.chain, progress)?;
    let gain_db = (profile.ceiling_dbtp - ROOM_DB - peak).min(0.0);
    plan.chain.repair.gain_db = gain_db;
    let name = format!("{}.vinyl.wav", stem(song));
    let made = shelf.sound(&name, |path| job::render(song, &plan, path, true, progress).map(drop))?;
    shelf.note(format!(
        "Side removed below {:.0} Hz, high-pass at {:.0} Hz, low-pass at {:.1} kHz, sibilants turned down by {} dB at most; no limiter.",
        vinyl.mono_below_hz,
        vinyl.highpass_hz,
        vinyl.lowpass_hz / 1000.0,
        vinyl.deess_range_db
    ));
    if gain_db < 0.0 {
        shelf.note(format!("Turned down by {:.1} dB instead of limited, to stay under {} dBTP.", -gain_db, profile.ceiling_dbtp));
    }
    if song.analysis.loudness.psr_lu < 8.0 {
        let psr = song.analysis.loudness.psr_lu;
        shelf.note(format!("The master is limited already (PSR {psr:.1} LU): for vinyl, give the version before its limiter."));
    }
    if let Some(audio) = made.audio {
        let minutes = audio.frames as f64 / f64::from(audio.sample_rate_hz) / 60.0;
        shelf.note(side_note(vinyl, minutes));
    }
    let checked = check::check(&shelf.path(&name), progress)?;
    for finding in checked.findings.iter().filter(|finding| MINDED.contains(&finding.code)) {
        shelf.note(format!("For the cutting engineer: {}.", check::says(finding)));
    }
    Ok(())
}

fn settings(vinyl: &Vinyl, rate_hz: f64) -> ChainSettings {
    let mut chain = ChainSettings::default();
    chain.limiter.bypass = true;
    chain.repair.highpass_hz = vinyl.highpass_hz;
    chain.stereo.mono_below_hz = vinyl.mono_below_hz;
    chain.deess.range_db = vinyl.deess_range_db;
    if vinyl.lowpass_hz < 0.45 * rate_hz {
        let band = &mut chain.eq.band1;
        (band.on, band.kind, band.freq_hz, band.q) = (true, BandKind::HighCut, vinyl.lowpass_hz, std::f64::consts::FRAC_1_SQRT_2);
    }
    chain
}

fn true_peak_dbtp(song: &Song, settings: &ChainSettings, progress: &Progress) -> Result<f64, Error> {
    let audio = samples(song)?;
    let mut chain = MasteringChain::new(settings, audio.sample_rate_hz().into(), audio.channels());
    let mut meters = vec![TruePeakMeter::new(); audio.channels()];
    through(audio, &mut chain, progress, |block| {
        meters.iter_mut().zip(block).for_each(|(meter, channel)| meter.push(channel));
        Ok(())
    })?;
    Ok(20.0 * meters.iter().map(TruePeakMeter::peak).fold(1e-10, f64::max).log10())
}

/// How a side of so many minutes can be cut, if it can.
fn side_note(vinyl: &Vinyl, minutes: f64) -> String {
    const SIDE: &str = "12-inch side at 33 1/3 rpm";
    match (side_level_db(vinyl, minutes), vinyl.side_minutes.last()) {
        (Some(db), _) => {
            format!("Alone on a {SIDE} ({minutes:.1} min) it can be cut at {db:+.1} dB of the loudest cut (practice).")
        }
        (None, Some(most)) => format!("Its {minutes:.1} min do not fit on one {SIDE}, which holds {most} (practice): part it."),
        (None, None) => format!("It lasts {minutes:.1} min."),
    }
}

/// The level that fits a side of so many minutes, between the points of the profile; none beyond the last: it does not fit.
fn side_level_db(vinyl: &Vinyl, minutes: f64) -> Option<f64> {
    let points: Vec<(f64, f64)> = vinyl.side_minutes.iter().copied().zip(vinyl.side_level_db.iter().copied()).collect();
    let after = points.iter().position(|(at, _)| *at >= minutes)?;
    let (x1, y1) = points[after];
    let Some(before) = after.checked_sub(1) else { return Some(y1) };
    let (x0, y0) = points[before];
    Some(y0 + (y1 - y0) * (minutes - x0) / (x1 - x0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::delivery::profile_named;

    #[test]
    fn a_side_has_a_level_up_to_its_last_point_and_then_does_not_fit() {
        let vinyl = profile_named("vinyl").and_then(|profile| profile.vinyl.as_ref()).unwrap();
        let level = |minutes: f64| side_level_db(vinyl, minutes);
        assert_eq!([level(1.0), level(12.0), level(23.5), level(25.0)], [Some(0.0), Some(0.0), Some(-5.75), Some(-7.0)]);
        assert_eq!((level(25.1), level(80.0)), (None, None));
        assert!(side_note(vinyl, 23.5).contains("-5.8 dB") || side_note(vinyl, 23.5).contains("-5.7 dB"));
        let note = side_note(vinyl, 31.0);
        assert!(note.contains("31.0 min do not fit on one 12-inch side") && note.contains("holds 25 ") && !note.contains("dB"));
    }
}
