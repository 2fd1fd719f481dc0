//! A first look at a file: which reader takes it, and what it is where none does.

use crate::audio::AudioError;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// Bytes looked at.
const HEAD_BYTES: u64 = 4096;

/// Which reader takes the file.
pub(super) enum Kind {
    /// RIFF, RIFX, RF64 or BW64 WAVE.
    Wav,
    /// Wave64: the same with names of 16 bytes and 64-bit lengths.
    Wave64,
    /// AIFF or AIFC.
    Aiff,
    /// Opus in Ogg.
    OggOpus,
    /// FLAC or MPEG audio, which may have tags of other formats around it.
    Tagged,
    /// Another format that symphonia reads, by its first bytes.
    Known,
    /// Left to symphonia's probe.
    Other,
}

/// Formats that symphonia reads: (offset, magic). MPEG streams without a tag have no magic.
const KNOWN: [(usize, &[u8]); 4] = [(0, b"OggS"), (0, b"caff"), (4, b"ftyp"), (0, b"\x1A\x45\xDF\xA3")];

/// Audio formats that are recognised only to be named: (offset, magic, name).
const UNSUPPORTED: [(usize, &[u8], &str); 8] = [
    (0, b"wvpk", "WavPack"),
    (0, b"MAC ", "Monkey's Audio"),
    (0, b"TTA1", "True Audio"),
    (0, b"DSD ", "DSD (DSF)"),
    (0, b"FRM8", "DSD (DSDIFF)"),
    (0, b"\x30\x26\xB2\x75\x8E\x66\xCF\x11", "Windows Media Audio"),
    (0, b"#!AMR", "AMR"),
    (0, b"MThd", "a MIDI file, which holds notes and no sound,"),
];

/// Files of another kind: (offset, magic, what it looks like).
const NOT_AUDIO: [(usize, &[u8], &str); 8] = [
    (0, b"\x89PNG", "a PNG picture"),
    (0, b"\xFF\xD8\xFF", "a JPEG picture"),
    (0, b"GIF8", "a GIF picture"),
    (0, b"%PDF", "a PDF document"),
    (0, b"PK\x03\x04", "a ZIP archive"),
    (0, b"\x1F\x8B", "a gzip archive"),
    (0, b"\x7FELF", "a program"),
    (8, b"AVI ", "an AVI video"),
];

/// Looks at the head of the file and rewinds it.
pub(super) fn sniff(path: &Path, file: &mut File) -> Result<Kind, AudioError> {
    let mut head = Vec::new();
    file.by_ref().take(HEAD_BYTES).read_to_end(&mut head).map_err(|source| AudioError::io(path, source))?;
    file.seek(SeekFrom::Start(0)).map_err(|source| AudioError::io(path, source))?;

    let has = |offset: usize, magic: &[u8]| head.get(offset..).is_some_and(|rest| rest.starts_with(magic));
    let not_audio = |looks_like| Err(AudioError::NotAudio { path: path.to_owned(), looks_like });
    if head.is_empty() {
        return not_audio("a file of zero bytes");
    }
    if [&b"RIFF"[..], b"RIFX", b"RF64", b"BW64"].iter().any(|id| has(0, id)) && has(8, b"WAVE") {
        return Ok(Kind::Wav);
    }
    if has(0, b"riff\x2E\x91\xCF\x11") && has(24, b"wave\xF3\xAC\xD3\x11") {
        return Ok(Kind::Wave64);
    }
    if has(0, b"FORM") && (has(8, b"AIFF") || has(8, b"AIFC")) {
        return Ok(Kind::Aiff);
    }
    if has(0, b"OggS") && head.windows(8).any(|window| window == b"OpusHead") {
        return Ok(Kind::OggOpus);
    }
    if has(0, b"caff") && !is_sound_caf(&head) {
        return Err(AudioError::corrupt(path, 0.0, "the description chunk declares no channels or impossible packets"));
    }
    if has(0, b"fLaC") || has(0, b"ID3") {
        return Ok(Kind::Tagged);
    }
    if KNOWN.iter().any(|(offset, magic)| has(*offset, magic)) {
        return Ok(Kind::Known);
    }
    if let Some((.., name)) = UNSUPPORTED.iter().find(|(offset, magic, _)| has(*offset, magic)) {
        return Err(AudioError::unsupported(path, *name));
    }
    if let Some((.., looks_like)) = NOT_AUDIO.iter().find(|(offset, magic, _)| has(*offset, magic)) {
        return not_audio(looks_like);
    }
    if is_text(&head) {
        return not_audio("a text file");
    }
    if head.iter().all(|&byte| byte == 0) {
        return not_audio("nothing but zeros");
    }
    Ok(Kind::Other)
}

/// Symphonia takes a CAF's packet sizes and channel count as they come: it allocates by the first and divides by the last.
/// The description chunk is the first: bytes a packet at 36, frames a packet at 40, channels at 44.
fn is_sound_caf(head: &[u8]) -> bool {
    let u32_at = |at: usize| head.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes);
    let below = |at: usize, limit: u32| u32_at(at).is_some_and(|value| value < limit);
    below(36, 1 << 20) && below(40, 1 << 16) && u32_at(44).is_some_and(|channels| channels > 0)
}

/// Printable UTF-8 throughout (a character cut at the end aside). Every audio format has a control byte in its header.
fn is_text(head: &[u8]) -> bool {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default(),
        Err(_) => return false,
    };
    !text.is_empty() && text.chars().all(|char| !char.is_control() || char.is_ascii_whitespace())
}
