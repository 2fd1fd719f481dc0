//! A part of a file as a stream of its own: what one format carries of another.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use symphonia::core::io::MediaSource;

/// Bytes `start` to `start + bytes` of a file.
pub(super) struct Part {
    file: File,
    start: u64,
    bytes: u64,
    at: u64,
}

impl Part {
    /// These bytes of a file.
    pub(super) fn new(file: File, start: u64, bytes: u64) -> Self {
        Self { file, start, bytes, at: 0 }
    }
}

impl Read for Part {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let left = self.bytes.saturating_sub(self.at).min(bytes.len() as u64) as usize;
        if left == 0 {
            return Ok(0);
        }
        self.file.seek(SeekFrom::Start(self.start + self.at))?;
        let read = self.file.read(&mut bytes[..left])?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for Part {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.bytes.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

impl MediaSource for Part {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.bytes)
    }
}
