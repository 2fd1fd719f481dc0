//! A first look at a file: which reader takes it, and what it is where none does.

use crate::audio::AudioError;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// Bytes looked at.
const HEAD_BYTES: u64 = 4096;

/// ID3v2 tags that may follow each other in front of the sound.
const MOST_TAGS: usize = 8;

/// Where the sound begins, and which reader takes it.
pub(super) struct Found {
    pub(super) at: u64,
    pub(super) kind: Kind,
}

/// Which reader takes the file.
pub(super) enum Kind {
    /// RIFF, RIFX, RF64 or BW64 WAVE.
    Wav,
    /// Wave64: the same with names of 16 bytes and 64-bit lengths.
    Wave64,
    /// AIFF or AIFC.
    Aiff,
    /// CAF.
    Caf,
    /// Opus in Ogg.
    OggOpus,
    /// A format that symphonia reads.
    Family(Family),
}

/// The formats that symphonia reads. Each has its reader: none is looked for in the middle of another.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Flac,
    Ogg,
    Mp4,
    Matroska,
    /// CAF with packets of a codec, its header checked.
    Caf,
    /// WAV with ADPCM, its header checked.
    Wav,
    /// MP1, MP2, MP3 or AAC in ADTS; `tagged`: a tag stands before it, else nothing says that it is sound.
    Mpeg {
        tagged: bool,
    },
}

/// Formats that symphonia reads: (offset, magic, family). MPEG streams have no magic.
const KNOWN: [(usize, &[u8], Family); 4] = [
    (0, b"fLaC", Family::Flac),
    (0, b"OggS", Family::Ogg),
    (4, b"ftyp", Family::Mp4),
    (0, b"\x1A\x45\xDF\xA3", Family::Matroska),
];

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

/// Looks at the head of the file, behind tags, and rewinds it.
pub(super) fn sniff(path: &Path, file: &mut File) -> Result<Found, AudioError> {
    let io = |source| AudioError::io(path, source);
    let at = behind_tags(file).map_err(io)?;
    let mut head = Vec::new();
    file.by_ref().take(HEAD_BYTES).read_to_end(&mut head).map_err(io)?;
    file.seek(SeekFrom::Start(0)).map_err(io)?;

    let has = |offset: usize, magic: &[u8]| head.get(offset..).is_some_and(|rest| rest.starts_with(magic));
    let not_audio = |looks_like| Err(AudioError::NotAudio { path: path.to_owned(), looks_like });
    let found = |kind| Ok(Found { at, kind });
    if head.is_empty() {
        return not_audio(if at == 0 { "a file of zero bytes" } else { "a tag without sound" });
    }
    if [&b"RIFF"[..], b"RIFX", b"RF64", b"BW64"].iter().any(|id| has(0, id)) && has(8, b"WAVE") {
        return found(Kind::Wav);
    }
    if has(0, b"riff\x2E\x91\xCF\x11") && has(24, b"wave\xF3\xAC\xD3\x11") {
        return found(Kind::Wave64);
    }
    if has(0, b"FORM") && (has(8, b"AIFF") || has(8, b"AIFC")) {
        return found(Kind::Aiff);
    }
    // These say where things are by their place in the whole file: no tag comes before them.
    let first = at == 0;
    if first && has(0, b"caff") {
        return found(Kind::Caf);
    }
    if first && has(0, b"OggS") && head.windows(8).any(|window| window == b"OpusHead") {
        return found(Kind::OggOpus);
    }
    let known = KNOWN.iter().find(|(offset, magic, family)| has(*offset, magic) && (first || *family == Family::Flac));
    if let Some((.., family)) = known {
        return found(Kind::Family(*family));
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
    found(Kind::Family(Family::Mpeg { tagged: !first }))
}

/// Where the file goes on behind its ID3v2 tags, whose length is in four bytes of seven bits; leaves the file there.
fn behind_tags(file: &mut File) -> io::Result<u64> {
    let mut at = 0;
    for _ in 0..MOST_TAGS {
        let mut head = Vec::new();
        file.seek(SeekFrom::Start(at))?;
        file.by_ref().take(10).read_to_end(&mut head)?;
        if head.len() < 10 || !head.starts_with(b"ID3") {
            break;
        }
        let footer = if head[5] & 0x10 == 0 { 0 } else { 10 };
        at += 10 + footer + head[6..].iter().fold(0, |bytes, &byte| bytes << 7 | u64::from(byte & 0x7F));
    }
    file.seek(SeekFrom::Start(at))?;
    Ok(at)
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
