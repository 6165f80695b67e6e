//! Made-up fødselsnumre and D-numbers, with their control digits.
//!
//! What the digits mean is said in `src/identifier/norway.rs`.

use super::made_up::mixed;

pub(crate) const FIRST: [u32; 11] = [3, 7, 6, 1, 8, 9, 4, 5, 2, 1, 0];
pub(crate) const SECOND: [u32; 11] = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1];

pub(crate) fn remainder(digits: &[u32; 11], weights: [u32; 11]) -> u32 {
    digits.iter().zip(weights).map(|(d, w)| d * w).sum::<u32>() % 11
}

/// A made-up number that passes, if there are control digits for what `seed`
/// makes; its month with `added` to it.
pub(crate) fn number(seed: u64, added: u64) -> Option<i64> {
    let (a, b) = (mixed(seed), mixed(!seed));
    let (day, month, year) = (
        a % 28 + 1 + 40 * (b % 2),
        (a >> 16) % 12 + 1,
        (a >> 32) % 40,
    );
    let mut number = ((day * 100 + month + added) * 100 + year) * 1000 + (b >> 8) % 1000;
    for weights in [FIRST, SECOND] {
        let behind = number * 10;
        let shift = if weights == FIRST { 10 } else { 1 };
        let digits = digits(behind * shift);
        let control = (11 - remainder(&digits, weights)) % 11;
        if control == 10 {
            return None;
        }
        number = behind + u64::from(control);
    }
    i64::try_from(number).ok()
}

fn digits(number: u64) -> [u32; 11] {
    let mut rest = number;
    let mut digits = [0; 11];
    for digit in digits.iter_mut().rev() {
        *digit = (rest % 10) as u32;
        rest /= 10;
    }
    digits
}
