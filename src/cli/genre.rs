//! `--genre NAME[:WEIGHT],…`.

use automaster::genre::{GENRE_COUNT, Genre, GenreWeights};

/// A genre and its weight.
pub(crate) type GenreArg = (Genre, f64);

/// Reads `NAME[:WEIGHT]`. Errors: no such genre (with the list of all); the weight is not positive.
pub(crate) fn parse(text: &str) -> Result<GenreArg, String> {
    let (name, weight) = text.split_once(':').unwrap_or((text, "1"));
    let genre = Genre::named(name).ok_or_else(|| {
        let names: Vec<&str> = Genre::ALL.into_iter().map(Genre::name).collect();
        format!("no such genre; there are {}", names.join(", "))
    })?;
    match weight.parse::<f64>() {
        Ok(weight) if weight > 0.0 && weight.is_finite() => Ok((genre, weight)),
        _ => Err(format!("the weight '{weight}' is not a positive number")),
    }
}

/// The shares of all that were named; a genre named twice counts twice. `None` where none was.
pub(crate) fn shares(genres: &[GenreArg]) -> Option<GenreWeights> {
    let mut weights = [0.0; GENRE_COUNT];
    for (genre, weight) in genres {
        weights[*genre as usize] += weight;
    }
    GenreWeights::new(weights)
}

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
        let shares = shares(&[(Genre::Metal, 2.0), (Genre::Rock, 1.0), (Genre::Rock, 1.0)]).unwrap();
        assert_eq!((shares.of(Genre::Metal), shares.of(Genre::Rock)), (0.5, 0.5));
        assert_eq!(super::shares(&[]), None);
    }
}
