//! One plan a part: given, or proposed for what the album's cohesion makes of its aim.

use super::Request;
use super::cohesion::{Voice, drawn, keep_asked, keep_order, levels};
use super::heard::{Heard, stretches};
use super::programme::PartSpan;
use super::record::{Record, key, sha256};
use crate::error::Error;
use crate::job::{self, Song};
use crate::plan::{MixIdentity, Plan};
use crate::progress::Progress;
use crate::target::Target;
use crate::words;
use std::path::Path;

/// A part with its plan.
pub(super) struct Planned {
    pub(super) span: PartSpan,
    pub(super) heard: Heard,
    pub(super) plan: Plan,
    /// Loudness against the loudest track that was aimed for, LU; none where the plan was given.
    pub(super) level_lu: Option<f64>,
    /// Loudness that was aimed for, as it is heard from two speakers, LUFS: what keeps the tracks in order.
    wished_lufs: f64,
    /// Whether a render has shown that it does not get as loud as was proposed.
    conceded: bool,
    /// The fades that its render counts.
    pub(super) fades: String,
}

/// A part that does not get as loud as was proposed, where nobody insists that it does.
pub(super) struct Softer {
    /// The part's first entry in the sheet.
    pub(super) first: usize,
    /// What it reached, LUFS.
    pub(super) lufs: f64,
    /// What is to be told where it cannot be helped.
    pub(super) error: Error,
}

impl Planned {
    /// The loudness that its plan promises, or else its mix's, as it is heard.
    fn planned_lufs(&self) -> f64 {
        let of_mix = self.heard.analysis.loudness.integrated_lufs;
        self.plan.delivery.loudness_lufs.unwrap_or(of_mix) + self.heard.analysis.of_two_lu()
    }

    /// What a loudness that was not reached is kept by.
    fn softer_key(&self, request: &Request) -> Result<String, Error> {
        let plan = self.plan.to_toml().map_err(|source| Error::Plan { path: request.output.clone(), source })?;
        Ok(key(&["softer", &self.heard.key, &plan, &self.fades]))
    }

    /// Whether it may be softer than its plan promises: that was proposed, and nobody insists on it.
    pub(super) fn yields(&self, request: &Request) -> bool {
        self.level_lu.is_some() && request.wishes.psr_floor_lu.is_some()
    }
}

/// Plans for all parts. Errors: a plan that cannot be read or was made for another mix; those of listening, aiming and proposing;
/// words that are not understood.
pub(super) fn make(
    record: &Record,
    request: &Request,
    parts: Vec<(PartSpan, Heard)>,
    progress: &Progress,
) -> Result<Vec<Planned>, Error> {
    let mut given = Vec::new();
    for (span, heard) in &parts {
        given.push(read_plan(request, span, heard)?);
    }
    let mut planned = Vec::new();
    let proposed = if given.iter().all(Option::is_some) { Vec::new() } else { aims(record, request, &parts, progress)? };
    for (index, (span, heard)) in parts.into_iter().enumerate() {
        let (plan, level_lu) = match given[index].take() {
            Some(plan) => (plan, None),
            None => {
                let (target, wished_lufs, level) = &proposed[index];
                (propose(record, request, &span, &heard, target, *wished_lufs, progress)?, Some(*level))
            }
        };
        let of_two = heard.analysis.of_two_lu();
        let mut part = Planned { span, heard, plan, level_lu, wished_lufs: 0.0, conceded: false, fades: String::new() };
        part.wished_lufs = level_lu.map_or(part.planned_lufs(), |_| proposed[index].1 + of_two);
        planned.push(part);
    }
    put_in_order(&mut planned, request);
    Ok(planned)
}

/// Lets parts promise no more than an earlier run found that they reach. Errors: a plan cannot be written.
pub(super) fn concede_known(record: &Record, planned: &mut [Planned], request: &Request) -> Result<(), Error> {
    while let Some((index, lufs)) = known(record, planned, request)? {
        concede(planned, index, lufs, request);
    }
    Ok(())
}

/// Lets a part promise no more than it reached, and notes that for the next run. Errors: the disk; the part has conceded before.
pub(super) fn concede_found(record: &Record, planned: &mut [Planned], softer: Softer, request: &Request) -> Result<(), Error> {
    let found = planned.iter().position(|part| part.span.first == softer.first);
    let Some(index) = found.filter(|index| !planned[*index].conceded) else { return Err(softer.error) };
    record.keep(&planned[index].softer_key(request)?, &softer.lufs)?;
    concede(planned, index, softer.lufs, request);
    Ok(())
}

/// The first part of which an earlier run found that it does not reach what its plan promises, and what it reached.
fn known(record: &Record, planned: &[Planned], request: &Request) -> Result<Option<(usize, f64)>, Error> {
    for (index, part) in planned.iter().enumerate().filter(|(_, part)| part.yields(request) && !part.conceded) {
        if let Some(lufs) = record.kept(&part.softer_key(request)?) {
            return Ok(Some((index, lufs)));
        }
    }
    Ok(None)
}

/// Lets a part promise no more than this, and the others keep their places under it.
fn concede(planned: &mut [Planned], index: usize, lufs: f64, request: &Request) {
    let part = &mut planned[index];
    part.plan = part.plan.clone().conceding((100.0 * lufs).floor() / 100.0);
    part.conceded = true;
    put_in_order(planned, request);
}

/// Lowers what is promised where a track would be louder than one that is to be louder, or than a person's level lets it; those with a
/// level of their own lower no other. Done again it changes nothing.
fn put_in_order(planned: &mut [Planned], request: &Request) {
    let written = |part: &Planned| part.level_lu.and(request.sheet.tracks[part.span.first].level_lu);
    let asked: Vec<Option<f64>> = planned.iter().map(written).collect();
    let mut reached: Vec<f64> = planned.iter().map(Planned::planned_lufs).collect();
    let free: Vec<usize> = (0..planned.len()).filter(|index| asked[*index].is_none()).collect();
    let wished: Vec<f64> = free.iter().map(|index| planned[*index].wished_lufs).collect();
    let mut kept: Vec<f64> = free.iter().map(|index| reached[*index]).collect();
    keep_order(&wished, &mut kept);
    free.iter().zip(kept).for_each(|(index, lufs)| reached[*index] = lufs);
    keep_asked(&asked, &mut reached);
    for (part, lufs) in planned.iter_mut().zip(reached) {
        // Only a limiter brings what is promised.
        let is_promised = part.plan.delivery.loudness_lufs.is_some() && !part.plan.chain.limiter.bypass;
        if part.level_lu.is_some() && is_promised {
            part.plan = part.plan.clone().promising(lufs - part.heard.analysis.of_two_lu());
        }
    }
}

/// A plan from its file. Errors: it cannot be read.
pub(super) fn read(path: &Path) -> Result<Plan, Error> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Error::Album { path: path.to_owned(), what: format!("the plan cannot be read: {error}") })?;
    Plan::from_toml(&text).map_err(|source| Error::Plan { path: path.to_owned(), source })
}

fn read_plan(request: &Request, span: &PartSpan, heard: &Heard) -> Result<Option<Plan>, Error> {
    let Some(path) = &request.sheet.tracks[span.first].plan else { return Ok(None) };
    let plan = read(path)?;
    let (sample_rate_hz, channels) = (heard.info.sample_rate_hz, heard.info.channels);
    let here = MixIdentity { file: String::new(), sample_rate_hz, channels, frames: heard.lengths.iter().sum() };
    match plan.mix.difference(&here) {
        None => Ok(Some(plan)),
        Some(difference) => {
            Err(Error::Album { path: path.clone(), what: format!("the plan was made for other music: {difference}") })
        }
    }
}

/// For every part its drawn target, the loudness to deliver, and that against the loudest.
fn aims(
    record: &Record,
    request: &Request,
    parts: &[(PartSpan, Heard)],
    progress: &Progress,
) -> Result<Vec<(Target, f64, f64)>, Error> {
    let mut asked_for = vec!["aim".to_owned(), format!("{:?} {:?}", request.aims.genres, request.aims.profile)];
    for (path, weight) in &request.aims.references {
        asked_for.push(format!("{} {weight} {}", path.display(), sha256(path)?));
    }
    let mut references: Option<Vec<Song>> = None;
    let mut own = Vec::new();
    for (span, heard) in parts {
        let key_parts: Vec<&str> = asked_for.iter().map(String::as_str).chain([heard.key.as_str()]).collect();
        let key = key(&key_parts);
        if let Some(target) = record.kept::<Target>(&key) {
            own.push(target);
            continue;
        }
        progress.piece(span.first + 1, request.sheet.tracks.len())?;
        if references.is_none() {
            let files = request.aims.files();
            references = Some(files.iter().map(|file| job::load_reference(file, progress)).collect::<Result<_, _>>()?);
        }
        let (song, _) = job::load_parts(&stretches(request, span.range()), progress)?;
        let target = request.aims.target(&song, references.as_deref().unwrap_or_default(), progress)?.0;
        record.keep(&key, &target)?;
        own.push(target);
    }
    let voices: Vec<Voice> = parts.iter().zip(&own).map(|((_, heard), target)| Voice { mix: &heard.analysis, target }).collect();
    let targets = drawn(&voices, request.cohesion);
    // Tracks are compared as they are heard: one channel comes from two speakers.
    let of_two = |index: usize| parts[index].1.analysis.of_two_lu();
    let mixes: Vec<f64> = parts.iter().map(|(_, heard)| heard.analysis.heard_lufs()).collect();
    let asked: Vec<Option<f64>> = parts.iter().map(|(span, _)| request.sheet.tracks[span.first].level_lu).collect();
    let levels = levels(&mixes, &asked, request.cohesion);
    let loudest = (0..levels.len()).max_by(|a, b| levels[*a].total_cmp(&levels[*b]).then(b.cmp(a))).unwrap_or(0);
    let by_aim = |index: usize| mixes[index] + request.wishes.loudness * (own[index].value.heard_lufs() - mixes[index]);
    // What is asked for is what the loudest track is to measure.
    let measured = levels.iter().enumerate().map(|(index, level)| level - of_two(index)).fold(f64::NEG_INFINITY, f64::max);
    let top_lufs = request.wishes.loudness_lufs.map_or_else(|| by_aim(loudest), |asked| asked - measured);
    let promised = |(index, (target, level)): (usize, (Target, f64))| (target, top_lufs + level - of_two(index), level);
    Ok(targets.into_iter().zip(levels).enumerate().map(promised).collect())
}

fn propose(
    record: &Record,
    request: &Request,
    span: &PartSpan,
    heard: &Heard,
    target: &Target,
    loudness_lufs: f64,
    progress: &Progress,
) -> Result<Plan, Error> {
    let wishes = job::Wishes { loudness_lufs: Some(loudness_lufs), ..request.wishes.clone() };
    let aim = serde_json::to_string(target).unwrap_or_default();
    let said = request.instructions.as_deref();
    let key = key(&["plan", &heard.key, &aim, &format!("{wishes:?} {said:?}")]);
    // The kept text is read even right after it was made: a second run has the same plan to the last digit.
    if record.kept::<String>(&key).is_none() {
        progress.piece(span.first + 1, request.sheet.tracks.len())?;
        let (song, _) = job::load_parts(&stretches(request, span.range()), progress)?;
        let mut plan = job::suggest(&song, target, &wishes, progress)?;
        if let Some(said) = said {
            let not_understood = |error: words::WordsError| Error::asked(error.to_string(), "see `automaster words`");
            plan = words::instruct(&plan, said).map_err(not_understood)?.plan;
        }
        record.keep(&key, &plan.to_toml().map_err(|source| Error::Plan { path: song.path.clone(), source })?)?;
    }
    let text: String = record.kept(&key).unwrap_or_default();
    Plan::from_toml(&text).map_err(|source| Error::Plan { path: request.sheet.tracks[span.first].file.clone(), source })
}
