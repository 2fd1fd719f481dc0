//! What a phrase that is not in the vocabulary was meant to be: the nearest word of the same direction, or none. Never its opposite.

use super::VOCABULARY;
use crate::params::edits;

/// What asks for more, in words that people take.
const MORE: [&str; 9] = ["more", "mehr", "plus", "extra", "add", "boost", "raise", "increase", "increased"];
/// What asks for less.
const LESS: [&str; 10] = ["less", "weniger", "minus", "fewer", "too", "zu", "reduce", "reduced", "decrease", "cut"];
/// What turns a phrase round in ways that are not guessed at.
const TURNED: [&str; 8] = ["not", "no", "without", "never", "don't", "nicht", "kein", "ohne"];
/// Endings of one word in its forms: bassy and bassier, wide and wider.
const ENDINGS: [&str; 4] = ["ier", "er", "y", "e"];

/// Which way a phrase points, of what it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    More,
    Less,
}

/// The word of the vocabulary that an unknown phrase, without its numbers and degrees, was meant to be. A phrase without a direction may
/// be either; of a word that the vocabulary has in one direction only (`less dull`), the other one is its opposite (`darker`).
pub(super) fn meant(phrase: &str) -> Option<&'static str> {
    if phrase.split(' ').any(|word| TURNED.contains(&word)) {
        return None;
    }
    let (way, stem) = way_and_stem(phrase);
    let mut best: Option<((usize, bool), &'static str)> = None;
    for word in VOCABULARY {
        let of_this = word.more.iter().map(|name| (*name, word.less)).chain(word.less.iter().map(|name| (*name, word.more)));
        for (name, opposite) in of_this {
            let (own, own_stem) = way_and_stem(name);
            let Some(edits) = edits(stem, own_stem) else { continue };
            let same = own.unwrap_or(Way::More) == way.unwrap_or(Way::More);
            let told = if same { Some(&name) } else { opposite.first() };
            let Some(told) = told.copied() else { continue };
            // The fewest edits; among them a word that says it itself; among those the first.
            if best.is_none_or(|(known, _)| (edits, !same) < known) {
                best = Some(((edits, !same), told));
            }
        }
    }
    best.map(|(_, told)| told)
}

/// The direction of a phrase, and what it is about, without ending.
fn way_and_stem(phrase: &str) -> (Option<Way>, &str) {
    let (first, rest) = phrase.split_once(' ').unwrap_or((phrase, ""));
    let said = match first {
        more if MORE.contains(&more) => Some(Way::More),
        less if LESS.contains(&less) => Some(Way::Less),
        _ => None,
    };
    match said {
        Some(way) => (Some(way), without_ending(rest)),
        None => (phrase.ends_with("er").then_some(Way::More), without_ending(phrase)),
    }
}

fn without_ending(word: &str) -> &str {
    let mut stems = ENDINGS.iter().filter_map(|ending| word.strip_suffix(*ending));
    stems.find(|stem| stem.chars().count() >= 3).unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suggestion_is_never_the_opposite_of_what_was_said() {
        for (said, expected) in [
            ("mehr bass", Some("more bass")),
            ("weniger bass", Some("less bass")),
            ("harsher", Some("more present")),
            ("more harsh", Some("more present")),
            ("too harsh", Some("less harsh")),
            ("more brigt", Some("brighter")),
            ("less brigt", Some("less bright")),
            ("brigther", Some("brighter")),
            ("more quiet", Some("quieter")),
            ("too quiet", Some("louder")),
            ("duller", Some("darker")),
            ("bassy", Some("more bass")),
            ("wide", Some("wider")),
            ("not brighter", None),
            ("more purple", None),
            ("mehr", None),
            ("more", None),
            ("", None),
        ] {
            assert_eq!(meant(said), expected, "{said}");
        }
    }

    /// Every word of the table, a slip in it, and the other way of saying its direction.
    #[test]
    fn every_word_is_found_again_in_its_own_direction() {
        for word in VOCABULARY {
            for (names, others) in [(word.more, word.less), (word.less, word.more)] {
                for name in names {
                    assert!(meant(name).is_some_and(|told| names.contains(&told)), "{name}: {:?}", meant(name));
                    let turned = match way_and_stem(name) {
                        (Some(Way::More), _) => format!("less {}", name.trim_start_matches("more ")),
                        (Some(Way::Less), _) => format!("more {}", name.trim_start_matches("less ")),
                        (None, _) => continue,
                    };
                    let told = meant(&turned);
                    let side = |list: &[&str]| told.is_some_and(|told| list.contains(&told));
                    assert!(!side(names) && (side(others) || others.is_empty()), "{turned}: {told:?}");
                }
            }
        }
    }
}
