//! A chunk behind the samples of a finished WAV file: what is in the file stays where it is, however long it is.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};

/// Appends a chunk (RIFF: name, length, bytes, padding to an even place) to a file and mends the length that its head tells. False, and
/// nothing is written, where the RIFF chunk is, or would then be, longer than 4 GiB.
pub(super) fn append(file: &mut File, name: [u8; 4], bytes: &[u8]) -> io::Result<bool> {
    let end = file.seek(SeekFrom::End(0))?;
    let (length, padding) = (bytes.len() as u64, bytes.len() % 2);
    // The head's own 8 bytes do not count, and the new chunk's 8 do.
    let riff_bytes = end + length + padding as u64;
    let (Ok(riff_bytes), Ok(length)) = (u32::try_from(riff_bytes), u32::try_from(length)) else { return Ok(false) };
    file.write_all(&name)?;
    file.write_all(&length.to_le_bytes())?;
    file.write_all(bytes)?;
    file.write_all(&[0][..padding])?;
    file.seek(SeekFrom::Start(4))?;
    file.write_all(&riff_bytes.to_le_bytes())?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_is_appended_and_counted() {
        let file = tempfile::NamedTempFile::new().expect("created");
        let head = *b"RIFF\x08\x00\x00\x00WAVE1234";
        std::fs::write(file.path(), head).expect("written");
        let mut opened = File::options().read(true).write(true).open(file.path()).expect("opened");
        assert!(append(&mut opened, *b"ID3 ", b"tag").expect("tried"));
        assert_eq!(std::fs::read(file.path()).expect("read"), b"RIFF\x14\x00\x00\x00WAVE1234ID3 \x03\x00\x00\x00tag\x00");
    }

    /// A file of nearly 4 GiB that takes no room on the disk: a tag that does not fit leaves it as it was.
    #[test]
    fn nothing_is_appended_beyond_4_gib() {
        let mut file = tempfile::tempfile().expect("created");
        let length = u64::from(u32::MAX) - 10;
        file.set_len(length).expect("a file system of long files");
        assert!(!append(&mut file, *b"ID3 ", &[1; 12]).expect("tried"));
        assert_eq!(file.metadata().expect("metadata").len(), length);
        assert!(append(&mut file, *b"ID3 ", &[1; 9]).expect("tried"));
    }
}
