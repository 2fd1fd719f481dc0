//! The end of an Ogg file: whether its last page is whole and marked as the last, and where it says the stream ends.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// Two pages of the greatest length (27 + 255 + 255 · 255 bytes) surely hold a page's start.
const TAIL_BYTES: u64 = 2 * 65_307;

/// The last page of a file.
pub(super) struct LastPage {
    /// All its bytes are there.
    pub(super) whole: bool,
    /// The packet that it ends with is whole too.
    pub(super) ends_packet: bool,
    /// It is marked as the last of its stream.
    pub(super) end_mark: bool,
    /// End of the stream in frames, as the last whole page tells; −1 where it tells nothing.
    pub(super) granule: i64,
}

/// Frames of Vorbis' largest block.
const LARGEST_BLOCK: u64 = 8192;

impl LastPage {
    /// How many frames more than there are the page of a whole stream may count: a block that its encoder never wrote.
    pub(super) fn uncounted(&self) -> u64 {
        if self.whole && self.end_mark { LARGEST_BLOCK } else { 0 }
    }
}

/// Looks for the last page (RFC 3533, section 6) and rewinds the file; `None` where there is none.
pub(super) fn last_page(file: &mut File) -> io::Result<Option<LastPage>> {
    let length = file.seek(SeekFrom::End(0))?;
    let start = length.saturating_sub(TAIL_BYTES);
    file.seek(SeekFrom::Start(start))?;
    let mut tail = Vec::new();
    file.by_ref().take(TAIL_BYTES).read_to_end(&mut tail)?;
    file.seek(SeekFrom::Start(0))?;

    let mut starts = (0..tail.len()).rev().filter(|&at| tail[at..].starts_with(b"OggS\0"));
    let Some(last) = starts.next() else { return Ok(None) };
    let whole = |at: usize| page_bytes(&tail[at..]).is_some_and(|bytes| at + bytes <= tail.len());
    let told = if whole(last) { Some(last) } else { starts.find(|&at| whole(at)) };
    Ok(Some(LastPage {
        whole: whole(last),
        ends_packet: segments(&tail[last..]).and_then(|table| table.last()).is_none_or(|&bytes| bytes < 255),
        end_mark: tail.get(last + 5).is_some_and(|flags| flags & 4 != 0),
        granule: told.and_then(|at| granule(&tail[at..])).unwrap_or(-1),
    }))
}

/// Length of a page by its segment table; `None` where the table is cut.
fn page_bytes(page: &[u8]) -> Option<usize> {
    let table = segments(page)?;
    Some(27 + table.len() + table.iter().map(|&bytes| usize::from(bytes)).sum::<usize>())
}

/// A page's segment table: a packet ends with the first segment of less than 255 bytes.
fn segments(page: &[u8]) -> Option<&[u8]> {
    page.get(27..27 + usize::from(*page.get(26)?))
}

fn granule(page: &[u8]) -> Option<i64> {
    page.get(6..14)?.try_into().ok().map(i64::from_le_bytes)
}
