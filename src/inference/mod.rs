//! Inference: opens models that ship with the program and runs them.
//!
//! ```text
//! models/manifest.toml ─▶ file, SHA-256, versions ─ checked ─▶ bytes ─▶ JSON weights (the caller reads them)
//!                                                                └────▶ ONNX ─ ort ─▶ tract (embedded, pure Rust)
//!                                                                               └────▶ ONNX Runtime (`ORT_DYLIB_PATH`)
//! ```
//!
//! Models are part of the program; the variable [`MODELS_DIR`] names a folder to take them from instead (its own manifest
//! decides). A model says for which versions it was made (of features, of parameters, of a front end); the caller says which
//! versions it has, and a difference is an error, not a guess.

#[cfg(not(feature = "onnx"))]
mod absent;
mod files;
#[cfg(feature = "onnx")]
mod runtime;
#[cfg(feature = "onnx")]
mod session;

#[cfg(not(feature = "onnx"))]
pub use absent::Model;
pub use files::{MODELS_DIR, models_listed, read};
#[cfg(feature = "onnx")]
pub use session::Model;

use std::path::PathBuf;

/// Environment variable: an ONNX Runtime library of the user's, to be used instead of the runtime inside the program.
pub const DYLIB: &str = "ORT_DYLIB_PATH";

/// Numbers in a shape: the last dimension varies fastest.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// Length of each dimension.
    pub shape: Vec<usize>,
    /// The numbers, as many as the shape has places.
    pub values: Vec<f32>,
}

/// Why a model cannot be used, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The manifest does not list the model.
    #[error("model {name}: not in the manifest; take the models that belong to this version of automaster")]
    Unknown {
        /// Name of the model.
        name: String,
    },
    /// A file of the models cannot be read.
    #[error("{}: {source}; unset {MODELS_DIR} to use the models inside the program", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: std::io::Error,
    },
    /// The manifest is not understood.
    #[error("models/manifest.toml: {0}")]
    Manifest(#[from] toml::de::Error),
    /// The file is not the one that the manifest speaks of.
    #[error("model {name}: damaged: SHA-256 is {actual}, the manifest says {expected}; install the models again")]
    Corrupt {
        /// Name of the model.
        name: String,
        /// What the manifest says.
        expected: String,
        /// What the file has.
        actual: String,
    },
    /// The model was made for another version of what it reads or writes.
    #[error("model {name}: made for {of} version {expected}, this program has {}; take models and program of one release",
        actual.map_or("none".to_owned(), |v| v.to_string()))]
    Version {
        /// Name of the model.
        name: String,
        /// What has versions: `features`, `params`, …
        of: String,
        /// The version that the model was made for.
        expected: u32,
        /// The version that the caller has.
        actual: Option<u32>,
    },
    /// The file is whole but is not what the program expects of it.
    #[error("model {name}: {what}")]
    Content {
        /// Name of the model.
        name: String,
        /// What is wrong.
        what: String,
    },
    /// The native library cannot be used.
    #[error(
        "ONNX Runtime: {what}; {DYLIB} must name a libonnxruntime of version 1.24 or later, or be unset to use \
        the runtime inside the program"
    )]
    Library {
        /// What is wrong.
        what: String,
    },
    /// The runtime cannot open or run the model.
    #[error("model {name}: the runtime says: {what}")]
    Runtime {
        /// Name of the model.
        name: String,
        /// What it says.
        what: String,
    },
}
