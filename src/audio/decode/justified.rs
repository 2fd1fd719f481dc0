//! Which three of four bytes hold a word of 24 bits: both justifications are in use, and no header tells them apart.

/// What the words that were looked at say together.
#[derive(Default)]
pub(super) struct Looks {
    /// Some word is not zero.
    sounds: bool,
    /// Some word is no 24-bit number with its sign in the byte above.
    unsigned: bool,
}

impl Looks {
    /// Looks at words, the lowest byte first where not `big_endian`: whether they sit right; `None` where the next ones are to be asked.
    ///
    /// A highest byte that is neither empty nor a sign is a byte of the word: it sits left. A lowest byte that is in use is one too: it
    /// sits right, where nothing says left.
    pub(super) fn right(&mut self, words: &[[u8; 4]], big_endian: bool) -> Option<bool> {
        let number = |word: &[u8; 4]| if big_endian { i32::from_be_bytes(*word) } else { i32::from_le_bytes(*word) };
        let mut low = false;
        for number in words.iter().map(number) {
            if !matches!(number >> 24, 0 | -1) {
                return Some(false);
            }
            low |= number & 0xFF != 0;
            self.sounds |= number != 0;
            self.unsigned |= number << 8 >> 8 != number;
        }
        low.then_some(true)
    }

    /// The verdict where no words are left: 24-bit numbers throughout, each with its sign, are words that sit right and have but 16 bits.
    pub(super) fn right_at_the_end(&self) -> bool {
        self.sounds && !self.unsigned
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(words: &[u32]) -> (Option<bool>, bool) {
        let (mut little, mut big) = (Looks::default(), Looks::default());
        let bytes = |to: fn(u32) -> [u8; 4]| words.iter().map(|&word| to(word)).collect::<Vec<_>>();
        let found = (little.right(&bytes(u32::to_le_bytes), false), little.right_at_the_end());
        assert_eq!(found, (big.right(&bytes(u32::to_be_bytes), true), big.right_at_the_end()));
        found
    }

    #[test]
    fn words_decide_and_else_the_end_does() {
        assert_eq!(look(&[0, 0x0012_3456, 0xFFED_CBAA]).0, Some(true));
        // A sign that was left out is an empty byte too.
        assert_eq!(look(&[0, 0x00FF_FFA0]).0, Some(true));
        assert_eq!(look(&[0, 0x0000_0001, 0x1234_5600]).0, Some(false));
        assert_eq!(look(&[0; 9]), (None, false));
        assert_eq!(look(&[0, 0x0012_3400, 0xFFED_CC00]), (None, true));
        assert_eq!(look(&[0, 0x0012_3400, 0x00ED_CC00]), (None, false));
    }
}
