//! AAC-LC in M4A by the system's ffmpeg: samples go in through a pipe, the file comes out through the temporary folder. There it has no
//! name where the system can do without (it is ffmpeg's standard output): a process that is killed leaves nothing behind.
//!
//! The encoders that could be built along have licences that this program cannot take (FDK), so it uses what is there. Apple's
//! encoder is another one: its overshoots differ in detail, not in kind.

use super::{CodecError, Coding, Encode, interleave};
use std::ffi::OsString;
use std::io::{self, Write};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

/// Whether there is an ffmpeg that starts.
pub(super) fn available() -> Result<(), CodecError> {
    static FOUND: OnceLock<bool> = OnceLock::new();
    let starts = || {
        let mut probe = Command::new("ffmpeg");
        probe.arg("-version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        probe.status().is_ok_and(|status| status.success())
    };
    if *FOUND.get_or_init(starts) { Ok(()) } else { Err(CodecError::NoFfmpeg) }
}

/// A stream on its way into ffmpeg.
pub(super) struct Aac {
    coding: Coding,
    child: Child,
    file: Encoded,
    samples: Vec<f32>,
    bytes: Vec<u8>,
}

impl Aac {
    pub(super) fn new(coding: Coding, rate_hz: u32, channels: usize) -> Result<Self, CodecError> {
        let (file, name, output) = Encoded::new()?;
        let mut ffmpeg = Command::new("ffmpeg");
        ffmpeg.args(["-hide_banner", "-loglevel", "error", "-nostdin", "-y", "-f", "f32le"]);
        ffmpeg.args(["-ar", &rate_hz.to_string(), "-ac", &channels.to_string(), "-i", "pipe:0"]);
        ffmpeg.args(["-c:a", "aac", "-b:a", &format!("{}k", coding.bitrate_kbps), "-threads", "1"]);
        ffmpeg.args(["-fflags", "+bitexact", "-flags:a", "+bitexact", "-map_metadata", "-1", "-f", "ipod"]).arg(name);
        ffmpeg.stdin(Stdio::piped()).stdout(output).stderr(Stdio::piped());
        let child = ffmpeg.spawn().map_err(|error| CodecError::encoder(coding, error))?;
        Ok(Self { coding, child, file, samples: Vec::new(), bytes: Vec::new() })
    }
}

/// The file that ffmpeg writes; the container's head is written last, so it cannot be a pipe.
#[cfg(unix)]
struct Encoded(std::fs::File);

#[cfg(unix)]
impl Encoded {
    /// A file without a name, the name by which ffmpeg opens it, and ffmpeg's standard output. Errors: the temporary folder.
    fn new() -> io::Result<(Self, OsString, Stdio)> {
        let file = tempfile::tempfile()?;
        let output = Stdio::from(file.try_clone()?);
        Ok((Self(file), "/dev/stdout".into(), output))
    }

    /// What it holds.
    fn bytes(mut self) -> io::Result<Vec<u8>> {
        use std::io::{Read, Seek};
        let mut bytes = Vec::new();
        self.0.rewind()?;
        self.0.read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// The file that ffmpeg writes; the container's head is written last, so it cannot be a pipe.
#[cfg(not(unix))]
struct Encoded(tempfile::TempPath);

#[cfg(not(unix))]
impl Encoded {
    /// A file, the name by which ffmpeg opens it, and ffmpeg's standard output. Errors: the temporary folder.
    fn new() -> io::Result<(Self, OsString, Stdio)> {
        let file = tempfile::Builder::new().prefix("automaster-").suffix(".m4a").tempfile()?.into_temp_path();
        let name = file.as_os_str().to_owned();
        Ok((Self(file), name, Stdio::null()))
    }

    /// What it holds.
    fn bytes(self) -> io::Result<Vec<u8>> {
        std::fs::read(&self.0)
    }
}

impl Encode for Aac {
    fn push(&mut self, channels: &[Vec<f32>]) -> Result<(), CodecError> {
        self.samples.clear();
        self.bytes.clear();
        interleave(channels, &mut self.samples);
        self.bytes.extend(self.samples.iter().flat_map(|sample| sample.to_le_bytes()));
        // A pipe that is closed early is told of, with ffmpeg's reason, at the end.
        if let Some(pipe) = &mut self.child.stdin
            && pipe.write_all(&self.bytes).is_err()
        {
            self.child.stdin = None;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<u8>, CodecError> {
        let cut = self.child.stdin.take().is_none();
        let Self { coding, child, file, .. } = *self;
        let ended = child.wait_with_output().map_err(|error| CodecError::encoder(coding, error))?;
        if cut || !ended.status.success() {
            let said = String::from_utf8_lossy(&ended.stderr);
            let what = said.lines().last().unwrap_or("ffmpeg ended early").trim().to_owned();
            return Err(CodecError::encoder(coding, what));
        }
        Ok(file.bytes()?)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// A process that is killed while it encodes cannot remove a file; so there is none with a name.
    #[test]
    fn what_is_encoded_has_no_name_and_is_read_back_whole() {
        let (file, name, output) = Encoded::new().unwrap();
        let named = |path: &str| std::fs::read_link(path).unwrap_or_default().to_string_lossy().into_owned();
        assert_eq!(name, "/dev/stdout");
        let mut writer = Command::new("sh");
        writer.args(["-c", "printf whole > /dev/stdout"]).stdout(output);
        if cfg!(target_os = "linux") {
            use std::os::fd::AsRawFd;
            let place = named(&format!("/proc/self/fd/{}", file.0.as_raw_fd()));
            assert!(place.ends_with("(deleted)"), "{place}");
        }
        assert!(writer.status().unwrap().success());
        assert_eq!(file.bytes().unwrap(), b"whole");
    }
}
