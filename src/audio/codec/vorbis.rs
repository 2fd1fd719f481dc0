//! Ogg Vorbis by libvorbis with the aoTuV patches, at a nominal bitrate.

use super::{CodecError, Coding, Encode};
use std::num::{NonZeroU8, NonZeroU32};
use vorbis_rs::{VorbisBitrateManagementStrategy, VorbisEncoder, VorbisEncoderBuilder};

/// The same music gives the same bytes: no random serial.
const SERIAL: i32 = 1;
/// Frames that libvorbis is handed at once: where it switches its windows depends on how the stream is divided.
const BLOCK_FRAMES: usize = 1024;

/// A stream on its way into libvorbis.
pub(super) struct Vorbis {
    coding: Coding,
    encoder: VorbisEncoder<Vec<u8>>,
    pending: Vec<Vec<f32>>,
}

impl Vorbis {
    pub(super) fn new(coding: Coding, rate_hz: u32, channels: usize) -> Result<Self, CodecError> {
        let fault = |what: &str| CodecError::encoder(coding, what);
        let rate = NonZeroU32::new(rate_hz).ok_or_else(|| fault("a rate of 0 Hz"))?;
        let count = u8::try_from(channels).ok().and_then(NonZeroU8::new).ok_or_else(|| fault("no channels"))?;
        // The bitrate is that of a stereo stream; one channel has half of it.
        let bits_per_s = coding.bitrate_kbps.saturating_mul(1000) / if channels == 1 { 2 } else { 1 };
        let target_bitrate = NonZeroU32::new(bits_per_s).ok_or_else(|| fault("a bitrate of 0"))?;
        let encoder = VorbisEncoderBuilder::new_with_serial(rate, count, Vec::new(), SERIAL)
            .bitrate_management_strategy(VorbisBitrateManagementStrategy::Vbr { target_bitrate })
            .build()
            .map_err(|error| CodecError::encoder(coding, error))?;
        Ok(Self { coding, encoder, pending: vec![Vec::new(); channels] })
    }
}

impl Encode for Vorbis {
    fn push(&mut self, channels: &[Vec<f32>]) -> Result<(), CodecError> {
        self.pending.iter_mut().zip(channels).for_each(|(pending, new)| pending.extend_from_slice(new));
        let whole = self.pending[0].len() / BLOCK_FRAMES * BLOCK_FRAMES;
        for start in (0..whole).step_by(BLOCK_FRAMES) {
            let block: Vec<&[f32]> = self.pending.iter().map(|channel| &channel[start..start + BLOCK_FRAMES]).collect();
            self.encoder.encode_audio_block(&block).map_err(|error| CodecError::encoder(self.coding, error))?;
        }
        self.pending.iter_mut().for_each(|channel| drop(channel.drain(..whole)));
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<u8>, CodecError> {
        let coding = self.coding;
        let fault = |error| CodecError::encoder(coding, error);
        if !self.pending[0].is_empty() {
            self.encoder.encode_audio_block(&self.pending).map_err(fault)?;
        }
        self.encoder.finish().map_err(fault)
    }
}
