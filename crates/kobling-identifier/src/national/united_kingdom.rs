//! The NHS number of the United Kingdom, with Scotland's and Northern Ireland's.
//!
//! ```text
//! N N N - N N N - N N N C
//!                       └ control digit, modulus 11
//! ```
//!
//! The control digit is by the NHS Data Model and Dictionary, "NHS Number": it
//! finds every single wrong digit and every swap of two neighbours. One scheme
//! of numbers is shared, and a kind says whose a number is: Scotland's CHI
//! number, which begins with the date of birth, Northern Ireland's health and
//! care number, or the NHS number of England, Wales and the Isle of Man. The
//! ranges are those that the UK Faculty of Clinical Informatics has collated
//! (its package `nhs-number`, "constants"). Numbers that begin with 9 are not
//! issued: they belong to the test patients of the Personal Demographics
//! Service, those from 999 to anyone's tests. They count as synthetic. Any other
//! range is not issued here; from 800 to 859 it is the Republic of Ireland's.
//!
//! Ten times the same digit fits the control digit, whichever it is, and is what
//! systems have put where there was no number; none of these is taken, not even
//! as a test patient's.

use crate::digits::{exactly, is_day, is_varied, value, weighted};
use crate::fault::IdentifierFault;
use crate::kind::IdentifierKind;
use crate::written::{Written, all_digits, padded};

/// The 10 digits of an NHS number.
pub(super) fn nhs(
    written: Written<'_>,
    out: &mut Vec<u8>,
) -> Result<IdentifierKind, IdentifierFault> {
    let number: [u8; 10] = match written {
        // Of a CHI number the first zero may be lost; the day is at least 01.
        Written::Number(digits) => padded(digits, 9)?,
        Written::Text(
            &[a, b, c, b' ', d, e, f, b' ', g, h, i, j]
            | &[a, b, c, b'-', d, e, f, b'-', g, h, i, j],
        ) => [a, b, c, d, e, f, g, h, i, j],
        Written::Text(text) => exactly(text)?,
    };
    if !all_digits(&number) {
        return Err(IdentifierFault::WrongCharacters);
    }
    if !weighted(&number, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11) {
        return Err(IdentifierFault::ControlDigit);
    }
    let kind = match value(&number[..6]) {
        10_100..=311_299 => {
            // Two digits give no century; a day that neither of the last two has is none.
            let [day, month, yy] = [0, 2, 4].map(|at| value(&number[at..at + 2]));
            let has_day = |century| is_day(century + yy, month, day).is_ok();
            match [1900, 2000].into_iter().any(has_day) {
                true => IdentifierKind::of("chi"),
                false => return Err(IdentifierFault::NotADate),
            }
        }
        320_000..=399_999 => IdentifierKind::of("hc"),
        400_000..=499_999 | 600_000..=799_999 => IdentifierKind::of("nhs"),
        900_000.. => IdentifierKind::synthetic("nhs-test"),
        _ => return Err(IdentifierFault::NeverIssued),
    };
    is_varied(&number)?;
    out.extend(number);
    Ok(kind)
}
