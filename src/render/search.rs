//! The search for the drive that makes a render as loud as promised: secant steps until it is enclosed, false position from then on.

/// Least loudness that a decibel of drive is taken to bring: a limiter that holds much gives back little of what it is driven by.
const LEAST_SLOPE: f64 = 0.05;
/// Longest step while the drive is not enclosed: where loudness hardly moves, a slope says little of what is far away.
const LONGEST_STEP_DB: f64 = 12.0;

/// What earlier renders told: drives in dB, and by how much they were too loud, LU.
pub(super) struct Search {
    last: Option<(f64, f64)>,
    slope: f64,
    /// The last drive that was too soft, and the last that was too loud.
    soft: Option<(f64, f64)>,
    loud: Option<(f64, f64)>,
}

impl Search {
    pub(super) fn new() -> Self {
        Self { last: None, slope: 1.0, soft: None, loud: None }
    }

    /// The drive to try after this one was too loud by `error_lu`.
    pub(super) fn next(&mut self, drive_db: f64, error_lu: f64) -> f64 {
        let last = self.last.replace((drive_db, error_lu));
        if let Some((before_db, before_lu)) = last
            && drive_db != before_db
        {
            self.slope = ((error_lu - before_lu) / (drive_db - before_db)).clamp(LEAST_SLOPE, 1.0);
        }
        let (end, other) = if error_lu > 0.0 { (&mut self.loud, &mut self.soft) } else { (&mut self.soft, &mut self.loud) };
        *end = Some((drive_db, error_lu));
        // An end that stays while the other moves counts half: loudness bends where the limiter takes hold (the Illinois method).
        if let (Some((_, before_lu)), Some((_, kept_lu))) = (last, other)
            && (before_lu > 0.0) == (error_lu > 0.0)
        {
            *kept_lu *= 0.5;
        }
        match (self.soft, self.loud) {
            (Some((low_db, low_lu)), Some((high_db, high_lu))) if low_db < high_db => {
                low_db + (high_db - low_db) * low_lu / (low_lu - high_lu)
            }
            _ => drive_db - (error_lu / self.slope).clamp(-LONGEST_STEP_DB, LONGEST_STEP_DB),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn renders(mut drive_db: f64, error_lu: impl Fn(f64) -> f64) -> usize {
        let mut search = Search::new();
        for render in 1..20 {
            let error = error_lu(drive_db);
            if error.abs() <= 0.08 {
                return render;
            }
            drive_db = search.next(drive_db, error);
        }
        20
    }

    #[test]
    fn a_drive_is_found_where_loudness_bends() {
        assert_eq!(renders(3.0, |drive| drive - 2.0), 2, "a limiter that takes nothing");
        assert_eq!(renders(3.0, |drive| 0.2 * (drive - 9.0)), 3, "one that takes an even share");
        let held = |drive: f64| if drive < 12.0 { drive - 8.0 } else { 4.0 + 0.005 * (drive - 12.0) };
        assert!(renders(40.0, held) <= 8, "one that is driven far too hard at first");
        let bent = |drive: f64| if drive < 2.8 { 0.9 * (drive - 2.8) } else { 0.1 * (drive - 2.8) };
        for start in [-3.0, 4.2, 9.0] {
            let needed = renders(start, |drive| bent(drive) + 0.03);
            assert!(needed <= 8, "from {start} dB: {needed}");
        }
    }
}
