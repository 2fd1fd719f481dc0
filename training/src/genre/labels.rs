//! The corpus' genres in our words.

use crate::listen::Piece;
use automaster::genre::Genre;

/// What a genre of the corpus is called here. `None`: the name says how it was made, not what it is.
pub(crate) fn genre(corpus: &str) -> Option<Genre> {
    Some(match corpus {
        "ambient" => Genre::Ambient,
        "electronic" | "electronic-industrial" => Genre::Electronic,
        "folk" => Genre::FolkAcoustic,
        "metal" | "metal-vocal" => Genre::Metal,
        // Scores played by sampled orchestras: nearer to an orchestra than to anything else in the list.
        "orchestral" | "classical-real" => Genre::ClassicalOrchestral,
        "jazz-blues-ragtime" => Genre::Jazz,
        "rock" => Genre::Rock,
        "pop" => Genre::Pop,
        "hiphop-downtempo" => Genre::HipHop,
        // `game-synth`, `chiptune`: every style, on a sound chip.
        _ => return None,
    })
}

/// A piece whose genre somebody who knows has named.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Labelled<'a> {
    /// The piece.
    pub(crate) piece: &'a Piece,
    /// Its genre.
    pub(crate) genre: Genre,
}

/// The pieces of a split whose genre is known well enough, in their order.
pub(crate) fn of<'a>(pieces: &'a [Piece], split: &str, enough: impl Fn(&Piece) -> bool) -> Vec<Labelled<'a>> {
    let of_split = pieces.iter().filter(|piece| piece.row.split == split && enough(piece));
    of_split.filter_map(|piece| Some(Labelled { piece, genre: genre(&piece.row.genre)? })).collect()
}
