//! A delay of a whole number of frames.

/// Delays one channel by a fixed number of frames; allocates only when made.
#[derive(Clone, Debug)]
pub struct Delay {
    ring: Vec<f32>,
    next: usize,
}

impl Delay {
    /// A delay of `frames`, filled with silence.
    pub fn new(frames: usize) -> Self {
        Self { ring: vec![0.0; frames], next: 0 }
    }

    /// Swaps each sample for the one `frames` ago.
    pub fn process(&mut self, samples: &mut [f32]) {
        if self.ring.is_empty() {
            return;
        }
        let mut rest = samples;
        while !rest.is_empty() {
            // Up to the end of the ring at a time.
            let (now, later) = rest.split_at_mut(rest.len().min(self.ring.len() - self.next));
            let end = self.next + now.len();
            now.swap_with_slice(&mut self.ring[self.next..end]);
            self.next = if end == self.ring.len() { 0 } else { end };
            rest = later;
        }
    }

    /// Back to silence.
    pub fn reset(&mut self) {
        self.ring.fill(0.0);
        self.next = 0;
    }

    /// The delay, in frames.
    pub fn frames(&self) -> usize {
        self.ring.len()
    }
}
