//! Ogg Opus (RFC 6716, RFC 7845): packets of 20 ms at 48 kHz; pre-skip and the last granule tell which frames are music.

use super::{CodecError, Coding, Encode, interleave};
use opus_pure::{Application, MAX_PACKET_BYTES, OggOpusWriter, OpusEncoder, OpusHead, OpusTags};

/// The one rate of Opus.
const RATE_HZ: i32 = 48_000;
/// Frames of a packet: 20 ms.
const PACKET_FRAMES: usize = 960;
/// The same music gives the same bytes: no random serial.
const SERIAL: u32 = 1;

/// A stream on its way into Opus.
pub(super) struct Opus {
    coding: Coding,
    channels: usize,
    encoder: OpusEncoder,
    writer: OggOpusWriter<Vec<u8>>,
    lookahead: usize,
    /// Interleaved samples that do not fill a packet yet.
    pending: Vec<f32>,
    packet: Vec<u8>,
    frames: u64,
}

impl Opus {
    /// `input_rate_hz` is what the file says its music had; the samples arrive at 48 kHz.
    pub(super) fn new(coding: Coding, input_rate_hz: u32, channels: usize) -> Result<Self, CodecError> {
        let fault = |error| CodecError::encoder(coding, error);
        if coding.bitrate_kbps == 0 {
            return Err(CodecError::encoder(coding, "a bitrate of 0"));
        }
        let mut encoder = OpusEncoder::new(RATE_HZ, channels, Application::Audio).map_err(fault)?;
        encoder.bitrate_bps = i32::try_from(coding.bitrate_kbps).unwrap_or(i32::MAX).saturating_mul(1000);
        let head = OpusHead::for_encoder(&encoder, input_rate_hz);
        let lookahead = usize::from(head.pre_skip);
        let writer = OggOpusWriter::with_serial(Vec::new(), head, OpusTags::new(), SERIAL).map_err(fault)?;
        let packet = vec![0; MAX_PACKET_BYTES];
        Ok(Self { coding, channels, encoder, writer, lookahead, pending: Vec::new(), packet, frames: 0 })
    }

    /// Encodes one packet's worth of interleaved samples; `last` tells the frames of music after which the stream ends.
    fn write(&mut self, samples: &[f32], last: Option<u64>) -> Result<(), CodecError> {
        let fault = |error| CodecError::encoder(self.coding, error);
        let bytes = self.encoder.encode(samples, PACKET_FRAMES, &mut self.packet).map_err(fault)?;
        let packet = &self.packet[..bytes];
        let written = match last {
            None => self.writer.write_packet(packet),
            Some(frames) => {
                let end = self.lookahead as u64 + frames;
                self.writer.write_packet_with_duration(packet, (end - self.writer.granule() as u64) as u32)
            }
        };
        written.map_err(fault)
    }
}

impl Encode for Opus {
    fn push(&mut self, channels: &[Vec<f32>]) -> Result<(), CodecError> {
        self.frames += channels[0].len() as u64;
        interleave(channels, &mut self.pending);
        let pending = std::mem::take(&mut self.pending);
        let packets = pending.chunks_exact(PACKET_FRAMES * self.channels);
        self.pending = packets.remainder().to_vec();
        for samples in packets {
            self.write(samples, None)?;
        }
        Ok(())
    }

    /// The encoder runs `lookahead` frames behind its input: that much silence brings out the last of the music.
    fn finish(mut self: Box<Self>) -> Result<Vec<u8>, CodecError> {
        let rest = self.pending.len() / self.channels + self.lookahead;
        let mut samples = std::mem::take(&mut self.pending);
        let packets = rest.div_ceil(PACKET_FRAMES).max(1);
        samples.resize(packets * PACKET_FRAMES * self.channels, 0.0);
        for (index, packet) in samples.chunks_exact(PACKET_FRAMES * self.channels).enumerate() {
            let last = (index + 1 == packets).then_some(self.frames);
            self.write(packet, last)?;
        }
        self.writer.finish().map_err(|error| CodecError::encoder(self.coding, error))
    }
}
