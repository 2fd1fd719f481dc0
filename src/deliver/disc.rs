//! The sheets of a compact disc whose tracks lie in one file: cue, TOC for cdrdao, PQ list. All times in whole sectors.

use super::latin::{bytes, latin};
use crate::audio::resample::frames_at;
use std::collections::BTreeSet;

/// Frames of a sector; every index of a disc falls on one.
pub const SECTOR_FRAMES: u64 = 588;
/// Sectors of a second.
const SECTORS_PER_S: u64 = 75;
/// Sample rate of a disc in Hz.
pub const DISC_RATE_HZ: u32 = 44_100;
/// Shortest track (Red Book), seconds.
pub const SHORTEST_TRACK_S: f64 = 4.0;
/// The standard pause before the first track, in sectors.
pub const PREGAP_SECTORS: u64 = 150;

/// A disc.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Disc {
    /// Title of the disc.
    pub title: String,
    /// Artist of the disc.
    pub artist: String,
    /// Catalogue number, 13 digits.
    pub ean: Option<String>,
    /// Name of the file with all sound.
    pub wav: String,
    /// The tracks, at least one.
    pub tracks: Vec<DiscTrack>,
}

/// A track of a disc.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DiscTrack {
    /// Title.
    pub title: String,
    /// Artist.
    pub artist: String,
    /// ISRC, 12 characters.
    pub isrc: Option<String>,
    /// Sectors of its pause in the file (index 00), before the music; 0 for the first track, whose pause is not in the file.
    pub pause_sectors: u64,
    /// Sectors of its music, to the next track's pause.
    pub sectors: u64,
}

/// Frames to add to `frames` at `rate_hz` so that resampling gives whole sectors. Output grows by 0 to 6 frames an input frame or
/// by one in nine: a multiple is met within a sector or jumped over, so the first that fits is looked for.
pub fn padding_frames(frames: u64, rate_hz: u32) -> u64 {
    (0..).find(|more| frames_at(frames + more, rate_hz, DISC_RATE_HZ).is_multiple_of(SECTOR_FRAMES)).unwrap_or(0)
}

/// Sectors that so many frames at `rate_hz` fill, padded.
pub fn padded_sectors(frames: u64, rate_hz: u32) -> u64 {
    frames_at(frames + padding_frames(frames, rate_hz), rate_hz, DISC_RATE_HZ) / SECTOR_FRAMES
}

/// Minutes, seconds and sectors.
pub fn msf(sectors: u64) -> String {
    let seconds = sectors / SECTORS_PER_S;
    format!("{:02}:{:02}:{:02}", seconds / 60, seconds % 60, sectors % SECTORS_PER_S)
}

impl Disc {
    /// First sector of each track's pause and of its music, in the file.
    pub(super) fn starts(&self) -> Vec<(u64, u64)> {
        let place = |at: &mut u64, track: &DiscTrack| {
            let pause = *at;
            *at += track.pause_sectors + track.sectors;
            Some((pause, pause + track.pause_sectors))
        };
        self.tracks.iter().scan(0, place).collect()
    }

    /// All sectors.
    pub fn sectors(&self) -> u64 {
        self.tracks.iter().map(|track| track.pause_sectors + track.sectors).sum()
    }

    /// What CD-Text and the sheets cannot show as it is written, in sentences for people.
    pub fn respelled(&self) -> Vec<String> {
        let tracks = self.tracks.iter().flat_map(|track| [&track.title, &track.artist]);
        let texts: BTreeSet<&String> = [&self.title, &self.artist].into_iter().chain(tracks).collect();
        let sheet = |text: &&String| {
            let sheet = plain(text);
            (sheet != **text).then(|| format!("Cue and TOC show \"{text}\" as \"{sheet}\": sheets know no quotes within a text."))
        };
        let note = |text: &&String| {
            let (spelling, differs) = latin(text);
            differs.then(|| format!("CD-Text shows \"{text}\" as \"{spelling}\": players know the letters of ISO 8859-1 alone."))
        };
        texts.iter().filter_map(note).chain(texts.iter().filter_map(sheet)).collect()
    }

    /// What the disc does not say of itself, in a sentence for people.
    pub fn nameless(&self) -> Option<String> {
        let by_tracks = self.tracks.iter().any(|track| !is_blank(&track.artist));
        let names = if by_tracks { "that of its tracks alone" } else { "none" };
        is_blank(&self.artist).then(|| format!("The disc has no artist: its CD-Text names {names}."))
    }

    /// The cue sheet, in UTF-8; a text that says nothing has no line, as cdrdao takes no empty one.
    pub fn cue(&self) -> String {
        let mut out = String::new();
        let mut line = |text: String| out += &(text + "\n");
        if let Some(ean) = &self.ean {
            line(format!("CATALOG {ean}"));
        }
        said("PERFORMER", &self.artist).into_iter().for_each(&mut line);
        said("TITLE", &self.title).into_iter().for_each(&mut line);
        line(format!("FILE {} WAVE", quoted(&self.wav)));
        for (n, (track, (pause, music))) in self.tracks.iter().zip(self.starts()).enumerate() {
            line(format!("  TRACK {:02} AUDIO", n + 1));
            said("    TITLE", &track.title).into_iter().for_each(&mut line);
            said("    PERFORMER", &track.artist).into_iter().for_each(&mut line);
            if let Some(isrc) = &track.isrc {
                line(format!("    ISRC {isrc}"));
            }
            if pause < music {
                line(format!("    INDEX 00 {}", msf(pause)));
            }
            line(format!("    INDEX 01 {}", msf(music)));
        }
        out
    }

    /// As cdrdao reads it, with CD-Text in ISO 8859-1 (letters beyond ASCII as octal numbers, which every version takes); the standard
    /// pause before the first track is implied. What the disc or one of its tracks says, all say, as CD-Text wants it; what none says is
    /// left out.
    pub fn toc(&self) -> String {
        let titled = !is_blank(&self.title) || self.tracks.iter().any(|track| !is_blank(&track.title));
        let performed = !is_blank(&self.artist) || self.tracks.iter().any(|track| !is_blank(&track.artist));
        let text = |title: &str, artist: &str, more: &str| {
            let fields = [("TITLE", titled, title), ("PERFORMER", performed, artist)];
            let line = |(key, says, text): (&str, bool, &str)| says.then(|| format!("    {key} {}\n", escaped(text)));
            let lines: String = fields.into_iter().filter_map(line).collect();
            if lines.is_empty() { lines } else { format!("CD_TEXT {{\n{more}  LANGUAGE 0 {{\n{lines}  }}\n}}\n") }
        };
        let catalog = self.ean.as_ref().map(|ean| format!("CATALOG \"{ean}\"\n")).unwrap_or_default();
        let mut out = format!("CD_DA\n{catalog}\n{}", text(&self.title, &self.artist, "  LANGUAGE_MAP { 0 : EN }\n"));
        for (track, (pause, music)) in self.tracks.iter().zip(self.starts()) {
            let isrc = track.isrc.as_ref().map(|isrc| format!("ISRC \"{isrc}\"\n")).unwrap_or_default();
            let words = text(&track.title, &track.artist, "");
            let length = msf(track.pause_sectors + track.sectors);
            out += &format!("\nTRACK AUDIO\nNO COPY\nNO PRE_EMPHASIS\nTWO_CHANNEL_AUDIO\n{isrc}{words}");
            out += &format!("FILE {} {} {length}\n", quoted(&self.wav), msf(pause));
            if pause < music {
                out += &format!("START {}\n", msf(track.pause_sectors));
            }
        }
        out
    }

    /// The PQ list: every index with its time on the disc.
    pub fn pq(&self) -> String {
        let mut out = String::from("track  index  on disc   in file   frames      title\n");
        let mut row = |track: &str, index: u32, disc: u64, file: Option<u64>, frames: Option<u64>, title: &str| {
            let file = file.map_or("-".to_owned(), msf);
            let frames = frames.map_or("-".to_owned(), |frames| frames.to_string());
            out += &format!("   {track:<2}     {index:02}  {}  {file:<8}  {frames:<10}  {title}\n", msf(disc));
        };
        for (n, (track, (pause, music))) in self.tracks.iter().zip(self.starts()).enumerate() {
            let number = format!("{:02}", n + 1);
            match n {
                0 => row(&number, 0, 0, None, None, "(pause)"),
                _ if pause < music => {
                    row(&number, 0, PREGAP_SECTORS + pause, Some(pause), Some(track.pause_sectors * SECTOR_FRAMES), "(pause)");
                }
                _ => {}
            }
            row(&number, 1, PREGAP_SECTORS + music, Some(music), Some(track.sectors * SECTOR_FRAMES), &track.title);
        }
        row("AA", 1, PREGAP_SECTORS + self.sectors(), Some(self.sectors()), None, "(lead-out)");
        out += "\nTimes are min:s:frames, 75 frames (sectors) a second; the column counts frames of sound, 588 a sector.\n";
        out
    }
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// A line of the cue; none where the text says nothing.
fn said(key: &str, text: &str) -> Option<String> {
    (!is_blank(text)).then(|| format!("{key} {}", quoted(text)))
}

/// In quotes for cdrdao: ISO 8859-1, what is not ASCII as octal numbers.
fn escaped(text: &str) -> String {
    let letter = |byte: u8| if byte.is_ascii() { char::from(byte).to_string() } else { format!("\\{byte:03o}") };
    let spelled = latin(text).0;
    format!("\"{}\"", bytes(&plain(&spelled)).into_iter().map(letter).collect::<String>())
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", plain(text))
}

/// Fit for quotes; sheets know no escapes that all programs understand.
fn plain(text: &str) -> String {
    text.replace('"', "'").replace(['\n', '\r', '\\'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sectors_are_whole_from_any_rate() {
        for rate_hz in [44_100, 48_000, 88_200, 96_000, 192_000, 22_050] {
            for frames in [1, 587, 588, 123_456, 10_000_001] {
                let all = frames + padding_frames(frames, rate_hz);
                let out = (2 * all * 44_100 + u64::from(rate_hz)) / (2 * u64::from(rate_hz));
                assert!(out.is_multiple_of(SECTOR_FRAMES), "{rate_hz} {frames}");
                let most = 4 * SECTOR_FRAMES * u64::from(rate_hz).div_ceil(44_100);
                assert!(padding_frames(frames, rate_hz) <= most, "{rate_hz} {frames}");
            }
        }
        assert_eq!((padding_frames(588, 44_100), padding_frames(589, 44_100)), (0, 587));
        assert_eq!([588, 589].map(|frames| padded_sectors(frames, 44_100)), [1, 2]);
        assert_eq!(padded_sectors(96_000 * 60, 96_000), 60 * SECTORS_PER_S);
        assert_eq!((msf(0), msf(150), msf(75 * 61 + 3)), ("00:00:00".into(), "00:02:00".into(), "01:01:03".into()));
    }

    #[test]
    fn cd_text_is_written_in_the_letters_that_players_know() {
        let track = DiscTrack { title: "“Megtört” Álom".into(), artist: "Москва".into(), ..DiscTrack::default() };
        let disc = Disc { title: "Björk".into(), wav: "Bjö.wav".into(), tracks: vec![track], ..Disc::default() };
        let toc = disc.toc();
        assert!(toc.contains(r#"TITLE "Bj\366rk""#) && toc.contains(r#"TITLE "'Megt\366rt' \301lom""#), "{toc}");
        assert!(toc.contains(r#"PERFORMER "Moskva""#) && toc.contains("FILE \"Bjö.wav\""), "{toc}");
        assert!(disc.cue().contains("PERFORMER \"Москва\""), "the cue keeps every letter");
        let notes = disc.respelled().join("\n");
        assert!(notes.contains("\"Москва\" as \"Moskva\"") && !notes.contains("Björk"), "{notes}");
    }

    #[test]
    fn what_nobody_says_has_no_line() {
        let track = |title: &str, artist: &str| DiscTrack {
            title: title.into(),
            artist: artist.into(),
            sectors: 600,
            ..DiscTrack::default()
        };
        let disc = |tracks| Disc { title: "T".into(), wav: "x.wav".into(), tracks, ..Disc::default() };
        let silent = disc(vec![track("a", ""), track("", " ")]);
        let (cue, toc) = (silent.cue(), silent.toc());
        assert!(!cue.contains("PERFORMER") && !cue.contains("\"\"") && cue.matches("TITLE").count() == 2, "{cue}");
        // A track without a title says so, as others have one; of performers there is nothing to say.
        assert!(!toc.contains("PERFORMER") && toc.matches("TITLE").count() == 3, "{toc}");
        assert_eq!(silent.nameless().as_deref(), Some("The disc has no artist: its CD-Text names none."));
        let guest = disc(vec![track("a", "A Guest"), track("b", "")]);
        assert_eq!((guest.cue().matches("PERFORMER").count(), guest.toc().matches("PERFORMER").count()), (1, 3));
        assert!(guest.nameless().unwrap().ends_with("names that of its tracks alone."));
        let named = Disc { artist: "The Band".into(), ..silent };
        assert!(named.nameless().is_none() && named.cue().starts_with("PERFORMER \"The Band\"\n"));
        let nothing = Disc { title: String::new(), ..disc(vec![track("", "")]) };
        assert!(!nothing.toc().contains("CD_TEXT"), "{}", nothing.toc());
    }

    #[test]
    fn quotes_that_no_sheet_can_hold_are_told() {
        let disc = Disc { title: "12\" Mix".into(), artist: "A".into(), ..Disc::default() };
        assert_eq!(disc.respelled(), ["Cue and TOC show \"12\" Mix\" as \"12' Mix\": sheets know no quotes within a text."]);
    }

    #[test]
    fn indices_follow_each_other() {
        let track = |title: &str, pause_sectors, sectors| DiscTrack {
            title: title.into(),
            pause_sectors,
            sectors,
            ..DiscTrack::default()
        };
        let tracks = vec![track("a", 0, 750), track("b", 150, 300), track("c", 0, 300)];
        let disc = Disc { tracks, wav: "x.wav".into(), ..Disc::default() };
        let cue = disc.cue();
        let indices: Vec<&str> = cue.lines().filter(|line| line.contains("INDEX")).map(str::trim).collect();
        assert_eq!(indices, ["INDEX 01 00:00:00", "INDEX 00 00:10:00", "INDEX 01 00:12:00", "INDEX 01 00:16:00"]);
        let toc = disc.toc();
        assert!(toc.contains("FILE \"x.wav\" 00:10:00 00:06:00\nSTART 00:02:00"), "{toc}");
        assert!(disc.pq().contains("   AA     01  00:22:00  00:20:00"), "{}", disc.pq());
        assert!(disc.pq().contains("min:s:frames"), "{}", disc.pq());
    }
}
