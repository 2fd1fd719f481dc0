//! Sliding maximum and exact moving average: the two halves of a look-ahead envelope.
//!
//! Both work on integers, so that a running sum neither drifts nor leaves a residue: when the input has been zero for a
//! window's length the output is exactly zero.

use std::collections::VecDeque;

/// Maximum of the last `window` values; amortised constant time by a deque of falling candidates
/// (Lemire 2006, "Streaming maximum-minimum filter using no more than three comparisons per element"). Not `Clone`:
/// a cloned queue would have to allocate again.
#[derive(Debug)]
pub struct SlidingMax {
    window: u64,
    now: u64,
    candidates: VecDeque<(u64, i64)>,
}

impl SlidingMax {
    /// A maximum over `window` values (at least 1), at rest: as if zeros had passed.
    pub fn new(window: usize) -> Self {
        Self { window: window.max(1) as u64, now: 0, candidates: VecDeque::with_capacity(window + 2) }
    }

    /// Takes one value, not negative; gives the maximum of the last `window`.
    pub fn push(&mut self, value: i64) -> i64 {
        while self.candidates.back().is_some_and(|&(_, v)| v <= value) {
            self.candidates.pop_back();
        }
        self.candidates.push_back((self.now, value));
        while self.candidates.front().is_some_and(|&(at, _)| at + self.window <= self.now) {
            self.candidates.pop_front();
        }
        self.now += 1;
        self.candidates.front().map_or(value, |&(_, v)| v)
    }

    /// Back to rest.
    pub fn reset(&mut self) {
        self.now = 0;
        self.candidates.clear();
    }
}

/// Sum of the last `window` values, exact.
#[derive(Clone, Debug)]
pub struct BoxSum {
    ring: Vec<i64>,
    next: usize,
    sum: i64,
}

impl BoxSum {
    /// A sum over `window` values (at least 1), at rest.
    pub fn new(window: usize) -> Self {
        Self { ring: vec![0; window.max(1)], next: 0, sum: 0 }
    }

    /// Takes one value; gives the sum of the last `window`.
    pub fn push(&mut self, value: i64) -> i64 {
        self.sum += value - std::mem::replace(&mut self.ring[self.next], value);
        self.next = if self.next + 1 == self.ring.len() { 0 } else { self.next + 1 };
        self.sum
    }

    /// Values summed.
    pub fn window(&self) -> usize {
        self.ring.len()
    }

    /// Back to rest.
    pub fn reset(&mut self) {
        self.ring.fill(0);
        self.sum = 0;
        self.next = 0;
    }
}

/// One binary unit of [`Smoother`]'s values: 2⁻⁴⁰, so that sums over windows of thousands fit 63 bits.
const ONE: f64 = (1u64 << 40) as f64;

/// Two box averages in a row, a triangle, over values in −1..=1; exact, monotone between levels, no overshoot.
#[derive(Clone, Debug)]
pub struct Smoother {
    first: BoxSum,
    second: BoxSum,
}

impl Smoother {
    /// A triangle over `length` values (at least 1).
    pub fn new(length: usize) -> Self {
        let first = length.max(1) / 2 + 1;
        Self { first: BoxSum::new(first), second: BoxSum::new(length.max(1) + 1 - first) }
    }

    /// Takes one value from [`to_fixed`]; gives the weighted mean of the last `length`, as a number.
    pub fn push(&mut self, value: i64) -> f64 {
        let sum = self.second.push(self.first.push(value));
        sum as f64 / (ONE * (self.first.window() * self.second.window()) as f64)
    }

    /// Back to rest.
    pub fn reset(&mut self) {
        self.first.reset();
        self.second.reset();
    }
}

/// `value` in −1..=1 in the fixed point of [`Smoother`], rounded towards zero.
pub fn to_fixed(value: f64) -> i64 {
    (value * ONE) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sliding_max_is_the_maximum_of_the_window() {
        let values: Vec<i64> = (0..500u64).map(|i| (i * i * 2654435761 % 1009) as i64).collect();
        let mut hold = SlidingMax::new(7);
        for (i, v) in values.iter().enumerate() {
            let expected = values[i.saturating_sub(6)..=i].iter().max().unwrap();
            assert_eq!(hold.push(*v), *expected);
        }
    }

    #[test]
    fn smoother_reaches_a_held_level_exactly_and_returns_to_zero() {
        for length in 1..20 {
            let mut smoother = Smoother::new(length);
            let level = to_fixed(0.3);
            let rise: Vec<f64> = (0..length).map(|_| smoother.push(level)).collect();
            assert!((rise[length - 1] - 0.3).abs() < 1e-11 && rise.windows(2).all(|w| w[0] <= w[1]));
            let fall: Vec<f64> = (0..length).map(|_| smoother.push(0)).collect();
            assert_eq!(fall[length - 1], 0.0);
        }
    }
}
