//! The gapless window of an MP4 audio track: which of its decoded frames are music.
//!
//! AAC encoders prepend about 2,000 frames of priming and fill up the last packet. What to cut is told by Apple's
//! `iTunSMPB` tag (exact), or by the edit list (ISO 14496-12, 8.6.6), whose length is in units of the movie, often
//! milliseconds, and is refined by the media's own duration where the two agree.

use super::window::Window;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use symphonia::core::units::TimeBase;

/// Greatest movie header that is looked at; it holds one cover at most and no samples.
const MAX_MOOV_BYTES: u64 = 64 << 20;

/// Finds the window of the first sound track and rewinds the file; `None` where nothing is told.
pub(super) fn window(file: &mut File) -> io::Result<Option<Window>> {
    let moov = read_moov(file);
    file.seek(SeekFrom::Start(0))?;
    Ok(moov?.as_deref().and_then(|moov| itunes_window(moov).or_else(|| edit_window(moov))))
}

fn read_moov(file: &mut File) -> io::Result<Option<Vec<u8>>> {
    let length = file.seek(SeekFrom::End(0))?;
    let mut at = 0;
    // A box may claim any size: what lies beyond the end ends the search.
    while length.saturating_sub(at) >= 8 {
        file.seek(SeekFrom::Start(at))?;
        let mut head = [0; 16];
        let held = 16.min(length - at) as usize;
        file.read_exact(&mut head[..held])?;
        let (head_bytes, bytes) = match be_u32(&head, 0) {
            Some(0) => (8, length - at),
            Some(1) => (16, u64::from_be_bytes([head[8], head[9], head[10], head[11], head[12], head[13], head[14], head[15]])),
            short => (8, short.unwrap_or(0).into()),
        };
        if bytes < head_bytes {
            return Ok(None);
        }
        if &head[4..8] == b"moov" {
            let body = bytes.min(length - at) - head_bytes;
            file.seek(SeekFrom::Start(at + head_bytes))?;
            let mut moov = Vec::new();
            file.by_ref().take(body.min(MAX_MOOV_BYTES)).read_to_end(&mut moov)?;
            return Ok(Some(moov));
        }
        at = at.saturating_add(bytes);
    }
    Ok(None)
}

/// `iTunSMPB`: " 00000000 priming padding frames …" in hexadecimal, in a freeform item of the tag list.
fn itunes_window(moov: &[u8]) -> Option<Window> {
    let name = find(moov, b"iTunSMPB")?;
    let data = name + find(&moov[name..], b"data")?;
    let text = std::str::from_utf8(moov.get(data + 12..data + 12 + 45)?).ok()?;
    let mut fields = text.split_ascii_whitespace().skip(1).map(|field| u64::from_str_radix(field, 16).ok());
    let (skip, _padding, frames) = (fields.next()??, fields.next()??, fields.next()??);
    Some(Window { skip, frames: (frames > 0).then_some(frames), ticks: None })
}

/// The edit list's, in ticks of the media, of which there may be more or fewer a second than samples.
fn edit_window(moov: &[u8]) -> Option<Window> {
    let movie_hz = f64::from(header_timing(atom(moov, b"mvhd")?)?.0);
    let track = atoms(moov).filter(|(id, _)| id == b"trak").map(|(_, body)| body).find(|track| is_sound(track))?;
    let media = atom(track, b"mdia")?;
    let (media_hz, media_ticks) = header_timing(atom(media, b"mdhd")?)?;
    let ticks = TimeBase::try_from_recip(media_hz);
    let held = sample_ticks(media).unwrap_or(0);
    let list = atom(atom(track, b"edts")?, b"elst")?;
    let wide = *list.first()? == 1;
    // Empty edits (time −1) delay the track; the first real one is its window.
    let entries = be_u32(list, 4)?.min(16) as usize;
    (0..entries).find_map(|index| {
        let entry = list.get(8 + index * if wide { 20 } else { 12 }..)?;
        let (movie_ticks, start) = if wide {
            (be_u64(entry, 0)?, be_u64(entry, 8)? as i64)
        } else {
            (be_u32(entry, 0)?.into(), i64::from(be_u32(entry, 4)? as i32))
        };
        let skip = u64::try_from(start).ok()?;
        let told = (movie_ticks as f64 * f64::from(media_hz) / movie_hz).round() as u64;
        let rest = media_ticks.saturating_sub(skip);
        let movie_tick = (f64::from(media_hz) / movie_hz).ceil() as u64;
        // An edit may go on for longer than there are samples.
        let most = held.checked_sub(skip).filter(|&most| most > 0).unwrap_or(u64::MAX);
        let frames = if told.abs_diff(rest) <= movie_tick { rest } else { told }.min(most);
        Some(Window { skip, frames: (frames > 0).then_some(frames), ticks })
    })
}

/// The length of all samples by their table, which is empty where they come in fragments.
fn sample_ticks(media: &[u8]) -> Option<u64> {
    let table = atom(atom(atom(media, b"minf")?, b"stbl")?, b"stts")?;
    let (entries, _) = table.get(8..)?.as_chunks::<8>();
    let ticks = |entry: &[u8; 8]| Some(u64::from(be_u32(entry, 0)?) * u64::from(be_u32(entry, 4)?));
    Some(entries.iter().take(be_u32(table, 4)? as usize).filter_map(ticks).fold(0, u64::saturating_add))
}

fn is_sound(track: &[u8]) -> bool {
    atom(track, b"mdia").and_then(|media| atom(media, b"hdlr")).and_then(|handler| handler.get(8..12)) == Some(b"soun")
}

/// Timescale in Hz and duration of a `mvhd` or `mdhd`.
fn header_timing(header: &[u8]) -> Option<(u32, u64)> {
    let (hz, duration) = match header.first()? {
        1 => (be_u32(header, 20)?, be_u64(header, 24)?),
        _ => (be_u32(header, 12)?, be_u32(header, 16)?.into()),
    };
    (hz > 0).then_some((hz, duration))
}

/// The atoms of a body, in order.
fn atoms(mut body: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    std::iter::from_fn(move || {
        let bytes = be_u32(body, 0)? as usize;
        let id: [u8; 4] = body.get(4..8)?.try_into().ok()?;
        let inside = body.get(8..bytes)?;
        body = &body[bytes..];
        Some((id, inside))
    })
}

fn atom<'a>(body: &'a [u8], id: &[u8; 4]) -> Option<&'a [u8]> {
    atoms(body).find(|(found, _)| found == id).map(|(_, inside)| inside)
}

fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes.windows(needle.len()).position(|window| window == needle)
}

fn be_u32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes)
}

fn be_u64(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..at + 8)?.try_into().ok().map(u64::from_be_bytes)
}
