//! Faults of files: what they are and what to do about them.

use super::{change, pitch, quantity};
use crate::analysis::Defect;
use crate::chain::ChainSettings;
use crate::params::Unit;
use crate::plan::{Decision, Plan, Source};
use crate::render::Master;
use crate::report::{self, Report};
use std::fmt::Display;
use std::mem::discriminant;

/// A drive that is off by less is the one that was written.
const TOLD_DRIVE_DB: f64 = 0.3;

/// A fault of a file: what it is.
pub fn defect(defect: &Defect) -> String {
    match defect {
        Defect::ClippedRuns { count, level_dbfs } => {
            format!("clipped in {} at {}", plural(*count, "place", "places"), quantity(*level_dbfs, Unit::Dbfs))
        }
        Defect::Dc { offset_percent } => format!("a constant offset of {offset_percent:.2} % of full scale"),
        Defect::Hum { freq_hz, excess_db } => {
            format!("mains hum at {freq_hz:.0} Hz, {excess_db:.0} dB above its surroundings in quiet parts")
        }
        Defect::SilentHead { seconds } => format!("{seconds:.1} s of silence at the beginning"),
        Defect::SilentTail { seconds } => format!("{seconds:.1} s of silence at the end"),
        Defect::LossyLowpass { freq_hz } => format!("nothing above {}, as lossy encoders leave it", pitch(*freq_hz)),
        Defect::AlreadyLimited { psr_lu } => format!("a limiter seems to have worked on it already (PSR {psr_lu:.1} LU)"),
        Defect::MonoLoss { loss_db } => format!("{loss_db:.1} dB are lost when both channels are summed to mono"),
        Defect::OutOfPhase { correlation } => format!("left and right cancel each other (correlation {correlation:.2})"),
    }
}

/// What to do about a fault of a mix; empty where the chain takes care of it or nothing is to be done.
pub const fn advice(defect: &Defect) -> &'static str {
    match defect {
        Defect::ClippedRuns { .. } => "export it with lower faders, so that peaks stay whole",
        Defect::LossyLowpass { .. } => "use the original export",
        Defect::AlreadyLimited { .. } => "export it without one",
        Defect::OutOfPhase { .. } => "check the polarity",
        Defect::MonoLoss { .. } => "check wide synths and reverbs in mono",
        Defect::Dc { .. } | Defect::Hum { .. } | Defect::SilentHead { .. } | Defect::SilentTail { .. } => "",
    }
}

/// Whether a fault of a reference matters to the master: it would bend what is copied.
pub const fn bends_the_aim(defect: &Defect) -> bool {
    matches!(defect, Defect::LossyLowpass { .. } | Defect::MonoLoss { .. } | Defect::OutOfPhase { .. })
}

/// What was heard in the files, a line each: all faults of the mix with advice, those of references that matter, and what is mono in two
/// channels.
pub fn heard(report: &Report) -> Vec<String> {
    let of_mix = report.mix.analysis.defects.iter().map(|d| match advice(d) {
        "" => format!("mix: {}", defect(d)),
        advice => format!("mix: {}: {advice}", defect(d)),
    });
    let matters = |r: &report::Source| {
        let lines: Vec<_> =
            r.analysis.defects.iter().filter(|d| bends_the_aim(d)).map(|d| format!("{}: {}", r.file, defect(d))).collect();
        lines
    };
    let mono = |s: &report::Source| s.analysis.channels == 2 && !s.analysis.has_image();
    let mono_mix = mono(&report.mix).then(|| "mix: both channels hold the same; mono stays mono".to_owned());
    let of_two = |r: &report::Source| r.analysis.channels == 2;
    let one_channel = (report.mix.analysis.channels == 1 && report.references.iter().any(of_two))
        .then(|| "mix: one channel; from two speakers it is 3 dB louder than it measures, and is compared so".to_owned());
    let mono_references = report.references.iter().filter(|r| mono(r));
    let mono_references = mono_references.map(|r| format!("{}: both channels hold the same; no width is taken from it", r.file));
    let low_rates = std::iter::once(("mix", &report.mix)).chain(report.references.iter().map(|r| (r.file.as_str(), r)));
    let low_rates = low_rates.filter(|(_, r)| r.analysis.sample_rate_hz < 32_000).map(|(name, r)| {
        let reach = pitch(0.5 * f64::from(r.analysis.sample_rate_hz));
        format!("{name}: ends at {reach}, half its sample rate; what is done above follows from what is below")
    });
    of_mix
        .chain(of_master(report))
        .chain(mono_mix)
        .chain(one_channel)
        .chain(low_rates)
        .chain(report.references.iter().flat_map(matters))
        .chain(mono_references)
        .collect()
}

/// Faults that the master has and the mix had not; that it is limited is no fault of a master.
fn of_master(report: &Report) -> impl Iterator<Item = String> + '_ {
    let counts = |d: &&Defect| {
        matches!(d, Defect::Dc { .. } | Defect::ClippedRuns { .. } | Defect::MonoLoss { .. } | Defect::OutOfPhase { .. })
    };
    let had = |d: &Defect| report.mix.analysis.defects.iter().any(|of_mix| discriminant(of_mix) == discriminant(d));
    let master = report.master.iter().flat_map(|master| &master.analysis.defects);
    master.filter(counts).filter(move |d| !had(d)).map(|d| format!("master: {}", defect(d)))
}

/// Settings for an image where the mix has one channel, in a sentence.
pub fn idle(mix: impl Display, channels: usize, chain: &ChainSettings) -> Option<String> {
    let idle = if channels == 1 { chain.of_image() } else { Vec::new() };
    let do_nothing = if idle.len() == 1 { "does nothing" } else { "do nothing" };
    (!idle.is_empty()).then(|| format!("{mix}: one channel has no image; {} {do_nothing}", idle.join(", ")))
}

/// That a render drove its limiter otherwise than the person had written, in a sentence: a loudness that is promised finds its own drive.
pub fn overruled(plan: &Plan, master: &Master) -> Option<String> {
    let written = plan.decisions.iter().find(|decision| is_overruled(decision, master))?.value;
    let promised = quantity(plan.delivery.loudness_lufs?, Unit::Lufs);
    let (drive, wanted) = (change(master.drive_db, Unit::Db), change(written, Unit::Db));
    Some(format!(
        "limiter.drive_db: {drive} in place of {wanted}, since the plan promises {promised}; without loudness_lufs yours counts"
    ))
}

/// Whether a decision is a person's drive, and the render's was another one.
pub(in crate::report) fn is_overruled(decision: &Decision, master: &Master) -> bool {
    let of_person = decision.param == "limiter.drive_db" && decision.source == Source::User;
    of_person && (decision.value - master.drive_db).abs() > TOLD_DRIVE_DB
}

fn plural(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
