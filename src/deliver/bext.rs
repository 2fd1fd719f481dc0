//! The `bext` chunk of a broadcast WAV (EBU Tech 3285, version 2): where it came from, and its loudness.

use crate::analysis::Loudness;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// Bytes of the chunk before its coding history.
const FIXED_BYTES: usize = 602;

/// What the chunk says.
pub(super) struct Bext<'a> {
    pub(super) description: &'a str,
    pub(super) history: &'a str,
    /// When the master was made.
    pub(super) made: SystemTime,
    pub(super) loudness: Loudness,
    /// Title, artist, album, for a `LIST` chunk: beside a `bext` chunk, ffmpeg and its kin leave the texts of an ID3 chunk out.
    /// It is in UTF-8, as ffmpeg reads it; mediainfo takes it for Latin-1.
    pub(super) texts: [Option<&'a str>; 3],
}

impl Bext<'_> {
    /// The content of the chunk.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(FIXED_BYTES + self.history.len());
        let (date, time) = date_time(self.made);
        for (text, width) in [(self.description, 256), ("automaster", 32), ("", 32), (&date, 10), (&time, 8)] {
            let ascii: Vec<u8> =
                text.chars().map(|c| if c.is_ascii() && !c.is_control() { c as u8 } else { b'?' }).take(width).collect();
            out.extend_from_slice(&ascii);
            out.resize(out.len() + width - ascii.len(), 0);
        }
        out.extend_from_slice(&0u64.to_le_bytes());
        out.extend_from_slice(&2u16.to_le_bytes());
        out.extend_from_slice(&[0; 64]);
        let l = &self.loudness;
        for value in [l.integrated_lufs, l.lra_lu, l.true_peak_dbtp, l.max_momentary_lufs, l.max_short_term_lufs] {
            out.extend_from_slice(&((100.0 * value).round() as i16).to_le_bytes());
        }
        out.resize(FIXED_BYTES, 0);
        out.extend_from_slice(self.history.as_bytes());
        out.resize(out.len().next_multiple_of(2), 0);
        out
    }

    /// The content of a `LIST` chunk of kind `INFO`, in UTF-8; empty where there is nothing to say.
    fn list(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for (name, text) in [b"INAM", b"IART", b"IPRD"].into_iter().zip(self.texts) {
            let Some(text) = text.filter(|text| !text.is_empty()) else { continue };
            out.extend_from_slice(name);
            out.extend_from_slice(&(text.len() as u32 + 1).to_le_bytes());
            out.extend_from_slice(text.as_bytes());
            out.push(0);
            out.resize(out.len().next_multiple_of(2), 0);
        }
        if out.is_empty() { out } else { [&b"INFO"[..], &out].concat() }
    }
}

/// Copies a WAV with these chunks put before all others. Errors: not a RIFF file (RF64 is left to others); the disk.
pub(super) fn insert(from: &Path, to: &Path, bext: &Bext) -> io::Result<()> {
    let mut input = BufReader::new(File::open(from)?);
    let mut head = [0; 12];
    input.read_exact(&mut head)?;
    if &head[..4] != b"RIFF" || &head[8..] != b"WAVE" {
        return Err(io::Error::new(io::ErrorKind::Unsupported, "only files under 4 GiB take a bext chunk here"));
    }
    let mut chunks = Vec::new();
    for (name, content) in [(b"bext", bext.bytes()), (b"LIST", bext.list())].into_iter().filter(|(_, bytes)| !bytes.is_empty()) {
        chunks.extend_from_slice(name);
        chunks.extend_from_slice(&(content.len() as u32).to_le_bytes());
        chunks.extend_from_slice(&content);
    }
    let size = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
    let size = size.checked_add(chunks.len() as u32).ok_or_else(|| io::Error::other("no room under 4 GiB"))?;
    let mut output = BufWriter::new(File::create(to)?);
    output.write_all(b"RIFF")?;
    output.write_all(&size.to_le_bytes())?;
    output.write_all(b"WAVE")?;
    output.write_all(&chunks)?;
    io::copy(&mut input, &mut output)?;
    output.flush()
}

/// `yyyy-mm-dd` and `hh:mm:ss` in UTC, by the days-from-civil algorithm (Hinnant).
fn date_time(time: SystemTime) -> (String, String) {
    let seconds = time.duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    let (days, rest) = (seconds / 86_400 + 719_468, seconds % 86_400);
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + 400 * era + u64::from(month <= 2);
    (format!("{year:04}-{month:02}-{day:02}"), format!("{:02}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn dates_are_those_of_the_calendar() {
        let at = |seconds| date_time(UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(at(0), ("1970-01-01".into(), "00:00:00".into()));
        assert_eq!(at(951_782_400 + 3661), ("2000-02-29".into(), "01:01:01".into()));
        assert_eq!(at(1_767_225_599), ("2025-12-31".into(), "23:59:59".into()));
    }
}
