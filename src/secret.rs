//! Bytes that are wiped when dropped, never printed, never copied.
//!
//! They live on the heap: a move of a [`Secret`] copies a pointer, not the
//! bytes, so no unwiped copy stays behind on the stack. There is no `Clone`,
//! no `PartialEq`, no `Serialize` and no `Debug` of the content: what a key
//! must never do cannot be written by accident. How far wiping reaches is explained in
//! the room `key`.

use std::fmt;

use subtle::{Choice, ConstantTimeEq};
use zeroize::{Zeroize, Zeroizing};

use crate::error::{Error, ErrorKind, Result};
use crate::hex;

/// `N` bytes that only [`Secret::expose`] and [`Secret::to_hex`] show.
pub(crate) struct Secret<const N: usize>(Box<[u8; N]>);

impl<const N: usize> Secret<N> {
    /// A secret that `fill` writes, straight into its place on the heap.
    ///
    /// # Errors
    ///
    /// The error of `fill`; what it had written is wiped.
    pub(crate) fn filled<E>(fill: impl FnOnce(&mut [u8; N]) -> Result<(), E>) -> Result<Self, E> {
        let mut secret = Self(Box::new([0; N]));
        fill(&mut secret.0)?;
        Ok(secret)
    }

    /// `N` random bytes of the operating system.
    ///
    /// # Errors
    ///
    /// When the operating system gives none; there is no weaker source to fall back to.
    pub(crate) fn random() -> Result<Self> {
        Self::filled(|bytes| {
            getrandom::fill(bytes).map_err(|_| {
                Error::new(
                    ErrorKind::Key,
                    "the operating system gave no random bytes for a key",
                )
            })
        })
    }

    /// The secret that `2 * N` lower-case hexadecimal digits write down; `None` for any other text.
    pub(crate) fn from_hex(text: &str) -> Option<Self> {
        Self::filled(|bytes| hex::read(text, bytes).then_some(()).ok_or(())).ok()
    }

    /// The secret as `2 * N` lower-case hexadecimal digits, in a buffer that is wiped too.
    pub(crate) fn to_hex(&self) -> Zeroizing<String> {
        hex::secret_hex(self.0.as_slice())
    }

    /// The bytes, for a function that computes with them.
    pub(crate) fn expose(&self) -> &[u8; N] {
        &self.0
    }
}

impl<const N: usize> ConstantTimeEq for Secret<N> {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0.as_slice().ct_eq(other.0.as_slice())
    }
}

impl<const N: usize> Drop for Secret<N> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<const N: usize> fmt::Debug for Secret<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counting() -> Secret<32> {
        Secret::filled(|bytes| {
            bytes.iter_mut().zip(0x90..).for_each(|(b, n)| *b = n);
            Ok::<(), ()>(())
        })
        .expect("the fill above does not fail")
    }

    #[test]
    fn hex_goes_out_and_in() {
        let secret = counting();
        let text = secret.to_hex();
        assert!(text.starts_with("909192") && text.ends_with("aeaf"));
        assert_eq!(text.len(), 64);
        let back = Secret::<32>::from_hex(&text).expect("own hex is read");
        assert!(bool::from(back.ct_eq(&secret)));
    }

    #[test]
    fn other_hex_is_refused() {
        let text = counting().to_hex();
        for wrong in [
            "",
            &text[1..],
            &text[2..],
            &format!("{}00", text.as_str()),
            &text.to_uppercase(),
            &text.replace('9', "g"),
            &text.replace("90", "ø"),
        ] {
            assert!(Secret::<32>::from_hex(wrong).is_none());
        }
    }

    #[test]
    fn debug_shows_no_content() {
        assert_eq!(format!("{:?}", counting()), "Secret(..)");
    }

    #[test]
    fn random_secrets_differ() {
        let one = Secret::<32>::random().expect("the operating system has random bytes");
        let two = Secret::<32>::random().expect("the operating system has random bytes");
        assert!(!bool::from(one.ct_eq(&two)));
        assert_ne!(one.expose(), &[0; 32]);
    }

    #[test]
    fn one_bit_is_a_difference() {
        let other = Secret::<32>::filled(|bytes| {
            *bytes = *counting().expose();
            bytes[31] ^= 1;
            Ok::<(), ()>(())
        })
        .expect("the fill above does not fail");
        assert!(!bool::from(counting().ct_eq(&other)));
    }
}
