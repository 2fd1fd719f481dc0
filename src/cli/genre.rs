//! `--genre NAME[:WEIGHT],…`.

use automaster::genre::Genre;
pub(crate) use automaster::order::genre as parse;

/// A genre and its weight.
pub(crate) type GenreArg = (Genre, f64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn genres_have_weights_and_unknown_ones_are_refused_with_the_list() {
        assert_eq!(parse("metal"), Ok((Genre::Metal, 1.0)));
        assert_eq!(parse("hip-hop:2.5"), Ok((Genre::HipHop, 2.5)));
        let error = parse("polka").unwrap_err();
        assert!(Genre::ALL.iter().all(|genre| error.contains(genre.name())), "{error}");
        for weight in ["0", "-1", "inf", "loud", ""] {
            assert!(parse(&format!("rock:{weight}")).is_err(), "{weight}");
        }
    }
}
