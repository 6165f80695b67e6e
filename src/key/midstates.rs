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
pub(crate) struct HmacMidstates(Box<[[u32; 8]; 2]>);

impl HmacMidstates {
    pub(crate) fn of(secret: &Secret<KEY_LEN>) -> Self {
        let mut midstates = Self(Box::new([START; 2]));
        let mut block = Zeroizing::new([0; BLOCK]);
        for (state, constant) in midstates.0.iter_mut().zip([0x36, 0x5c]) {
            block.fill(constant);
            for (byte, key) in block.iter_mut().zip(secret.expose()) {
                *byte ^= key;
            }
            // Borrowed where it lies: a copy would not be wiped.
            compress256(state, std::slice::from_ref(&*block));
        }
        midstates
    }

    /// HMAC-SHA256 of `parts`, one behind another.
    ///
    /// In one call, so that what is between its steps has one place, and is wiped
    /// there: an unfinished hash that is returned, moved or cloned would leave
    /// copies. A call as `Hmac::new_from_slice` of the `hmac` crate leaves the
    /// padded key itself.
    pub(crate) fn mac(&self, parts: &[&[u8]]) -> Secret<32> {
        let mut state = Zeroizing::new([0; 8]);
        let mut block = Zeroizing::new([0; BLOCK]);
        state.copy_from_slice(self.inner());
        let (mut filled, mut length) = (0, BLOCK);
        for part in parts {
            length += part.len();
            let mut rest = *part;
            while !rest.is_empty() {
                if filled == 0 {
                    let (whole, behind) = rest.as_chunks();
                    compress256(&mut state, whole);
                    rest = behind;
                }
                let (now, later) = rest.split_at(rest.len().min(BLOCK - filled));
                block[filled..][..now.len()].copy_from_slice(now);
                filled += now.len();
                rest = later;
                if filled == BLOCK {
                    compress256(&mut state, std::slice::from_ref(&*block));
                    filled = 0;
                }
            }
        }
        end(&mut state, &mut block, filled, length);
        let (words, _) = block.as_chunks_mut();
        for (bytes, word) in words.iter_mut().zip(&*state) {
            *bytes = word.to_be_bytes();
        }
        state.copy_from_slice(self.outer());
        end(&mut state, &mut block, 32, BLOCK + 32);
        Secret::filled(|out| {
            let (words, _) = out.as_chunks_mut();
            for (bytes, word) in words.iter_mut().zip(&*state) {
                *bytes = word.to_be_bytes();
            }
            Ok::<(), std::convert::Infallible>(())
        })
        .unwrap_or_else(|never| match never {})
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

/// Ends a hash of `length` bytes, the last `filled` of which are in `block`
/// (FIPS 180-4, section 5.1.1).
fn end(state: &mut [u32; 8], block: &mut [u8; BLOCK], filled: usize, length: usize) {
    block[filled] = 0x80;
    block[filled + 1..].fill(0);
    if filled + 1 > BLOCK - 8 {
        compress256(state, std::slice::from_ref(block));
        block.fill(0);
    }
    let bits = 8 * length as u64;
    block[BLOCK - 8..].copy_from_slice(&bits.to_be_bytes());
    compress256(state, std::slice::from_ref(block));
}

impl Drop for HmacMidstates {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(test)]
pub(super) mod tests {
    use hmac::{Hmac, KeyInit as _, Mac as _};
    use proptest::prelude::*;
    use serde_json::Value;
    use sha2::Sha256;

    use super::*;

    /// HMAC of a message, if the key is no longer than a key here; to a shorter
    /// one HMAC adds zeros itself.
    fn mac(key: &[u8], parts: &[&[u8]]) -> Option<[u8; 32]> {
        let secret = Secret::filled(|bytes: &mut [u8; KEY_LEN]| {
            bytes.get_mut(..key.len()).ok_or(())?.copy_from_slice(key);
            Ok::<(), ()>(())
        });
        Some(*HmacMidstates::of(&secret.ok()?).mac(parts).expose())
    }

    pub(in crate::key) fn bytes(hex: &str) -> Vec<u8> {
        let digits: Vec<u32> = hex.chars().filter_map(|c| c.to_digit(16)).collect();
        digits
            .chunks(2)
            .map(|pair| (pair[0] << 4 | pair[1]) as u8)
            .collect()
    }

    #[test]
    fn they_give_the_answers_of_rfc_4231() {
        let counting: Vec<u8> = (1..=25).collect();
        for (key, message, answer) in [
            (
                &[0x0b; 20][..],
                &b"Hi There"[..],
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            ),
            (
                b"Jefe",
                b"what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                &[0xaa; 20],
                &[0xdd; 50],
                "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
            ),
            (
                &counting,
                &[0xcd; 50],
                "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
            ),
        ] {
            let found = mac(key, &[message]).expect("the key is short enough");
            assert_eq!(found.to_vec(), bytes(answer));
        }
    }

    proptest! {
        #[test]
        fn they_give_what_the_hmac_crate_gives(
            key: [u8; KEY_LEN],
            parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..5),
        ) {
            let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
            let hmac = Hmac::<Sha256>::new_from_slice(&key).expect("any length");
            let expected = hmac.chain_update(parts.concat()).finalize().into_bytes();
            prop_assert_eq!(mac(&key, &parts), Some(expected.into()));
        }
    }

    #[test]
    fn a_message_of_every_length_ends_as_the_hmac_crates_does() {
        for length in 0..=3 * BLOCK {
            let message = vec![7; length];
            let hmac = Hmac::<Sha256>::new_from_slice(&[1; KEY_LEN]).expect("any length");
            let expected = hmac.chain_update(&message).finalize().into_bytes();
            let (one, other) = message.split_at(length / 3);
            let found = mac(&[1; KEY_LEN], &[one, &[], other]);
            assert_eq!(found, Some(expected.into()), "{length} bytes");
        }
    }

    /// The groups of a file of Wycheproof, if larger data are there.
    pub(in crate::key) fn wycheproof(name: &str) -> Option<Vec<Value>> {
        let data = std::env::var_os("KOBLING_DATA")?;
        let path = std::path::Path::new(&data).join("vectors").join(name);
        let text = std::fs::read_to_string(path).expect("a Wycheproof file");
        let mut file: Value = serde_json::from_str(&text).expect("JSON");
        match file["testGroups"].take() {
            Value::Array(groups) => Some(groups),
            _ => panic!("it has groups"),
        }
    }

    #[test]
    fn they_give_the_wycheproof_answers() {
        let Some(groups) = wycheproof("wycheproof_hmac_sha256_test.json") else {
            return; // The answers of the RFC above are always there.
        };
        let mut seen = 0;
        for group in &groups {
            for test in group["tests"].as_array().expect("tests") {
                let field = |name: &str| bytes(test[name].as_str().expect("hex"));
                let Some(mac) = mac(&field("key"), &[&field("msg")]) else {
                    continue;
                };
                let tag = field("tag");
                let fits = mac[..tag.len()] == tag;
                assert_eq!(fits, test["result"] == "valid", "test {}", test["tcId"]);
                seen += 1;
            }
        }
        assert!(seen > 50, "only {seen} have a short key");
    }
}
