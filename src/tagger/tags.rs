//! The tags of the network, and what each says about genre.

use crate::genre::{GENRE_COUNT, Genre, Genre::*};

/// How many tags the network gives.
pub const TAG_COUNT: usize = 50;

/// Tags in the network's order, each with the genres that it speaks for. A tag that many genres wear (`guitar`, `happy`,
/// `80s`) speaks for none. Tags of one family share its weight: a rock song lights up five of them. There is no tag for
/// reggae, cinematic and orchestral music: the last two are spoken for, weakly, by what such music is called instead.
pub const TAGS: [(&str, &[(Genre, f64)]); TAG_COUNT] = [
    ("rock", &[(Rock, 0.7)]),
    ("pop", &[(Pop, 1.0)]),
    ("alternative", &[(Rock, 0.3)]),
    ("indie", &[(Rock, 0.2), (Pop, 0.2)]),
    ("electronic", &[(Electronic, 0.8)]),
    ("female vocalists", &[(Pop, 0.3)]),
    ("dance", &[(HouseTechno, 0.7), (Pop, 0.2)]),
    ("00s", &[]),
    ("alternative rock", &[(Rock, 0.4)]),
    ("jazz", &[(Jazz, 1.0)]),
    ("beautiful", &[(Cinematic, 0.3)]),
    ("metal", &[(Metal, 1.0)]),
    ("chillout", &[(Ambient, 0.3), (Electronic, 0.3)]),
    ("male vocalists", &[]),
    ("classic rock", &[(Rock, 0.5)]),
    ("soul", &[(RnbSoul, 1.0)]),
    ("indie rock", &[(Rock, 0.4)]),
    ("Mellow", &[]),
    ("electronica", &[(Electronic, 0.5)]),
    ("80s", &[]),
    ("folk", &[(FolkAcoustic, 1.0)]),
    ("90s", &[]),
    ("chill", &[(Ambient, 0.2), (Electronic, 0.2)]),
    ("instrumental", &[(Cinematic, 0.4), (ClassicalOrchestral, 0.4)]),
    ("punk", &[(Punk, 1.0)]),
    ("oldies", &[]),
    ("blues", &[(Blues, 1.0)]),
    ("hard rock", &[(Rock, 0.5), (Metal, 0.3)]),
    ("ambient", &[(Ambient, 1.0)]),
    ("acoustic", &[(FolkAcoustic, 0.6)]),
    ("experimental", &[]),
    ("female vocalist", &[(Pop, 0.2)]),
    ("guitar", &[]),
    ("Hip-Hop", &[(HipHop, 1.5)]),
    ("70s", &[]),
    ("party", &[(HouseTechno, 0.3), (Pop, 0.2)]),
    ("country", &[(Country, 1.0)]),
    ("easy listening", &[]),
    ("sexy", &[]),
    ("catchy", &[(Pop, 0.3)]),
    ("funk", &[(Funk, 1.0)]),
    ("electro", &[(HouseTechno, 0.4), (Electronic, 0.4)]),
    ("heavy metal", &[(Metal, 0.6)]),
    ("Progressive rock", &[(Rock, 0.4)]),
    ("60s", &[]),
    ("rnb", &[(RnbSoul, 1.0)]),
    ("indie pop", &[(Pop, 0.4)]),
    ("sad", &[]),
    ("House", &[(HouseTechno, 1.2)]),
    ("happy", &[]),
];

/// What the tags say about genre: shares that add up to 1. `tags` are probabilities, one for each of [`TAGS`].
pub(super) fn shares(tags: &[f64]) -> [f64; GENRE_COUNT] {
    let mut shares = [0.0; GENRE_COUNT];
    for (probability, (_, genres)) in tags.iter().zip(TAGS) {
        for (genre, weight) in genres {
            shares[*genre as usize] += weight * probability;
        }
    }
    let total: f64 = shares.iter().sum();
    // Where nothing speaks, nothing is known.
    shares.map(|share| if total == 0.0 { 1.0 / GENRE_COUNT as f64 } else { share / total })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_alone_names_its_genre() {
        let place = |tag: &str| TAGS.iter().position(|(name, _)| *name == tag).unwrap();
        for (tag, genre) in [("House", HouseTechno), ("soul", RnbSoul), ("heavy metal", Metal), ("acoustic", FolkAcoustic)] {
            let mut tags = [0.0; TAG_COUNT];
            tags[place(tag)] = 0.3;
            assert!((shares(&tags)[genre as usize] - 1.0).abs() < 1e-12, "{tag}");
        }
        assert!(shares(&[0.0; TAG_COUNT]).iter().all(|share| (share * GENRE_COUNT as f64 - 1.0).abs() < 1e-12));
    }

    #[test]
    fn every_genre_but_reggae_has_a_tag() {
        let spoken_for = |genre| TAGS.iter().any(|(_, genres)| genres.iter().any(|(g, _)| *g == genre));
        assert_eq!(Genre::ALL.into_iter().filter(|g| !spoken_for(*g)).collect::<Vec<_>>(), [Reggae]);
    }
}
