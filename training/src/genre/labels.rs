//! The corpus' genres in our words.

use super::listen::Piece;
use crate::learn::pairs::genre_of;
use automaster::genre::Genre;

/// What a genre of the corpus is called here. `None`: no such genre, or a name that says how it was made, not what it is
/// (every style is played on a sound chip).
fn genre(corpus: &str) -> Option<Genre> {
    if ["game-synth", "chiptune"].contains(&corpus) { None } else { genre_of(corpus) }
}

/// A piece whose genre somebody who knows has named.
#[derive(Clone, Copy, Debug)]
pub(super) struct Labelled<'a> {
    /// The piece.
    pub(super) piece: &'a Piece,
    /// Its genre.
    pub(super) genre: Genre,
}

/// The pieces of a split whose genre is known well enough, in their order.
pub(super) fn of<'a>(pieces: &'a [Piece], split: &str, enough: impl Fn(&Piece) -> bool) -> Vec<Labelled<'a>> {
    let of_split = pieces.iter().filter(|piece| piece.row.split == split && enough(piece));
    of_split.filter_map(|piece| Some(Labelled { piece, genre: genre(&piece.row.genre)? })).collect()
}
