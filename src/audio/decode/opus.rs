//! Opus in Ogg (RFC 6716, RFC 7845): decoded at 48 kHz, pre-skip and end trim applied, header gain applied.

use super::guard::guarded;
use super::{Opened, Source, SourceInfo, check_layout, ogg, ogg_pages};
use crate::audio::{AudioError, AudioWarning};
use opus_pure::packet::samples_48k;
use opus_pure::{MAX_PACKET_SAMPLES, OggOpusReader, OggPacket, OpusDecoder, OpusHead, Trim};
use std::fs::File;
use std::io::{BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Opus decodes at 48 kHz whatever rate the encoder was fed with.
const RATE_HZ: u32 = 48_000;

/// Opens an Opus file.
pub(super) fn open(path: &Path, mut file: File) -> Result<Opened, AudioError> {
    let io = |source| AudioError::io(path, source);
    let failed = || AudioError::corrupt(path, 0.0, "the Opus reader failed on the header");
    let walked = ogg_pages::walk(&mut file).map_err(io)?;
    let missing = walked.map_err(|why| AudioError::corrupt(path, 0.0, why))?;
    let last_page = ogg::last_page(&mut file).map_err(io)?;
    let reader = guarded(|| OggOpusReader::new(BufReader::new(file))).ok_or_else(failed)?;
    let mut reader = reader.map_err(|error| fault(path, 0.0, error))?;
    let first = guarded(|| first_granule(&mut reader)).ok_or_else(failed)?.map_err(|error| fault(path, 0.0, error))?;
    let head = reader.head();
    check_layout(path, RATE_HZ, head.channel_count.into())?;
    let channels = usize::from(head.channel_count);
    let decoder = decoder(path, head)?;
    let trim = Trim::new(head, RATE_HZ as i32, channels).map_err(|error| fault(path, 0.0, error))?;

    let music = |granule: u64| granule.saturating_sub(first).saturating_sub(head.pre_skip.into());
    let declared = last_page.as_ref().and_then(|page| u64::try_from(page.granule).ok()).filter(|&end| end > 0).map(music);
    let mut warnings = Vec::new();
    match &last_page {
        Some(page) if !page.whole => {
            let at_s = declared.unwrap_or(0) as f64 / f64::from(RATE_HZ);
            warnings.push(AudioWarning::Truncated { at_s, declared_s: None });
        }
        Some(page) if !page.end_mark => warnings.push(AudioWarning::NoEndMark),
        _ => {}
    }
    if let Some(missing) = missing {
        let first_s = music(missing.after) as f64 / f64::from(RATE_HZ);
        warnings.push(AudioWarning::PagesMissing { pages: missing.pages, first_s });
    }
    let info = SourceInfo {
        format: "Ogg Opus".to_owned(),
        sample_rate_hz: RATE_HZ,
        channels,
        frames: declared.filter(|_| warnings.is_empty()),
        bits: None,
        lossy: true,
    };
    let source = OpusSource {
        path: path.to_owned(),
        reader,
        decoder,
        trim,
        channels,
        first,
        packet: OggPacket::default(),
        decoded: vec![0.0; MAX_PACKET_SAMPLES * channels],
        pending: 0..0,
        delivered: 0,
        cut: false,
    };
    Ok(Opened { info, source: Box::new(source), warnings })
}

/// Where the stream begins by its own count (RFC 7845, 4.5), which is not 0 where it was cut out of a longer one or joined on the way: the
/// end of its first page of sound, less the packets that end there. Leaves the reader at the first packet.
fn first_granule(reader: &mut OggOpusReader<BufReader<File>>) -> opus_pure::Result<u64> {
    let (mut packet, mut page, mut samples) = (OggPacket::default(), None, 0);
    // What is wrong with a packet is told when it is decoded.
    while matches!(reader.read_packet_into(&mut packet), Ok(true)) {
        if *page.get_or_insert(packet.page_granule) != packet.page_granule {
            break;
        }
        samples += samples_48k(&packet.data).unwrap_or(0) as i64;
    }
    reader.rewind()?;
    Ok(page.and_then(|end| u64::try_from(end.saturating_sub(samples)).ok()).unwrap_or(0))
}

/// The decoder of a stream. Channel mappings (RFC 7845, 5.1.1) other than the plain one are read where they say the same: one stream,
/// each channel in its place.
fn decoder(path: &Path, head: &OpusHead) -> Result<OpusDecoder, AudioError> {
    let plain = head.stream_count == 1 && head.coupled_count + 1 == head.channel_count;
    if head.mapping_family != 0 && !(plain && head.channel_mapping.iter().copied().eq(0..head.channel_count)) {
        let (streams, family) = (head.stream_count, head.mapping_family);
        return Err(AudioError::unsupported(path, format!("Opus with {streams} streams in channel mapping family {family}")));
    }
    let decoder = OpusDecoder::new(RATE_HZ as i32, head.channel_count.into());
    let mut decoder = decoder.map_err(|error| fault(path, 0.0, error))?;
    decoder.gain_q8 = head.output_gain_q8.into();
    Ok(decoder)
}

struct OpusSource {
    path: PathBuf,
    reader: OggOpusReader<BufReader<File>>,
    decoder: OpusDecoder,
    trim: Trim,
    channels: usize,
    /// Where the stream begins by the count of its pages.
    first: u64,
    packet: OggPacket,
    /// One packet, interleaved.
    decoded: Vec<f32>,
    /// The part of `decoded` that was not handed out yet.
    pending: Range<usize>,
    delivered: u64,
    cut: bool,
}

impl OpusSource {
    /// Decodes the next packet; false at the end.
    fn next(&mut self) -> Result<bool, AudioError> {
        let at_s = self.delivered as f64 / f64::from(RATE_HZ);
        let Self { reader, decoder, packet, decoded, path, .. } = self;
        let step = guarded(|| -> opus_pure::Result<Option<usize>> {
            if !reader.read_packet_into(packet)? {
                return Ok(None);
            }
            decoder.decode(&packet.data, MAX_PACKET_SAMPLES, decoded).map(Some)
        });
        match step {
            None => Err(AudioError::corrupt(path, at_s, "the Opus decoder failed")),
            Some(Ok(None)) if another_follows(self.reader.get_ref()).map_err(|source| AudioError::io(path, source))? => {
                Err(AudioError::unsupported(path, "a chain of several Opus streams in one file"))
            }
            Some(Ok(None)) => Ok(false),
            Some(Ok(Some(frames))) => {
                if let Ok(granule) = u64::try_from(self.packet.page_granule) {
                    self.packet.page_granule = granule.saturating_sub(self.first) as i64;
                }
                self.pending = self.trim.keep_range(&self.packet, frames * self.channels);
                Ok(true)
            }
            Some(Err(error)) if is_early_end(&error) => {
                self.cut = true;
                Ok(false)
            }
            Some(Err(error)) => Err(fault(path, at_s, error)),
        }
    }
}

impl Source for OpusSource {
    fn read(&mut self, channels: &mut [Vec<f32>], max_frames: usize) -> Result<usize, AudioError> {
        let mut read = 0;
        while read < max_frames && !self.cut {
            if self.pending.is_empty() {
                if !self.next()? {
                    break;
                }
                continue;
            }
            let frames = (self.pending.len() / self.channels).min(max_frames - read);
            let end = self.pending.start + frames * self.channels;
            for (index, channel) in channels.iter_mut().enumerate() {
                channel.extend(self.decoded[self.pending.start..end].iter().skip(index).step_by(self.channels));
            }
            self.pending.start = end;
            read += frames;
            self.delivered += frames as u64;
        }
        Ok(read)
    }

    fn cut(&self) -> bool {
        self.cut
    }
}

/// Whether a page follows the one that was marked as the last. The reader is done: its place in the file may be changed.
fn another_follows(reader: &BufReader<File>) -> std::io::Result<bool> {
    let mut file = reader.get_ref();
    let at = file.stream_position()?.saturating_sub(reader.buffer().len() as u64);
    file.seek(SeekFrom::Start(at))?;
    let mut head = Vec::new();
    file.take(4).read_to_end(&mut head)?;
    Ok(head == b"OggS")
}

/// The reader says in words alone that the bytes ran out.
fn is_early_end(error: &opus_pure::Error) -> bool {
    match error {
        opus_pure::Error::Io(error) => error.kind() == ErrorKind::UnexpectedEof,
        opus_pure::Error::InvalidStream(what) => what.contains("ends inside") || what.contains("ends in the middle"),
        _ => false,
    }
}

fn fault(path: &Path, at_s: f64, error: opus_pure::Error) -> AudioError {
    match error {
        early if is_early_end(&early) => AudioError::Truncated { path: path.to_owned(), at_s, declared_s: None },
        opus_pure::Error::Io(source) => AudioError::io(path, source),
        other => AudioError::corrupt(path, at_s, other.to_string()),
    }
}
