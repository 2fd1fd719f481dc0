//! From a sentence to wishes: phrases between commas, each a word of the vocabulary with how much of it.

use super::meant::meant;
use super::{VOCABULARY, Word};
use crate::params::Unit;

/// Strongest wish, in normal strengths; more is a change for the mix.
const STRONGEST: f64 = 4.0;
/// Words for how much, in normal strengths.
const DEGREES: [(&str, f64); 12] = [
    ("a little bit", 0.5),
    ("a little", 0.5),
    ("a tiny bit", 0.25),
    ("a bit", 0.5),
    ("a touch", 0.25),
    ("slightly", 0.5),
    ("somewhat", 0.75),
    ("a lot", 2.0),
    ("much", 2.0),
    ("far", 2.0),
    ("way", 2.0),
    ("very much", 2.0),
];
/// Units that a number may have.
const UNITS: [&str; 4] = ["db", "lu", "%", "percent"];
/// What says nothing.
const EMPTY: [&str; 11] = ["please", "make it", "make", "it", "the", "sound", "should", "be", "but", "by", "master"];

/// A word with its direction and its strength.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The phrase as it was given.
    pub phrase: String,
    /// The row of the vocabulary.
    pub word: &'static Word,
    /// Normal strengths: above 0 more, below 0 less.
    pub strength: f64,
}

/// What cannot be understood.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum WordsError {
    /// Not in the vocabulary.
    #[error("'{phrase}' is not in the vocabulary{}", nearest.map(|n| format!("; did you mean '{n}'?")).unwrap_or_default())]
    Unknown {
        /// The phrase.
        phrase: String,
        /// What was meant, where that can be told: never the opposite.
        nearest: Option<&'static str>,
    },
    /// A number with a unit that the word does not have.
    #[error("'{phrase}': a number in {expected} was expected")]
    Unit {
        /// The phrase.
        phrase: String,
        /// The unit's symbol.
        expected: &'static str,
    },
    /// More than mastering should do at once.
    #[error("'{phrase}': {largest} {unit} at most; more is a change for the mix")]
    TooMuch {
        /// The phrase.
        phrase: String,
        /// The largest number.
        largest: f64,
        /// Its unit.
        unit: &'static str,
    },
    /// Nothing was said.
    #[error("no words are given")]
    Empty,
}

/// Reads wishes. Errors: the first phrase that is not understood.
pub fn read(text: &str) -> Result<Vec<Wish>, WordsError> {
    let text = with_points(&text.to_lowercase()).replace(" and ", ",").replace([';', '\n', '!'], ",");
    let phrases = text.split(',').map(|p| p.trim().trim_end_matches('.')).filter(|p| !p.is_empty());
    let wishes = phrases.map(wish).collect::<Result<Vec<_>, _>>()?;
    if wishes.is_empty() { Err(WordsError::Empty) } else { Ok(wishes) }
}

/// A comma right between two digits is a decimal one: `2,5 dB`.
fn with_points(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(letter) = rest.next() {
        let before = out.chars().next_back().is_some_and(|c| c.is_ascii_digit());
        let decimal = letter == ',' && before && rest.peek().is_some_and(char::is_ascii_digit);
        out.push(if decimal { '.' } else { letter });
    }
    out
}

fn wish(phrase: &str) -> Result<Wish, WordsError> {
    let (number, words) = without_number(phrase);
    let mut rest = format!(" {} ", words.join(" "));
    let mut strength = 1.0;
    // Longest first, so that "a little bit" is not "a little" and "bit".
    let mut degrees = DEGREES.to_vec();
    degrees.sort_by_key(|d| std::cmp::Reverse(d.0.len()));
    for (degree, share) in degrees {
        let pattern = format!(" {degree} ");
        if rest.contains(&pattern) {
            strength *= share;
            rest = rest.replacen(&pattern, " ", 1);
        }
    }
    for empty in EMPTY {
        rest = rest.replace(&format!(" {empty} "), " ");
    }
    let name = rest.split_whitespace().collect::<Vec<_>>().join(" ");
    let unknown = || WordsError::Unknown { phrase: phrase.to_owned(), nearest: meant(&name) };
    let (word, sign) = find(&name).ok_or_else(unknown)?;
    if let Some((value, unit)) = number {
        let fits = match unit.as_str() {
            "db" | "lu" => word.unit == Unit::Db,
            "%" | "percent" => word.unit == Unit::Percent,
            _ => false,
        };
        if !fits {
            return Err(WordsError::Unit { phrase: phrase.to_owned(), expected: word.unit.symbol() });
        }
        strength = value / word.size;
    }
    if strength > STRONGEST {
        let (largest, unit) = (STRONGEST * word.size, word.unit.symbol());
        return Err(WordsError::TooMuch { phrase: phrase.to_owned(), largest, unit });
    }
    Ok(Wish { phrase: phrase.to_owned(), word, strength: sign * strength })
}

/// The number of a phrase with its unit (`1.5 db`, `2db`, `20 %`), and the words without it.
fn without_number(phrase: &str) -> (Option<(f64, String)>, Vec<String>) {
    let spaced = phrase.replace('%', " % ").replace("db", " db ").replace('\u{2212}', "-");
    let tokens: Vec<&str> = spaced.split_whitespace().collect();
    let at = tokens.iter().position(|t| t.trim_start_matches('+').parse::<f64>().is_ok_and(|v| v.is_finite() && v > 0.0));
    let Some(at) = at else { return (None, tokens.into_iter().map(str::to_owned).collect()) };
    let value = tokens[at].trim_start_matches('+').parse().unwrap_or_default();
    let unit = tokens.get(at + 1).copied().filter(|t| UNITS.contains(t)).unwrap_or_default();
    let of_number = at..=at + usize::from(!unit.is_empty());
    let words = tokens.iter().enumerate().filter(|(i, _)| !of_number.contains(i)).map(|(_, t)| (*t).to_owned());
    (Some((value, unit.to_owned())), words.collect())
}

fn find(name: &str) -> Option<(&'static Word, f64)> {
    let more = VOCABULARY.iter().find(|w| w.more.contains(&name)).map(|w| (w, 1.0));
    more.or_else(|| VOCABULARY.iter().find(|w| w.less.contains(&name)).map(|w| (w, -1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strengths(text: &str) -> Vec<(&'static str, f64)> {
        read(text).unwrap().into_iter().map(|w| (w.word.more[0], w.strength)).collect()
    }

    #[test]
    fn phrases_are_words_with_a_direction_and_a_strength() {
        assert_eq!(
            strengths("A bit brighter, less bass and much more open; 1 dB quieter."),
            [("brighter", 0.5), ("more bass", -1.0), ("more open", 2.0), ("louder", -1.0)]
        );
        assert_eq!(strengths("louder by 0.5dB"), [("louder", 0.5)]);
        assert_eq!(strengths("make it 30 % wider please"), [("wider", 2.0)]);
        assert_eq!(strengths("3 dB less harsh"), [("more present", -2.0)]);
        assert_eq!(strengths("a little bit warmer"), [("warmer", 0.5)]);
        assert_eq!(strengths("2,5 dB louder,1,5 dB darker, wider"), [("louder", 2.5), ("brighter", -1.0), ("wider", 1.0)]);
    }

    #[test]
    fn what_is_not_understood_is_named_and_never_guessed() {
        let error = |text: &str| read(text).unwrap_err().to_string();
        assert!(error("brighter, more purple").contains("'more purple' is not in the vocabulary"));
        assert!(error("brigther").contains("did you mean 'brighter'"));
        assert!(error("much more brigt").ends_with("is not in the vocabulary; did you mean 'brighter'?"));
        assert!(error("weniger bass").contains("did you mean 'less bass'"));
        assert!(error("not brighter").contains("'not brighter' is not in"));
        assert!(error("20 % brighter").contains("a number in dB"));
        assert!(error("2 brighter").contains("a number in dB"));
        assert!(error("9 dB brighter").contains("6 dB at most"));
        assert_eq!(read(" , ").unwrap_err(), WordsError::Empty);
    }

    #[test]
    fn no_name_stands_for_two_words() {
        let all: Vec<_> = VOCABULARY.iter().flat_map(|w| w.more.iter().chain(w.less)).collect();
        for name in &all {
            assert_eq!(all.iter().filter(|n| n == &name).count(), 1, "{name}");
            assert_eq!(read(name).unwrap().len(), 1, "{name} is understood");
        }
    }
}
