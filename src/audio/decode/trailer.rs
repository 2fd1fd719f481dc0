//! Foreign tags behind the sound: ID3v1, APEv2 and Lyrics3v2. Where they are left on, the last FLAC frame seems damaged.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// Tags that may follow each other.
const MOST_TAGS: usize = 8;
const ID3V1_BYTES: u64 = 128;
const APE_FOOTER_BYTES: u64 = 32;
/// Six digits of length and the word behind them.
const LYRICS_FOOTER_BYTES: u64 = 15;

/// Where the sound of a FLAC or MPEG file ends: the length of the file less the tags behind it. Rewinds the file.
pub(super) fn sound_end(file: &mut File) -> io::Result<u64> {
    let mut end = file.seek(SeekFrom::End(0))?;
    for _ in 0..MOST_TAGS {
        match tag_bytes(file, end)? {
            Some(bytes) if bytes <= end => end -= bytes,
            _ => break,
        }
    }
    file.seek(SeekFrom::Start(0))?;
    Ok(end)
}

/// The length of the tag that ends at `end`.
fn tag_bytes(file: &mut File, end: u64) -> io::Result<Option<u64>> {
    if tail::<128>(file, end)?.is_some_and(|tag| tag.starts_with(b"TAG")) {
        return Ok(Some(ID3V1_BYTES));
    }
    if let Some(footer) = tail::<32>(file, end)?.filter(|footer| footer.starts_with(b"APETAGEX")) {
        let word = |at: usize| u32::from_le_bytes([footer[at], footer[at + 1], footer[at + 2], footer[at + 3]]);
        // The length counts the footer but not the header, of which the highest flag tells.
        let header = if word(20) >> 31 == 1 { APE_FOOTER_BYTES } else { 0 };
        return Ok(Some(u64::from(word(12)).max(APE_FOOTER_BYTES) + header));
    }
    let lyrics = tail::<15>(file, end)?.filter(|footer| footer.ends_with(b"LYRICS200"));
    let bytes = lyrics.and_then(|footer| std::str::from_utf8(&footer[..6]).ok()?.parse::<u64>().ok());
    Ok(bytes.map(|bytes| bytes + LYRICS_FOOTER_BYTES))
}

/// The last `N` bytes before `end`; `None` where there are fewer.
fn tail<const N: usize>(file: &mut File, end: u64) -> io::Result<Option<[u8; N]>> {
    let Some(start) = end.checked_sub(N as u64) else { return Ok(None) };
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = [0; N];
    file.read_exact(&mut bytes)?;
    Ok(Some(bytes))
}
