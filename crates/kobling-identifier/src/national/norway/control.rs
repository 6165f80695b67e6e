//! Modulus 11: the weights of control digits, and what a weighted sum leaves.
//!
//! A control digit is weighted too, by 1, so that a number fits if its sum
//! leaves nothing; which says the same as computing the digit, and also rules
//! out numbers whose control digit would have to be 10.

use super::LEN;

/// The weights of the digits up to and with the first control digit.
pub const FIRST_WEIGHTS: [u32; LEN] = [3, 7, 6, 1, 8, 9, 4, 5, 2, 1, 0];

/// The weights of all digits.
pub const SECOND_WEIGHTS: [u32; LEN] = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1];

/// The most that the first weighted sum of a number issued from 2032 may leave
/// (Skatteetaten, "Nytt fødselsnummer fra 2032": 0, 1, 2 and 3 are valid).
pub(super) const TOLERATED_2032: u32 = 3;

/// What the weighted sum of the digits leaves when divided by 11.
pub(super) fn remainder<const N: usize>(digits: &[u32; N], weights: &[u32; N]) -> u32 {
    let products = digits.iter().zip(weights).map(|(d, w)| d * w);
    products.sum::<u32>() % 11
}
