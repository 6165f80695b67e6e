//! The two states in which HMAC-SHA256 waits for its message, computed once a key.
//!
//! HMAC hashes the key, padded and XORed with a constant, before the message
//! and again before the inner hash (RFC 2104, section 2). Both times that is
//! one block of SHA-256, the same for every message; a register has millions
//! of messages. Section 4 of the RFC advises to keep the results and to treat
//! them as the key itself: whoever has them computes every pseudonym.

use sha2::block_api::compress256;
use zeroize::{Zeroize, Zeroizing};

use super::KEY_LEN;
use crate::secret::Secret;

/// Bytes of a block of SHA-256.
pub(crate) const BLOCK: usize = 64;

/// What SHA-256 starts from (FIPS 180-4, section 5.3.3).
const START: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// The inner and the outer state under one key, wiped when dropped. As for
/// [`Secret`] there is no `Clone` and no `Debug`, and they stay on the heap.
pub(crate) struct Pads(Box<[[u32; 8]; 2]>);

impl Pads {
    pub(super) fn of(secret: &Secret<KEY_LEN>) -> Self {
        let mut pads = Self(Box::new([START; 2]));
        let mut block = Zeroizing::new([0; BLOCK]);
        for (state, constant) in pads.0.iter_mut().zip([0x36, 0x5c]) {
            block.fill(constant);
            for (byte, key) in block.iter_mut().zip(secret.expose()) {
                *byte ^= key;
            }
            compress256(state, &[*block]);
        }
        pads
    }

    /// The state that the message is hashed from.
    pub(crate) fn inner(&self) -> &[u32; 8] {
        &self.0[0]
    }

    /// The state that the inner hash is hashed from.
    pub(crate) fn outer(&self) -> &[u32; 8] {
        &self.0[1]
    }
}

impl Drop for Pads {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}
