//! Which runtime computes: tract, inside the program, or the user's ONNX Runtime. Chosen once, by the environment.

use super::{DYLIB, ModelError};
use ort::environment::Environment;
use std::path::PathBuf;
use std::sync::OnceLock;

/// The environment of this process; the first call decides. Errors: the native library is absent, too old, or no ONNX
/// Runtime at all.
pub(super) fn environment() -> Result<&'static Environment, ModelError> {
    static ENVIRONMENT: OnceLock<Result<Environment, String>> = OnceLock::new();
    ENVIRONMENT.get_or_init(start).as_ref().map_err(|what| ModelError::Library { what: what.clone() })
}

fn start() -> Result<Environment, String> {
    let builder = match std::env::var_os(DYLIB).filter(|path| !path.is_empty()).map(PathBuf::from) {
        Some(path) => {
            // An absolute path is not searched for anywhere else.
            let path = path.canonicalize().map_err(|error| format!("{}: {error}", path.display()))?;
            ort::init_from(path).map_err(|error| error.to_string())?
        }
        None => {
            ort::set_api(ort_tract::api());
            ort::init()
        }
    };
    builder.with_name("automaster").build().map_err(|error| error.to_string())
}
