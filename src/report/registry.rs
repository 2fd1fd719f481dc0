//! The two tables of the house, parameters and features, for a person (text, Markdown) and for programs (JSON).

use super::rows::finite;
use super::table::{Align, aligned, markdown as table};
use crate::analysis::{FEATURES_VERSION, Feature, features};
use crate::chain::{PARAMS_VERSION, Stage, registry};
use crate::params::{Param, Scale, Unit};
use serde::Serialize;
use std::fmt::Write;

use Align::{Left, Right};

/// A parameter as JSON.
#[derive(Serialize)]
struct ParamRow<'a> {
    id: &'a str,
    unit: Unit,
    scale: Scale,
    min: f64,
    max: f64,
    default: f64,
    #[serde(skip_serializing_if = "<[&str]>::is_empty")]
    choices: &'a [&'a str],
    doc: &'a str,
}

#[derive(Serialize)]
struct Params<'a> {
    params_version: u32,
    params: Vec<ParamRow<'a>>,
}

/// All parameters as JSON. Errors: none that a table of plain numbers could cause.
pub fn params_json() -> Result<String, serde_json::Error> {
    let row = |p: &'static Param| ParamRow {
        id: &p.id,
        unit: p.domain.unit,
        scale: p.domain.scale,
        min: p.domain.min,
        max: p.domain.max,
        default: p.default,
        choices: p.domain.choices,
        doc: p.doc,
    };
    super::json::pretty(&Params { params_version: PARAMS_VERSION, params: registry().iter().map(row).collect() })
}

/// What values a parameter takes: `-20 to 0 dBTP`, `on / off`, `minimum, linear`.
fn range(param: &Param) -> String {
    let domain = param.domain;
    match domain.unit {
        Unit::Switch => "on / off".to_owned(),
        Unit::Choice => domain.choices.join(", "),
        unit => format!("{} to {} {}", domain.min, domain.max, unit.symbol()).trim_end().to_owned(),
    }
}

/// A default as a plan file would hold it.
fn default(param: &Param) -> String {
    match param.domain.unit {
        Unit::Switch => if param.default >= 0.5 { "on" } else { "off" }.to_owned(),
        _ => param.text(param.default),
    }
}

/// All parameters for a terminal.
pub fn params_text() -> String {
    let row = |p: &Param| vec![p.id.clone(), default(p), range(p), p.doc.to_owned()];
    let mut rows = vec![["id", "neutral", "range", ""].map(str::to_owned).to_vec()];
    rows.extend(registry().iter().map(row));
    lines(&rows, &[Left, Right, Left, Left])
}

/// All parameters as the page `docs/parameters.md`.
pub fn params_markdown() -> String {
    let mut out = format!(
        "# Parameters of the chain\n\n\
         Made by `automaster params --markdown`; version {PARAMS_VERSION} of the registry. Stages are in the order that audio \
         passes them. A setting is given on the command line with `--set id=value`, in a plan under `[chain.…]`. Every \
         default is neutral: the stage then leaves each sample as it is.\n"
    );
    for stage in Stage::ALL {
        let _ = writeln!(out, "\n## {}\n\n{}\n", stage.name(), stage.doc());
        let own = registry().iter().filter(|p| p.id.split('.').next() == Some(stage.name()));
        let row = |p: &Param| vec![format!("`{}`", p.id), default(p), range(p), p.doc.to_owned()];
        out += &table(&["id", "neutral", "range", "meaning"], &[Left, Right, Left, Left], &own.map(row).collect::<Vec<_>>());
    }
    out
}

#[derive(Serialize)]
struct FeatureRow<'a> {
    id: &'a str,
    unit: Unit,
    #[serde(skip_serializing_if = "Option::is_none")]
    tolerance: Option<f64>,
    doc: &'a str,
}

#[derive(Serialize)]
struct Features<'a> {
    features_version: u32,
    features: Vec<FeatureRow<'a>>,
}

/// All features as JSON. Errors: none that a table of plain numbers could cause.
pub fn features_json() -> Result<String, serde_json::Error> {
    let row = |f: &'static Feature| FeatureRow { id: &f.id, unit: f.unit, tolerance: finite(f.tolerance), doc: f.doc };
    super::json::pretty(&Features { features_version: FEATURES_VERSION, features: features().iter().map(row).collect() })
}

fn tolerance(feature: &Feature) -> String {
    let words = |tolerance| format!("{tolerance} {}", feature.unit.symbol()).trim_end().to_owned();
    finite(feature.tolerance).map_or_else(|| "any".to_owned(), words)
}

/// All features for a terminal.
pub fn features_text() -> String {
    let mut rows = vec![["id", "tolerance", ""].map(str::to_owned).to_vec()];
    rows.extend(features().iter().map(|f| vec![f.id.clone(), tolerance(f), f.doc.to_owned()]));
    lines(&rows, &[Left, Right, Left])
}

/// All features as the page `docs/features.md`.
pub fn features_markdown() -> String {
    let out = format!(
        "# Features\n\n\
         Made by `automaster features --markdown`; version {FEATURES_VERSION} of the table. Every figure that targets, \
         decisions and reports speak of. The tolerance is the difference that a listener would not mind: inside it the \
         right move is none. `whole` is everything above the loudness gate, `loud` the loud sections.\n\n"
    );
    let rows: Vec<_> = features().iter().map(|f| vec![format!("`{}`", f.id), tolerance(f), f.doc.to_owned()]).collect();
    out + &table(&["id", "tolerance", "meaning"], &[Left, Right, Left], &rows)
}

fn lines(rows: &[Vec<String>], align: &[Align]) -> String {
    aligned(rows, align).join("\n") + "\n"
}
