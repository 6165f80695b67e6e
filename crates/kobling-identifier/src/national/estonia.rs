//! The Estonian personal identification code (isikukood).
//!
//! ```text
//! G  Y Y M M D D  S S S  C
//! │  date of birth│      └ control digit, modulus 11 in two turns
//! │               └ serial number
//! └ century and sex: 1 and 2 for the 1800s, to 7 and 8 for the 2100s
//! ```
//!
//! As standard EVS 585:2007 has it. Where the first turn of the control leaves
//! 10, other weights take a second; so a wrong digit may lead from one turn to
//! the other and by chance fit there: most slips are found, not all.

use crate::date::Date;
use crate::digits::{exactly, is_born, value, weighted};
use crate::fault::IdentifierFault;
use crate::kind::IdentifierKind;
use crate::written::Written;

/// The 11 digits of a personal identification code.
pub(super) fn isikukood(
    written: Written<'_>,
    latest: Date,
    out: &mut Vec<u8>,
) -> Result<IdentifierKind, IdentifierFault> {
    let number = controlled(written)?;
    has_date(&number, b'8', latest)?;
    out.extend(number);
    Ok(IdentifierKind::of("isikukood"))
}

/// Eleven digits, of which the last fits the others. The first is no zero, so none is ever lost.
pub(super) fn controlled(written: Written<'_>) -> Result<[u8; 11], IdentifierFault> {
    let (Written::Number(digits) | Written::Text(digits)) = written;
    let number = exactly(digits)?;
    let turn = |weights| weighted(&number, weights) % 11;
    let control = match turn([1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 0]) {
        10 => turn([3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 0]) % 10,
        control => control,
    };
    match control == value(&number[10..]) {
        true => Ok(number),
        false => Err(IdentifierFault::ControlDigit),
    }
}

/// Not a date, unless the first seven digits are one; the first is 1 to `last`.
/// Never issued, if it is after `latest`.
pub(super) fn has_date(number: &[u8; 11], last: u8, latest: Date) -> Result<(), IdentifierFault> {
    if !(b'1'..=last).contains(&number[0]) {
        return Err(IdentifierFault::NotADate);
    }
    let [yy, month, day] = [1, 3, 5].map(|at| value(&number[at..at + 2]));
    let century = 18 + u32::from(number[0] - b'1') / 2;
    is_born([century * 100 + yy, month, day], latest)
}
