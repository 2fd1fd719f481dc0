//! What the files of an album are called.

use super::assemble::ending;
use super::{Request, heard};
use crate::audio::format::Container;
use crate::deliver::safe;

/// A numbered track and its names.
pub(super) struct NamedTrack {
    /// Its first entry.
    pub(super) entry: usize,
    pub(super) title: String,
    pub(super) artist: String,
    /// In the album's folder.
    pub(super) file: String,
}

/// The album and its tracks.
pub(super) struct Names {
    pub(super) album: String,
    pub(super) tracks: Vec<NamedTrack>,
}

impl Names {
    /// Titles as the sheet or the files say them, and the files' names from those.
    pub(super) fn of(request: &Request, container: Container) -> Self {
        let shown = (0..request.sheet.tracks.len()).filter(|index| request.sheet.tracks[*index].hidden_pause_s.is_none());
        let ending = ending(container);
        let name = |(n, entry): (usize, usize)| {
            let (title, artist) = heard::title_artist(request, entry);
            let file = format!("{:02} - {}.{ending}", n + 1, safe(&title));
            NamedTrack { entry, title, artist, file }
        };
        Self { album: heard::album_title(request), tracks: shown.enumerate().map(name).collect() }
    }

    /// The plan's name for a part that begins with an entry.
    pub(super) fn plan(&self, entry: usize) -> String {
        let track = self.track_of(entry);
        let hidden = if self.tracks[track].entry == entry { String::new() } else { format!(" hidden {entry}") };
        format!("plans/{:02} - {}{hidden}.plan.toml", track + 1, safe(&self.tracks[track].title))
    }

    /// The track that an entry is heard on.
    fn track_of(&self, entry: usize) -> usize {
        self.tracks.iter().rposition(|track| track.entry <= entry).unwrap_or(0)
    }
}
