//! `FILE[:WEIGHT]`.

/// Reads `FILE[:WEIGHT]`. A name may hold colons: what follows the last one is a weight only where it is a number and no
/// file bears the whole name, which `exists` tells. Errors: the weight is not positive.
pub fn with_weight(text: &str, exists: impl Fn(&str) -> bool) -> Result<(&str, f64), String> {
    let whole = (text, 1.0);
    let Some((path, weight)) = text.rsplit_once(':') else { return Ok(whole) };
    match weight.parse::<f64>() {
        _ if path.is_empty() || exists(text) => Ok(whole),
        Ok(weight) if weight > 0.0 && weight.is_finite() => Ok((path, weight)),
        Ok(_) => Err(format!("the weight '{weight}' is not a positive number")),
        Err(_) => Ok(whole),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weight_is_a_number_after_the_last_colon_of_a_name_that_no_file_bears() {
        let read = |text| with_weight(text, |path| path == "real:3");
        for (text, path, weight) in [
            ("a.flac", "a.flac", 1.0),
            ("a.flac:2", "a.flac", 2.0),
            ("a.flac:0.5", "a.flac", 0.5),
            ("take: one.wav", "take: one.wav", 1.0),
            ("C:\\a.wav:2", "C:\\a.wav", 2.0),
            ("s3://music/a.wav", "s3://music/a.wav", 1.0),
            ("s3://music/a.wav:3", "s3://music/a.wav", 3.0),
            ("real:3", "real:3", 1.0),
        ] {
            assert_eq!(read(text), Ok((path, weight)), "{text}");
        }
        for wrong in ["a.flac:0", "a.flac:-2", "a.flac:inf"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
