//! FLAC of 16 and 24 bits: subset streams of 4096-frame blocks, seek table, MD5, padding for tags.

use super::EncodeFormat;
use flac_codec::encode::{FlacChannelWriter, Options};
use std::fs::File;
use std::io::{self, BufWriter};

/// A FLAC file being written.
pub(super) struct FlacWriter {
    inner: FlacChannelWriter<BufWriter<File>>,
}

impl FlacWriter {
    /// Writes the header to an empty file.
    pub(super) fn create(file: File, format: &EncodeFormat) -> io::Result<Self> {
        let bits = format.sample_format.bits();
        // Guessing the best of left, right, mid and side instead of trying all takes a third off the time for 0.3 to 4 % in size.
        let options = Options::default().fast_channel_correlation(true);
        let inner =
            FlacChannelWriter::new(BufWriter::new(file), options, format.sample_rate_hz, bits, format.channels as u8, None);
        Ok(Self { inner: inner.map_err(io_error)? })
    }

    /// Appends words, one vector a channel.
    pub(super) fn push(&mut self, words: &[Vec<i32>]) -> io::Result<()> {
        self.inner.write(words).map_err(io_error)
    }

    /// Completes the last block and the header.
    pub(super) fn finish(self) -> io::Result<()> {
        self.inner.finalize().map_err(io_error)
    }
}

fn io_error(error: flac_codec::Error) -> io::Error {
    match error {
        flac_codec::Error::Io(error) => error,
        other => io::Error::new(io::ErrorKind::InvalidInput, other),
    }
}
