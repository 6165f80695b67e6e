//! Lower-case hexadecimal, in which keys, digests and fingerprints are written.
//!
//! One room for all of it, for keys are among it: `base16ct` neither branches on
//! a byte nor looks one up, so the time it takes discloses nothing of the bytes.

use zeroize::Zeroizing;

/// `bytes` in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(bytes)
}

/// [`hex`] of a secret, in a buffer that is wiped.
pub(crate) fn secret_hex(bytes: &[u8]) -> Zeroizing<String> {
    Zeroizing::new(hex(bytes))
}

/// Reads what [`hex`] writes of as many bytes as `out` has; false of any other
/// text, after which `out` may hold a part of it.
pub(crate) fn read(text: &str, out: &mut [u8]) -> bool {
    text.len() == 2 * out.len() && base16ct::lower::decode(text, out).is_ok()
}
