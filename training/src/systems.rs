//! What can be judged: anything that turns a mix and a reference into a master.

use crate::cases::Kind;
use crate::own::{self, Goal};
use anyhow::{Context, Result, ensure};
use automaster::genre::Genre;
use automaster::job::{Engine, Wishes};
use clap::ValueEnum;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// A system under judgment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub(crate) enum System {
    /// The mix itself.
    Identity,
    /// Matchering 2.0.6 (`scripts/setup-matchering.sh`).
    Matchering,
    /// The automaster program, rules and refinement.
    Rules,
    /// The library, rules without refinement: settings from figures alone.
    Rules0,
    /// The library, the inverse model's settings without refinement.
    Onnx0,
    /// The same of the linear map alone (`training/fit.py --linear`, `--linear` says where).
    Regression0,
    /// The library, the inverse model and the one round of refinement that `--engine learned` takes: half of what rules take.
    Learned,
    /// The library, rules and one round of refinement.
    Rules1,
    /// The library without a reference: what is expected of the record's genre, given the mix.
    Genre,
    /// The library without a reference: the mean of all masters learned from, the same for every mix.
    AllGenre,
    /// The library, the record itself as the mix (restore cases only): nothing is to be done but to keep the ceiling, so this is how
    /// close a restoration can come under it.
    Itself,
    /// The record itself: what a perfect restoration would read (restore cases only).
    Truth,
}

impl System {
    /// As tables name it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Matchering => "matchering",
            Self::Rules => "rules, 2 rounds",
            Self::Rules0 => "rules, 0 rounds",
            Self::Onnx0 => "model, 0 rounds",
            Self::Regression0 => "regression, 0 rounds",
            Self::Learned => "model, 1 round",
            Self::Rules1 => "rules, 1 round",
            Self::Genre => "genre",
            Self::AllGenre => "one fixed target",
            Self::Itself => "record to itself",
            Self::Truth => "truth",
        }
    }
}

impl System {
    /// Whether the system can be asked for this kind of master.
    pub(crate) fn takes(self, kind: Kind) -> bool {
        match self {
            Self::Identity => true,
            Self::Itself | Self::Truth => kind.knows_truth(),
            Self::Genre | Self::AllGenre => kind == Kind::Genre,
            Self::Matchering | Self::Rules | Self::Rules0 | Self::Rules1 | Self::Onnx0 | Self::Regression0 | Self::Learned => {
                kind != Kind::Genre
            }
        }
    }
}

/// Where the programs lie.
#[derive(Clone, Debug)]
pub(crate) struct Programs {
    /// The automaster program.
    pub(crate) automaster: PathBuf,
    /// Further options of the automaster program, for ablations.
    pub(crate) options: Vec<String>,
    /// The Python that has Matchering, scipy and soundfile.
    pub(crate) python: PathBuf,
    /// The folder of the linear map.
    pub(crate) linear: PathBuf,
    /// `scripts/` of the repository.
    pub(crate) scripts: PathBuf,
    /// Whether automaster's masters stay.
    pub(crate) keep: bool,
}

/// A finished master.
pub(crate) struct Master {
    /// The file.
    pub(crate) path: PathBuf,
    /// The folder made for it, which goes when the master does.
    _folder: Option<TempDir>,
}

impl Master {
    fn lasting(path: PathBuf) -> Self {
        Self { path, _folder: None }
    }
}

/// Masters `mix` to `reference`; files go to `folder` (which must exist) under the case's name, each written elsewhere and
/// then renamed, so that several runs can share the folder.
///
/// Matchering's masters stay there, since they never change for the same files; automaster's, and the report beside it,
/// only if the programs' `keep` says so.
pub(crate) fn master(
    system: System,
    programs: &Programs,
    mix: &Path,
    reference: &Path,
    folder: &Path,
    case: &str,
    genre: Option<Genre>,
) -> Result<Master> {
    let of = |mix: &Path, goal: Goal, wishes: &Wishes| {
        let work = tempfile::tempdir_in(folder)?;
        let path = work.path().join(format!("{case}.wav"));
        own::master(mix, goal, wishes, &path)?;
        Ok(Master { path, _folder: Some(work) })
    };
    let own = |goal: Goal, wishes: &Wishes| of(mix, goal, wishes);
    match system {
        System::Identity => Ok(Master::lasting(mix.into())),
        System::Itself => of(reference, Goal::Record(reference), &Wishes::default()),
        System::Truth => Ok(Master::lasting(reference.into())),
        System::Matchering => {
            let path = folder.join(format!("{case}.matchering.flac"));
            if !path.is_file() {
                let work = tempfile::tempdir_in(folder)?;
                let partial = work.path().join("master.flac");
                let script = programs.scripts.join("run-matchering.py");
                run(Command::new(&programs.python).args([script.as_path(), mix, reference, &partial]))?;
                std::fs::rename(&partial, &path)?;
            }
            Ok(Master::lasting(path))
        }
        System::Rules0 => own(Goal::Record(reference), &own::rounds(Engine::Rules, 0)),
        System::Rules1 => own(Goal::Record(reference), &own::rounds(Engine::Rules, 1)),
        System::Onnx0 => own(Goal::Record(reference), &own::rounds(Engine::Learned, 0)),
        System::Regression0 => {
            // A process of its own: one takes its models from one folder.
            let work = tempfile::tempdir_in(folder)?;
            let path = work.path().join(format!("{case}.wav"));
            let mut command = Command::new(std::env::current_exe().context("cannot find this program")?);
            command.env(automaster::inference::MODELS_DIR, &programs.linear);
            run(command.arg("--unheard").args([mix, reference, &path]))?;
            Ok(Master { path, _folder: Some(work) })
        }
        System::Learned => own(Goal::Record(reference), &Wishes { engine: Engine::Learned, ..Wishes::default() }),
        System::Genre => own(Goal::Genre(genre.context("the record has none of our genres")?), &Wishes::default()),
        System::AllGenre => own(Goal::Corpus, &Wishes::default()),
        System::Rules => {
            let work = tempfile::tempdir_in(folder)?;
            let path = work.path().join(format!("{case}.rules.wav"));
            let mut command = Command::new(&programs.automaster);
            command.arg(mix).arg("--ref").arg(reference).arg("-o").arg(&path).args(["--quiet", "--no-report"]);
            run(command.args(&programs.options))?;
            if !programs.keep {
                return Ok(Master { path, _folder: Some(work) });
            }
            for file in std::fs::read_dir(work.path())? {
                let file = file?;
                std::fs::rename(file.path(), folder.join(file.file_name()))?;
            }
            Ok(Master::lasting(folder.join(format!("{case}.rules.wav"))))
        }
    }
}

fn run(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot start {program}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{program}: {}: {}", output.status, said.trim());
    Ok(())
}
