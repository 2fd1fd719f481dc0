//! What can go wrong with a file.

use std::path::PathBuf;

/// A fault of a file: which one, what is wrong, and (in the text) what to do.
#[derive(Debug, thiserror::Error)]
pub enum AudioError {
    /// No such file, no permission, disk full.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}
