//! What an album measures: its tracks side by side, before and after.

use super::Request;
use super::cohesion::{deviation, tone_distance_db, tone_spread_db};
use super::heard::Heard;
use super::names::{NamedTrack, Names};
use super::notes::notes;
use super::plans::Planned;
use super::playback::{Played, played};
use super::programme::Group;
use super::record::{Record, key, sha256};
use crate::analysis::{Analysis, LoudnessMeter, of_two_lu};
use crate::audio::AudioWarning;
use crate::error::Error;
use crate::job::{self, Part};
use crate::progress::{Progress, Step};
use crate::target::portrait::{Portrait, TONE};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Version of the album report.
pub const ALBUM_VERSION: u32 = 2;
/// Two tracks closer than this may come in either order: each keeps its promise within 0.1 LU.
const ORDER_TOLERANCE_LU: f64 = 0.2;

/// A mastered album.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Album {
    /// Version of this shape.
    pub version: u32,
    /// Program and version that made it.
    pub program: String,
    /// Title.
    pub title: String,
    /// Artist.
    pub artist: String,
    /// UPC or EAN.
    pub upc: Option<String>,
    /// Rate of its files in Hz.
    pub sample_rate_hz: u32,
    /// How far the tracks were drawn together; none where every track follows a plan that was given.
    pub cohesion_percent: Option<f64>,
    /// Loudness of all tracks in a row, as one programme of BS.1770.
    pub integrated_lufs: f64,
    /// The tracks in order.
    pub tracks: Vec<Track>,
    /// How far the mixes lie apart.
    pub before: Spread,
    /// How far the masters lie apart.
    pub after: Spread,
    /// Whether no master is louder than another one whose mix is louder, but for 0.2 LU; tracks whose level was written do not count.
    pub order_kept: bool,
    /// What the platforms do to it.
    pub places: Vec<Played>,
    /// What to know, as sentences.
    pub notes: Vec<String>,
    /// What was made of the masters beside, as sentences: disc and sides.
    pub releases: Vec<String>,
}

/// One track.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Track {
    /// From 1.
    pub number: usize,
    /// Title.
    pub title: String,
    /// Artist.
    pub artist: String,
    /// ISRC.
    pub isrc: Option<String>,
    /// The master, in the album's folder.
    pub file: String,
    /// The mix as it was given.
    pub mix: String,
    /// What is odd about the files of its mix, and of what hides at its end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<MixWarning>,
    /// The plan that it was rendered by, in the album's folder.
    pub plan: String,
    /// How it follows the track before it.
    pub join: String,
    /// Whether it goes on where the track before it ends, without a pause.
    pub goes_on: bool,
    /// 1 or 2, of mix and master alike.
    pub channels: usize,
    /// Length of the master in seconds, with the pause after it.
    pub seconds: f64,
    /// Silence at its end in seconds: the pause before the next track.
    pub pause_s: f64,
    /// Loudness against the loudest track that was aimed for, LU; none where its plan was given.
    pub level_lu: Option<f64>,
    /// What the mix measures.
    pub before: Figures,
    /// What the master measures, without the pause at its end.
    pub after: Figures,
}

impl Track {
    /// Integrated loudness of its mix or of its master as it is heard from two speakers.
    pub(super) fn heard_lufs(&self, figures: &Figures) -> f64 {
        figures.integrated_lufs + of_two_lu(self.channels)
    }
}

/// What is odd about a file of the album.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MixWarning {
    /// The file as it was given.
    pub file: String,
    /// What is odd.
    pub warning: AudioWarning,
}

impl std::fmt::Display for MixWarning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.file, self.warning)
    }
}

/// What is compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Integrated loudness.
    pub integrated_lufs: f64,
    /// True peak.
    pub true_peak_dbtp: f64,
    /// Peak to short-term loudness.
    pub psr_lu: f64,
    /// Loudness range.
    pub lra_lu: f64,
    /// Slope of the tone.
    pub tilt_db_per_octave: f64,
    /// How far its tone lies from the mean of the album: root mean square from 100 Hz to 10 kHz.
    pub tone_distance_db: f64,
    /// Side against mid, mean over the bands.
    pub width_db: f64,
    /// Its tone in third octaves against their mean from 100 Hz to 8 kHz.
    pub tone_db: Vec<f64>,
}

/// How far tracks lie apart: standard deviations.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// Of the tone, root mean square over third octaves from 100 Hz to 10 kHz.
    pub tone_db: f64,
    /// Of the integrated loudness, as it is heard from two speakers.
    pub loudness_lu: f64,
    /// Of the peak to short-term loudness.
    pub psr_lu: f64,
    /// Of the loudness range.
    pub lra_lu: f64,
    /// Of the width.
    pub width_db: f64,
}

impl Spread {
    fn of(analyses: &[&Analysis]) -> Self {
        let of = |read: &dyn Fn(&Analysis) -> f64| deviation(analyses.iter().map(|analysis| read(analysis)));
        Self {
            tone_db: tone_spread_db(analyses),
            loudness_lu: of(&Analysis::heard_lufs),
            psr_lu: of(&|a| a.loudness.psr_lu),
            lra_lu: of(&|a| a.loudness.lra_lu),
            width_db: of(&width_db),
        }
    }
}

fn width_db(analysis: &Analysis) -> f64 {
    let bands = &analysis.whole.image;
    bands.iter().map(|band| band.width_db.max(-40.0)).sum::<f64>() / bands.len() as f64
}

fn figures(analyses: &[&Analysis], track: usize) -> Figures {
    let analysis = analyses[track];
    let l = &analysis.loudness;
    Figures {
        integrated_lufs: l.integrated_lufs,
        true_peak_dbtp: l.true_peak_dbtp,
        psr_lu: l.psr_lu,
        lra_lu: l.lra_lu,
        tilt_db_per_octave: analysis.whole.spectrum.tilt_db_per_octave,
        tone_distance_db: tone_distance_db(analyses, track),
        width_db: width_db(analysis),
        tone_db: Portrait::of(analysis).0[TONE].to_vec(),
    }
}

/// Measures the written files and puts everything together. Errors: a file cannot be read; interrupted.
pub(super) fn album(
    record: &Record,
    request: &Request,
    names: &Names,
    (entries, planned, groups): (&[Heard], &[Planned], &[Group]),
    sample_rate_hz: u32,
    progress: &Progress,
) -> Result<Album, Error> {
    let mut masters = Vec::new();
    let mut all = vec!["whole".to_owned()];
    // A master is heard as other music is; to a person it is a file that was written.
    let listens = |step: Step| matches!(step, Step::ListenMix | Step::ListenReference);
    let tell = |step, done| (progress.tell)(if listens(step) { Step::Verify } else { step }, done);
    let verify = Progress { tell: &tell, ..*progress };
    for (n, track) in names.tracks.iter().enumerate() {
        let path = record.path(&track.file);
        let sha = sha256(&path)?;
        let pause_s = pause_s(names, groups, n);
        let key = key(&["master", &sha, &pause_s.to_string()]);
        let analysis = match record.kept::<Analysis>(&key) {
            Some(analysis) => analysis,
            None => {
                verify.piece(n + 1, names.tracks.len())?;
                let analysis = heard_alone(path, pause_s, &verify)?;
                record.keep(&key, &analysis)?;
                analysis
            }
        };
        masters.push(analysis);
        all.push(sha);
    }
    let mixes: Vec<&Analysis> = names.tracks.iter().map(|track| &entries[track.entry].analysis).collect();
    let masters: Vec<&Analysis> = masters.iter().collect();
    let integrated_lufs = whole_lufs(record, names, &all, progress)?;
    let given = |entry: usize| request.sheet.tracks[entry].file.display().to_string();
    let track = |(n, named): (usize, &NamedTrack)| {
        let part = planned.iter().rfind(|part| part.span.first <= named.entry);
        let next = names.tracks.get(n + 1).map(|next| next.entry);
        let odd = |entry: usize| -> Vec<MixWarning> {
            entries[entry].warnings.iter().map(|warning| MixWarning { file: given(entry), warning: warning.clone() }).collect()
        };
        let (pause_s, rate_hz) = (pause_s(names, groups, n), f64::from(masters[n].sample_rate_hz));
        Track {
            number: n + 1,
            title: named.title.clone(),
            artist: named.artist.clone(),
            isrc: request.sheet.tracks[named.entry].isrc.clone(),
            file: named.file.clone(),
            mix: given(named.entry),
            warnings: (named.entry..next.unwrap_or(entries.len())).flat_map(odd).collect(),
            plan: part.map(|part| names.plan(part.span.first)).unwrap_or_default(),
            join: join(request, named.entry),
            goes_on: request.sheet.tracks[named.entry].joined(),
            channels: masters[n].channels,
            seconds: (masters[n].frames as f64 + (pause_s * rate_hz).round()) / rate_hz,
            pause_s,
            level_lu: part.and_then(|part| part.level_lu),
            before: figures(&mixes, n),
            after: figures(&masters, n),
        }
    };
    let tracks: Vec<Track> = names.tracks.iter().enumerate().map(track).collect();
    let (before, after) = (Spread::of(&mixes), Spread::of(&masters));
    let is_free = |track: &&Track| request.sheet.tracks[names.tracks[track.number - 1].entry].level_lu.is_none();
    let free: Vec<&Track> = tracks.iter().filter(is_free).collect();
    Ok(Album {
        version: ALBUM_VERSION,
        program: format!("automaster {}", env!("CARGO_PKG_VERSION")),
        title: names.album.clone(),
        artist: request.sheet.artist.clone(),
        upc: request.sheet.upc.clone(),
        sample_rate_hz,
        cohesion_percent: planned.iter().any(|part| part.level_lu.is_some()).then_some(100.0 * request.cohesion),
        integrated_lufs,
        order_kept: order_kept(&free),
        places: played(&tracks, integrated_lufs),
        notes: notes(request, names, &tracks, planned),
        releases: Vec::new(),
        tracks,
        before,
        after,
    })
}

/// Silence at the end of a track's file: the pause after its group, where it is the group's last.
fn pause_s(names: &Names, groups: &[Group], track: usize) -> f64 {
    let Some(group) = names.tracks.get(track).and_then(|named| groups.iter().find(|g| g.entries().contains(&named.entry))) else {
        return 0.0;
    };
    let last = names.tracks.get(track + 1).is_none_or(|next| next.entry >= group.entries().end);
    if last { group.gap_after_s } else { 0.0 }
}

/// Measures a master without the pause at its end, as its mix was measured: windows that are half in silence would widen the loudness
/// range of a short track. Errors: it cannot be read; interrupted.
fn heard_alone(path: PathBuf, pause_s: f64, progress: &Progress) -> Result<Analysis, Error> {
    if pause_s > 0.0 {
        let music = Part { path, trim_start_s: 0.0, trim_end_s: pause_s };
        return Ok(job::load_parts(&[music], progress)?.0.analysis);
    }
    Ok(job::load_reference(&path, progress)?.analysis)
}

fn join(request: &Request, entry: usize) -> String {
    let track = &request.sheet.tracks[entry];
    match (entry, track.gapless, track.crossfade_s) {
        (0, ..) => "first".to_owned(),
        (_, true, _) => "gapless".to_owned(),
        (_, _, Some(seconds)) => format!("crossfade of {seconds} s"),
        _ => {
            let pause = track.gap_s.or(request.sheet.gap_s).unwrap_or(super::GAP_S);
            format!("after {pause} s")
        }
    }
}

/// Whether tracks whose levels nobody wrote come in the order of loudness of their mixes.
fn order_kept(tracks: &[&Track]) -> bool {
    let louder_before = |a: &Track, b: &Track| a.heard_lufs(&a.before) > b.heard_lufs(&b.before);
    let louder_after = |a: &Track, b: &Track| a.heard_lufs(&a.after) > b.heard_lufs(&b.after) + ORDER_TOLERANCE_LU;
    !tracks.iter().any(|a| tracks.iter().any(|b| louder_before(b, a) && louder_after(a, b)))
}

/// Loudness of all files in a row: the gates see one programme.
fn whole_lufs(record: &Record, names: &Names, all: &[String], progress: &Progress) -> Result<f64, Error> {
    let parts: Vec<&str> = all.iter().map(String::as_str).collect();
    let key = key(&parts);
    if let Some(lufs) = record.kept(&key) {
        return Ok(lufs);
    }
    let mut meter: Option<LoudnessMeter> = None;
    for (n, track) in names.tracks.iter().enumerate() {
        let whole = Part { path: record.path(&track.file), trim_start_s: 0.0, trim_end_s: 0.0 };
        whole.for_each_block(|block| {
            let meter = meter.get_or_insert_with(|| LoudnessMeter::new(block.sample_rate_hz, &[1.0; 2]));
            // A mono file is played by both speakers.
            let right = block.channels.last().cloned().unwrap_or_default();
            meter.push(&[block.channels[0].clone(), right]);
            progress.at(Step::Verify, n as u64, names.tracks.len() as u64)
        })?;
    }
    let lufs = meter.map_or(crate::analysis::SILENCE_LUFS, |meter| meter.integrated_lufs());
    record.keep(&key, &lufs)?;
    Ok(lufs)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A track of so many seconds whose master is so loud; nothing else is said of it.
    pub(in crate::album) fn track(seconds: f64, integrated_lufs: f64) -> Track {
        let figures = Figures {
            integrated_lufs,
            true_peak_dbtp: -1.0,
            psr_lu: 9.0,
            lra_lu: 5.0,
            tilt_db_per_octave: 0.0,
            tone_distance_db: 0.0,
            width_db: -10.0,
            tone_db: Vec::new(),
        };
        Track {
            number: 1,
            title: String::new(),
            artist: String::new(),
            isrc: None,
            file: String::new(),
            mix: String::new(),
            warnings: Vec::new(),
            plan: String::new(),
            join: String::new(),
            goes_on: false,
            channels: 2,
            seconds,
            pause_s: 0.0,
            level_lu: None,
            before: figures.clone(),
            after: figures,
        }
    }

    #[test]
    fn what_is_odd_about_a_mix_comes_back_with_its_code() {
        let odd = MixWarning { file: "a.flac".into(), warning: AudioWarning::ChecksumWrong };
        let track = Track { warnings: vec![odd.clone()], ..track(1.0, -10.0) };
        let text = serde_json::to_string(&track).unwrap();
        assert!(text.contains("checksum_wrong") && odd.to_string().starts_with("a.flac: the samples are not"), "{text} {odd}");
        assert_eq!(serde_json::from_str::<Track>(&text).unwrap(), track);
    }
}
