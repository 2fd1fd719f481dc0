//! What page and server say to each other, as JSON; sound follows its JSON in the same answer, so that the two can never
//! be of different settings.

mod wanted;

pub(super) use wanted::{Wanted, WantedCodec, WantedFigures, WantedPlan, WantedPreview, WantedSection, WantedWords};

use crate::analysis::{Analysis, Trace};
use crate::audio::AudioBuffer;
use crate::audio::codec::Coding;
use crate::chain::{ChainSettings, Stage, StageMeter, find, registry};
use crate::dsp::bands::THIRD_OCTAVES;
use crate::params::{Param, Scale, Unit};
use crate::plan::{Decision, Plan};
use crate::report::{Report, wording};
use serde::Serialize;
use std::collections::BTreeMap;

/// How far the server is.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct State {
    /// What is being done, in words; empty when the page can begin.
    pub(super) step: String,
    /// Share of it that is done, 0 to 1.
    pub(super) done: f64,
    /// Whether mix and proposal are there.
    pub(super) ready: bool,
    /// Why it cannot go on.
    pub(super) error: Option<String>,
    /// The render.
    pub(super) render: RenderState,
}

/// How far the render is.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct RenderState {
    pub(super) running: bool,
    pub(super) done: f64,
    /// The file that was written last.
    pub(super) file: Option<String>,
    /// In a line what came out.
    pub(super) headline: Option<String>,
    pub(super) error: Option<String>,
}

/// Everything that the page draws once.
#[derive(Serialize)]
pub(super) struct Desk {
    pub(super) mix: Version,
    pub(super) reference: Option<Version>,
    /// What the program would write, and where.
    pub(super) output: String,
    pub(super) plan_file: String,
    pub(super) section_s: f64,
    /// What is odd about the files and the plan, and faults that were heard.
    pub(super) heard: Vec<String>,
    /// Where in the mix they are.
    pub(super) marks: Vec<Mark>,
    /// Codecs to listen through.
    pub(super) codecs: Vec<CodecRow>,
    /// What is noted in the plan already.
    pub(super) notes: BTreeMap<String, String>,
    pub(super) stages: Vec<StageCard>,
    /// Settings that are proposed, all of them.
    pub(super) proposed: BTreeMap<String, f64>,
    pub(super) loudness_lufs: Option<f64>,
    /// Spectrum bands that are aimed for, at the loudness of the mix; none without a reference.
    pub(super) frequencies_hz: Vec<u32>,
}

/// A file that can be played.
#[derive(Serialize)]
pub(super) struct Version {
    pub(super) name: String,
    pub(super) seconds: f64,
    pub(super) trace: Trace,
    /// Beginning of the loudest section.
    pub(super) loudest_s: f64,
}

/// A stage with its parameters and the reasons of what is proposed.
#[derive(Serialize)]
pub(super) struct StageCard {
    pub(super) id: &'static str,
    pub(super) name: String,
    pub(super) doc: &'static str,
    pub(super) reasons: Vec<Reason>,
    pub(super) params: Vec<ParamRow>,
}

/// A move and why.
#[derive(Serialize)]
pub(super) struct Reason {
    pub(super) param: String,
    pub(super) text: String,
    pub(super) why: String,
    pub(super) held_back: Option<String>,
}

/// A parameter as a control.
#[derive(Serialize)]
pub(super) struct ParamRow {
    pub(super) id: &'static str,
    pub(super) name: String,
    pub(super) unit: &'static str,
    pub(super) kind: Unit,
    pub(super) scale: Scale,
    pub(super) min: f64,
    pub(super) max: f64,
    pub(super) default: f64,
    pub(super) choices: &'static [&'static str],
    pub(super) doc: &'static str,
}

/// What a plan holds that the page was given.
#[derive(Serialize)]
pub(super) struct Loaded {
    /// Its number, for [`Wanted::loaded`].
    pub(super) loaded: usize,
    pub(super) settings: BTreeMap<String, f64>,
    pub(super) loudness_lufs: Option<f64>,
    pub(super) notes: BTreeMap<String, String>,
    /// In what it differs from what is proposed, in words.
    pub(super) changed: Vec<String>,
    /// The mix that it was made for, where that is another one.
    pub(super) other_mix: Option<String>,
}

/// A codec to choose.
#[derive(Serialize)]
pub(super) struct CodecRow {
    pub(super) coding: Coding,
    pub(super) name: String,
    /// Why it cannot be chosen here.
    pub(super) missing: Option<String>,
}

/// What precedes the samples that a codec made.
#[derive(Serialize)]
pub(super) struct CodedHead {
    #[serde(flatten)]
    pub(super) sound: SoundHead,
    pub(super) true_peak_dbtp: f64,
    pub(super) overshoot_db: f64,
    pub(super) mean_kbps: f64,
}

/// A part of the mix where something is wrong.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Mark {
    pub(super) what: &'static str,
    pub(super) start_s: f64,
    pub(super) end_s: f64,
}

/// What words made of the settings.
#[derive(Serialize)]
pub(super) struct Reworded {
    pub(super) settings: BTreeMap<String, f64>,
    pub(super) loudness_lufs: Option<f64>,
    /// What was moved, in words.
    pub(super) moved: String,
}

/// What a sound measures that the page hears already.
#[derive(Serialize)]
pub(super) struct Measured {
    pub(super) sequence: u64,
    pub(super) figures: Figures,
}

/// What precedes the samples of an answer.
#[derive(Serialize)]
pub(super) struct SoundHead {
    pub(super) sequence: u64,
    pub(super) start_s: f64,
    pub(super) sample_rate_hz: u32,
    pub(super) channels: usize,
    pub(super) frames: usize,
    pub(super) loudness_lufs: f64,
    /// None where they are asked for once the sound is heard.
    pub(super) figures: Option<Figures>,
    pub(super) meters: Vec<Meter>,
    /// Drive into the limiter that this section was given.
    pub(super) drive_db: Option<f64>,
    /// Where the time went.
    pub(super) took: Took,
}

/// Where the time of an answer went, in milliseconds.
#[derive(Default, Serialize)]
pub(super) struct Took {
    /// Waiting for the request before it, and cutting out the section where it is a new one.
    pub(super) waiting_ms: f64,
    /// In the chain.
    pub(super) chain_ms: f64,
    /// Measuring what has to be known before it is heard: its loudness.
    pub(super) measuring_ms: f64,
    /// Stages that were rendered anew.
    pub(super) stages: usize,
}

/// What a section measures.
#[derive(Serialize)]
pub(super) struct Figures {
    pub(super) true_peak_dbtp: f64,
    pub(super) psr_lu: f64,
    pub(super) max_short_term_lufs: f64,
    pub(super) width_db: f64,
    pub(super) mid_dbfs: [f64; THIRD_OCTAVES],
}

/// What a stage did in the section.
#[derive(Serialize)]
pub(super) struct Meter {
    pub(super) stage: &'static str,
    #[serde(flatten)]
    pub(super) meter: StageMeter,
}

impl Figures {
    pub(super) fn of(analysis: &Analysis) -> Self {
        let spectrum = &analysis.whole.spectrum;
        Self {
            true_peak_dbtp: analysis.loudness.true_peak_dbtp,
            psr_lu: analysis.loudness.psr_lu,
            max_short_term_lufs: analysis.loudness.max_short_term_lufs,
            width_db: spectrum.width_db(),
            mid_dbfs: spectrum.mid_dbfs,
        }
    }
}

/// All cards, in the order of the chain.
pub(super) fn stages(plan: &Plan, report: &Report) -> Vec<StageCard> {
    let of = |id: &str, stage: &Stage| id.split('.').next() == Some(stage.name());
    let reason = |d: &Decision| Reason {
        param: d.param.clone(),
        text: format!("{} {}", wording::decision_name(d, &report.plan.settings), wording::decision_value(d)),
        why: wording::reason(d),
        held_back: wording::held_back(d),
    };
    let card = |stage: &Stage| StageCard {
        id: stage.name(),
        name: wording::stage(stage.name()).to_owned(),
        doc: stage.doc(),
        reasons: plan.decisions.iter().filter(|d| of(&d.param, stage)).map(reason).collect(),
        params: registry().iter().filter(|p| of(&p.id, stage)).map(row).collect(),
    };
    Stage::ALL.iter().map(card).collect()
}

fn row(param: &'static Param) -> ParamRow {
    let curve = param.id.strip_prefix("match_eq.").and_then(|rest| rest.split_once(".gain_"));
    let name = match curve.and_then(|(_, hz)| hz.strip_suffix("_hz_db")?.parse().ok()) {
        Some(hz) => wording::pitch(hz),
        None => wording::param(&param.id),
    };
    ParamRow {
        id: &param.id,
        name,
        unit: param.domain.unit.symbol(),
        kind: param.domain.unit,
        scale: param.domain.scale,
        min: param.domain.min,
        max: param.domain.max,
        default: param.default,
        choices: param.domain.choices,
        doc: param.doc,
    }
}

/// The settings that differ from neutral.
pub(super) fn settings(chain: &ChainSettings) -> BTreeMap<String, f64> {
    chain.changed().into_iter().filter(|(id, _)| find(id).is_ok()).collect()
}

/// JSON, its length before it, then the samples of each channel as little-endian f32. The samples begin at a multiple of
/// four bytes, so that the page reads them where they lie. Errors: none that plain numbers could cause.
pub(super) fn sound(head: &impl Serialize, audio: &AudioBuffer) -> Result<Vec<u8>, serde_json::Error> {
    let mut json = serde_json::to_vec(head)?;
    json.resize(json.len().next_multiple_of(4), b' ');
    let mut bytes = Vec::with_capacity(4 + json.len() + 4 * audio.channels.len() * audio.frames());
    bytes.extend((json.len() as u32).to_le_bytes());
    bytes.extend(json);
    let samples = bytes.len();
    bytes.resize(samples + 4 * audio.channels.len() * audio.frames(), 0);
    let places = bytes[samples..].chunks_exact_mut(4);
    places.zip(audio.channels.iter().flatten()).for_each(|(place, x)| place.copy_from_slice(&x.to_le_bytes()));
    Ok(bytes)
}
