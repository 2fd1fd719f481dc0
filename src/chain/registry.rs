//! The registry itself: every parameter of the chain in the chain's order, read off the settings structs.

use std::sync::LazyLock;

use super::settings::ChainSettings;
use crate::params::{Param, ParamError, ParamGroup};

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

/// Finds a parameter by id. Errors: [`ParamError::Unknown`] with the nearest id.
pub fn find(id: &str) -> Result<&'static Param, ParamError> {
    registry().iter().find(|p| p.id == id).ok_or_else(|| ParamError::Unknown {
        id: id.into(),
        nearest: registry()
            .iter()
            .map(|p| (edit_distance(&p.id, id), &p.id))
            .min()
            .filter(|(d, _)| *d <= 8)
            .map(|(_, n)| n.clone()),
    })
}

/// Levenshtein distance in characters.
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let substitute = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = substitute.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
