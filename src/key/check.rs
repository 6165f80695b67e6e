//! What may be shown of a key: by it two parties see that they hold the same.

use std::fmt;
use std::str::FromStr;

use super::message;
use super::midstates::HmacMidstates;
use crate::error::{Error, ErrorKind, Result};
use crate::hex;

/// Eight bytes that distinguish one key from another without showing either.
///
/// The first 8 bytes of HMAC-SHA256, under the key, of
///
/// ```text
/// 0x00 ‖ version (1 byte, 1) ‖ part("key check")
/// ```
///
/// (`part` as in [`LinkageKey::domain_key`](super::LinkageKey::domain_key)). The encoding of an identifier
/// never begins with a zero byte, so a key check and a pseudonym are never
/// computed from the same message. Written as 16 lower-case hexadecimal digits.
///
/// # Disclosure
///
/// Safe to show to anyone: it shows whether two keys are the same, and nothing
/// else of either, unless HMAC-SHA256 is broken.
///
/// # Examples
///
/// ```
/// # fn main() -> kobling::Result<()> {
/// let check = kobling::ReleaseKey::generate()?.check();
/// let read: kobling::KeyCheck = check.to_string().parse()?;
/// assert_eq!(read, check);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyCheck([u8; 8]);

impl KeyCheck {
    pub(super) fn of(midstates: &HmacMidstates) -> Self {
        let code = midstates.mac(&[&message(b"key check")]);
        let (check, _) = code.expose().split_first_chunk().expect("32 bytes");
        Self(*check)
    }
}

impl fmt::Display for KeyCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::hex(&self.0))
    }
}

impl FromStr for KeyCheck {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let mut check = [0; 8];
        match hex::read(text, &mut check) {
            true => Ok(Self(check)),
            false => Err(Error::new(
                ErrorKind::Key,
                "a key check is 16 lower-case hexadecimal digits",
            )),
        }
    }
}
