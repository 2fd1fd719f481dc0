//! Compact disc: 16 bits at 44.1 kHz, noise-shaped dither once, whole sectors, and the sheets that burning programs read.

use super::shelf::Shelf;
use super::{plan, samples, stem};
use crate::audio::AudioBuffer;
use crate::audio::format::{Container, Dither, SampleFormat};
use crate::audio::spill::{Spill, SpillWriter};
use crate::error::Error;
use crate::job::Song;
use crate::progress::Progress;
use crate::render;
use crate::target::delivery::Profile;

/// Frames of a sector; every index of a disc falls on one.
const SECTOR: u64 = 588;
/// Sectors of a second.
const SECTORS_PER_S: u64 = 75;
const RATE_HZ: u32 = 44_100;
/// Shortest track (Red Book).
const SHORTEST_S: f64 = 4.0;
/// The standard pause before the first track, in sectors.
const PREGAP: u64 = 150;
const BLOCK_FRAMES: usize = 8192;

/// Makes image, cue, TOC, PQ list and checksums.
pub(super) fn make(shelf: &mut Shelf, song: &Song, profile: &Profile, progress: &Progress) -> Result<(), Error> {
    if shelf.whole()? {
        return Ok(());
    }
    let seconds = song.analysis.frames as f64 / f64::from(song.info.sample_rate_hz);
    if seconds < SHORTEST_S {
        let what = format!("only {seconds:.1} s long; a track of a compact disc lasts {SHORTEST_S} s at least");
        return Err(Error::Music { path: song.path.clone(), what });
    }
    let peak = song.analysis.loudness.true_peak_dbtp;
    // Resampling moves peaks a little, and so does dither: the limiter is there, and idle where nothing reaches the ceiling.
    let plan = plan(song, (Container::Wav, SampleFormat::Int16, Dither::Shaped), RATE_HZ, Some(profile.ceiling_dbtp));
    let (wav, stem) = (format!("{}.wav", stem(song)), stem(song));
    let made = shelf.sound(&wav, |path| {
        let whole = whole_sectors(samples(song)?)?;
        // Tags would be chunks that old burning programs take for sound.
        render::render(&whole, None, &plan, path, true, progress).map(drop)
    })?;
    let frames = made.audio.as_ref().map_or(0, |audio| audio.frames);
    let [title, artist, album] =
        song.metadata.as_ref().map_or([None; 3], |metadata| metadata.title_artist_album()).map(|text| text.map(str::to_owned));
    let disc = Disc { title: title.unwrap_or_else(|| stem.clone()), artist: artist.unwrap_or_default(), album, wav, frames };
    shelf.text(&format!("{stem}.cue"), &disc.cue())?;
    shelf.text(&format!("{stem}.toc"), &disc.toc())?;
    shelf.text("PQ.txt", &disc.pq())?;
    shelf.text("checksums.md5", &format!("{}  {}\n", made.md5, disc.wav))?;
    let sectors = frames / SECTOR;
    shelf.note(format!("One track of {sectors} sectors ({}), {frames} frames: every index falls on a sector.", msf(sectors)));
    if peak > profile.ceiling_dbtp {
        let source = profile.ceiling_source.words();
        shelf.note(format!("The master's true peak of {peak:.1} dBTP was limited to {} dBTP ({source}).", profile.ceiling_dbtp));
    }
    Ok(())
}

/// The samples, with silence after them so that at 44.1 kHz they fill whole sectors.
fn whole_sectors(audio: &Spill) -> Result<Spill, Error> {
    let mut writer = SpillWriter::create(audio.sample_rate_hz(), audio.channels())?;
    let mut block = AudioBuffer::default();
    let mut at = 0;
    while at < audio.frames() {
        at += audio.read(at, &mut block, BLOCK_FRAMES)? as u64;
        writer.push(&block.channels)?;
    }
    let missing = padding(audio.frames(), audio.sample_rate_hz());
    writer.push(&vec![vec![0.0; missing as usize]; audio.channels()])?;
    Ok(writer.finish()?)
}

/// Frames to add to `frames` at `rate_hz` so that resampling gives whole sectors. Output grows by 0 to 6 frames an input frame or
/// by one in nine: a multiple is met within a sector or jumped over, so the first that fits is looked for.
fn padding(frames: u64, rate_hz: u32) -> u64 {
    let rate = u64::from(rate_hz);
    let out = |frames: u64| (2 * frames * u64::from(RATE_HZ) + rate) / (2 * rate);
    (0..).find(|more| out(frames + more).is_multiple_of(SECTOR)).unwrap_or(0)
}

/// Minutes, seconds and sectors.
fn msf(sectors: u64) -> String {
    let seconds = sectors / SECTORS_PER_S;
    format!("{:02}:{:02}:{:02}", seconds / 60, seconds % 60, sectors % SECTORS_PER_S)
}

struct Disc {
    title: String,
    artist: String,
    album: Option<String>,
    wav: String,
    frames: u64,
}

impl Disc {
    fn cue(&self) -> String {
        let mut out = String::new();
        let mut line = |text: String| out += &(text + "\n");
        line(format!("PERFORMER {}", quoted(&self.artist)));
        line(format!("TITLE {}", quoted(self.album.as_ref().unwrap_or(&self.title))));
        line(format!("FILE {} WAVE", quoted(&self.wav)));
        line("  TRACK 01 AUDIO".to_owned());
        line(format!("    TITLE {}", quoted(&self.title)));
        line(format!("    PERFORMER {}", quoted(&self.artist)));
        line("    INDEX 01 00:00:00".to_owned());
        out
    }

    /// As cdrdao reads it; the standard pause before the first track is implied.
    fn toc(&self) -> String {
        let text = |title: &str, more: &str| {
            format!(
                "CD_TEXT {{\n{more}  LANGUAGE 0 {{\n    TITLE {}\n    PERFORMER {}\n  }}\n}}\n",
                quoted(title),
                quoted(&self.artist)
            )
        };
        let disc = text(self.album.as_ref().unwrap_or(&self.title), "  LANGUAGE_MAP { 0 : EN }\n");
        let track = text(&self.title, "");
        format!(
            "CD_DA\n\n{disc}\nTRACK AUDIO\nNO COPY\nNO PRE_EMPHASIS\nTWO_CHANNEL_AUDIO\n{track}FILE {} 0\n",
            quoted(&self.wav)
        )
    }

    /// The PQ list: every index with its time on the disc.
    fn pq(&self) -> String {
        let sectors = self.frames / SECTOR;
        format!(
            "track  index  on disc   in file   frames      title\n   01     00  {}  -         -           (pause)\n   \
             01     01  {}  {}  {:<10}  {}\n   AA     01  {}  {}  -           (lead-out)\n",
            msf(0),
            msf(PREGAP),
            msf(0),
            self.frames,
            self.title,
            msf(PREGAP + sectors),
            msf(sectors)
        )
    }
}

/// In quotes; sheets know no escapes that all programs understand.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "'").replace(['\n', '\r', '\\'], " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sectors_are_whole_from_any_rate() {
        for rate_hz in [44_100, 48_000, 88_200, 96_000, 192_000, 22_050] {
            for frames in [1, 587, 588, 123_456, 10_000_001] {
                let all = frames + padding(frames, rate_hz);
                let out = (2 * all * 44_100 + u64::from(rate_hz)) / (2 * u64::from(rate_hz));
                assert!(out.is_multiple_of(SECTOR), "{rate_hz} {frames}");
                assert!(padding(frames, rate_hz) <= 4 * SECTOR * u64::from(rate_hz).div_ceil(44_100), "{rate_hz} {frames}");
            }
        }
        assert_eq!((padding(588, 44_100), padding(589, 44_100)), (0, 587));
        assert_eq!((msf(0), msf(150), msf(75 * 61 + 3)), ("00:00:00".into(), "00:02:00".into(), "01:01:03".into()));
    }
}
