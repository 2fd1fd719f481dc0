//! What the master should sound like: references, genres, a profile; where none is given, the genres that are recognised.

use super::args::AimArgs;
use super::failure::Failure;
use super::genre::{self, GenreArg};
use super::profile;
use super::references::ReferenceArg;
use automaster::error::Error;
use automaster::genre::GenreWeights;
use automaster::job::{self, Progress, Song};
use automaster::target::Target;
use automaster::target::genre::profile::SoundProfile;
use std::path::PathBuf;

/// Everything that a command was told to aim at.
pub(super) struct Aims<'a> {
    references: &'a [ReferenceArg],
    genres: &'a [GenreArg],
    profile: Option<SoundProfile>,
}

impl<'a> Aims<'a> {
    /// Reads the profile that is named. Errors: there is none, or it cannot be used.
    pub(super) fn new(args: &'a AimArgs) -> Result<Self, Failure> {
        let profile = args.profile.as_deref().map(profile::read).transpose()?;
        Ok(Self { references: &args.references, genres: &args.genres, profile })
    }

    /// The references' files.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        self.references.iter().map(|reference| reference.path.clone()).collect()
    }

    /// The target, and the genres where they had to be recognised. `songs` are the references. Errors: the models'.
    pub(super) fn target(
        &self,
        mix: &Song,
        songs: Vec<Song>,
        progress: &Progress,
    ) -> Result<(Target, Option<GenreWeights>), Error> {
        let weighted: Vec<(Song, f64)> = songs.into_iter().zip(self.references).map(|(song, r)| (song, r.weight)).collect();
        let genres = genre::shares(self.genres).map(|genres| job::aim_at_genres(mix, &genres));
        let expected = self.profile.as_ref().map(|profile| job::aim_at_profile(mix, profile)).or(genres);
        Ok(match (job::aim(&weighted), expected) {
            (Some(target), Some(expected)) => (target.towards(expected, self.share_of_expected()), None),
            (Some(target), None) | (None, Some(target)) => (target, None),
            (None, None) => {
                let genres = job::genre(mix, progress)?;
                (job::aim_at_genres(mix, &genres), Some(genres))
            }
        })
    }

    /// Share of genres or profile beside the references.
    fn share_of_expected(&self) -> f64 {
        let references: f64 = self.references.iter().map(|reference| reference.weight).sum();
        let expected = if self.profile.is_some() { 1.0 } else { self.genres.iter().map(|(_, weight)| weight).sum() };
        expected / (references + expected)
    }
}
