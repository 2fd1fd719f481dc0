//! The spill file: audio of any length in an unnamed temporary file, so that a job's memory stays bounded.
//!
//! Frames are stored interleaved as little-endian f32. Writing is sequential; reading is positioned and shares nothing
//! but the file, so any number of threads read at once. The file has no name and vanishes with the last handle.

use super::{AudioBuffer, AudioError, pcm};
use std::fs::File;
use std::io::{self, Write};

/// Bytes read at once, on the stack: a multiple of every frame size.
const READ_BYTES: usize = 32 * 1024;

/// A spill file being written.
#[derive(Debug)]
pub struct SpillWriter {
    file: File,
    sample_rate_hz: u32,
    channels: usize,
    frames: u64,
    bytes: Vec<u8>,
}

impl SpillWriter {
    /// An empty spill file in the system's temporary folder; 1 or 2 channels. Errors: the folder is not writable.
    pub fn create(sample_rate_hz: u32, channels: usize) -> Result<Self, AudioError> {
        let file = tempfile::tempfile().map_err(|source| AudioError::Spill { source })?;
        Ok(Self { file, sample_rate_hz, channels, frames: 0, bytes: Vec::new() })
    }

    /// Appends a block: one vector a channel, all of one length. Errors: the disk is full.
    pub fn push(&mut self, channels: &[Vec<f32>]) -> Result<(), AudioError> {
        debug_assert_eq!(channels.len(), self.channels, "a spill file keeps its channel count");
        self.bytes.clear();
        pcm::append_interleaved(channels, &mut self.bytes, f32::to_le_bytes);
        self.file.write_all(&self.bytes).map_err(|source| AudioError::Spill { source })?;
        self.frames += channels.first().map_or(0, Vec::len) as u64;
        Ok(())
    }

    /// Ends writing.
    pub fn finish(mut self) -> Result<Spill, AudioError> {
        self.file.flush().map_err(|source| AudioError::Spill { source })?;
        Ok(Spill { file: self.file, sample_rate_hz: self.sample_rate_hz, channels: self.channels, frames: self.frames })
    }
}

/// Audio on disk, read at any place, from any thread.
#[derive(Debug)]
pub struct Spill {
    file: File,
    sample_rate_hz: u32,
    channels: usize,
    frames: u64,
}

impl Spill {
    /// Length in frames.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// Sample rate in Hz.
    pub fn sample_rate_hz(&self) -> u32 {
        self.sample_rate_hz
    }

    /// 1 or 2.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// Fills `block` with the frames from `start`, at most `max_frames`; returns how many, 0 past the end.
    /// Errors: the disk fails.
    pub fn read(&self, start: u64, block: &mut AudioBuffer, max_frames: usize) -> Result<usize, AudioError> {
        block.sample_rate_hz = self.sample_rate_hz;
        block.channels.resize_with(self.channels, Vec::new);
        let frames = (max_frames as u64).min(self.frames.saturating_sub(start)) as usize;
        for channel in &mut block.channels {
            channel.clear();
            channel.reserve(frames);
        }
        let frame_bytes = 4 * self.channels;
        let mut bytes = [0; READ_BYTES];
        let mut at = start * frame_bytes as u64;
        let mut left = frames * frame_bytes;
        while left > 0 {
            let piece = &mut bytes[..left.min(READ_BYTES)];
            read_exact_at(&self.file, piece, at).map_err(|source| AudioError::Spill { source })?;
            pcm::append_planar(piece, pcm::Word::F32, false, &mut block.channels);
            at += piece.len() as u64;
            left -= piece.len();
        }
        Ok(frames)
    }
}

#[cfg(unix)]
fn read_exact_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, at)
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut bytes: &mut [u8], mut at: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, bytes, at)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => {
                bytes = &mut bytes[read..];
                at += read as u64;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_back_from_any_place_in_any_block() {
        for channels in [1, 2] {
            let frames = 20_011;
            let audio: Vec<Vec<f32>> =
                (0..channels).map(|channel| (0..frames).map(|frame| (frame * 2 + channel) as f32).collect()).collect();
            let mut writer = SpillWriter::create(48_000, channels).expect("created");
            for start in (0..frames).step_by(777) {
                let end = (start + 777).min(frames);
                let block: Vec<Vec<f32>> = audio.iter().map(|channel| channel[start..end].to_vec()).collect();
                writer.push(&block).expect("written");
            }
            let spill = writer.finish().expect("finished");
            assert_eq!((spill.frames(), spill.channels(), spill.sample_rate_hz()), (frames as u64, channels, 48_000));
            let mut block = AudioBuffer::default();
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    let mut other = AudioBuffer::default();
                    assert_eq!(spill.read(5, &mut other, 9_999).expect("read"), 9_999);
                    assert_eq!(other.channels[0][..], audio[0][5..10_004]);
                });
                for (start, length) in
                    [(0, 1), (0, frames), (13, 4096), (4095, 8193), (frames - 3, 100), (frames, 10), (frames + 9, 10)]
                {
                    let expected = length.min(frames.saturating_sub(start));
                    assert_eq!(spill.read(start as u64, &mut block, length).expect("read"), expected);
                    for (read, written) in block.channels.iter().zip(&audio) {
                        assert_eq!(read[..], written[start.min(frames)..start.min(frames) + expected]);
                    }
                }
            });
        }
    }
}
