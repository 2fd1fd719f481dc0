//! Stereo sound in memory; decoded by ffmpeg, so that the judge does not listen through the ears of the judged.

use anyhow::{Context, Result, ensure};
use std::path::Path;
use std::process::{Command, Stdio};

/// Every corpus record is brought to this rate (all of the dev split already is).
pub(crate) const SAMPLE_RATE_HZ: u32 = 44_100;

/// Left and right, the same number of frames, at [`SAMPLE_RATE_HZ`].
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sound {
    /// Left, right.
    pub(crate) channels: [Vec<f32>; 2],
}

impl Sound {
    /// Decodes any file by ffmpeg; mono plays on both sides.
    pub(crate) fn decode(path: &Path) -> Result<Self> {
        let rate = SAMPLE_RATE_HZ.to_string();
        let output = Command::new("ffmpeg")
            .args(["-v", "error", "-nostdin", "-i"])
            .arg(path)
            .args(["-f", "f32le", "-ac", "2", "-ar", &rate, "-"])
            .stderr(Stdio::inherit())
            .output()
            .context("ffmpeg is needed to decode the corpus (Debian: apt-get install ffmpeg)")?;
        ensure!(output.status.success() && !output.stdout.is_empty(), "ffmpeg could not decode {}", path.display());
        let mut channels = [const { Vec::new() }; 2];
        for frame in output.stdout.chunks_exact(8) {
            channels[0].push(f32::from_le_bytes([frame[0], frame[1], frame[2], frame[3]]));
            channels[1].push(f32::from_le_bytes([frame[4], frame[5], frame[6], frame[7]]));
        }
        Ok(Self { channels })
    }

    /// Writes 32-bit float WAV, which keeps decoded peaks above full scale.
    pub(crate) fn write_float(&self, path: &Path) -> Result<()> {
        self.write(path, 32, hound::SampleFormat::Float, |writer, x| writer.write_sample(x))
    }

    /// Writes 24-bit WAV, rounded; clips nothing that stays below full scale.
    pub(crate) fn write_24_bit(&self, path: &Path) -> Result<()> {
        const FULL_SCALE: f64 = (1 << 23) as f64;
        self.write(path, 24, hound::SampleFormat::Int, |writer, x| {
            writer.write_sample((f64::from(x) * FULL_SCALE).round().clamp(-FULL_SCALE, FULL_SCALE - 1.0) as i32)
        })
    }

    fn write(
        &self,
        path: &Path,
        bits_per_sample: u16,
        sample_format: hound::SampleFormat,
        put: impl Fn(&mut hound::WavWriter<std::io::BufWriter<std::fs::File>>, f32) -> hound::Result<()>,
    ) -> Result<()> {
        let spec = hound::WavSpec { channels: 2, sample_rate: SAMPLE_RATE_HZ, bits_per_sample, sample_format };
        let mut writer = hound::WavWriter::create(path, spec).with_context(|| format!("cannot write {}", path.display()))?;
        for (left, right) in self.channels[0].iter().zip(&self.channels[1]) {
            put(&mut writer, *left)?;
            put(&mut writer, *right)?;
        }
        Ok(writer.finalize()?)
    }

    /// Length in frames.
    pub(crate) fn frames(&self) -> usize {
        self.channels[0].len()
    }

    /// The middle `seconds`, or all where it is shorter.
    pub(crate) fn middle(&self, seconds: f64) -> Self {
        let frames = ((seconds * f64::from(SAMPLE_RATE_HZ)) as usize).min(self.frames());
        let start = (self.frames() - frames) / 2;
        Self { channels: self.channels.each_ref().map(|channel| channel[start..start + frames].to_vec()) }
    }

    /// `seconds` of it, or all where it is shorter; `place` is where between the earliest (0) and the latest (1) start.
    pub(crate) fn section(&self, place: f64, seconds: f64) -> Self {
        let frames = ((seconds * f64::from(SAMPLE_RATE_HZ)) as usize).min(self.frames());
        let start = (place * (self.frames() - frames) as f64) as usize;
        Self { channels: self.channels.each_ref().map(|channel| channel[start..start + frames].to_vec()) }
    }

    /// Adds another sound, frame by frame, as far as both reach (the stems of one record).
    pub(crate) fn add(&mut self, other: &Self) {
        for (mine, theirs) in self.channels.iter_mut().zip(&other.channels) {
            mine.truncate(theirs.len());
            mine.iter_mut().zip(theirs).for_each(|(a, b)| *a += b);
        }
    }

    /// Scales every sample.
    pub(crate) fn scale(&mut self, gain: f64) {
        self.channels.iter_mut().flatten().for_each(|x| *x = (f64::from(*x) * gain) as f32);
    }

    /// Largest magnitude of a sample.
    pub(crate) fn peak(&self) -> f64 {
        f64::from(self.channels.iter().flatten().fold(0f32, |peak, x| peak.max(x.abs())))
    }

    /// Mid, (L+R)/2, and side, (L−R)/2.
    pub(crate) fn mid_side(&self) -> [Vec<f32>; 2] {
        let [left, right] = &self.channels;
        let combine = |sign: f32| left.iter().zip(right).map(|(l, r)| 0.5 * (l + sign * r)).collect();
        [combine(1.0), combine(-1.0)]
    }
}
