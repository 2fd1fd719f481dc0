//! What symphonia decodes: FLAC, ALAC, MP3, AAC, Ogg Vorbis, CAF, MKA, and ADPCM in WAV.
//!
//! Samples go from the decoder's own buffer straight into the caller's block ([`source`]). Gapless trims come from the packets;
//! MP4 windows and the question whether an MP3's length is told or guessed are answered here, because symphonia does not.
//! A FLAC file's MD5 is compared with that of what was decoded, and a frame that is missing in its middle is a fault.

mod source;

use super::guard::guarded;
use super::names::{describe, is_lossy, is_mpeg, word_bits};
use super::packets::Packets;
use super::part::Part;
use super::pcm_stream::Extent;
use super::sniff::Family;
use super::{Opened, Source, SourceInfo, check_layout, m4a, ogg, ogg_pages, trailer, vorbis_setup};
use crate::audio::{AudioError, AudioWarning};
use source::{Ends, SymphoniaSource};
use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;
use symphonia::core::codecs::audio::well_known as codec;
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::{Hint, Probe, ProbeableFormat};
use symphonia::core::formats::well_known as container;
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::{MediaSource, MediaSourceStream, MediaSourceStreamOptions};
use symphonia::core::meta::MetadataOptions;
use symphonia::default::formats;

/// What other readers find out about a file.
#[derive(Default)]
struct Found {
    window: Option<m4a::Window>,
    last_page: Option<ogg::LastPage>,
    /// Whether an MP3 tells its length.
    told: bool,
}

/// Opens a file whose sound begins at `start` by the reader of its family.
pub(super) fn open(path: &Path, mut file: File, start: u64, family: Family) -> Result<Opened, AudioError> {
    let io = |source| AudioError::io(path, source);
    let mut found = Found::default();
    match family {
        Family::Mp4 => found.window = m4a::window(&mut file).map_err(io)?,
        Family::Ogg => {
            ogg_pages::check_setup_headers(&mut file).map_err(io)?.map_err(|why| AudioError::corrupt(path, 0.0, why))?;
            found.last_page = ogg::last_page(&mut file).map_err(io)?;
        }
        _ => {}
    }
    if !matches!(family, Family::Flac | Family::Mpeg { .. }) {
        file.seek(SeekFrom::Start(0)).map_err(io)?;
        return open_stream(path, Box::new(file), family, found);
    }
    let end = trailer::sound_end(&mut file).map_err(io)?;
    let mut part = Part::new(file, start, end.saturating_sub(start));
    found.told = mp3_length_is_told(&mut part).map_err(io)?;
    open_stream(path, Box::new(part), family, found)
}

/// Opens the MP3 frames that a WAV file holds.
pub(super) fn open_mp3(path: &Path, file: File, extent: Extent) -> Result<Opened, AudioError> {
    let mut part = Part::new(file, extent.start, extent.bytes);
    let told = mp3_length_is_told(&mut part).map_err(|source| AudioError::io(path, source))?;
    let mut opened = open_stream(path, Box::new(part), Family::Mpeg { tagged: true }, Found { told, ..Found::default() })?;
    opened.info.format.insert_str(0, "WAV ");
    if extent.declared.is_some_and(|declared| declared > extent.bytes) {
        opened.warnings.push(AudioWarning::Truncated { at_s: 0.0, declared_s: None });
    }
    Ok(opened)
}

/// The reader of a family; MPEG frames, which have no magic, are looked for.
fn reader(family: Family, stream: MediaSourceStream<'static>) -> Result<Box<dyn FormatReader>, Error> {
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

fn open_stream(path: &Path, stream: Box<dyn MediaSource>, family: Family, found: Found) -> Result<Opened, AudioError> {
    let Found { window, last_page, told } = found;
    let broken = || AudioError::corrupt(path, 0.0, "the header cannot be read");
    let stream = MediaSourceStream::new(stream, MediaSourceStreamOptions::default());
    let known = family != Family::Mpeg { tagged: false };
    let probed = guarded(|| reader(family, stream));
    let format = probed.ok_or_else(broken)?.map_err(|error| open_fault(path, error, known))?;
    let container = format.format_info().format;
    let track =
        format.default_track(TrackType::Audio).ok_or_else(|| AudioError::unsupported(path, "a file without a sound track"))?;
    let params = track.codec_params.as_ref().and_then(|params| params.audio());
    let params = params.ok_or_else(|| AudioError::unsupported(path, "the codec"))?;
    if let (Some(rate_hz), Some(channels)) = (params.sample_rate, &params.channels) {
        check_layout(path, rate_hz, channels.count() as u32)?;
    }

    // A guessed length would trim the end of the music.
    let guessed = container == container::FORMAT_ID_ADTS || (is_mpeg(container) && !told);
    let options = AudioDecoderOptions::default().gapless(!guessed).verify(true);
    let params = params.clone();
    // CAF writers count whole packets.
    let packets_counted = container == container::FORMAT_ID_CAF && params.codec == codec::CODEC_ID_ALAC;
    let (track_id, declared) = (track.id, track.num_frames.filter(|_| !guessed && !packets_counted));
    let decoder = decoder(path, 0.0, &params, &options)?;

    let window = window.filter(|_| container == container::FORMAT_ID_ISOMP4);
    let ends = Ends { window, last_page: last_page.as_ref(), numbered: container == container::FORMAT_ID_FLAC };
    let packets = Packets::new(format, track_id, container == container::FORMAT_ID_OGG);
    let mut source = SymphoniaSource::new(path, packets, decoder, &ends);
    let Some((sample_rate_hz, channels)) = source.begin()? else {
        return Err(match declared {
            _ if source.cut() => broken(),
            Some(1..) => AudioError::corrupt(path, 0.0, "nothing of it can be decoded"),
            _ => AudioError::Empty { path: path.to_owned() },
        });
    };
    let lossy = is_lossy(params.codec);
    let bits = word_bits(&params).filter(|_| !lossy);
    let info = SourceInfo {
        format: describe(container, params.codec, bits),
        sample_rate_hz,
        channels,
        frames: match window {
            Some(window) => window.frames.or(declared.map(|frames| frames.saturating_sub(window.skip))),
            None => declared,
        },
        bits,
        lossy,
    };
    let mut warnings = Vec::new();
    if let Some(page) = last_page.filter(|_| container == container::FORMAT_ID_OGG) {
        if !page.whole {
            let at_s = page.granule.max(0) as f64 / f64::from(info.sample_rate_hz);
            warnings.push(AudioWarning::Truncated { at_s, declared_s: None });
        } else if !page.end_mark {
            warnings.push(AudioWarning::NoEndMark);
        }
    }
    Ok(Opened { info, source: Box::new(source), warnings })
}

/// The decoder of a stream that begins at `at_s`, where its header is one that a decoder may be given.
fn decoder(
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
fn open_fault(path: &Path, error: Error, known: bool) -> AudioError {
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
fn mp3_length_is_told(file: &mut (impl Read + Seek)) -> std::io::Result<bool> {
    let mut frame = Vec::new();
    file.by_ref().take(4096).read_to_end(&mut frame)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(frame.windows(4).any(|window| matches!(window, b"Xing" | b"Info" | b"VBRI")))
}
