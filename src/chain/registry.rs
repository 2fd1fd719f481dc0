//! The registry itself: every parameter of the chain in the chain's order, read off the settings structs.

use super::settings::ChainSettings;
use crate::params::{Param, ParamError, ParamGroup, nearest};
use std::sync::LazyLock;

/// The version of the registry: raised whenever an id, a range or a meaning changes.
pub const PARAMS_VERSION: u32 = 2;

/// The oldest version whose settings mean the same today: version 2 gave bands a floor, which is neutral where none is said, and let the
/// clipper's threshold reach lower.
pub const OLDEST_PARAMS_VERSION: u32 = 1;

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

/// Finds a parameter by id. Errors: [`ParamError::Unknown`] with the nearest id.
pub fn find(id: &str) -> Result<&'static Param, ParamError> {
    registry().iter().find(|p| p.id == id).ok_or_else(|| ParamError::Unknown { id: id.into(), nearest: nearest_id(id) })
}

fn nearest_id(id: &str) -> Option<String> {
    nearest(id, registry().iter().map(|p| p.id.as_str())).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_told_what_it_was_meant_to_be_and_anything_else_is_told_nothing() {
        assert_eq!(nearest_id("limiter.cieling_dbtp").as_deref(), Some("limiter.ceiling_dbtp"));
        assert_eq!(nearest_id("louder"), None);
        assert_eq!(nearest_id(&"limiter.ceiling_dbtp ".repeat(100_000)), None);
    }
}
