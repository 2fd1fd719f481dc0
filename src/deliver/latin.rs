//! Titles in the letters of CD-Text: ISO 8859-1, what players of compact discs show.
//!
//! What lies outside is respelled as a reader of Western Europe would: `Ž` as `Z`, `Москва` as `Moskva`, `“` as `"`. What has no
//! spelling here (a title in Japanese) becomes `?`; either way the page says so. File names, tags and cue keep every letter.

/// Latin Extended-A, U+0100 to U+017F, without its marks.
const EXTENDED_A: &str = "AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIi??JjKkkLlLlLlLlLlNnNnNn???OoOoOo??RrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZz?";
/// Greek from U+0391, and Cyrillic from U+0410, letter by letter.
const GREEK: [&str; 25] = [
    "A", "V", "G", "D", "E", "Z", "I", "Th", "I", "K", "L", "M", "N", "X", "O", "P", "R", "", "S", "T", "Y", "F", "Ch", "Ps", "O",
];
const CYRILLIC: [&str; 32] = [
    "A", "B", "V", "G", "D", "E", "Zh", "Z", "I", "J", "K", "L", "M", "N", "O", "P", "R", "S", "T", "U", "F", "Kh", "Ts", "Ch",
    "Sh", "Shch", "", "Y", "", "E", "Yu", "Ya",
];
/// Single signs.
const OTHERS: [(char, &str); 52] = [
    ('‘', "'"),
    ('’', "'"),
    ('‚', "'"),
    ('ʼ', "'"),
    ('“', "\""),
    ('”', "\""),
    ('„', "\""),
    ('–', "-"),
    ('—', "-"),
    ('‐', "-"),
    ('‑', "-"),
    ('−', "-"),
    ('…', "..."),
    ('•', "*"),
    ('€', "EUR"),
    ('™', "TM"),
    ('♯', "#"),
    ('♭', "b"),
    ('\u{a0}', " "),
    ('\u{2009}', " "),
    ('Œ', "OE"),
    ('œ', "oe"),
    ('Ĳ', "IJ"),
    ('ĳ', "ij"),
    ('ĸ', "k"),
    ('ŉ', "'n"),
    ('Ŋ', "Ng"),
    ('ŋ', "ng"),
    ('ſ', "s"),
    ('ẞ', "SS"),
    ('Ș', "S"),
    ('ș', "s"),
    ('Ț', "T"),
    ('ț', "t"),
    ('Ё', "Yo"),
    ('ё', "yo"),
    ('Є', "Ye"),
    ('є', "ye"),
    ('І', "I"),
    ('і', "i"),
    ('Ї', "Yi"),
    ('ї', "yi"),
    ('Ґ', "G"),
    ('ґ', "g"),
    ('ά', "a"),
    ('έ', "e"),
    ('ή', "i"),
    ('ί', "i"),
    ('ό', "o"),
    ('ύ', "y"),
    ('ώ', "o"),
    ('ς', "s"),
];

/// A text in ISO 8859-1, and whether it had to be respelled.
pub(super) fn latin(text: &str) -> (String, bool) {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match u32::from(c) {
            0x20..=0x7e | 0xa1..=0xff => out.push(c),
            // A mark that stands alone belongs to the letter before it.
            0x300..=0x36f => {}
            _ => out += &spelled(c),
        }
    }
    let respelled = out != text;
    (out, respelled)
}

fn spelled(c: char) -> String {
    if let Some((_, text)) = OTHERS.iter().find(|(sign, _)| *sign == c) {
        return (*text).to_owned();
    }
    let code = u32::from(c) as usize;
    let lower = |table: &[&str], at: usize| table[at].to_lowercase();
    match code {
        0x100..=0x17f => EXTENDED_A.chars().nth(code - 0x100).unwrap_or('?').to_string(),
        0x391..=0x3a9 => GREEK[code - 0x391].to_owned(),
        0x3b1..=0x3c9 => lower(&GREEK, code - 0x3b1),
        0x410..=0x42f => CYRILLIC[code - 0x410].to_owned(),
        0x430..=0x44f => lower(&CYRILLIC, code - 0x430),
        _ => "?".to_owned(),
    }
}

/// The bytes of a text that is in ISO 8859-1.
pub(super) fn bytes(text: &str) -> Vec<u8> {
    latin(text).0.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_latin_stays_and_the_rest_is_respelled() {
        for (text, spelling) in [
            ("Megtört Álom", "Megtört Álom"),
            ("Žižka, Łódź, İstanbul, Ţară", "Zizka, Lódz, Istanbul, Tara"),
            ("Москва – любовь", "Moskva - lyubov"),
            ("Ελλάδα", "Ellada"),
            ("“Don’t…”", "\"Don't...\""),
            ("Zo\u{308}e", "Zoe"),
            ("東京", "??"),
        ] {
            assert_eq!(latin(text), (spelling.to_owned(), text != spelling), "{text}");
        }
        assert_eq!(EXTENDED_A.chars().count(), 128);
        assert_eq!(bytes("Ál"), [0xc1, b'l']);
    }
}
