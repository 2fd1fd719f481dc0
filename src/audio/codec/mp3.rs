//! MP3 by LAME at a constant bitrate, joint stereo, LAME's own quality 3; the first frame is the LAME tag that tells delay and padding.

use super::{CodecError, Coding, Encode};
use mp3lame_encoder::{Bitrate, Builder, DualPcm, Encoder, FlushGap, Mode, MonoPcm, Quality, max_required_buffer_size};
use std::num::NonZeroU32;

/// What LAME asks room for when it is flushed.
const FLUSH_BYTES: usize = 7200;
/// No tag frame is longer: 320 kbit/s at 32 kHz.
const TAG_BYTES: usize = 1441;

/// A stream on its way into LAME.
pub(super) struct Mp3 {
    coding: Coding,
    encoder: Encoder,
    bytes: Vec<u8>,
}

impl Mp3 {
    pub(super) fn new(coding: Coding, rate_hz: u32, channels: usize) -> Result<Self, CodecError> {
        let fault = |what: &dyn std::fmt::Debug| CodecError::encoder(coding, format_args!("{what:?}"));
        let mut builder = Builder::new().ok_or_else(|| fault(&"out of memory"))?;
        let mode = if channels == 1 { Mode::Mono } else { Mode::JointStereo };
        builder.set_num_channels(channels as u8).map_err(|e| fault(&e))?;
        builder.set_sample_rate(rate_hz).map_err(|e| fault(&e))?;
        // LAME would go down to 32 kHz at few bits; platforms keep the rate.
        builder.set_output_sample_rate(NonZeroU32::new(rate_hz)).map_err(|e| fault(&e))?;
        builder.set_brate(bitrate(coding)?).map_err(|e| fault(&e))?;
        builder.set_mode(mode).map_err(|e| fault(&e))?;
        builder.set_quality(Quality::VeryNice).map_err(|e| fault(&e))?;
        builder.set_to_write_vbr_tag(true).map_err(|e| fault(&e))?;
        let encoder = builder.build().map_err(|e| fault(&e))?;
        Ok(Self { coding, encoder, bytes: Vec::new() })
    }
}

impl Encode for Mp3 {
    fn push(&mut self, channels: &[Vec<f32>]) -> Result<(), CodecError> {
        self.bytes.reserve(max_required_buffer_size(channels[0].len()));
        let written = match channels {
            [left, right] => self.encoder.encode_to_vec(DualPcm { left: &left[..], right }, &mut self.bytes),
            _ => self.encoder.encode_to_vec(MonoPcm(&channels[0][..]), &mut self.bytes),
        };
        written.map(drop).map_err(|e| CodecError::encoder(self.coding, format_args!("{e:?}")))
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<u8>, CodecError> {
        self.bytes.reserve(FLUSH_BYTES);
        let flushed = self.encoder.flush_to_vec::<FlushGap>(&mut self.bytes);
        flushed.map_err(|e| CodecError::encoder(self.coding, format_args!("{e:?}")))?;
        // LAME kept the place of the tag with an empty frame.
        let mut tag = Vec::with_capacity(TAG_BYTES);
        let whole = self.encoder.lame_tag_encode_to_vec(&mut tag).is_some() && tag.len() <= self.bytes.len();
        if !whole {
            return Err(CodecError::encoder(self.coding, "no room for the LAME tag"));
        }
        self.bytes[..tag.len()].copy_from_slice(&tag);
        Ok(self.bytes)
    }
}

fn bitrate(coding: Coding) -> Result<Bitrate, CodecError> {
    use Bitrate::*;
    const ALL: [Bitrate; 11] = [Kbps64, Kbps80, Kbps96, Kbps112, Kbps128, Kbps160, Kbps192, Kbps224, Kbps256, Kbps320, Kbps48];
    let known = ALL.into_iter().find(|b| *b as u32 == coding.bitrate_kbps);
    known.ok_or_else(|| CodecError::encoder(coding, "MP3 has 48, 64, 80, 96, 112, 128, 160, 192, 224, 256 and 320 kbit/s"))
}
