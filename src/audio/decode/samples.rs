//! From a decoder's own buffer, of whatever kind of sample, to planes of f32.

use symphonia::core::audio::conv::IntoSample;
use symphonia::core::audio::sample::Sample;
use symphonia::core::audio::{Audio, AudioBuffer as Planes, GenericAudioBufferRef};

/// Appends `frames` frames from `at` of a decoder's buffer.
pub(super) fn append(buffer: &GenericAudioBufferRef<'_>, at: usize, frames: usize, channels: &mut [Vec<f32>]) {
    fn planes<S: Sample + IntoSample<f32>>(buffer: &Planes<S>, at: usize, frames: usize, channels: &mut [Vec<f32>]) {
        for (index, channel) in channels.iter_mut().enumerate() {
            let plane = buffer.plane(index).unwrap_or_default();
            channel.extend(plane[at..at + frames].iter().map(|&sample| -> f32 { sample.into_sample() }));
        }
    }
    match buffer {
        GenericAudioBufferRef::F32(buffer) => planes(buffer, at, frames, channels),
        GenericAudioBufferRef::S32(buffer) => planes(buffer, at, frames, channels),
        GenericAudioBufferRef::S24(buffer) => planes(buffer, at, frames, channels),
        GenericAudioBufferRef::S16(buffer) => planes(buffer, at, frames, channels),
        GenericAudioBufferRef::S8(buffer) => planes(buffer, at, frames, channels),
        GenericAudioBufferRef::F64(buffer) => planes(buffer, at, frames, channels),
        GenericAudioBufferRef::U32(buffer) => planes(buffer, at, frames, channels),
        GenericAudioBufferRef::U24(buffer) => planes(buffer, at, frames, channels),
        GenericAudioBufferRef::U16(buffer) => planes(buffer, at, frames, channels),
        GenericAudioBufferRef::U8(buffer) => planes(buffer, at, frames, channels),
    }
}
