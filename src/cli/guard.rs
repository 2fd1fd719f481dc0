//! Checks before any work: inputs open, outputs may be written, and nothing overwrites what it is made from.

use super::failure::Failure;
use automaster::audio::decode::Decoder;
use automaster::error::Error;
pub(super) use automaster::job::{check_outputs as outputs, folder};
use std::path::Path;

/// Opens every sound file that will be read, so that a missing reference does not cost the analysis of a long mix.
/// Errors: those of the decoder.
pub(crate) fn inputs<'a>(files: impl IntoIterator<Item = &'a Path>) -> Result<(), Failure> {
    files.into_iter().try_for_each(|file| Decoder::open(file).map(drop).map_err(Error::Audio)).map_err(Failure::Job)
}

/// Opens every sound file that will merely be measured; `truncated` ones too where that is asked for. Errors: the decoder's.
pub(crate) fn measured<'a>(files: impl IntoIterator<Item = &'a Path>, truncated: bool) -> Result<(), Failure> {
    let open = if truncated { Decoder::open_tolerant } else { Decoder::open };
    files.into_iter().try_for_each(|file| open(file).map(drop).map_err(Error::Audio)).map_err(Failure::Job)
}
