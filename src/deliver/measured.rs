//! What a finished file holds: its checksums, and what it measures.

use super::Measured;
use super::shelf::io_error;
use crate::analysis::LoudnessMeter;
use crate::audio::decode::Decoder;
use crate::dsp::true_peak::TruePeakMeter;
use crate::error::Error;
use crate::render::BLOCK_FRAMES;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// SHA-256, MD5 and length of a file.
pub(super) fn hashes(path: &Path) -> Result<(String, String, u64), Error> {
    let read = || -> io::Result<_> {
        let (mut file, mut sha, mut md5, mut length) = (File::open(path)?, Sha256::new(), md5::Context::new(), 0);
        let mut buffer = vec![0; 1 << 16];
        loop {
            let bytes = file.read(&mut buffer)?;
            if bytes == 0 {
                return Ok((hex(&sha.finalize()), format!("{:x}", md5.finalize()), length));
            }
            sha.update(&buffer[..bytes]);
            md5.consume(&buffer[..bytes]);
            length += bytes as u64;
        }
    };
    read().map_err(|source| io_error(path, source))
}

/// Bytes as people write them.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Decodes a written file and measures it.
pub(super) fn measure(path: &Path) -> Result<Measured, Error> {
    let mut decoder = Decoder::open(path)?;
    let info = decoder.info().clone();
    let mut loudness = LoudnessMeter::new(info.sample_rate_hz, &vec![1.0; info.channels]);
    let mut peaks = vec![TruePeakMeter::new(); info.channels];
    let mut frames = 0;
    decoder.for_each_block(BLOCK_FRAMES, |block| {
        frames += block.frames() as u64;
        loudness.push(&block.channels);
        peaks.iter_mut().zip(&block.channels).for_each(|(meter, channel)| meter.push(channel));
        Ok::<_, Error>(())
    })?;
    let peak = peaks.iter().map(TruePeakMeter::peak).fold(1e-10, f64::max);
    Ok(Measured {
        format: info.format,
        sample_rate_hz: info.sample_rate_hz,
        frames,
        integrated_lufs: loudness.integrated_lufs(),
        true_peak_dbtp: 20.0 * peak.log10(),
    })
}
