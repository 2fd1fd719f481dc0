//! Titles as names of files.

/// Most letters of a name: more is not read in a list.
const MOST_LETTERS: usize = 80;
/// Most bytes of a name: file systems hold 255, and a number, an ending or a temporary name come to it.
const MOST_BYTES: usize = 120;

/// A title as part of a file's name on any system.
pub(crate) fn safe(title: &str) -> String {
    let mut name = String::new();
    for c in title.chars().take(MOST_LETTERS) {
        let c = if c.is_control() || "/\\:*?\"<>|".contains(c) { '_' } else { c };
        if name.len() + c.len_utf8() > MOST_BYTES {
            break;
        }
        name.push(c);
    }
    let name = name.trim().trim_end_matches('.');
    if name.is_empty() { "track".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_a_name_that_every_system_takes() {
        for (title, name) in [
            ("Song", "Song"),
            ("Loud/Bright: \"a\\b\" <c|d>?*", "Loud_Bright_ _a_b_ _c_d___"),
            (" two\nlines. ", "two_lines"),
            ("..", "track"),
            ("", "track"),
        ] {
            assert_eq!(safe(title), name, "{title:?}");
        }
    }

    #[test]
    fn a_name_has_room_for_a_number_and_an_ending() {
        assert_eq!(safe(&"x".repeat(300)), "x".repeat(80));
        // Letters of two, three and four bytes: whole ones are left, 120 bytes of them at most.
        for (letter, most) in [("é", 60), ("東", 40), ("🎧", 30)] {
            assert_eq!(safe(&letter.repeat(80)), letter.repeat(most));
        }
        assert_eq!(safe(&format!("a{}", "🎧".repeat(80))), format!("a{}", "🎧".repeat(29)));
    }
}
