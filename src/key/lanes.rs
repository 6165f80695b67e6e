//! HMAC-SHA256 of many short messages, in as few calls of the hash's block function as there can be.
//!
//! A message that fits one block together with the padding of SHA-256 (FIPS 180-4,
//! section 5.1.1) costs two calls: one from the key's inner state, one from its
//! outer. A processor overlaps hashes that do not wait for each other, so
//! several go through each step together.

use sha2::block_api::compress256;
use zeroize::Zeroize;

use super::midstates::{BLOCK, HmacMidstates};

pub(crate) type HashBlock = [u8; BLOCK];

/// The longest message that fits a block: a byte and the length in bits end it.
pub(crate) const MOST_BYTES: usize = BLOCK - 1 - 8;

/// Messages that go through each step together. A processor stalls when it
/// loads at once what was just stored piece by piece, and not when it was
/// stored a while ago.
pub(crate) const LANES: usize = 16;

/// A few messages, and what is between the steps; wiped by who makes keys of them.
pub(crate) struct Lanes {
    /// Each [padded].
    pub(crate) messages: [HashBlock; LANES],
    states: [[u32; 8]; LANES],
    /// Inner hashes, padded.
    hashes: [HashBlock; LANES],
}

impl Default for Lanes {
    fn default() -> Self {
        Self {
            messages: [[0; BLOCK]; LANES],
            states: [[0; 8]; LANES],
            hashes: [padded(&[0; 32]); LANES],
        }
    }
}

impl Zeroize for Lanes {
    fn zeroize(&mut self) {
        self.messages.zeroize();
        self.states.zeroize();
        self.hashes.zeroize();
    }
}

impl Lanes {
    /// The first 16 bytes of the HMAC of each message, as many as `out` takes,
    /// as numbers whose first byte is the most significant.
    #[inline]
    pub(crate) fn hash(&mut self, midstates: &HmacMidstates, out: &mut [u128]) {
        let count = out.len();
        let states = &mut self.states[..count];
        for (state, block) in states.iter_mut().zip(&self.messages) {
            *state = *midstates.inner();
            compress256(state, std::slice::from_ref(block));
        }
        for (state, block) in states.iter_mut().zip(&mut self.hashes) {
            let (words, _) = block.as_chunks_mut();
            for (bytes, word) in words.iter_mut().zip(&*state) {
                *bytes = word.to_be_bytes();
            }
            *state = *midstates.outer();
        }
        for (state, block) in states.iter_mut().zip(&self.hashes) {
            compress256(state, std::slice::from_ref(block));
        }
        for (state, out) in states.iter().zip(out) {
            let [a, b, c, d, ..] = state.map(u128::from);
            *out = a << 96 | b << 64 | c << 32 | d;
        }
    }
}

/// The last block of a hash whose first block was the key's, with `message` in it.
pub(crate) fn padded(message: &[u8]) -> HashBlock {
    let mut block = [0; BLOCK];
    block[..message.len()].copy_from_slice(message);
    block[message.len()] = 0x80;
    let bits = 8 * (BLOCK + message.len()) as u64;
    block[BLOCK - 8..].copy_from_slice(&bits.to_be_bytes());
    block
}
