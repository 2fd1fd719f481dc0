//! Where a master goes, and what that place asks of it: one file a place in `references/delivery/`, each figure with the
//! weight of its source.
//!
//! A service's playback level is not an instruction to master to it (most released masters are louder); a profile is
//! used only when a person asks for it with `--for`.

use crate::audio::codec::Coding;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

/// How well a figure is founded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Label {
    /// The official text of a standard or of the service.
    #[serde(rename = "std")]
    Standard,
    /// Reported by others; the service does not publish it.
    #[serde(rename = "3rd")]
    Reported,
    /// Practice among engineers.
    #[default]
    #[serde(rename = "lore")]
    Practice,
}

impl Label {
    /// The label for a person.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Standard => "official",
            Self::Reported => "reported by others",
            Self::Practice => "practice",
        }
    }
}

/// What kind of place it is: what is written for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A streaming service: a 24-bit file, and what the service will do to it.
    Stream,
    /// Radio and television: loudness is a requirement.
    Broadcast,
    /// Compact disc.
    Cd,
    /// Vinyl.
    Vinyl,
    /// Files to keep and to give away.
    Archive,
}

/// Whether a service turns soft music up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Up {
    /// It only turns down.
    #[default]
    Never,
    /// It turns up as long as the peak stays under its ceiling.
    ToPeak,
}

/// What of an album is brought to the place's loudness when it is played as an album; all tracks get the same gain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlbumMode {
    /// Its loudest track.
    Loudest,
    /// All of it in one piece.
    Whole,
}

/// What a cutting engineer is handed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vinyl {
    /// The side is removed below this corner.
    pub mono_below_hz: f64,
    /// Subsonic high-pass.
    pub highpass_hz: f64,
    /// Low-pass of what the cutter cannot follow.
    pub lowpass_hz: f64,
    /// How far sibilants may be turned down.
    pub deess_range_db: f64,
    /// Lengths of a side in minutes, rising.
    pub side_minutes: Vec<f64>,
    /// The level that fits at each length, against the loudest cut.
    pub side_level_db: Vec<f64>,
}

/// What one place asks of a master.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Name on the command line.
    pub name: String,
    /// Name for a person.
    pub title: String,
    /// What kind of place it is.
    pub kind: Kind,
    /// Integrated loudness in LUFS; none: the place asks for none, the reference decides.
    pub loudness_lufs: Option<f64>,
    /// Source of the loudness.
    pub loudness_source: Label,
    /// What a listener may choose instead: louder.
    pub loud_lufs: Option<f64>,
    /// What a listener may choose instead: softer.
    pub quiet_lufs: Option<f64>,
    /// Whether soft music is turned up.
    #[serde(default)]
    pub up: Up,
    /// How albums are played; none: track by track, or not known.
    pub album: Option<AlbumMode>,
    /// The loudness that an album's loudest track, or all of it, is brought to; none: that of a single track.
    pub album_lufs: Option<f64>,
    /// Source of the album's rule.
    #[serde(default)]
    pub album_source: Label,
    /// True-peak ceiling in dBTP.
    pub ceiling_dbtp: f64,
    /// Source of the ceiling.
    pub ceiling_source: Label,
    /// The ceiling of a master that is louder than the place's loudness.
    pub louder_dbtp: Option<f64>,
    /// Sample rate that the place needs, in Hz.
    pub sample_rate_hz: Option<u32>,
    /// Word length that the place needs, in bits.
    pub bits: Option<u32>,
    /// What else to know.
    pub note: String,
    /// What listeners are sent.
    #[serde(default)]
    pub codecs: Vec<Coding>,
    /// Source of the codecs.
    #[serde(default)]
    pub codecs_source: Label,
    /// True peak that a decoded copy may reach, dBTP.
    #[serde(default)]
    pub decoded_dbtp: f64,
    /// What vinyl needs beside.
    pub vinyl: Option<Vinyl>,
}

impl Profile {
    /// The ceiling of a master of this loudness.
    pub fn ceiling_for(&self, integrated_lufs: f64) -> f64 {
        match (self.louder_dbtp, self.loudness_lufs) {
            (Some(louder), Some(lufs)) if integrated_lufs > lufs => louder,
            _ => self.ceiling_dbtp,
        }
    }

    /// How far the place turns a file up or down at playback, dB; 0 where it has no loudness of its own.
    pub fn playback_gain_db(&self, integrated_lufs: f64, true_peak_dbtp: f64) -> f64 {
        self.gain_db(self.loudness_lufs, integrated_lufs, true_peak_dbtp)
    }

    /// The same for an album whose loudest track, or which as a whole ([`Profile::album`]), measures so much.
    pub fn album_gain_db(&self, integrated_lufs: f64, true_peak_dbtp: f64) -> f64 {
        self.gain_db(self.album_lufs.or(self.loudness_lufs), integrated_lufs, true_peak_dbtp)
    }

    fn gain_db(&self, wanted_lufs: Option<f64>, integrated_lufs: f64, true_peak_dbtp: f64) -> f64 {
        let Some(lufs) = wanted_lufs else { return 0.0 };
        let gain_db = lufs - integrated_lufs;
        match self.up {
            _ if gain_db <= 0.0 => gain_db,
            Up::Never => 0.0,
            Up::ToPeak => gain_db.min((self.ceiling_dbtp - true_peak_dbtp).max(0.0)),
        }
    }
}

macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        [$(include_str!(concat!("../../references/delivery/", $name, ".toml"))),+]
    };
}

/// All profiles.
pub fn profiles() -> &'static [Profile] {
    static ALL: LazyLock<Vec<Profile>> = LazyLock::new(|| {
        let files = files![
            "spotify", "apple", "youtube", "amazon", "tidal", "deezer", "aes", "ebu-r128", "atsc", "netflix", "cd", "vinyl",
            "archive",
        ];
        // What is compiled in was read by a test.
        files.iter().map(|file| toml::from_str(file).expect("a profile that is compiled in can be read")).collect()
    });
    &ALL
}

/// The profile of that name.
pub fn profile_named(name: &str) -> Option<&'static Profile> {
    profiles().iter().find(|p| p.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_figures_are_sane() {
        for (i, p) in profiles().iter().enumerate() {
            assert!(profiles()[..i].iter().all(|other| other.name != p.name), "{}", p.name);
            assert!(p.loudness_lufs.is_none_or(|l| (-30.0..=-8.0).contains(&l)), "{}", p.name);
            assert!((-2.0..=-0.1).contains(&p.ceiling_dbtp), "{}", p.name);
            assert!(p.kind != Kind::Stream || !p.codecs.is_empty(), "{}", p.name);
            assert_eq!(p.vinyl.is_some(), p.kind == Kind::Vinyl, "{}", p.name);
            let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("references/delivery/{}.toml", p.name));
            assert!(file.is_file(), "{}", p.name);
            assert_eq!(profile_named(&p.name), Some(p));
        }
        assert_eq!(profile_named("myspace"), None);
        let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/references/delivery")).unwrap().count();
        assert_eq!(files, profiles().len(), "every file is a profile");
    }

    #[test]
    fn playback_follows_the_rule_of_the_place() {
        let spotify = profile_named("spotify").unwrap();
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-9, "{a}, expected {b}");
        close(spotify.playback_gain_db(-9.0, -1.0), -5.0);
        close(spotify.playback_gain_db(-18.0, -3.0), 2.0);
        close(spotify.playback_gain_db(-18.0, -6.0), 4.0);
        close(spotify.playback_gain_db(-18.0, 0.5), 0.0);
        close(profile_named("youtube").unwrap().playback_gain_db(-20.0, -10.0), 0.0);
        close(profile_named("cd").unwrap().playback_gain_db(-9.0, 0.0), 0.0);
        assert_eq!((spotify.ceiling_for(-9.0), spotify.ceiling_for(-16.0)), (-2.0, -1.0));
    }
}
