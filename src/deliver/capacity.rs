//! How much a compact disc holds, and how much its times can tell.

use super::disc::{PREGAP_SECTORS, msf};

/// What a disc of 80 minutes holds: 79:57, as blank discs of 700 MB say of themselves.
const MOST_SECTORS: u64 = (79 * 60 + 57) * 75;
/// The last time of a disc, 99:59:74: minutes have two digits.
const LAST_SECTOR: u64 = (99 * 60 + 59) * 75 + 74;

/// Why so many sectors of music make no disc at all; none: they do.
pub(crate) fn refusal(sectors: u64) -> Option<String> {
    let end = PREGAP_SECTORS + sectors;
    (end >= LAST_SECTOR).then(|| {
        let (long, last) = (msf(end), msf(LAST_SECTOR));
        format!(
            "{long} (min:s:frames) of music and pause, but a compact disc tells times up to {last}: make two discs, or leave \
             something out"
        )
    })
}

/// What to know where music is longer than what most discs hold.
pub(crate) fn note(sectors: u64) -> Option<String> {
    let over = sectors > MOST_SECTORS;
    over.then(|| {
        let (long, most) = (msf(sectors), msf(MOST_SECTORS));
        format!("It lasts {long}, but a disc of 80 minutes holds {most} (min:s:frames): leave something out, or make two.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_is_told_and_what_no_time_can_tell_is_refused() {
        assert_eq!(note(MOST_SECTORS), None);
        assert!(note(MOST_SECTORS + 1).unwrap().contains("It lasts 79:57:01, but a disc of 80 minutes holds 79:57:00"));
        assert_eq!(refusal(MOST_SECTORS + 1), None);
        let most = LAST_SECTOR - PREGAP_SECTORS - 1;
        assert_eq!((msf(PREGAP_SECTORS + most).as_str(), refusal(most)), ("99:59:73", None));
        assert!(refusal(most + 1).unwrap().contains("99:59:74"));
        // Beyond that, a time would not fit into its field.
        assert!(refusal(10 * LAST_SECTOR).unwrap().starts_with("1000:"));
    }
}
