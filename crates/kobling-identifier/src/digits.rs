//! What numbers of many countries have in common: a dash after the date, a calendar, weighted digits.

use crate::date::Date;
use crate::fault::IdentifierFault;
use crate::written::{Written, all_digits, padded};

/// `DDMMYY` and four more digits, written together or with a dash or a space between.
///
/// The day is at least 01, so a number has lost one zero at most. A text that
/// is short is not completed: the digit that it lost could be anywhere, and one
/// control digit, or none, is too little to find out where.
pub(super) fn six_and_four(written: Written<'_>) -> Result<[u8; 10], IdentifierFault> {
    let number = match written {
        Written::Number(digits) => padded(digits, 9)?,
        Written::Text(&[ref date @ .., b'-' | b' ', a, b, c, d]) if date.len() == 6 => {
            let mut joined = [a; 10];
            joined[..6].copy_from_slice(date);
            joined[6..].copy_from_slice(&[a, b, c, d]);
            joined
        }
        Written::Text(text) => exactly(text)?,
    };
    match all_digits(&number) {
        true => Ok(number),
        false => Err(IdentifierFault::WrongCharacters),
    }
}

/// Exactly `N` digits, and nothing else.
pub(super) fn exactly<const N: usize>(text: &[u8]) -> Result<[u8; N], IdentifierFault> {
    match all_digits(text) {
        true => text.try_into().map_err(|_| IdentifierFault::WrongLength),
        false => Err(IdentifierFault::WrongCharacters),
    }
}

/// The number that a few digits write.
pub(super) fn value(digits: &[u8]) -> u32 {
    let digits = digits.iter().map(|digit| u32::from(digit - b'0'));
    digits.fold(0, |value, digit| value * 10 + digit)
}

/// The sum of the digits, each by its weight.
pub(super) fn weighted<const N: usize>(digits: &[u8; N], weights: [u32; N]) -> u32 {
    let digits = digits.iter().map(|digit| u32::from(digit - b'0'));
    digits.zip(weights).map(|(d, weight)| d * weight).sum()
}

/// Not a date, unless it is a day of the Gregorian calendar; and never issued if
/// that is after `latest`, for nobody is born yet who has it.
pub(super) fn is_born([year, month, day]: [u32; 3], latest: Date) -> Result<(), IdentifierFault> {
    let born = date(year, month, day).ok_or(IdentifierFault::NotADate)?;
    match born <= latest {
        true => Ok(()),
        false => Err(IdentifierFault::NeverIssued),
    }
}

/// Never issued, if all digits are the same. What people type where there is no
/// number may pass a control digit: so may all ten of them in some types.
pub(super) fn is_varied(number: &[u8]) -> Result<(), IdentifierFault> {
    match number.iter().all(|digit| *digit == number[0]) {
        true => Err(IdentifierFault::NeverIssued),
        false => Ok(()),
    }
}

/// Not a date, unless it is a day of the Gregorian calendar.
pub(super) fn is_day(year: u32, month: u32, day: u32) -> Result<(), IdentifierFault> {
    date(year, month, day)
        .map(drop)
        .ok_or(IdentifierFault::NotADate)
}

fn date(year: u32, month: u32, day: u32) -> Option<Date> {
    let year = i16::try_from(year).ok()?;
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?)
}
