//! The DUF number that the immigration authorities give who applies to stay in Norway.
//!
//! ```text
//! Y Y Y Y   L L L L L L   K K
//! year       │             └ two control digits, 00 to 10
//!            └ serial number of the year
//! ```
//!
//! The control digits are what the sum of the serial number and the year,
//! weighted in that order by 4, 6, 3, 2, 7, 5, 4, 6, 3, 2, leaves when divided
//! by 11. The year is that of the application, so it is in no other century
//! than the 20th and the 21st, and no leading zero can be lost.

use super::control::remainder;
use super::writing;
use crate::date::Date;
use crate::digits::value;
use crate::fault::IdentifierFault;
use crate::kind::IdentifierKind;
use crate::written::Written;

const LEN: usize = 12;

/// The weights of the year and then of the serial number.
const WEIGHTS: [u32; 10] = [4, 6, 3, 2, 4, 6, 3, 2, 7, 5];

/// The 12 digits of a DUF number that was given in the year of `latest` or before.
pub(in super::super) fn duf(
    written: Written<'_>,
    latest: Date,
    out: &mut Vec<u8>,
) -> Result<IdentifierKind, IdentifierFault> {
    let number: [u8; LEN] = writing::digits(written, LEN)?;
    let [weighted @ .., k1, k2] = number.map(|digit| u32::from(digit - b'0'));
    if remainder(&weighted, &WEIGHTS) != k1 * 10 + k2 {
        return Err(IdentifierFault::ControlDigit);
    }
    if !matches!(number[..2], [b'1', b'9'] | [b'2', b'0']) {
        return Err(IdentifierFault::NotADate);
    }
    // Nobody has applied yet.
    if value(&number[..4]) > latest.year().unsigned_abs().into() {
        return Err(IdentifierFault::NeverIssued);
    }
    out.extend(number);
    Ok(IdentifierKind::of("duf"))
}
