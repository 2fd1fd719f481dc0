//! The codes of a release: UPC/EAN of the album, ISRC of a recording.

/// A UPC (12 digits) or EAN (13 digits) without blanks and hyphens. Errors: another number of digits, or a check digit that does
/// not fit (GS1 General Specifications, section 7.9: digits weighted 3 and 1 from the right, up to the next ten).
pub fn barcode(text: &str) -> Result<String, String> {
    let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    if !matches!(digits.len(), 12 | 13) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(format!("'{text}' is no UPC or EAN: 12 or 13 digits are expected"));
    }
    let (body, last) = digits.split_at(digits.len() - 1);
    let weighted: u32 = body.bytes().rev().enumerate().map(|(i, b)| u32::from(b - b'0') * if i % 2 == 0 { 3 } else { 1 }).sum();
    let check = (10 - weighted % 10) % 10;
    if last != check.to_string() {
        return Err(format!("'{text}' has a wrong check digit: it ends in {last}, but {body} needs {check}"));
    }
    Ok(digits)
}

/// The 13 digits that a disc's catalogue number has: a UPC is an EAN with a leading zero.
pub fn ean13(barcode: &str) -> String {
    format!("{barcode:0>13}")
}

/// An ISRC of 12 characters, capitals, without hyphens. Errors: not two letters, three letters or digits, seven digits (ISO 3901).
pub fn isrc(text: &str) -> Result<String, String> {
    let code: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect::<String>().to_uppercase();
    let fits = code.len() == 12
        && code.bytes().enumerate().all(|(i, b)| match i {
            0 | 1 => b.is_ascii_uppercase(),
            2..=4 => b.is_ascii_uppercase() || b.is_ascii_digit(),
            _ => b.is_ascii_digit(),
        });
    if fits {
        return Ok(code);
    }
    Err(format!("'{text}' is no ISRC: two letters, three letters or digits, seven digits, as in GB-AAA-26-00001"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_are_checked() {
        // Examples of the GS1 and of Wikipedia's article on UPC-A.
        assert_eq!(barcode("0 36000 29145 2").as_deref(), Ok("036000291452"));
        assert_eq!(barcode("4006381333931").as_deref(), Ok("4006381333931"));
        assert!(barcode("4006381333932").unwrap_err().contains("needs 1"));
        for wrong in ["", "12345", "40063813339310", "40063813A3931"] {
            assert!(barcode(wrong).is_err(), "{wrong}");
        }
        assert_eq!(ean13("036000291452"), "0036000291452");
    }

    #[test]
    fn isrcs_have_their_form() {
        assert_eq!(isrc("us-s1z-99-00001").as_deref(), Ok("USS1Z9900001"));
        for wrong in ["", "US-S1Z-99-0001", "U1S1Z9900001", "USS1Z99000O1", "USS1Z99000011"] {
            assert!(isrc(wrong).is_err(), "{wrong}");
        }
    }
}
