//! THE feature table: every figure that targets, decisions and reports speak of.

use super::Analysis;
use crate::params::Unit;

/// Version of the table: raised whenever an id, an order or a meaning changes.
pub const FEATURES_VERSION: u32 = 1;

/// One row of the table.
#[derive(Clone, Debug)]
pub struct Feature {
    /// Id, unit as suffix: `loudness.integrated_lufs`, `loud.mid_1000_hz_dbfs`, `loud.low.crest_db`.
    pub id: String,
    /// Unit.
    pub unit: Unit,
    /// Difference that a listener would not mind: inside it the right move is none.
    pub tolerance: f64,
    /// One line for a person.
    pub doc: &'static str,
    read: fn(&Analysis, usize) -> f64,
    index: usize,
}

impl Feature {
    /// The figure in an analysis.
    pub fn value(&self, analysis: &Analysis) -> f64 {
        (self.read)(analysis, self.index)
    }
}

/// All features in the table's order.
pub fn features() -> &'static [Feature] {
    unimplemented!()
}

/// The feature with this id.
pub fn find_feature(id: &str) -> Option<&'static Feature> {
    features().iter().find(|f| f.id == id)
}
