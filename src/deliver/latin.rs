//! Titles in the letters of CD-Text: ISO 8859-1, what players of compact discs show.
//!
//! What lies outside is respelled in plain letters by the `any_ascii` crate: `Ž` as `Z`, `Москва` as `Moskva`, `東京` as `DongJing`, `“`
//! as `"`; what that has no spelling for becomes `?`. Either way the page says so. File names, tags and cue keep every letter.

use any_ascii::any_ascii_char;

/// A text in ISO 8859-1, and whether it had to be respelled.
pub(super) fn latin(text: &str) -> (String, bool) {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match u32::from(c) {
            0x20..=0x7e | 0xa1..=0xff => out.push(c),
            // A mark that stands alone belongs to the letter before it.
            0x300..=0x36f => {}
            _ if c.is_control() => out.push('?'),
            _ => match any_ascii_char(c) {
                "" => out.push('?'),
                spelling => out += spelling,
            },
        }
    }
    let respelled = out != text;
    (out, respelled)
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
            ("Москва – любовь", "Moskva - lyubov'"),
            ("Ελλάδα", "Ellada"),
            ("“Don’t…”", "\"Don't...\""),
            ("Zo\u{308}e", "Zoe"),
            ("東京", "DongJing"),
            ("\u{1}\u{e000}", "??"),
        ] {
            assert_eq!(latin(text), (spelling.to_owned(), text != spelling), "{text}");
        }
        assert_eq!(bytes("Ál"), [0xc1, b'l']);
    }
}
