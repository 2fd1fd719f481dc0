//! Envelopes: one-pole smoothing with separate attack and release, at any rate of update.

/// Coefficient of a one-pole that covers 63 % of a step in `time_s` when updated `rate_hz` times a second:
/// `exp(−1 / (time · rate))`; 0 (no smoothing) for a time of 0.
pub fn one_pole_coefficient(time_s: f64, rate_hz: f64) -> f64 {
    if time_s > 0.0 { (-1.0 / (time_s * rate_hz)).exp() } else { 0.0 }
}

/// `y = c·y + (1 − c)·x`, with one coefficient for rising and one for falling, of `N` signals side by side: powers or magnitudes.
#[derive(Clone, Debug)]
pub struct AttackRelease<const N: usize> {
    attack: [f64; N],
    release: [f64; N],
    value: [f64; N],
}

impl<const N: usize> AttackRelease<N> {
    /// Envelopes at 0, with their times in seconds.
    pub fn new(attack_s: [f64; N], release_s: [f64; N], rate_hz: f64) -> Self {
        let pole = |time_s: f64| one_pole_coefficient(time_s, rate_hz);
        Self { attack: attack_s.map(pole), release: release_s.map(pole), value: [0.0; N] }
    }

    /// Follows `x` ≥ 0; returns the envelopes. Values below 1e−30 become 0, so that no denormal number lingers.
    #[inline(always)]
    pub fn follow(&mut self, x: [f64; N]) -> [f64; N] {
        self.value = std::array::from_fn(|i| {
            let coefficient = if x[i] > self.value[i] { self.attack[i] } else { self.release[i] };
            let value = x[i] + coefficient * (self.value[i] - x[i]);
            if value < 1e-30 { 0.0 } else { value }
        });
        self.value
    }

    /// Back to 0.
    pub fn reset(&mut self) {
        self.value = [0.0; N];
    }
}

/// The smooth, decoupled peak detector of Giannoulis, Massberg and Reiss 2012 (eq. 17), for gain reduction in dB:
/// `hold = max(x, αR·hold + (1 − αR)·x)`, `y = αA·y + (1 − αA)·hold`.
///
/// Two departures. The attack's pole also delays the release, so the release's own time is shortened by the attack's
/// (by half at the most): a fall takes `release_s` in all. And the release can depend on the program: a second,
/// slow average of `hold` keeps the reduction up after it has lasted; see [`PeakDetector::program_dependent`].
#[derive(Clone, Debug)]
pub struct PeakDetector {
    attack: f64,
    release: f64,
    slow: Option<f64>,
    hold: f64,
    sustained: f64,
    value: f64,
}

impl PeakDetector {
    /// A detector at rest, updated `rate_hz` times a second.
    pub fn new(attack_s: f64, release_s: f64, rate_hz: f64) -> Self {
        let own_release_s = (release_s - attack_s).max(0.5 * release_s);
        Self {
            attack: one_pole_coefficient(attack_s, rate_hz),
            release: one_pole_coefficient(own_release_s, rate_hz),
            slow: None,
            hold: 0.0,
            sustained: 0.0,
            value: 0.0,
        }
    }

    /// A detector whose release takes half of `release_s` after a short peak and twice of it after reduction that has
    /// lasted for several times `release_s`: the larger of a fast envelope and its slow average.
    pub fn program_dependent(attack_s: f64, release_s: f64, rate_hz: f64) -> Self {
        // The fast envelope comes first and takes its half.
        let slow = Some(one_pole_coefficient(1.5 * release_s, rate_hz));
        Self { slow, ..Self::new(attack_s, 0.5 * release_s, rate_hz) }
    }

    /// Follows `x` ≥ 0; returns the smoothed value.
    #[inline]
    pub fn follow(&mut self, x: f64) -> f64 {
        self.hold = x.max(x + self.release * (self.hold - x));
        let mut held = self.hold;
        if let Some(slow) = self.slow {
            self.sustained = self.hold + slow * (self.sustained - self.hold);
            held = held.max(self.sustained);
        }
        self.value = held + self.attack * (self.value - held);
        for state in [&mut self.hold, &mut self.sustained, &mut self.value] {
            if *state < 1e-30 {
                *state = 0.0;
            }
        }
        self.value
    }

    /// Back to rest.
    pub fn reset(&mut self) {
        (self.hold, self.sustained, self.value) = (0.0, 0.0, 0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE_HZ: f64 = 3000.0;

    /// Seconds until `follow(x)` has covered 63.2 % of the way from `start` to `x`.
    fn time_to(mut follow: impl FnMut(f64) -> f64, start: f64, x: f64) -> f64 {
        let goal = start + (x - start) * (1.0 - (-1f64).exp());
        let reached = |y: f64| if x > start { y >= goal } else { y <= goal };
        (1..100_000).find(|_| reached(follow(x))).expect("reached in time") as f64 / RATE_HZ
    }

    #[test]
    fn attack_and_release_take_their_times() {
        for (attack, release) in [(0.005, 0.1), (0.025, 0.25), (0.1, 1.0)] {
            let mut envelope = AttackRelease::new([attack], [release], RATE_HZ);
            assert!((time_to(|x| envelope.follow([x])[0], 0.0, 1.0) / attack - 1.0).abs() < 0.1);
            (0..100_000).for_each(|_| _ = envelope.follow([1.0]));
            assert!((time_to(|x| envelope.follow([x])[0], 1.0, 0.0) / release - 1.0).abs() < 0.02);

            let mut detector = PeakDetector::new(attack, release, RATE_HZ);
            assert!((time_to(|x| detector.follow(x), 0.0, 10.0) / attack - 1.0).abs() < 0.1);
            (0..100_000).for_each(|_| _ = detector.follow(10.0));
            assert!((time_to(|x| detector.follow(x), 10.0, 0.0) / release - 1.0).abs() < 0.1);
        }
    }

    #[test]
    fn program_dependent_release_is_quick_after_a_peak_and_slow_after_a_passage() {
        let release_after = |frames: usize| {
            let mut detector = PeakDetector::program_dependent(0.001, 0.25, RATE_HZ);
            let top = (0..frames).map(|_| detector.follow(10.0)).last().expect("not empty");
            time_to(|x| detector.follow(x), top, 0.0)
        };
        let (short, long) = (release_after(60), release_after(30_000));
        assert!(short < 0.18, "{short}");
        assert!((0.4..0.6).contains(&long), "{long}");
    }
}
