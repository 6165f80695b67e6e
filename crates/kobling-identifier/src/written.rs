//! Digits as they are found: written by somebody, or of a number that lost its leading zeros.

use crate::fault::IdentifierFault;

/// A value read for a type of digits.
#[derive(Clone, Copy)]
pub(super) enum Written<'a> {
    /// The digits of a whole number, from a numeric column or a float column turned into text.
    Number(&'a [u8]),
    /// Other text, trimmed, never empty.
    Text(&'a [u8]),
}

/// Whether there is at least one byte and each is an ASCII digit.
pub(super) fn all_digits(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit)
}

/// `digits` without leading zeros; nothing for zero.
pub(super) fn significant(digits: &[u8]) -> &[u8] {
    let zeros = digits.iter().take_while(|&&digit| digit == b'0').count();
    &digits[zeros..]
}

/// `digits` with leading zeros restored to `N`; wrong length unless there are `least` to `N`.
pub(super) fn padded<const N: usize>(
    digits: &[u8],
    least: usize,
) -> Result<[u8; N], IdentifierFault> {
    if digits.len() < least || digits.len() > N {
        return Err(IdentifierFault::WrongLength);
    }
    let mut padded = [b'0'; N];
    padded[N - digits.len()..].copy_from_slice(digits);
    Ok(padded)
}
