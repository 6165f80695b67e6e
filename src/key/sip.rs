//! SipHash-2-4: a short secret check of a short message (Aumasson and Bernstein
//! 2012, "SipHash: a fast short-input PRF", section 2).
//!
//! Whoever sees what comes out of it learns neither the key nor the message, and
//! it costs a fraction of what HMAC does; that is what sketches of many cells need.
//!
//! The `siphasher` crate has the key in a hasher that is `Copy`, keeps a tail of
//! the message in memory, and can be wiped by nobody. Of whole words there is no
//! tail: the state is four words, which do not leave the registers. So the crate
//! is the twin of the tests.

/// SipHash-2-4 of a message of whole words of 8 bytes each, little-endian.
pub(super) fn sip(key: [u64; 2], words: &[u64]) -> u64 {
    let [one, other] = key;
    // "somepseudorandomlygeneratedbytes", section 2.1.
    let mut state = [
        one ^ 0x736f_6d65_7073_6575,
        other ^ 0x646f_7261_6e64_6f6d,
        one ^ 0x6c79_6765_6e65_7261,
        other ^ 0x7465_6462_7974_6573,
    ];
    // The last word of any message has its length in bytes.
    let last = (8 * words.len() as u64) << 56;
    for &word in words.iter().chain([&last]) {
        state[3] ^= word;
        rounds(&mut state, 2);
        state[0] ^= word;
    }
    state[2] ^= 0xff;
    rounds(&mut state, 4);
    state.into_iter().fold(0, |all, word| all ^ word)
}

#[inline(always)]
fn rounds(state: &mut [u64; 4], rounds: usize) {
    let [mut a, mut b, mut c, mut d] = *state;
    for _ in 0..rounds {
        a = a.wrapping_add(b);
        c = c.wrapping_add(d);
        b = b.rotate_left(13) ^ a;
        d = d.rotate_left(16) ^ c;
        a = a.rotate_left(32).wrapping_add(d);
        c = c.wrapping_add(b);
        b = b.rotate_left(17) ^ c;
        d = d.rotate_left(21) ^ a;
        c = c.rotate_left(32);
    }
    *state = [a, b, c, d];
}

#[cfg(test)]
mod tests {
    use std::hash::Hasher as _;

    use proptest::prelude::*;
    use siphasher::sip::SipHasher24;

    use super::sip;

    proptest! {
        #[test]
        fn it_gives_what_the_siphasher_crate_gives(
            key: [u64; 2],
            words in prop::collection::vec(any::<u64>(), 0..40),
        ) {
            let mut hasher = SipHasher24::new_with_keys(key[0], key[1]);
            words.iter().for_each(|word| hasher.write(&word.to_le_bytes()));
            prop_assert_eq!(sip(key, &words), hasher.finish());
        }
    }

    /// Of the reference implementation, `vectors_sip64`: messages 00 01 02 … of
    /// 0, 8 and 16 bytes under the key 00 01 … 0f.
    #[test]
    fn it_is_that_of_the_reference() {
        let word = |from: u8| u64::from_le_bytes(std::array::from_fn(|at| from + at as u8));
        let key = [word(0), word(8)];
        let vectors: [(&[u64], [u8; 8]); 3] = [
            (&[], [0x31, 0x0e, 0x0e, 0xdd, 0x47, 0xdb, 0x6f, 0x72]),
            (&[word(0)], [0x62, 0x24, 0x93, 0x9a, 0x79, 0xf5, 0xf5, 0x93]),
            (
                &[word(0), word(8)],
                [0xdb, 0x9b, 0xc2, 0x57, 0x7f, 0xcc, 0x2a, 0x3f],
            ),
        ];
        for (message, expected) in vectors {
            assert_eq!(sip(key, message).to_le_bytes(), expected);
        }
    }
}
