//! What a slip of the keyboard was meant to be.

use strsim::osa_distance;

/// The name that fewest edits lead to (a letter more, less, another one, or two that have changed places); of several the first.
/// None where even that is no slip: one edit, or one for every three letters of the shorter word. A single letter is near nothing.
pub fn nearest<'n>(given: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    names.into_iter().filter_map(|name| Some((edits(given, name)?, name))).min_by_key(|(edits, _)| *edits).map(|(_, name)| name)
}

/// How many edits lie between a slip and what was meant; none where it is no slip. What is much longer is not compared: it may be of
/// any length.
pub(crate) fn edits(given: &str, name: &str) -> Option<usize> {
    let (a, b) = (given.chars().count(), name.chars().count());
    let shorter = a.min(b);
    let most = (shorter / 3).max(usize::from(shorter > 1));
    if a.abs_diff(b) > most {
        return None;
    }
    Some(osa_distance(given, name)).filter(|edits| *edits <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_near_and_another_word_is_not() {
        let names = ["analyze", "album", "params", "man", "s"];
        for (given, meant) in [
            ("analyse", Some("analyze")),
            ("param", Some("params")),
            ("ablum", Some("album")),
            ("mix", None),
            ("x", None),
            ("", None),
            ("mix.wav", None),
        ] {
            assert_eq!(nearest(given, names), meant, "{given}");
        }
        assert_eq!(nearest(&"album ".repeat(100_000), names), None);
    }
}
