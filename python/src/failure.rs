//! The library's errors as Python's, by their exit codes.

use automaster::error::{Error, exit};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

/// The exception for an error: a class of `automaster.errors`, with code and hint.
pub(crate) fn raised(py: Python<'_>, error: &Error) -> PyErr {
    let class = match error.exit_code() {
        exit::USAGE => "UsageError",
        exit::INPUT => "InputError",
        exit::PROMISE => "PromiseError",
        exit::MODEL => "ModelError",
        exit::INTERRUPTED => "Interrupted",
        _ => "UnexpectedError",
    };
    let made = || -> PyResult<PyErr> {
        let class = py.import("automaster.errors")?.getattr(class)?;
        // Hints name options as the command line does.
        let hint = error.hint().map(|hint| hint.replace("--overwrite", "overwrite=True"));
        Ok(PyErr::from_value(class.call1((error.to_string(), error.exit_code(), hint))?))
    };
    made().unwrap_or_else(|_| PyRuntimeError::new_err(error.to_string()))
}
