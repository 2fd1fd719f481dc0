//! What symphonia decodes: FLAC, ALAC, MP3, AAC, Ogg Vorbis, CAF, MKA, and ADPCM in WAV.
//!
//! Samples go from the decoder's own buffer straight into the caller's block ([`source`]). Gapless trims come from the packets;
//! windows of MP4 and CAF, where an Ogg stream begins, and whether an MP3's length is told or guessed are answered here, because
//! symphonia does not. A FLAC file's MD5 is compared with that of what was decoded, and a frame that is missing in its middle is a fault.

mod probe;
mod source;

use super::guard::guarded;
use super::names::{describe, is_lossy, is_mpeg, word_bits};
use super::packets::{Packets, Trims};
use super::part::Part;
use super::pcm_stream::Extent;
use super::sniff::Family;
use super::window::Window;
use super::{Opened, Source, SourceInfo, check_layout, m4a, ogg, ogg_pages, trailer};
use crate::audio::{AudioError, AudioWarning};
use probe::{decoder, mp3_length_is_told, open_fault, reader};
use source::{Ends, SymphoniaSource};
use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::path::Path;
use symphonia::core::codecs::audio::AudioDecoderOptions;
use symphonia::core::codecs::audio::well_known as codec;
use symphonia::core::formats::well_known as container;
use symphonia::core::formats::{FormatId, Track, TrackType};
use symphonia::core::io::{MediaSource, MediaSourceStream, MediaSourceStreamOptions};
use symphonia::core::units::Timestamp;

/// Greatest rate of an AAC stream that may be the lower half of another (SBR, ISO 14496-3, 4.6.18), whose decoder doubles it.
const MOST_HALVED_HZ: u32 = 24_000;

/// What other readers find out about a file.
#[derive(Default)]
struct Found {
    window: Option<Window>,
    last_page: Option<ogg::LastPage>,
    /// Pages of an Ogg file that are damaged or not there.
    missing: Option<ogg_pages::Missing>,
    /// Whether an MP3 tells its length.
    told: bool,
    /// The bytes end before what holds them says.
    cut: bool,
}

/// Opens a file whose sound begins at `start` by the reader of its family; of CAF, `window` is the part that is music.
pub(super) fn open(
    path: &Path,
    mut file: File,
    start: u64,
    family: Family,
    window: Option<Window>,
) -> Result<Opened, AudioError> {
    let io = |source| AudioError::io(path, source);
    let mut found = Found { window, ..Found::default() };
    let end = match family {
        Family::Flac | Family::Mpeg { .. } => trailer::sound_end(&mut file).map_err(io)?,
        _ => file.seek(SeekFrom::End(0)).map_err(io)?,
    };
    match family {
        Family::Flac | Family::Mpeg { .. } | Family::Wav => {
            let mut part = Part::new(file, start, end.saturating_sub(start));
            found.told = mp3_length_is_told(&mut part).map_err(io)?;
            return open_stream(path, Box::new(part), family, found);
        }
        Family::Mp4 => found.window = m4a::window(&mut file).map_err(io)?,
        Family::Ogg => {
            let walked = ogg_pages::walk(&mut file).map_err(io)?;
            found.missing = walked.map_err(|why| AudioError::corrupt(path, 0.0, why))?;
            found.last_page = ogg::last_page(&mut file).map_err(io)?;
        }
        Family::Matroska | Family::Caf => {}
    }
    // No tag comes before these.
    file.seek(SeekFrom::Start(0)).map_err(io)?;
    open_stream(path, Box::new(file), family, found)
}

/// Opens the MP3 frames that a WAV file holds.
pub(super) fn open_mp3(path: &Path, file: File, extent: Extent) -> Result<Opened, AudioError> {
    let mut part = Part::new(file, extent.start, extent.bytes);
    let told = mp3_length_is_told(&mut part).map_err(|source| AudioError::io(path, source))?;
    // How much music is in what there is only its end tells.
    let cut = extent.declared.is_some_and(|declared| declared > extent.bytes);
    let found = Found { told, cut, ..Found::default() };
    let mut opened = open_stream(path, Box::new(part), Family::Mpeg { tagged: true }, found)?;
    opened.info.format.insert_str(0, "WAV ");
    Ok(opened)
}

fn open_stream(path: &Path, stream: Box<dyn MediaSource>, family: Family, found: Found) -> Result<Opened, AudioError> {
    let Found { window, last_page, missing, told, cut } = found;
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
    let first = if container == container::FORMAT_ID_OGG { first_frame(track) } else { 0 };
    let declared = track.num_frames.filter(|_| !guessed && !packets_counted).map(|frames| match frames.checked_sub(first) {
        Some(frames @ 1..) => frames,
        _ => frames,
    });
    let (track_id, ticks, trims) = (track.id, track.time_base, trims(container, track));
    let decoder = decoder(path, 0.0, &params, &options)?;

    let numbered = container == container::FORMAT_ID_FLAC;
    let ends = Ends { last_page: last_page.as_ref(), numbered, ticks, cut };
    let mut source = SymphoniaSource::new(path, Packets::new(format, track_id, trims), decoder, &ends);
    let Some((sample_rate_hz, channels)) = source.begin()? else {
        return Err(match declared {
            _ if source.cut() => broken(),
            Some(1..) => AudioError::corrupt(path, 0.0, "nothing of it can be decoded"),
            _ => AudioError::Empty { path: path.to_owned() },
        });
    };
    // Ticks that are no whole number of frames tell where to cut, but not to the frame how much there is.
    let exact = window.and_then(|window| window.ticks).is_none_or(|t| t.numer.get() == 1 && t.denom.get() % sample_rate_hz == 0);
    let window = window.map(|window| window.at(sample_rate_hz));
    if let Some(window) = window {
        source.keep(window);
    }
    let lossy = is_lossy(params.codec);
    let bits = word_bits(&params).filter(|_| !lossy);
    let info = SourceInfo {
        format: describe(container, params.codec, bits),
        sample_rate_hz,
        channels,
        frames: match window {
            Some(window) => window.frames.or(declared.map(|frames| frames.saturating_sub(window.skip))).filter(|_| exact),
            None => declared,
        },
        bits,
        lossy,
    };
    let mut warnings = Vec::new();
    if let Some(page) = last_page {
        if !page.whole {
            let at_s = info.seconds(u64::try_from(page.granule).unwrap_or(0).saturating_sub(first));
            warnings.push(AudioWarning::Truncated { at_s, declared_s: None });
        } else if !page.end_mark {
            warnings.push(AudioWarning::NoEndMark);
        }
    }
    if let Some(missing) = missing {
        let first_s = info.seconds(missing.after.saturating_sub(first));
        warnings.push(AudioWarning::PagesMissing { pages: missing.pages, first_s });
    }
    if params.codec == codec::CODEC_ID_AAC && sample_rate_hz <= MOST_HALVED_HZ {
        warnings.push(AudioWarning::PerhapsHeAac { sample_rate_hz });
    }
    Ok(Opened { info, source: Box::new(source), warnings })
}

/// The first frame of an Ogg stream by its own count, which is not 0 where it was cut out of a longer one or joined on the way.
fn first_frame(track: &Track) -> u64 {
    let delay = i64::from(track.delay.unwrap_or(0));
    u64::try_from(track.start_ts.get().saturating_add(delay)).unwrap_or(0)
}

/// Who says where a track ends.
fn trims(container: FormatId, track: &Track) -> Trims {
    match track.num_frames {
        _ if container == container::FORMAT_ID_OGG => Trims::Pages,
        Some(frames) if is_mpeg(container) => {
            let end = frames.saturating_add(track.padding.unwrap_or(0).into());
            Trims::Count(Timestamp::new(i64::try_from(end).unwrap_or(i64::MAX)))
        }
        _ => Trims::Packets,
    }
}
