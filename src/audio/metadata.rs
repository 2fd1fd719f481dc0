//! Tags and cover, carried from the mix to the master.

use std::path::Path;

/// Tags and pictures of a file.
#[derive(Clone, Debug, Default)]
pub struct Metadata {}

impl Metadata {
    /// Reads what the file carries; `None` where it carries nothing readable.
    pub fn read(_path: &Path) -> Option<Self> {
        unimplemented!()
    }
}
