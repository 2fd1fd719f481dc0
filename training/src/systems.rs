//! What can be judged: anything that turns a mix and a reference into a master.

use anyhow::{Context, Result, bail, ensure};
use clap::ValueEnum;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

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
    /// The record itself: what a perfect restoration would read (restore cases only).
    Truth,
}

impl System {
    /// As tables name it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Matchering => "matchering",
            Self::Rules => "rules",
            Self::Truth => "truth",
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
    /// `scripts/` of the repository.
    pub(crate) scripts: PathBuf,
}

/// A finished master.
pub(crate) struct Master {
    /// The file.
    pub(crate) path: PathBuf,
    /// Made for this run, to be removed after judging.
    pub(crate) temporary: bool,
}

/// Masters `mix` to `reference`; files go to `folder` (which must exist) under the case's name.
/// Matchering's masters stay there, since they never change for the same files.
pub(crate) fn master(
    system: System,
    programs: &Programs,
    mix: &Path,
    reference: &Path,
    folder: &Path,
    case: &str,
) -> Result<Master> {
    match system {
        System::Identity => Ok(Master { path: mix.into(), temporary: false }),
        System::Truth => Ok(Master { path: reference.into(), temporary: false }),
        System::Matchering => {
            let path = folder.join(format!("{case}.matchering.flac"));
            if !path.is_file() {
                let partial = folder.join(format!("{case}.partial.flac"));
                let script = programs.scripts.join("run-matchering.py");
                run(Command::new(&programs.python).args([script.as_path(), mix, reference, &partial]))?;
                std::fs::rename(&partial, &path)?;
            }
            Ok(Master { path, temporary: false })
        }
        System::Rules => {
            let path = folder.join(format!("{case}.rules.wav"));
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => bail!(error),
                _ => {}
            }
            let mut command = Command::new(&programs.automaster);
            command.arg(mix).arg("--ref").arg(reference).arg("-o").arg(&path).args(["--quiet", "--no-report", "--overwrite"]);
            run(command.args(&programs.options))?;
            Ok(Master { path, temporary: true })
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
