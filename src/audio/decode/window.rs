//! Which of a track's decoded frames are music, as its container tells, and how its ticks become frames.

use symphonia::core::units::TimeBase;

/// The frames to keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    /// Decoded frames to drop at the head.
    pub(super) skip: u64,
    /// Frames of music, where told.
    pub(super) frames: Option<u64>,
    /// In what both are counted; where there is none, in frames.
    pub(super) ticks: Option<TimeBase>,
}

impl Window {
    /// The same in frames at `rate_hz`.
    pub(super) fn at(self, rate_hz: u32) -> Self {
        let frames = |ticks| frames(ticks, self.ticks, rate_hz);
        Self { skip: frames(self.skip), frames: self.frames.map(frames), ticks: None }
    }
}

/// How many frames at `rate_hz` so many ticks are, to the nearest; without a length of the tick they are frames.
pub(super) fn frames(ticks: u64, base: Option<TimeBase>, rate_hz: u32) -> u64 {
    let Some(base) = base else { return ticks };
    let denom = u128::from(base.denom.get());
    let frames = (u128::from(ticks) * u128::from(base.numer.get()) * u128::from(rate_hz) + denom / 2) / denom;
    u64::try_from(frames).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_become_frames_to_the_nearest_and_never_overflow() {
        let base = |numer, denom| TimeBase::try_new(numer, denom);
        assert_eq!(frames(12_345, base(1, 44_100), 44_100), 12_345);
        assert_eq!(frames(12_345, None, 44_100), 12_345);
        assert_eq!(frames(23, base(1, 1_000), 44_100), 1_014);
        assert_eq!(frames(2_048, base(1, 88_200), 44_100), 1_024);
        assert_eq!(frames(u64::MAX, base(u32::MAX, 1), u32::MAX), u64::MAX);
    }

    #[test]
    fn a_window_in_ticks_is_one_in_frames() {
        let told = Window { skip: 2_048, frames: Some(40_000), ticks: TimeBase::try_from_recip(88_200) };
        assert_eq!(told.at(44_100), Window { skip: 1_024, frames: Some(20_000), ticks: None });
        assert_eq!(told.at(44_100).at(44_100), told.at(44_100));
    }
}
