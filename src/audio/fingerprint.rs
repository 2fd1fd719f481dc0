//! A fingerprint of samples: tells whether a file reads back as what was sent to it.

use crc32fast::Hasher;

/// CRC-32 over the bits of each channel's samples; any division into blocks gives the same fingerprint. Zeros
/// of either sign differ: what is sent is what the written words mean, so a file of integers has only the one.
#[derive(Clone, Debug)]
pub struct Fingerprint {
    channels: Vec<Hasher>,
    frames: u64,
}

impl Fingerprint {
    /// The fingerprint of nothing.
    pub fn new(channels: usize) -> Self {
        Self { channels: vec![Hasher::new(); channels], frames: 0 }
    }

    /// Takes a block.
    pub fn push(&mut self, channels: &[Vec<f32>]) {
        for (hasher, samples) in self.channels.iter_mut().zip(channels) {
            hasher.update(bytemuck::cast_slice(samples));
        }
        self.frames += channels.first().map_or(0, Vec::len) as u64;
    }

    /// How many frames were taken.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    fn sums(&self) -> impl Iterator<Item = u32> {
        self.channels.iter().map(|hasher| hasher.clone().finalize())
    }
}

impl PartialEq for Fingerprint {
    fn eq(&self, other: &Self) -> bool {
        self.frames == other.frames && self.sums().eq(other.sums())
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
        assert_ne!(of(&[&[0.0]]), of(&[&[-0.0]]));
    }
}
