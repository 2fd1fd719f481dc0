//! `--ref FILE[:WEIGHT]`.

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

/// Reads `FILE[:WEIGHT]`. A path may hold colons: what follows the last one is a weight only where it is a number and no
/// file bears the whole name. Errors: the weight is not positive.
pub(crate) fn parser() -> impl TypedValueParser<Value = ReferenceArg> {
    OsStringValueParser::new().try_map(|name| match name.to_str() {
        Some(text) => parse_with(text, |path| path.exists()),
        None => Ok(ReferenceArg { path: name.into(), weight: 1.0 }),
    })
}

fn parse_with(text: &str, exists: impl Fn(&Path) -> bool) -> Result<ReferenceArg, String> {
    let whole = ReferenceArg { path: text.into(), weight: 1.0 };
    let Some((path, weight)) = text.rsplit_once(':') else { return Ok(whole) };
    match weight.parse::<f64>() {
        _ if path.is_empty() || exists(Path::new(text)) => Ok(whole),
        Ok(weight) if weight > 0.0 && weight.is_finite() => Ok(ReferenceArg { path: path.into(), weight }),
        Ok(_) => Err(format!("the weight '{weight}' is not a positive number")),
        Err(_) => Ok(whole),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<ReferenceArg, String> {
        parse_with(text, |path| path == Path::new("real:3"))
    }

    #[test]
    fn a_weight_is_a_number_after_the_last_colon_of_a_name_that_no_file_bears() {
        let is = |path: &str, weight| Ok(ReferenceArg { path: path.into(), weight });
        assert_eq!(read("a.flac"), is("a.flac", 1.0));
        assert_eq!(read("a.flac:2"), is("a.flac", 2.0));
        assert_eq!(read("a.flac:0.5"), is("a.flac", 0.5));
        assert_eq!(read("take: one.wav"), is("take: one.wav", 1.0));
        assert_eq!(read("C:\\a.wav:2"), is("C:\\a.wav", 2.0));
        assert_eq!(read("real:3"), is("real:3", 1.0));
        assert!(read("a.flac:0").is_err());
        assert!(read("a.flac:-2").is_err());
        assert!(read("a.flac:inf").is_err());
    }
}
