//! Where a master goes, and what that place asks of it: one table, each figure with the weight of its source.
//!
//! A service's playback level is not an instruction to master to it (most released masters are louder); a profile is
//! used only when a person asks for it with `--for`.

/// How well a figure is founded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// The official text of a standard or of the service.
    Standard,
    /// Reported by others; the service does not publish it.
    Reported,
    /// Practice among engineers.
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

/// What one place asks of a master.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Profile {
    /// Name on the command line.
    pub name: &'static str,
    /// Name for a person.
    pub title: &'static str,
    /// Integrated loudness in LUFS; none: the place asks for none, the reference decides.
    pub loudness_lufs: Option<f64>,
    /// Source of the loudness.
    pub loudness_label: Label,
    /// True-peak ceiling in dBTP.
    pub ceiling_dbtp: f64,
    /// Source of the ceiling.
    pub ceiling_label: Label,
    /// Sample rate that the place needs, in Hz.
    pub sample_rate_hz: Option<u32>,
    /// Word length that the place needs, in bits.
    pub bits: Option<u32>,
    /// What else to know.
    pub note: &'static str,
}

use Label::{Practice, Reported, Standard};

const fn profile(
    name: &'static str,
    title: &'static str,
    loudness_lufs: f64,
    loudness_label: Label,
    ceiling_dbtp: f64,
    ceiling_label: Label,
    note: &'static str,
) -> Profile {
    Profile {
        name,
        title,
        loudness_lufs: Some(loudness_lufs),
        loudness_label,
        ceiling_dbtp,
        ceiling_label,
        sample_rate_hz: None,
        bits: None,
        note,
    }
}

/// All profiles.
pub const PROFILES: [Profile; 11] = [
    profile("spotify", "Spotify", -14.0, Standard, -1.0, Standard, "a master louder than -14 LUFS should stay under -2 dBTP"),
    profile("apple", "Apple Music", -16.0, Reported, -1.0, Standard, "deliver 24 bits at the native rate"),
    profile("youtube", "YouTube", -14.0, Reported, -1.0, Reported, "only turned down, never up"),
    profile("amazon", "Amazon Music", -14.0, Reported, -1.0, Reported, ""),
    profile("tidal", "Tidal", -14.0, Reported, -1.0, Reported, "of the loudest track of an album"),
    profile("deezer", "Deezer", -15.0, Reported, -1.0, Reported, ""),
    profile(
        "aes",
        "AES TD1008 streaming",
        -16.0,
        Standard,
        -1.0,
        Standard,
        "for a single track; -14 for the loudest track of an album",
    ),
    profile("ebu-r128", "EBU R 128 broadcast", -23.0, Standard, -1.0, Standard, "-2 dBTP where data reduction follows"),
    profile("atsc", "ATSC A/85 broadcast", -24.0, Standard, -2.0, Standard, ""),
    profile(
        "netflix",
        "Netflix",
        -27.0,
        Standard,
        -2.0,
        Standard,
        "the standard gates on dialogue; here the whole programme is measured",
    ),
    Profile {
        name: "cd",
        title: "Compact disc",
        loudness_lufs: None,
        loudness_label: Standard,
        ceiling_dbtp: -0.3,
        ceiling_label: Practice,
        sample_rate_hz: Some(44_100),
        bits: Some(16),
        note: "16 bits, 44.1 kHz; loudness follows the reference",
    },
];

/// The profile of that name.
pub fn profile_named(name: &str) -> Option<&'static Profile> {
    PROFILES.iter().find(|p| p.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_figures_are_sane() {
        for (i, p) in PROFILES.iter().enumerate() {
            assert!(PROFILES[..i].iter().all(|other| other.name != p.name), "{}", p.name);
            assert!(p.loudness_lufs.is_none_or(|l| (-30.0..=-8.0).contains(&l)), "{}", p.name);
            assert!((-2.0..=-0.1).contains(&p.ceiling_dbtp), "{}", p.name);
            assert_eq!(profile_named(p.name), Some(p));
        }
        assert_eq!(profile_named("myspace"), None);
    }
}
