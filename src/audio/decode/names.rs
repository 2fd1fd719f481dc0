//! What symphonia's identifiers of containers and codecs mean, for a person and for the reader.

use symphonia::core::codecs::audio::well_known as codec;
use symphonia::core::codecs::audio::{AudioCodecId, AudioCodecParameters};
use symphonia::core::formats::FormatId;
use symphonia::core::formats::well_known as container;

/// Whether the stream is MPEG audio of layer 1, 2 or 3.
pub(super) fn is_mpeg(format: FormatId) -> bool {
    [container::FORMAT_ID_MP1, container::FORMAT_ID_MP2, container::FORMAT_ID_MP3].contains(&format)
}

/// Whether the codec loses something.
pub(super) fn is_lossy(id: AudioCodecId) -> bool {
    let companded =
        [codec::CODEC_ID_PCM_ALAW, codec::CODEC_ID_PCM_MULAW, codec::CODEC_ID_ADPCM_MS, codec::CODEC_ID_ADPCM_IMA_WAV];
    let transform = [codec::CODEC_ID_MP1, codec::CODEC_ID_MP2, codec::CODEC_ID_MP3, codec::CODEC_ID_AAC, codec::CODEC_ID_VORBIS];
    companded.contains(&id) || transform.contains(&id)
}

/// Word length. ALAC keeps it in byte 5 of its setup data, which CAF wraps in atoms of 24 bytes.
pub(super) fn word_bits(params: &AudioCodecParameters) -> Option<u32> {
    if params.codec != codec::CODEC_ID_ALAC {
        return params.bits_per_sample.filter(|&bits| bits > 0);
    }
    let setup = params.extra_data.as_deref()?;
    let wrapped = setup.get(4..8) == Some(b"frma");
    setup.get(if wrapped { 24 + 5 } else { 5 }).copied().map(u32::from)
}

/// Container and codec for a person.
pub(super) fn describe(format: FormatId, id: AudioCodecId, bits: Option<u32>) -> String {
    let container = match format {
        container::FORMAT_ID_WAVE => "WAV",
        container::FORMAT_ID_CAF => "CAF",
        container::FORMAT_ID_OGG => "Ogg",
        container::FORMAT_ID_ISOMP4 => "MP4",
        container::FORMAT_ID_MKV => "Matroska",
        _ => "",
    };
    let codec = match id {
        codec::CODEC_ID_FLAC => "FLAC",
        codec::CODEC_ID_ALAC => "ALAC",
        codec::CODEC_ID_VORBIS => "Vorbis",
        codec::CODEC_ID_AAC => "AAC",
        codec::CODEC_ID_MP1 => "MP1",
        codec::CODEC_ID_MP2 => "MP2",
        codec::CODEC_ID_MP3 => "MP3",
        codec::CODEC_ID_ADPCM_MS | codec::CODEC_ID_ADPCM_IMA_WAV => "ADPCM",
        _ => "",
    };
    let bits = bits.map(|bits| format!("{bits}-bit")).unwrap_or_default();
    [container, codec, &bits].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}
