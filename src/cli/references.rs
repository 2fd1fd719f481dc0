//! `--ref FILE[:WEIGHT]`.

use automaster::order::with_weight;
use clap::builder::{OsStringValueParser, TypedValueParser};
use std::path::{Path, PathBuf};

/// A reference and its weight.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ReferenceArg {
    /// The file.
    pub(crate) path: PathBuf,
    /// Any positive number.
    pub(crate) weight: f64,
}

/// Reads `FILE[:WEIGHT]`. Errors: the weight is not positive.
pub(crate) fn parser() -> impl TypedValueParser<Value = ReferenceArg> {
    OsStringValueParser::new().try_map(|name| match name.to_str() {
        Some(text) => {
            with_weight(text, |path| Path::new(path).exists()).map(|(path, weight)| ReferenceArg { path: path.into(), weight })
        }
        None => Ok(ReferenceArg { path: name.into(), weight: 1.0 }),
    })
}
