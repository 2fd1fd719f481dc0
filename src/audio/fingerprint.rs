//! A fingerprint of samples: tells whether a file reads back as what was sent to it.

/// Hashes of a channel that run side by side, each over every fourth sample: a product waits for the one before.
const LANES: usize = 4;

/// FNV-1a (64 bits) over the bits of each channel's samples, in four lanes; any division into blocks gives the same fingerprint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    channels: Vec<[u64; LANES]>,
    frames: u64,
}

/// Offset basis and prime of FNV-1a, 64 bits (Fowler, Noll, Vo).
const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

impl Fingerprint {
    /// The fingerprint of nothing.
    pub fn new(channels: usize) -> Self {
        Self { channels: vec![[BASIS; LANES]; channels], frames: 0 }
    }

    /// Takes a block.
    pub fn push(&mut self, channels: &[Vec<f32>]) {
        // Adding 0 makes −0 and 0 one: integer words know no sign of zero.
        let with = |hash: u64, sample: f32| (hash ^ u64::from((sample + 0.0).to_bits())).wrapping_mul(PRIME);
        let lane = self.frames as usize % LANES;
        for (lanes, samples) in self.channels.iter_mut().zip(channels) {
            // Up to the first lane, rounds of all lanes, and what is left.
            let (first, rest) = samples.split_at(samples.len().min((LANES - lane) % LANES));
            let (rounds, last) = rest.as_chunks::<LANES>();
            lanes[lane..].iter_mut().zip(first).for_each(|(hash, sample)| *hash = with(*hash, *sample));
            *lanes = rounds.iter().fold(*lanes, |lanes, round| std::array::from_fn(|i| with(lanes[i], round[i])));
            lanes.iter_mut().zip(last).for_each(|(hash, sample)| *hash = with(*hash, *sample));
        }
        self.frames += channels.first().map_or(0, Vec::len) as u64;
    }

    /// How many frames were taken.
    pub fn frames(&self) -> u64 {
        self.frames
    }
}

#[cfg(test)]
mod tests {
    use super::Fingerprint;

    #[test]
    fn blocks_do_not_matter_and_every_sample_does() {
        let of = |blocks: &[&[f32]]| {
            let mut print = Fingerprint::new(1);
            blocks.iter().for_each(|b| print.push(&[b.to_vec()]));
            print
        };
        let samples = [0.5, -0.25, 0.125, 0.75, -1.0, 0.25, 0.0625, -0.5, 0.375, 0.875];
        for cut in 0..=samples.len() {
            for again in cut..=samples.len() {
                let parts = [&samples[..cut], &samples[cut..again], &samples[again..]];
                assert_eq!(of(&parts), of(&[&samples]), "{cut}, {again}");
            }
        }
        for at in 0..samples.len() {
            let mut changed = samples;
            changed[at] += 0.001;
            assert_ne!(of(&[&changed]), of(&[&samples]), "sample {at}");
        }
        assert_ne!(of(&[&[0.5, -0.25]]), of(&[&[-0.25, 0.5]]));
        assert_eq!(of(&[&[0.0]]), of(&[&[-0.0]]));
    }
}
