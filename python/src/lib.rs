//! `automaster._automaster`: what Python calls. Each function takes plain values, calls the library's verbs with the
//! interpreter released, and gives back text (TOML, JSON) and samples; the package around it makes types of them.

mod failure;
mod source;
mod work;

use automaster::job::{self, Progress, Song};
use automaster::order::{Named, Order, Proposal, container_of};
use automaster::plan::Plan;
use automaster::render::Master;
use automaster::report::files::{self, ReportFormat};
use automaster::report::{Outcome, Report, Source as Heard, json};
use failure::raised;
use numpy::{IntoPyArray, PyArray2, PyArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use serde::Serialize;
use serde_json::{Map, Value};
use source::{Source, filled};
use std::path::{Path, PathBuf};
use work::{Call, work};

/// Samples of a master: (frames, channels) float32; none where a file was written.
type Samples<'py> = Option<Bound<'py, PyArray2<f32>>>;

/// What a file or array measures, as JSON.
#[pyfunction]
fn measure(py: Python<'_>, source: Source<'_>, genres: bool, call: Call) -> PyResult<String> {
    let source = source.held()?;
    let source = source.taken()?;
    let heard = work(py, call, |progress| {
        let song = source.song(genres, progress)?;
        let heard = Heard::from(&song);
        Ok(if genres { heard.recognised(&job::genre(&song, progress)?) } else { heard })
    })?;
    text(&heard)
}

/// A plan as TOML, and the report of it as JSON. `options` is an object of JSON: the options of the command line by name.
#[pyfunction]
fn suggest(
    py: Python<'_>,
    mix: Source<'_>,
    references: Vec<(Source<'_>, f64)>,
    options: &str,
    call: Call,
) -> PyResult<(String, String)> {
    let order = order(options).map_err(|error| raised(py, &error))?;
    let (plan, report, ..) = make(py, mix, references, order, None, call, |_, _| Ok(None))?;
    Ok((plan, report))
}

/// Proposes and renders: plan, report, samples (where `output` is none) and their rate in Hz.
#[pyfunction]
fn master<'py>(
    py: Python<'py>,
    mix: Source<'py>,
    references: Vec<(Source<'py>, f64)>,
    options: &str,
    target: (Option<PathBuf>, Vec<PathBuf>, bool),
    call: Call,
) -> PyResult<(String, String, Samples<'py>, u32)> {
    let (output, reports, overwrite) = target;
    let fail = |error: automaster::error::Error| raised(py, &error);
    let formats = formats(reports).map_err(fail)?;
    let order = order(options).map_err(fail)?;
    let written: Vec<&Path> = output.iter().chain(formats.iter().map(|(path, _)| path)).map(PathBuf::as_path).collect();
    let read = references.iter().map(|(source, _)| source).chain([&mix]).filter_map(Source::file).chain(order.files());
    job::check_outputs(&written, &read.collect::<Vec<_>>(), overwrite).map_err(fail)?;
    let named = output.clone();
    let (plan, report, rate, samples) = make(py, mix, references, order, output.as_deref(), call, |proposal, progress| {
        let rendered = proposal.render(|mix, plan| Rendered::new(mix, plan, named.as_deref(), overwrite, progress))?;
        files::write(&proposal.report(Some(&rendered.master)), &formats, overwrite)?;
        Ok(Some(rendered))
    })?;
    Ok((plan, report, samples, rate))
}

/// Renders a plan: the plan with the file that it was rendered to, report, samples (where `output` is none) and their rate in Hz.
#[pyfunction]
#[pyo3(signature = (mix, plan, bits, output, overwrite, call))]
fn render<'py>(
    py: Python<'py>,
    mix: Source<'py>,
    plan: &str,
    bits: Option<&str>,
    output: Option<PathBuf>,
    overwrite: bool,
    call: Call,
) -> PyResult<(String, String, Samples<'py>, u32)> {
    let fail = |error: &automaster::error::Error| raised(py, error);
    let mut plan =
        Plan::from_toml(plan).map_err(|source| fail(&automaster::error::Error::Plan { path: "plan".into(), source }))?;
    if let Some(output) = &output {
        plan.delivery.container = container_of(output).map_err(|error| fail(&error))?;
    }
    if let Some(bits) = bits {
        let mut order = Order::default();
        order.take("bits", &bits.into(), &|path| path.into()).map_err(|error| fail(&error))?;
        let wishes = order.wishes(plan.delivery.container).map_err(|error| fail(&error))?;
        plan.delivery.sample_format = wishes.sample_format.unwrap_or(plan.delivery.sample_format);
    }
    let written: Vec<&Path> = output.iter().map(PathBuf::as_path).collect();
    job::check_outputs(&written, &mix.file().into_iter().collect::<Vec<_>>(), overwrite).map_err(|error| fail(&error))?;
    let mix = mix.held()?;
    let mix = mix.taken()?;
    let (report, rendered) = work(py, call, |progress| {
        let mix = mix.song(true, progress)?;
        let rendered = Rendered::new(&mix, &plan, output.as_deref(), overwrite, progress)?;
        let report = Report::new(Outcome {
            mix: Heard::from(&mix),
            references: Vec::new(),
            target: None,
            wishes: None,
            plan: &plan,
            master: Some(&rendered.master),
        });
        Ok((report, rendered))
    })?;
    let written = plan.to_toml().map_err(|error| PyValueError::new_err(error.to_string()))?;
    Ok((written, text(&report)?, rendered.array(py)?, plan.delivery.sample_rate_hz))
}

/// A master, and its samples where it is in no file.
struct Rendered {
    master: Master,
    samples: Option<Vec<f32>>,
    channels: usize,
}

impl Rendered {
    fn new(
        mix: &Song,
        plan: &Plan,
        output: Option<&Path>,
        overwrite: bool,
        progress: &Progress,
    ) -> Result<Self, automaster::error::Error> {
        let channels = mix.info.channels;
        match output {
            Some(output) => Ok(Self { master: job::render(mix, plan, output, overwrite, progress)?, samples: None, channels }),
            None => {
                let (mut master, samples) = job::render_samples(mix, plan, progress)?;
                master.path = PathBuf::from("memory");
                Ok(Self { master, samples: Some(samples), channels })
            }
        }
    }

    /// The samples as an array that owns them: nothing is copied.
    fn array(self, py: Python<'_>) -> PyResult<Samples<'_>> {
        let Some(samples) = self.samples else { return Ok(None) };
        let shape = [samples.len() / self.channels, self.channels];
        Ok(Some(samples.into_pyarray(py).reshape(shape)?))
    }
}

/// Listens, aims, proposes, and hands the proposal to `then`; plan, report, rate and samples.
fn make<'py>(
    py: Python<'py>,
    mix: Source<'py>,
    references: Vec<(Source<'py>, f64)>,
    mut order: Order,
    output: Option<&Path>,
    call: Call,
    then: impl FnOnce(&mut Proposal, &Progress) -> Result<Option<Rendered>, automaster::error::Error> + Send,
) -> PyResult<(String, String, u32, Samples<'py>)> {
    let fail = |error: automaster::error::Error| raised(py, &error);
    order.references = references.iter().map(|(source, weight)| (source.name(), *weight)).collect();
    let container = output.map_or(Ok(automaster::audio::format::Container::Wav), container_of).map_err(fail)?;
    let (aims, wishes, instructions) =
        (order.aims().map_err(fail)?, order.wishes(container).map_err(fail)?, order.instructions().map_err(fail)?);
    let mix = mix.held()?;
    let references = references.into_iter().map(|(source, _)| source.held()).collect::<PyResult<Vec<_>>>()?;
    let (mix, references) = (mix.taken()?, references.iter().map(|held| held.taken()).collect::<PyResult<Vec<_>>>()?);
    let (proposal, rendered) = work(py, call, |progress| {
        let others = || references.iter().map(|source| source.song(false, progress)).collect();
        let (mix, songs) = job::listen_both(|| mix.song(true, progress), others, progress)?;
        let mut proposal = Proposal::new(mix, &songs, &aims, wishes, instructions.as_deref(), progress)?;
        let rendered = then(&mut proposal, progress)?;
        Ok((proposal, rendered))
    })?;
    let plan = proposal.plan.to_toml().map_err(|error| PyValueError::new_err(error.to_string()))?;
    let report = text(&proposal.report(rendered.as_ref().map(|rendered| &rendered.master)))?;
    let samples = rendered.map_or(Ok(None), |rendered| rendered.array(py))?;
    Ok((plan, report, proposal.plan.delivery.sample_rate_hz, samples))
}

/// An order from the command line's options by name. Errors: no object of JSON (a number that is none, text that is not Unicode);
/// unknown names, values out of range.
fn order(options: &str) -> Result<Order, automaster::error::Error> {
    let options: Map<String, Value> = serde_json::from_str(options).map_err(|error| {
        let hint = "numbers must be finite, text and paths Unicode";
        automaster::error::Error::asked(format!("the options cannot be taken: {error}"), hint)
    })?;
    let mut order = Order::default();
    for (name, value) in &options {
        if !order.take(name, value, &|path| path.into())? {
            let hint = format!("there are {}", automaster::order::NAMES.join(", "));
            return Err(automaster::error::Error::asked(format!("there is no option {name}"), hint));
        }
    }
    Ok(order)
}

fn formats(reports: Vec<PathBuf>) -> Result<Vec<(PathBuf, ReportFormat)>, automaster::error::Error> {
    reports.into_iter().map(|path| ReportFormat::of(&path).map(|format| (path, format))).collect()
}

fn paths(files: &[PathBuf]) -> Vec<&Path> {
    files.iter().map(PathBuf::as_path).collect()
}

/// Refuses, before any work, files that cannot be written or would replace what they are made from.
#[pyfunction]
fn check_outputs(py: Python<'_>, outputs: Vec<PathBuf>, inputs: Vec<PathBuf>, overwrite: bool) -> PyResult<()> {
    let (outputs, inputs): (Vec<&Path>, Vec<&Path>) = (paths(&outputs), paths(&inputs));
    job::check_outputs(&outputs, &inputs, overwrite).map_err(|error| raised(py, &error))
}

/// Where a master and its reports go by the rules of the command line: the master first.
#[pyfunction]
fn destination(py: Python<'_>, mix: PathBuf, output: Option<PathBuf>) -> PyResult<Vec<PathBuf>> {
    let named = Named { output, reports: None };
    let fill = |path: &Path| filled(path, &mix);
    let there = automaster::order::Destination::new(&named, &mix, automaster::audio::format::Container::Wav, fill);
    let there = there.map_err(|error| raised(py, &error))?;
    Ok(there.files().into_iter().map(Path::to_owned).collect())
}

/// A plan changed by words; what was changed as JSON.
#[pyfunction]
fn revise(py: Python<'_>, plan: &str, words: &str) -> PyResult<(String, String)> {
    let asked = |text: String| raised(py, &automaster::error::Error::asked(text, "`automaster words` lists the vocabulary"));
    let plan = Plan::from_toml(plan).map_err(|error| asked(error.to_string()))?;
    let revision = automaster::words::revise(&plan, words).map_err(|error| asked(error.to_string()))?;
    let plan = revision.plan.to_toml().map_err(|error| asked(error.to_string()))?;
    Ok((plan, text(&revision.effects)?))
}

fn text(value: &impl Serialize) -> PyResult<String> {
    json::pretty(value).map_err(|error| PyValueError::new_err(error.to_string()))
}

/// The module.
#[pymodule]
fn _automaster(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_function(wrap_pyfunction!(measure, module)?)?;
    module.add_function(wrap_pyfunction!(suggest, module)?)?;
    module.add_function(wrap_pyfunction!(master, module)?)?;
    module.add_function(wrap_pyfunction!(render, module)?)?;
    module.add_function(wrap_pyfunction!(check_outputs, module)?)?;
    module.add_function(wrap_pyfunction!(destination, module)?)?;
    module.add_function(wrap_pyfunction!(revise, module)?)
}
