//! A fingerprint of samples: tells whether a file reads back as what was sent to it.

/// FNV-1a (64 bits) over each channel's sample bits; any division into blocks gives the same fingerprint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    channels: Vec<u64>,
    frames: u64,
}

/// Offset basis and prime of FNV-1a, 64 bits (Fowler, Noll, Vo).
const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

impl Fingerprint {
    /// The fingerprint of nothing.
    pub fn new(channels: usize) -> Self {
        Self { channels: vec![BASIS; channels], frames: 0 }
    }

    /// Takes a block.
    pub fn push(&mut self, channels: &[Vec<f32>]) {
        // Adding 0 makes −0 and 0 one: integer words know no sign of zero.
        let with = |hash: u64, sample: f32| (hash ^ u64::from((sample + 0.0).to_bits())).wrapping_mul(PRIME);
        match (self.channels.as_mut_slice(), channels) {
            // Side by side: a product waits for the one before.
            ([first, second], [left, right]) => {
                (*first, *second) = left.iter().zip(right).fold((*first, *second), |(a, b), (l, r)| (with(a, *l), with(b, *r)));
            }
            (hashes, channels) => {
                for (hash, samples) in hashes.iter_mut().zip(channels) {
                    *hash = samples.iter().fold(*hash, |hash, sample| with(hash, *sample));
                }
            }
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
        assert_eq!(of(&[&[0.5, -0.25], &[0.125]]), of(&[&[0.5, -0.25, 0.125]]));
        assert_ne!(of(&[&[0.5, -0.25]]), of(&[&[-0.25, 0.5]]));
        assert_eq!(of(&[&[0.0]]), of(&[&[-0.0]]));
    }
}
