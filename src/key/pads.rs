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
            // Borrowed where it lies: a copy would not be wiped.
            compress256(state, std::slice::from_ref(&*block));
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

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    /// HMAC of a message that fits a block, if the key is no longer than a key
    /// here; to a shorter one HMAC adds zeros itself.
    fn mac(key: &[u8], message: &[u8]) -> Option<[u8; 32]> {
        let secret = Secret::filled(|bytes: &mut [u8; KEY_LEN]| {
            bytes.get_mut(..key.len()).ok_or(())?.copy_from_slice(key);
            Ok::<(), ()>(())
        });
        let pads = Pads::of(&secret.ok()?);
        let hash = |state: &[u32; 8], message: &[u8]| {
            let mut block = [0; BLOCK];
            block.get_mut(..message.len())?.copy_from_slice(message);
            *block[..BLOCK - 8].get_mut(message.len())? = 0x80;
            let bits = 8 * (BLOCK + message.len()) as u64;
            block[BLOCK - 8..].copy_from_slice(&bits.to_be_bytes());
            let mut state = *state;
            compress256(&mut state, &[block]);
            let bytes = state.iter().flat_map(|word| word.to_be_bytes());
            <[u8; 32]>::try_from(bytes.collect::<Vec<u8>>()).ok()
        };
        hash(pads.outer(), &hash(pads.inner(), message)?)
    }

    fn bytes(hex: &str) -> Vec<u8> {
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
            assert_eq!(
                mac(key, message).expect("one block").to_vec(),
                bytes(answer)
            );
        }
        assert_eq!(mac(b"Jefe", &[0; 56]), None);
    }

    #[test]
    fn they_give_the_wycheproof_answers() {
        let Some(data) = std::env::var_os("KOBLING_DATA") else {
            return; // The answers of the RFC above are always there.
        };
        let path = std::path::Path::new(&data).join("vectors/wycheproof_hmac_sha256_test.json");
        let text = std::fs::read_to_string(path).expect("a Wycheproof file");
        let file: Value = serde_json::from_str(&text).expect("JSON");
        let mut seen = 0;
        for group in file["testGroups"].as_array().expect("groups") {
            for test in group["tests"].as_array().expect("tests") {
                let field = |name: &str| bytes(test[name].as_str().expect("hex"));
                let Some(mac) = mac(&field("key"), &field("msg")) else {
                    continue;
                };
                let tag = field("tag");
                let fits = mac[..tag.len()] == tag;
                assert_eq!(fits, test["result"] == "valid", "test {}", test["tcId"]);
                seen += 1;
            }
        }
        assert!(seen > 50, "only {seen} have a short message");
    }
}
