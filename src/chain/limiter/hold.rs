//! The largest reduction wanted within the look-ahead window, finding as few peaks as possible.
//!
//! Finding a tile's exact peak is dear, bounding it is cheap. A tile's exact value matters only while it may be the
//! largest of the window: it is found when no cheaper value proves it smaller. The result is the exact sliding maximum.

use std::collections::VecDeque;

/// One tile that may still be the largest.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    at: u64,
    low: f64,
    high: f64,
}

/// Exact sliding maximum of values known by bounds. Not `Clone`: a cloned queue would have to allocate again.
#[derive(Debug)]
pub(super) struct Hold {
    window: u64,
    now: u64,
    candidates: VecDeque<Candidate>,
}

impl Hold {
    /// A maximum over `window` tiles, at rest.
    pub(super) fn new(window: usize) -> Self {
        Self { window: window as u64, now: 0, candidates: VecDeque::with_capacity(window + 2) }
    }

    /// Takes the bounds of the newest tile's value; gives the maximum over the window, not below 0. `exact(tiles ago,
    /// floor)` finds the value of a tile, or gives the floor where it is not above it.
    pub(super) fn push(&mut self, low: f64, high: f64, mut exact: impl FnMut(usize, f64) -> f64) -> f64 {
        self.now += 1;
        if high > 0.0 {
            while self.candidates.back().is_some_and(|c| c.high <= low) {
                self.candidates.pop_back();
            }
            self.candidates.push_back(Candidate { at: self.now, low, high });
        }
        while self.candidates.front().is_some_and(|c| c.at + self.window <= self.now) {
            self.candidates.pop_front();
        }
        let mut largest = self.candidates.iter().fold(0f64, |m, c| m.max(c.low));
        loop {
            let open = self.candidates.iter_mut().filter(|c| c.high > largest && c.high > c.low);
            let Some(likeliest) = open.reduce(|a, b| if b.high > a.high { b } else { a }) else {
                return largest;
            };
            let value = exact((self.now - likeliest.at) as usize, largest);
            if value > largest {
                (likeliest.low, likeliest.high) = (value, value);
                largest = value;
            } else {
                likeliest.high = largest;
            }
        }
    }

    pub(super) fn reset(&mut self) {
        self.now = 0;
        self.candidates.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_maximum_is_exact_and_few_values_are_asked_for() {
        let values: Vec<f64> = (0..3000u64).map(|i| (i * i * 2654435761 % 1009) as f64 / 1009.0).collect();
        let mut hold = Hold::new(9);
        let mut asked = 0;
        for (i, v) in values.iter().enumerate() {
            let largest = hold.push((v - 0.05).max(0.0), v + 0.05, |ago, floor| {
                asked += 1;
                values[i - ago].max(floor)
            });
            assert_eq!(largest, values[i.saturating_sub(8)..=i].iter().fold(0.0, |m, v| v.max(m)));
        }
        assert!(asked < values.len() / 2, "{asked}");
    }
}
