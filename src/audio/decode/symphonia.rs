//! What symphonia decodes: FLAC, ALAC, MP3, AAC, Ogg Vorbis, CAF, MKA, and ADPCM in WAV.
//!
//! Samples go from the decoder's own buffer straight into the caller's block. Gapless trims come from the packets;
//! MP4 windows and the question whether an MP3's length is told or guessed are answered here, because symphonia does not.
//! A FLAC file's MD5 is compared with that of what was decoded, and a frame that is missing in its middle is a fault.

use super::flac_frame;
use super::guard::guarded;
use super::names::{describe, is_lossy, is_mpeg, word_bits};
use super::packets::{Next, Packets};
use super::part::Part;
use super::pcm_stream::Extent;
use super::samples::append;
use super::sniff::Family;
use super::{Opened, Source, SourceInfo, check_layout, m4a, ogg, ogg_pages, trailer, vorbis_setup};
use crate::audio::{AudioError, AudioWarning};
use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use symphonia::core::codecs::audio::well_known as codec;
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::{Hint, Probe, ProbeableFormat};
use symphonia::core::formats::well_known as container;
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::{MediaSource, MediaSourceStream, MediaSourceStreamOptions};
use symphonia::core::meta::MetadataOptions;
use symphonia::default::formats;

/// Damaged packets of a lossy stream that are bridged in any case, and the share beyond that, 1 in this many.
const BRIDGED_PACKETS: u64 = 4;
const BRIDGED_SHARE: u64 = 50;

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
    let lossy = is_lossy(params.codec);
    let bits = word_bits(&params).filter(|_| !lossy);
    let mut source = SymphoniaSource {
        path: path.to_owned(),
        packets: Packets::new(format, track_id, container == container::FORMAT_ID_OGG),
        decoder,
        rate_hz: params.sample_rate.unwrap_or(0),
        channels: 0,
        lossy,
        at: 0,
        frames: 0,
        silence: 0,
        skip: window.map_or(0, |window| window.skip),
        left: window.and_then(|window| window.frames),
        decoded: 0,
        heard: 0,
        damaged: 0,
        first_damage_s: 0.0,
        numbered: (container == container::FORMAT_ID_FLAC).then_some(None),
        checksum_wrong: false,
        cut: false,
        ended: false,
        may_end: last_page.as_ref().is_some_and(|page| page.whole && page.ends_packet),
        uncounted: last_page.as_ref().filter(|_| lossy).map_or(0, ogg::LastPage::uncounted),
    };
    // The first packet tells what the header may only claim.
    while source.frames == 0 && source.next()? {}
    if source.channels == 0 {
        return Err(match declared {
            _ if source.cut => broken(),
            Some(1..) => AudioError::corrupt(path, 0.0, "nothing of it can be decoded"),
            _ => AudioError::Empty { path: path.to_owned() },
        });
    }
    let info = SourceInfo {
        format: describe(container, params.codec, bits),
        sample_rate_hz: source.rate_hz,
        channels: source.channels,
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

struct SymphoniaSource {
    path: PathBuf,
    packets: Packets,
    decoder: Box<dyn AudioDecoder>,
    rate_hz: u32,
    channels: usize,
    lossy: bool,
    /// Next frame of the decoder's buffer, and how many there are.
    at: usize,
    frames: usize,
    /// Frames of silence owed for packets that could not be decoded.
    silence: u64,
    /// Frames still to be dropped at the head, and still to be delivered.
    skip: u64,
    left: Option<u64>,
    /// Frames decoded so far.
    decoded: u64,
    /// Packets so far, and the damaged ones among them.
    heard: u64,
    damaged: u64,
    first_damage_s: f64,
    /// Of a stream whose packets say where they belong: the place of the first one, once it is known.
    numbered: Option<Option<i64>>,
    /// The checksum in the header is not that of what was decoded.
    checksum_wrong: bool,
    cut: bool,
    ended: bool,
    /// A stream that ends with the file, marked or not, for its last page is whole.
    may_end: bool,
    /// What the header may count beyond what there is.
    uncounted: u64,
}

impl SymphoniaSource {
    fn seconds(&self) -> f64 {
        self.decoded as f64 / f64::from(self.rate_hz.max(1))
    }

    fn corrupt(&self, what: impl Into<String>) -> AudioError {
        AudioError::corrupt(&self.path, self.seconds(), what)
    }

    /// Decodes the next packet of the track; false at the end.
    fn next(&mut self) -> Result<bool, AudioError> {
        let packet = loop {
            match self.packets.next() {
                Next::Packet(packet) => break packet,
                Next::End { cut } => return Ok(self.end(cut)),
                Next::Chained => self.follow_chain()?,
                Next::Fault(error) => return Err(self.fault(error)),
                Next::Broken => return Err(self.corrupt("the stream cannot be parsed")),
            }
        };
        self.heard += 1;
        self.check_place(packet.pts.get())?;
        let Self { decoder, .. } = self;
        if self.numbered.is_none() && decoder.codec_params().codec == codec::CODEC_ID_FLAC && !flac_frame::is_whole(&packet.data)
        {
            return Err(self.corrupt("a frame does not fit its checksum"));
        }
        match guarded(|| {
            decoder.decode(&packet).map(|buffer| (buffer.frames(), buffer.spec().rate(), buffer.spec().channels().count()))
        }) {
            None => Err(self.corrupt("the decoder failed")),
            Some(Ok((frames, rate_hz, channels))) => {
                self.check_spec(rate_hz, channels)?;
                (self.at, self.frames) = (0, frames);
                self.decoded += frames as u64;
                Ok(true)
            }
            Some(Err(Error::DecodeError(_) | Error::IoError(_))) if self.bridges() => {
                (self.at, self.frames) = (0, 0);
                self.silence += packet.dur.get();
                self.decoded += packet.dur.get();
                Ok(true)
            }
            Some(Err(error)) => Err(self.fault(error)),
        }
    }

    /// A frame that fails its own checksum is left out by the parser: the next one tells.
    fn check_place(&mut self, place: i64) -> Result<(), AudioError> {
        let Some(first) = &mut self.numbered else { return Ok(()) };
        let missing = place.saturating_sub(*first.get_or_insert(place)).saturating_sub_unsigned(self.decoded);
        // Frames that come twice are read twice, as other readers do.
        if missing <= 0 { Ok(()) } else { Err(self.corrupt(format!("{missing} frames are damaged or missing"))) }
    }

    fn end(&mut self, cut: bool) -> bool {
        self.ended = true;
        self.checksum_wrong = self.decoder.finalize().verify_ok == Some(false);
        self.cut = cut && !self.may_end;
        false
    }

    /// Counts a damaged packet; whether silence may stand in for it.
    fn bridges(&mut self) -> bool {
        if self.damaged == 0 {
            self.first_damage_s = self.seconds();
        }
        self.damaged += 1;
        self.lossy && self.channels > 0 && self.damaged <= BRIDGED_PACKETS + self.heard / BRIDGED_SHARE
    }

    fn check_spec(&mut self, rate_hz: u32, channels: usize) -> Result<(), AudioError> {
        if self.channels == 0 {
            check_layout(&self.path, rate_hz, channels as u32)?;
            (self.rate_hz, self.channels) = (rate_hz, channels);
        }
        if (rate_hz, channels) == (self.rate_hz, self.channels) {
            return Ok(());
        }
        Err(self.corrupt(format!("changes to {channels} channels at {rate_hz} Hz on the way")))
    }

    /// Streams may be chained one behind the other: takes up the next one.
    fn follow_chain(&mut self) -> Result<(), AudioError> {
        let track = self.packets.format.default_track(TrackType::Audio);
        let params = track.and_then(|track| Some((track.id, track.codec_params.as_ref()?.audio()?)));
        let (id, params) =
            params.ok_or_else(|| AudioError::corrupt(&self.path, self.seconds(), "a chained stream holds no sound"))?;
        self.decoder = decoder(&self.path, self.seconds(), params, &AudioDecoderOptions::default())?;
        self.packets.track_id = id;
        Ok(())
    }

    fn fault(&self, error: Error) -> AudioError {
        match error {
            Error::IoError(source) if source.kind() != ErrorKind::UnexpectedEof => AudioError::io(&self.path, source),
            Error::IoError(_) => self.corrupt("a packet ends early"),
            Error::Unsupported(what) => AudioError::unsupported(&self.path, what),
            Error::DecodeError(what) | Error::LimitError(what) => self.corrupt(what),
            other => self.corrupt(other.to_string()),
        }
    }
}

impl Source for SymphoniaSource {
    fn read(&mut self, channels: &mut [Vec<f32>], max_frames: usize) -> Result<usize, AudioError> {
        let mut read = 0;
        while read < max_frames && self.left != Some(0) {
            let pending = if self.silence > 0 { self.silence } else { (self.frames - self.at) as u64 };
            if pending == 0 {
                if self.ended || !self.next()? {
                    break;
                }
                continue;
            }
            let dropped = self.skip.min(pending);
            let wanted =
                if dropped > 0 { dropped } else { pending.min((max_frames - read) as u64).min(self.left.unwrap_or(u64::MAX)) };
            let frames = wanted as usize;
            if dropped == 0 {
                if self.silence > 0 {
                    channels.iter_mut().for_each(|channel| channel.resize(channel.len() + frames, 0.0));
                } else {
                    append(&self.decoder.last_decoded(), self.at, frames, channels);
                }
                read += frames;
                self.left = self.left.map(|left| left - wanted);
            }
            self.skip -= dropped;
            if self.silence > 0 {
                self.silence -= wanted;
            } else {
                self.at += frames;
            }
        }
        Ok(read)
    }

    fn cut(&self) -> bool {
        self.cut
    }

    fn uncounted(&self) -> u64 {
        self.uncounted
    }

    fn warnings(&self) -> Vec<AudioWarning> {
        let damaged = AudioWarning::DamagedPackets { packets: self.damaged, first_s: self.first_damage_s };
        let checksum = self.checksum_wrong.then_some(AudioWarning::ChecksumWrong);
        (self.damaged > 0).then_some(damaged).into_iter().chain(checksum).collect()
    }
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
