//! What the master should sound like: references, genres, a profile; where none is given, the genres that are recognised.

use super::args::AimArgs;
use automaster::order::Order;

impl AimArgs {
    /// Puts these options into the order.
    pub(crate) fn apply(&self, order: &mut Order) {
        order.references = self.references.iter().map(|reference| (reference.path.clone(), reference.weight)).collect();
        order.genres.clone_from(&self.genres);
        order.profile.clone_from(&self.profile);
    }
}
