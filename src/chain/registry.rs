//! The registry itself: every parameter of the chain in the chain's order, read off the settings structs.

use super::settings::ChainSettings;
use crate::params::{Param, ParamError, ParamGroup};
use std::sync::LazyLock;
use strsim::levenshtein;

/// The version of the registry: raised whenever an id, a range or a meaning changes.
pub const PARAMS_VERSION: u32 = 1;

/// All chain parameters in the order of the chain. The order is part of [`PARAMS_VERSION`].
pub fn registry() -> &'static [Param] {
    static REGISTRY: LazyLock<Vec<Param>> = LazyLock::new(|| {
        let mut rows = Vec::new();
        ChainSettings::default().visit(&mut |id, spec, _| {
            rows.push(Param { id: id.to_owned(), domain: spec.domain, default: spec.default, doc: spec.doc });
        });
        rows
    });
    &REGISTRY
}

/// Most edits that are still a slip; nor are they more than half the letters.
const MOST_EDITS: usize = 8;

/// Finds a parameter by id. Errors: [`ParamError::Unknown`] with the nearest id.
pub fn find(id: &str) -> Result<&'static Param, ParamError> {
    registry().iter().find(|p| p.id == id).ok_or_else(|| ParamError::Unknown { id: id.into(), nearest: nearest(id) })
}

/// The id that fewest edits lead to. What is much longer than every id is near none, and is not compared: it may be of any length.
fn nearest(id: &str) -> Option<String> {
    let length = id.chars().count();
    let alike = registry().iter().filter(|p| p.id.len().abs_diff(length) <= MOST_EDITS);
    let (edits, nearest) = alike.map(|p| (levenshtein(&p.id, id), &p.id)).min()?;
    (edits <= MOST_EDITS.min(length / 2)).then(|| nearest.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_told_what_it_was_meant_to_be_and_anything_else_is_told_nothing() {
        assert_eq!(nearest("limiter.cieling_dbtp").as_deref(), Some("limiter.ceiling_dbtp"));
        assert_eq!(nearest("louder"), None);
        assert_eq!(nearest(&"limiter.ceiling_dbtp ".repeat(100_000)), None);
    }
}
