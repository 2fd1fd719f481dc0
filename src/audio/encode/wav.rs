//! WAV: RIFF up to 4 GiB, and the same file turned into RF64 beyond (EBU Tech 3306, section 3).
//!
//! ```text
//! RIFF size WAVE │ JUNK 28 bytes … │ fmt (by hound) │ data size │ samples
//! RF64  −1  WAVE │ ds64 the sizes  │ fmt            │ data  −1  │ samples
//! ```
//!
//! The length need not be known beforehand: a chunk of junk keeps the place of the 64-bit sizes, and only the end decides.

use super::EncodeFormat;
use crate::audio::format::SampleFormat;
use crate::audio::pcm::{append_interleaved, packed};
use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};

/// Content of a `ds64` chunk without a table: RIFF size, data size, frame count (64 bits each), table length.
const DS64_BYTES: u32 = 28;

/// What a file has become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Riff {
    /// 32-bit sizes.
    Plain,
    /// RF64.
    Wide,
}

/// A WAV file being written.
pub(super) struct WavWriter {
    file: BufWriter<File>,
    sample_format: SampleFormat,
    frame_bytes: u64,
    header_bytes: u64,
    data_bytes: u64,
    /// Greatest RIFF size that is written as such.
    riff_limit: u64,
    bytes: Vec<u8>,
}

impl WavWriter {
    /// Writes the header to an empty file.
    pub(super) fn create(file: File, format: &EncodeFormat) -> io::Result<Self> {
        Self::create_with_limit(file, format, u32::MAX.into())
    }

    fn create_with_limit(file: File, format: &EncodeFormat, riff_limit: u64) -> io::Result<Self> {
        let bits = format.sample_format.bits();
        let float = format.sample_format == SampleFormat::Float32;
        let plain = hound::WavSpec {
            channels: format.channels as u16,
            sample_rate: format.sample_rate_hz,
            bits_per_sample: bits as u16,
            sample_format: if float { hound::SampleFormat::Float } else { hound::SampleFormat::Int },
        }
        .into_header_for_infinite_file();
        let (riff, rest) = plain.split_at(12);
        let mut header = riff.to_vec();
        header.extend_from_slice(b"JUNK");
        header.extend_from_slice(&DS64_BYTES.to_le_bytes());
        header.resize(header.len() + DS64_BYTES as usize, 0);
        header.extend_from_slice(rest);
        let mut file = BufWriter::with_capacity(1 << 16, file);
        file.write_all(&header)?;
        Ok(Self {
            file,
            sample_format: format.sample_format,
            frame_bytes: u64::from(bits / 8) * format.channels as u64,
            header_bytes: header.len() as u64,
            data_bytes: 0,
            riff_limit,
            bytes: Vec::new(),
        })
    }

    /// Appends integer words, one vector a channel.
    pub(super) fn push_words(&mut self, words: &[Vec<i32>]) -> io::Result<()> {
        self.bytes.clear();
        match self.sample_format {
            SampleFormat::Int16 => append_interleaved(words, &mut self.bytes, |word: i32| (word as i16).to_le_bytes()),
            SampleFormat::Int24 => packed::append_interleaved(words, &mut self.bytes),
            SampleFormat::Int32 | SampleFormat::Float32 => append_interleaved(words, &mut self.bytes, i32::to_le_bytes),
        }
        self.push_bytes()
    }

    /// Appends float samples, one vector a channel.
    pub(super) fn push_floats(&mut self, samples: &[Vec<f32>]) -> io::Result<()> {
        self.bytes.clear();
        append_interleaved(samples, &mut self.bytes, f32::to_le_bytes);
        self.push_bytes()
    }

    fn push_bytes(&mut self) -> io::Result<()> {
        self.data_bytes += self.bytes.len() as u64;
        self.file.write_all(&self.bytes)
    }

    /// Pads the data to an even length and fills in the sizes.
    pub(super) fn finish(mut self) -> io::Result<Riff> {
        let padding = self.data_bytes % 2;
        self.file.write_all(&[0][..padding as usize])?;
        let riff_bytes = self.header_bytes - 8 + self.data_bytes + padding;
        let riff = if riff_bytes <= self.riff_limit { Riff::Plain } else { Riff::Wide };
        match riff {
            Riff::Plain => {
                self.patch(4, &(riff_bytes as u32).to_le_bytes())?;
                self.patch(self.header_bytes - 4, &(self.data_bytes as u32).to_le_bytes())?;
            }
            Riff::Wide => {
                let mut head = b"RF64\xFF\xFF\xFF\xFFWAVEds64".to_vec();
                head.extend_from_slice(&DS64_BYTES.to_le_bytes());
                for size in [riff_bytes, self.data_bytes, self.data_bytes / self.frame_bytes] {
                    head.extend_from_slice(&size.to_le_bytes());
                }
                head.extend_from_slice(&0_u32.to_le_bytes());
                self.patch(0, &head)?;
                self.patch(self.header_bytes - 4, &u32::MAX.to_le_bytes())?;
            }
        }
        self.file.flush()?;
        Ok(riff)
    }

    fn patch(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(at))?;
        self.file.write_all(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::AudioBuffer;
    use crate::audio::decode::Decoder;
    use crate::audio::format::{Container, Dither};

    #[test]
    fn beyond_the_limit_a_file_becomes_rf64_and_reads_back() {
        let format = EncodeFormat {
            container: Container::Wav,
            sample_format: SampleFormat::Int24,
            dither: Dither::None,
            sample_rate_hz: 48_000,
            channels: 1,
        };
        let words: Vec<i32> = (0..1001).map(|index| index * 7_919 - 3_000_000).collect();
        for (limit, magic, riff) in [(u64::MAX, b"RIFF", Riff::Plain), (2_000, b"RF64", Riff::Wide)] {
            let file = tempfile::NamedTempFile::new().expect("created");
            let mut writer = WavWriter::create_with_limit(file.reopen().expect("opened"), &format, limit).expect("header");
            writer.push_words(std::slice::from_ref(&words)).expect("written");
            assert_eq!(writer.finish().expect("finished"), riff);
            let bytes = std::fs::read(file.path()).expect("read");
            assert!(bytes.starts_with(magic) && bytes.len().is_multiple_of(2));
            let mut decoder = Decoder::open(file.path()).expect("opened");
            assert_eq!(decoder.info().frames, Some(1001));
            let mut block = AudioBuffer::default();
            assert_eq!(decoder.read(&mut block, 5_000).expect("read"), 1001);
            assert!(block.channels[0].iter().zip(&words).all(|(&sample, &word)| sample * 8_388_608.0 == word as f32));
        }
    }
}
