//! Where music comes from: a path, or an array of samples with its rate.

use automaster::error::Error;
use automaster::job::{self, Progress, Song};
use numpy::{PyArray2, PyArrayMethods, PyReadonlyArray2};
use pyo3::prelude::*;
use std::path::{Path, PathBuf};

/// A path, or (name, samples of shape (frames, channels), rate in Hz).
#[derive(FromPyObject)]
pub(crate) enum Source<'py> {
    /// A file.
    File(PathBuf),
    /// An array.
    Array(PathBuf, Bound<'py, PyArray2<f32>>, u32),
}

impl<'py> Source<'py> {
    /// The name in reports.
    pub(crate) fn name(&self) -> PathBuf {
        match self {
            Self::File(path) | Self::Array(path, ..) => path.clone(),
        }
    }

    /// The file that it is, if it is one.
    pub(crate) fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Array(..) => None,
        }
    }

    /// The source, its array held while others work on it.
    pub(crate) fn held(self) -> PyResult<Held<'py>> {
        Ok(match self {
            Self::File(path) => Held::File(path),
            Self::Array(name, array, rate_hz) => Held::Array(name, array.try_readonly()?, rate_hz),
        })
    }
}

/// A source that is held.
pub(crate) enum Held<'py> {
    File(PathBuf),
    Array(PathBuf, PyReadonlyArray2<'py, f32>, u32),
}

impl Held<'_> {
    /// What can be read without the interpreter: the array's own memory, nothing is copied. Errors: rows are not one after the
    /// other.
    pub(crate) fn taken(&self) -> PyResult<Taken<'_>> {
        Ok(match self {
            Self::File(path) => Taken::File(path),
            Self::Array(name, array, rate_hz) => {
                let channels = array.as_array().ncols();
                Taken::Samples { name, channels, samples: array.as_slice()?, rate_hz: *rate_hz }
            }
        })
    }
}

/// A source that needs no interpreter.
pub(crate) enum Taken<'a> {
    File(&'a Path),
    Samples { name: &'a Path, channels: usize, samples: &'a [f32], rate_hz: u32 },
}

impl Taken<'_> {
    /// The music, measured; `keep` keeps its samples, as a mix needs them.
    pub(crate) fn song(&self, keep: bool, progress: &Progress) -> Result<Song, Error> {
        match self {
            Self::File(path) if keep => job::load_mix(path, progress),
            Self::File(path) => job::load_reference(path, progress),
            Self::Samples { name, channels, samples, rate_hz } => {
                job::load_samples(name, *rate_hz, *channels, samples, keep, progress)
            }
        }
    }
}

/// A path with `{stem}` filled in.
pub(crate) fn filled(path: &Path, mix: &Path) -> PathBuf {
    match (path.to_str(), mix.file_stem().and_then(|stem| stem.to_str())) {
        (Some(text), Some(stem)) => text.replace("{stem}", stem).into(),
        _ => path.to_owned(),
    }
}
