//! HKDF-SHA256 (RFC 5869) without salt, of one block.
//!
//! The `hkdf` crate keeps the block that it gives out, which here is a whole
//! domain key, and the key between its two steps, where nobody wipes them. Of one
//! block it is two calls of HMAC; the crate stays as the twin of the tests.

use super::KEY_LEN;
use super::midstates::HmacMidstates;
use crate::secret::Secret;

/// The first 32 bytes that follow from `secret` for `info`.
pub(super) fn one_block(secret: &[u8], info: &[u8]) -> Secret<KEY_LEN> {
    // Section 2.2: where there is no salt, it is as many zeros as the hash has bytes.
    let salt = Secret::filled(|_| Ok::<(), std::convert::Infallible>(()))
        .unwrap_or_else(|never| match never {});
    let between = HmacMidstates::of(&salt).mac(&[secret]);
    // Section 2.3: the block's number follows the info.
    HmacMidstates::of(&between).mac(&[info, &[1]])
}

#[cfg(test)]
mod tests {
    use ::hkdf::Hkdf;
    use proptest::prelude::*;
    use sha2::Sha256;

    use super::*;
    use crate::key::midstates::tests::{bytes, wycheproof};

    proptest! {
        #[test]
        fn it_gives_what_the_hkdf_crate_gives(
            secret in prop::collection::vec(any::<u8>(), 0..200),
            info in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            let mut expected = [0; KEY_LEN];
            let (_, hkdf) = Hkdf::<Sha256>::extract(None, &secret);
            hkdf.expand(&info, &mut expected).expect("one block");
            let found = one_block(&secret, &info);
            prop_assert_eq!(found.expose(), &expected);
        }
    }

    #[test]
    fn it_gives_the_wycheproof_answers() {
        let Some(groups) = wycheproof("wycheproof_hkdf_sha256_test.json") else {
            return; // The twin above is always there.
        };
        let mut seen = 0;
        for group in &groups {
            for test in group["tests"].as_array().expect("tests") {
                let field = |name: &str| bytes(test[name].as_str().expect("hex"));
                let size = test["size"].as_u64().expect("a size") as usize;
                if !field("salt").is_empty() || size > KEY_LEN || test["result"] != "valid" {
                    continue;
                }
                let found = one_block(&field("ikm"), &field("info"));
                assert_eq!(found.expose()[..size], field("okm"), "{}", test["tcId"]);
                seen += 1;
            }
        }
        assert!(seen > 5, "only {seen} have no salt and one block");
    }
}
