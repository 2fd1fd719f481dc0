//! What the master should sound like: references, genres, a profile; where none is given, the genres that are recognised.

use super::args::AimArgs;
use super::failure::Failure;
use super::{genre, profile};
use automaster::job::Aims;

/// What a command was told to aim at. Errors: the profile that is named is not there, or cannot be used.
pub(super) fn of(args: &AimArgs) -> Result<Aims, Failure> {
    Ok(Aims {
        references: args.references.iter().map(|reference| (reference.path.clone(), reference.weight)).collect(),
        genres: genre::shares(&args.genres).map(|shares| (shares, args.genres.iter().map(|(_, weight)| weight).sum())),
        profile: args.profile.as_deref().map(profile::read).transpose()?,
    })
}
