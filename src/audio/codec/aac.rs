//! AAC-LC in M4A by the system's ffmpeg: samples go in through a pipe, the file comes out through the temporary folder.
//!
//! The encoders that could be built along have licences that this program cannot take (FDK), so it uses what is there. Apple's
//! encoder is another one: its overshoots differ in detail, not in kind.

use super::{CodecError, Coding, Encode, interleave};
use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use tempfile::TempPath;

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
    file: TempPath,
    samples: Vec<f32>,
    bytes: Vec<u8>,
}

impl Aac {
    pub(super) fn new(coding: Coding, rate_hz: u32, channels: usize) -> Result<Self, CodecError> {
        let file = tempfile::Builder::new().prefix("automaster-").suffix(".m4a").tempfile()?.into_temp_path();
        let mut ffmpeg = Command::new("ffmpeg");
        ffmpeg.args(["-hide_banner", "-loglevel", "error", "-nostdin", "-y", "-f", "f32le"]);
        ffmpeg.args(["-ar", &rate_hz.to_string(), "-ac", &channels.to_string(), "-i", "pipe:0"]);
        ffmpeg.args(["-c:a", "aac", "-b:a", &format!("{}k", coding.bitrate_kbps), "-threads", "1"]);
        ffmpeg.args(["-fflags", "+bitexact", "-flags:a", "+bitexact", "-map_metadata", "-1", "-f", "ipod"]).arg(&file);
        ffmpeg.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let child = ffmpeg.spawn().map_err(|error| CodecError::encoder(coding, error))?;
        Ok(Self { coding, child, file, samples: Vec::new(), bytes: Vec::new() })
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
        Ok(std::fs::read(&file)?)
    }
}
