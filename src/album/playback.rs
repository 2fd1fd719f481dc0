//! What the platforms will do to the album: each track alone, and the album played as an album.

use super::figures::Track;
use crate::target::delivery::{AlbumMode, Kind, profiles};
use serde::{Deserialize, Serialize};

/// One platform.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Played {
    /// Its name.
    pub place: String,
    /// Its name for a person.
    pub title: String,
    /// The loudness that it plays single tracks at.
    pub track_lufs: f64,
    /// The loudness that it brings an album to, and what of the album counts; none where it knows no albums.
    pub album_lufs: Option<f64>,
    /// What is brought to that loudness: the loudest track, or the whole album.
    pub album_mode: Option<AlbumMode>,
    /// How well the album's rule is founded, in words.
    pub source: String,
    /// Gain that all tracks get when the album is played as one; none where it knows no albums.
    pub album_gain_db: Option<f64>,
    /// The tracks.
    pub tracks: Vec<PlayedTrack>,
}

/// One track there.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlayedTrack {
    /// Gain when it is played alone or in a list.
    pub track_gain_db: f64,
    /// Loudness that is then heard.
    pub track_heard_lufs: f64,
    /// Loudness that is heard when the album is played as one.
    pub album_heard_lufs: Option<f64>,
}

/// All streaming platforms. `integrated_lufs` is the loudness of the album in one piece.
pub(super) fn played(tracks: &[Track], integrated_lufs: f64) -> Vec<Played> {
    let loudest = tracks.iter().map(|track| track.after.integrated_lufs).fold(f64::NEG_INFINITY, f64::max);
    let peak = tracks.iter().map(|track| track.after.true_peak_dbtp).fold(f64::NEG_INFINITY, f64::max);
    let mut out = Vec::new();
    for profile in profiles().iter().filter(|profile| profile.kind == Kind::Stream) {
        let Some(track_lufs) = profile.loudness_lufs else { continue };
        let album_gain_db = profile.album.map(|mode| {
            let measured = match mode {
                AlbumMode::Loudest => loudest,
                AlbumMode::Whole => integrated_lufs,
            };
            profile.album_gain_db(measured, peak)
        });
        let track = |track: &Track| {
            let lufs = track.after.integrated_lufs;
            let gain_db = profile.playback_gain_db(lufs, track.after.true_peak_dbtp);
            PlayedTrack {
                track_gain_db: gain_db,
                track_heard_lufs: lufs + gain_db,
                album_heard_lufs: album_gain_db.map(|gain| lufs + gain),
            }
        };
        out.push(Played {
            place: profile.name.clone(),
            title: profile.title.clone(),
            track_lufs,
            album_lufs: profile.album.and(profile.album_lufs.or(profile.loudness_lufs)),
            album_mode: profile.album,
            source: profile.album_source.words().to_owned(),
            album_gain_db,
            tracks: tracks.iter().map(track).collect(),
        });
    }
    out
}
