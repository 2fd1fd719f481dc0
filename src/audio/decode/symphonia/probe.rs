//! Symphonia's readers and decoders, each asked for by name, and what their refusals mean.

use crate::audio::AudioError;
use crate::audio::decode::guard::guarded;
use crate::audio::decode::sniff::Family;
use crate::audio::decode::vorbis_setup;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;
use symphonia::core::codecs::audio::well_known as codec;
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::{Hint, Probe, ProbeableFormat};
use symphonia::core::formats::{FormatOptions, FormatReader};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::meta::MetadataOptions;
use symphonia::default::formats;

/// The reader of a family; MPEG frames, which have no magic, are looked for.
pub(super) fn reader(family: Family, stream: MediaSourceStream<'static>) -> Result<Box<dyn FormatReader>, Error> {
    let options = FormatOptions::default();
    match family {
        Family::Flac => formats::FlacReader::try_probe_new(stream, options),
        Family::Ogg => formats::OggReader::try_probe_new(stream, options),
        Family::Mp4 => formats::IsoMp4Reader::try_probe_new(stream, options),
        Family::Matroska => formats::MkvReader::try_probe_new(stream, options),
        Family::Caf => formats::CafReader::try_probe_new(stream, options),
        Family::Wav => formats::WavReader::try_probe_new(stream, options),
        Family::Mpeg { .. } => {
            let mut probe = Probe::new();
            probe.register_format::<formats::MpaReader<'_>>();
            probe.register_format::<formats::AdtsReader<'_>>();
            probe.probe(&Hint::new(), stream, options, MetadataOptions::default())
        }
    }
}

/// The decoder of a stream that begins at `at_s`, where its header is one that a decoder may be given.
pub(super) fn decoder(
    path: &Path,
    at_s: f64,
    params: &AudioCodecParameters,
    options: &AudioDecoderOptions,
) -> Result<Box<dyn AudioDecoder>, AudioError> {
    if let (codec::CODEC_ID_VORBIS, Some(headers)) = (params.codec, &params.extra_data) {
        vorbis_setup::check(headers).map_err(|why| AudioError::corrupt(path, at_s, why))?;
    }
    let decoder = guarded(|| symphonia::default::get_codecs().make_audio_decoder(params, options));
    decoder
        .ok_or_else(|| AudioError::corrupt(path, at_s, "the header cannot be read"))?
        .map_err(|error| open_fault(path, error, true))
}

/// What the probe's or a codec's refusal means.
pub(super) fn open_fault(path: &Path, error: Error, known: bool) -> AudioError {
    match error {
        Error::IoError(source) if source.kind() != ErrorKind::UnexpectedEof => AudioError::io(path, source),
        _ if !known => AudioError::NotAudio { path: path.to_owned(), looks_like: "no known audio format" },
        Error::IoError(_) => AudioError::Truncated { path: path.to_owned(), at_s: 0.0, declared_s: None },
        Error::Unsupported(what) if what.contains("missing") => AudioError::corrupt(path, 0.0, what),
        Error::Unsupported(what) => AudioError::unsupported(path, what),
        Error::DecodeError(what) | Error::LimitError(what) => AudioError::corrupt(path, 0.0, what),
        other => AudioError::corrupt(path, 0.0, other.to_string()),
    }
}

/// Whether an MP3's first frame carries a Xing, Info or VBRI header; symphonia guesses the length where none does. Rewinds.
pub(super) fn mp3_length_is_told(file: &mut (impl Read + Seek)) -> std::io::Result<bool> {
    let mut frame = Vec::new();
    file.by_ref().take(4096).read_to_end(&mut frame)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(frame.windows(4).any(|window| matches!(window, b"Xing" | b"Info" | b"VBRI")))
}
