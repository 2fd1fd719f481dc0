//! There and back: what comes out of a codec, beside what went in.

use super::loss::{Loss, LossMeter};
use super::{CodecEncoder, CodecError, Coded, Coding, encode};
use crate::audio::decode::Decoder;
use crate::audio::resample::Resampler;
use crate::audio::spill::{Spill, SpillWriter};
use crate::audio::{AudioBuffer, AudioError};
use crate::dsp::true_peak::TruePeakMeter;
use std::io::Write;

/// Frames that are decoded at once.
const BLOCK_FRAMES: usize = 8192;

/// What a codec makes of some music.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RoundTrip {
    /// The codec and its bitrate.
    pub coding: Coding,
    /// Mean bitrate of the file, container included, kbit/s.
    pub mean_kbps: f64,
    /// Largest true peak of what went in, dBTP.
    pub original_dbtp: f64,
    /// Largest true peak of what came out, dBTP.
    pub decoded_dbtp: f64,
}

impl RoundTrip {
    /// How far the codec raised the peak, dB; below 0 where it lowered it.
    pub fn overshoot_db(&self) -> f64 {
        self.decoded_dbtp - self.original_dbtp
    }
}

impl Coded {
    /// Decodes the file in blocks, at its own rate, delay and padding cut off. Errors: it does not decode, or not to as many
    /// frames as went in.
    pub fn decode_blocks(&self, mut take: impl FnMut(&AudioBuffer)) -> Result<(), CodecError> {
        let fault = |source| CodecError::Decode { coding: self.coding, source };
        let suffix = format!(".{}", self.coding.codec.extension());
        let mut file = tempfile::Builder::new().prefix("automaster-").suffix(&suffix).tempfile()?;
        file.write_all(&self.bytes)?;
        file.flush()?;
        let mut decoder = Decoder::open(file.path()).map_err(fault)?;
        let mut block = AudioBuffer::default();
        let mut frames = 0;
        loop {
            let read = decoder.read(&mut block, BLOCK_FRAMES).map_err(fault)? as u64;
            if read == 0 {
                break;
            }
            // An M4A tells the length of its music in ticks that may round up by a frame or two; what is beyond is padding.
            let kept = read.min(self.frames - frames.min(self.frames));
            block.channels.iter_mut().for_each(|channel| channel.truncate(kept as usize));
            frames += kept;
            take(&block);
        }
        if frames == self.frames {
            return Ok(());
        }
        let what = format!("{} frames went in, {frames} came out", self.frames);
        Err(fault(AudioError::corrupt(file.path(), 0.0, what)))
    }

    /// Decodes the file into memory, at its own rate. Errors as [`decode_blocks`](Self::decode_blocks).
    pub fn decode(&self) -> Result<AudioBuffer, CodecError> {
        let mut audio = AudioBuffer::default();
        self.decode_blocks(|block| {
            audio.sample_rate_hz = block.sample_rate_hz;
            audio.channels.resize_with(block.channels.len(), Vec::new);
            audio.channels.iter_mut().zip(&block.channels).for_each(|(all, new)| all.extend_from_slice(new));
        })?;
        Ok(audio)
    }

    /// Largest true peak of what it decodes to, dBTP. Errors as [`decode_blocks`](Self::decode_blocks).
    pub fn decoded_dbtp(&self) -> Result<f64, CodecError> {
        let mut peaks = Peaks::default();
        self.decode_blocks(|block| peaks.push(&block.channels))?;
        Ok(peaks.dbtp())
    }
}

/// Encodes and decodes `audio`; what comes back has the same frames at the same rate, sample over sample. Errors: the codec is
/// not available or fails.
pub fn round_trip(audio: &AudioBuffer, coding: Coding) -> Result<(AudioBuffer, RoundTrip), CodecError> {
    let coded = encode(audio, coding)?;
    let decoded = coded.decode()?;
    let figures = RoundTrip {
        coding,
        mean_kbps: coded.mean_kbps(),
        original_dbtp: true_peak_dbtp(&audio.channels),
        decoded_dbtp: true_peak_dbtp(&decoded.channels),
    };
    Ok((at_rate(decoded, audio.sample_rate_hz, audio.frames()), figures))
}

/// The figures of a round trip of music that comes in blocks, however long it is. `blocks` is handed a function that takes
/// them. Errors: those of `blocks`; the codec is not available or fails.
pub fn round_trip_blocks<E: From<CodecError>>(
    coding: Coding,
    rate_hz: u32,
    channels: usize,
    blocks: impl FnOnce(&mut dyn FnMut(&[Vec<f32>]) -> Result<(), CodecError>) -> Result<(), E>,
) -> Result<RoundTrip, E> {
    let mut sent = Sent::new(coding, rate_hz, channels, false)?;
    blocks(&mut |block| sent.push(block))?;
    let (coded, original_dbtp, _) = sent.finish()?;
    let decoded_dbtp = coded.decoded_dbtp()?;
    Ok(RoundTrip { coding, mean_kbps: coded.mean_kbps(), original_dbtp, decoded_dbtp })
}

/// The same, and what an ear would miss: the music is kept at the codec's rate (on disk) and compared with what comes back. Errors as
/// [`round_trip_blocks`]; no room for the temporary file.
pub fn round_trip_heard<E: From<CodecError>>(
    coding: Coding,
    rate_hz: u32,
    channels: usize,
    blocks: impl FnOnce(&mut dyn FnMut(&[Vec<f32>]) -> Result<(), CodecError>) -> Result<(), E>,
) -> Result<(RoundTrip, Loss), E> {
    let mut sent = Sent::new(coding, rate_hz, channels, true)?;
    blocks(&mut |block| sent.push(block))?;
    let (coded, original_dbtp, kept) = sent.finish()?;
    let coded_hz = coding.codec.coding_rate_hz(rate_hz);
    let (mut decoded, mut meter) = (Peaks::default(), LossMeter::new(coded_hz, channels));
    let (mut at, mut original, mut fault) = (0, AudioBuffer::default(), None);
    coded.decode_blocks(|block| {
        decoded.push(&block.channels);
        let read = kept.as_ref().map_or(Ok(0), |kept| kept.read(at, &mut original, block.frames()));
        match read {
            Ok(_) => meter.push(&original.channels, &block.channels),
            Err(error) => fault = Some(error),
        }
        at += block.frames() as u64;
    })?;
    if let Some(error) = fault {
        return Err(CodecError::from(error).into());
    }
    let (mean_kbps, decoded_dbtp) = (coded.mean_kbps(), decoded.dbtp());
    Ok((RoundTrip { coding, mean_kbps, original_dbtp, decoded_dbtp }, meter.finish()))
}

/// Music on its way into a codec, at the codec's rate; kept on disk where it is asked for.
struct Sent {
    encoder: CodecEncoder,
    resampler: Resampler,
    kept: Option<SpillWriter>,
    peaks: Peaks,
    at_rate: Vec<Vec<f32>>,
}

impl Sent {
    fn new(coding: Coding, rate_hz: u32, channels: usize, keep: bool) -> Result<Self, CodecError> {
        let coded_hz = coding.codec.coding_rate_hz(rate_hz);
        Ok(Self {
            encoder: CodecEncoder::new(coding, coded_hz, channels)?,
            resampler: Resampler::new(rate_hz, coded_hz, channels),
            kept: if keep { Some(SpillWriter::create(coded_hz, channels)?) } else { None },
            peaks: Peaks::default(),
            at_rate: vec![Vec::new(); channels],
        })
    }

    fn push(&mut self, block: &[Vec<f32>]) -> Result<(), CodecError> {
        self.peaks.push(block);
        self.resampler.push(block, &mut self.at_rate);
        self.pass_on()
    }

    fn pass_on(&mut self) -> Result<(), CodecError> {
        if let Some(kept) = &mut self.kept {
            kept.push(&self.at_rate)?;
        }
        self.encoder.push(&self.at_rate)?;
        self.at_rate.iter_mut().for_each(Vec::clear);
        Ok(())
    }

    /// The file, the true peak of what went in, and what was kept of it.
    fn finish(mut self) -> Result<(Coded, f64, Option<Spill>), CodecError> {
        self.resampler.finish(&mut self.at_rate);
        self.pass_on()?;
        let kept = self.kept.map(SpillWriter::finish).transpose()?;
        Ok((self.encoder.finish()?, self.peaks.dbtp(), kept))
    }
}

/// Largest true peak of planar audio, at least the largest sample, dBTP.
pub fn true_peak_dbtp(channels: &[Vec<f32>]) -> f64 {
    let mut peaks = Peaks::default();
    peaks.push(channels);
    peaks.dbtp()
}

/// The true peak of a stream.
#[derive(Default)]
struct Peaks {
    meters: Vec<TruePeakMeter>,
}

impl Peaks {
    fn push(&mut self, channels: &[Vec<f32>]) {
        self.meters.resize_with(channels.len(), TruePeakMeter::new);
        self.meters.iter_mut().zip(channels).for_each(|(meter, channel)| meter.push(channel));
    }

    fn dbtp(&self) -> f64 {
        let peak = self.meters.iter().map(TruePeakMeter::peak).fold(0.0, f64::max);
        20.0 * peak.max(1e-10).log10()
    }
}

fn at_rate(audio: AudioBuffer, rate_hz: u32, frames: usize) -> AudioBuffer {
    if audio.sample_rate_hz == rate_hz {
        return audio;
    }
    let channels = audio.channels.len();
    let mut resampler = Resampler::new(audio.sample_rate_hz, rate_hz, channels);
    let mut back = AudioBuffer { sample_rate_hz: rate_hz, channels: vec![Vec::new(); channels] };
    resampler.push(&audio.channels, &mut back.channels);
    resampler.finish(&mut back.channels);
    back.channels.iter_mut().for_each(|channel| channel.resize(frames, 0.0));
    back
}
