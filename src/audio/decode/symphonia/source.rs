//! The samples of one track: packets decoded one after the other, damage bridged or refused, head and tail trimmed.

use super::probe::decoder;
use crate::audio::decode::guard::guarded;
use crate::audio::decode::names::is_lossy;
use crate::audio::decode::packets::{Next, Packets};
use crate::audio::decode::samples::append;
use crate::audio::decode::window::{Window, frames};
use crate::audio::decode::{Source, check_layout, flac_frame, ogg};
use crate::audio::{AudioError, AudioWarning};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use symphonia::core::codecs::audio::well_known as codec;
use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::TrackType;
use symphonia::core::packet::Packet;
use symphonia::core::units::TimeBase;

/// Damaged packets of a lossy stream that are bridged in any case, and the share beyond that, 1 in this many.
const BRIDGED_PACKETS: u64 = 4;
const BRIDGED_SHARE: u64 = 50;
/// Frames of the longest packet: a block of ADPCM, 64 KiB of two samples a byte. A container may claim any length.
const LONGEST_PACKET: u64 = 1 << 17;

/// The sound of one track.
pub(super) struct SymphoniaSource {
    path: PathBuf,
    packets: Packets,
    decoder: Box<dyn AudioDecoder>,
    rate_hz: u32,
    channels: usize,
    lossy: bool,
    /// Next frame of the decoder's buffer, and how many there are.
    at: usize,
    frames: usize,
    /// Length of a tick of the container; where none is told, a frame.
    ticks: Option<TimeBase>,
    /// Frames of the last packet that gave any.
    usual: u64,
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
    /// The bytes end before what holds them says, whatever their own end looks like.
    breaks_off: bool,
    cut: bool,
    ended: bool,
    /// A stream that ends with the file, marked or not, for its last page is whole.
    may_end: bool,
    /// What the header may count beyond what there is.
    uncounted: u64,
}

/// What a container tells of how its packets lie in time and where they end.
pub(super) struct Ends<'a> {
    /// The last page of an Ogg file.
    pub(super) last_page: Option<&'a ogg::LastPage>,
    /// Packets say at which frame they belong.
    pub(super) numbered: bool,
    /// Length of the tick that packets count in; where none is told, a frame.
    pub(super) ticks: Option<TimeBase>,
    /// The container holds less than it says.
    pub(super) cut: bool,
}

impl SymphoniaSource {
    /// A track at its first packet.
    pub(super) fn new(path: &Path, packets: Packets, decoder: Box<dyn AudioDecoder>, ends: &Ends<'_>) -> Self {
        let lossy = is_lossy(decoder.codec_params().codec);
        Self {
            path: path.to_owned(),
            packets,
            decoder,
            rate_hz: 0,
            channels: 0,
            lossy,
            at: 0,
            frames: 0,
            ticks: ends.ticks,
            usual: 0,
            silence: 0,
            skip: 0,
            left: None,
            decoded: 0,
            heard: 0,
            damaged: 0,
            first_damage_s: 0.0,
            numbered: ends.numbered.then_some(None),
            checksum_wrong: false,
            breaks_off: ends.cut,
            cut: false,
            ended: false,
            may_end: ends.last_page.is_some_and(|page| page.whole && page.ends_packet),
            uncounted: ends.last_page.filter(|_| lossy).map_or(0, ogg::LastPage::uncounted),
        }
    }

    /// Decodes to the first sound: its sample rate and channels, which the header may only claim; none where there is no sound.
    pub(super) fn begin(&mut self) -> Result<Option<(u32, usize)>, AudioError> {
        while self.frames == 0 && self.next()? {}
        Ok((self.channels > 0).then_some((self.rate_hz, self.channels)))
    }

    /// Delivers these frames alone, before anything was delivered.
    pub(super) fn keep(&mut self, window: Window) {
        (self.skip, self.left) = (window.skip, window.frames);
    }

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
                if frames > 0 {
                    self.usual = frames as u64;
                }
                self.decoded += frames as u64;
                Ok(true)
            }
            Some(Err(Error::DecodeError(_) | Error::IoError(_))) if self.bridges() => {
                (self.at, self.frames) = (0, 0);
                let frames = self.length(&packet);
                self.silence += frames;
                self.decoded += frames;
                Ok(true)
            }
            Some(Err(error)) => Err(self.fault(error)),
        }
    }

    /// Frames of a packet that cannot be decoded: as its container tells; where that tells none, or counts in ticks too long to tell the
    /// two apart, as many as the one before.
    fn length(&self, packet: &Packet) -> u64 {
        let told = frames(packet.dur.get(), self.ticks, self.rate_hz).min(LONGEST_PACKET);
        let tick = frames(1, self.ticks, self.rate_hz);
        if packet.block_dur().is_zero() || told.abs_diff(self.usual) < tick { self.usual } else { told }
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
        self.cut = self.breaks_off || (cut && !self.may_end);
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
