//! The Norwegian national identity number (fødselsnummer).
//!
//! ```text
//! D D M M Y Y   I I I   K K
//! date of birth  │       └ two control digits, modulus 11
//!                └ individual number, which tells the century
//! ```
//!
//! The control digits find every single wrong digit and every swap of two
//! neighbours (E. S. Selmer, "Personnummerering i Norge: litt anvendt tallteori
//! og psykologi", Nordisk Matematisk Tidskrift 12, 1964), so a value that
//! passes them is hardly ever a slip of the pen; hence a leading zero that a
//! numeric column lost may be restored. D-numbers, auxiliary numbers and
//! synthetic test numbers pass the control digits too, but carry no calendar
//! date. The numbers issued from 2032, with a relaxed first control digit, are
//! not recognised.

use super::Invalid;
use super::canonical::{Written, all_digits, padded};

const LEN: usize = 11;

/// The weights of the digits up to and with the first control digit.
const FIRST_WEIGHTS: [u32; 10] = [3, 7, 6, 1, 8, 9, 4, 5, 2, 1];

/// The weights of all digits.
const SECOND_WEIGHTS: [u32; LEN] = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1];

/// The 11 digits of an ordinary fødselsnummer.
pub(super) fn fnr(written: Written<'_>, out: &mut Vec<u8>) -> Result<(), Invalid> {
    let number = match written {
        Written::Text(&[ref date @ .., b' ', a, b, c, d, e]) if date.len() == 6 => {
            let mut joined = [a; LEN];
            joined[..6].copy_from_slice(date);
            joined[6..].copy_from_slice(&[a, b, c, d, e]);
            joined
        }
        // The day is at least 01, so one leading zero at most can be lost.
        Written::Text(digits) | Written::Number(digits) if all_digits(digits) => {
            padded(digits, LEN - 1)?
        }
        _ => return Err(Invalid::WrongCharacters),
    };
    if !all_digits(&number) {
        return Err(Invalid::WrongCharacters);
    }

    let digits = number.map(|digit| u32::from(digit - b'0'));
    let fits = |weights| weighted(&digits, weights).is_multiple_of(11);
    if !fits(&FIRST_WEIGHTS) || !fits(&SECOND_WEIGHTS) {
        return Err(Invalid::ControlDigit);
    }
    if !has_date(&digits) {
        return Err(Invalid::NotADate);
    }
    out.extend(number);
    Ok(())
}

/// Whether the bytes are the digits of an ordinary fødselsnummer: [`fnr`] without
/// a reason, and without a branch that the data would decide.
pub(super) fn is_fnr(number: &[u8; LEN]) -> bool {
    let digits = number.map(|byte| u32::from(byte.wrapping_sub(b'0')));
    let are_digits = digits.iter().fold(true, |all, &digit| all & (digit < 10));
    let first = weighted(&digits, &FIRST_WEIGHTS).is_multiple_of(11);
    let second = weighted(&digits, &SECOND_WEIGHTS).is_multiple_of(11);

    let [d1, d2, m1, m2, y1, y2, i1, i2, i3, ..] = digits;
    let (day, month, year) = (d1 * 10 + d2, m1 * 10 + m2, y1 * 10 + y2);
    let individual = i1 * 100 + i2 * 10 + i3;
    let century = (individual < 500)
        | (year < 40)
        | ((individual < 750) & (year >= 54))
        | ((individual >= 900) & (year >= 40));
    // A year 00 is 1900 or 2000: no number is of 1800.
    let leap = year.is_multiple_of(4) & ((year != 0) | (individual >= 500));
    // Bytes that are no digits may make a month of any size.
    let days = DAYS.get(month as usize).copied().unwrap_or(0) + u32::from((month == 2) & leap);
    are_digits & first & second & century & (day.wrapping_sub(1) < days)
}

/// The days of each month by its number, February's in a common year.
const DAYS: [u32; 13] = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// The weighted sum of the digits, as far as there are weights.
fn weighted(digits: &[u32; LEN], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(d, w)| d * w).sum()
}

/// Whether the first six digits are a day of the calendar in the century that the next three tell.
fn has_date(&[d1, d2, m1, m2, y1, y2, i1, i2, i3, ..]: &[u32; LEN]) -> bool {
    let (day, month, year) = (d1 * 10 + d2, m1 * 10 + m2, y1 * 10 + y2);
    let individual = i1 * 100 + i2 * 10 + i3;
    let year = match individual {
        0..=499 => 1900 + year,
        500..=749 if year >= 54 => 1800 + year,
        900..=999 if year >= 40 => 1900 + year,
        500..=999 if year < 40 => 2000 + year,
        _ => return false,
    };
    (1..=days_in(month, year)).contains(&day)
}

/// The days of a month in the Gregorian calendar; none for a month that there is not.
fn days_in(month: u32, year: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    }
}
