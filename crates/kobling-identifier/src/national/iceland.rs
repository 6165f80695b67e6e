//! The Icelandic identity number (kennitala) of a person.
//!
//! ```text
//! D D M M Y Y - R R K C
//! date of birth │   │ └ century: 8, 9 or 0
//!               │   └ control digit, modulus 11
//!               └ serial number
//! ```
//!
//! As Registers Iceland sets it out (Þjóðskrá, "Um kennitölur"). Companies and
//! institutions have numbers of the same form with 40 added to the day. They are
//! recognised and refused: a table that protects persons must not count a
//! company for one. The system numbers (kerfiskennitölur) that Act 140/2019
//! foresees, which begin with 8 or 9 and have neither date nor control digit,
//! were put off without a date; they are refused as having no date.
//!
//! The control digit finds every single wrong digit but one in the century.

use crate::date::Date;
use crate::digits::{is_born, is_day, six_and_four, value, weighted};
use crate::fault::IdentifierFault;
use crate::kind::IdentifierKind;
use crate::written::Written;

/// What is added to the day in the number of a legal entity.
const ENTITY: u32 = 40;

/// The 10 digits of a person's number.
pub(super) fn kennitala(
    written: Written<'_>,
    latest: Date,
    out: &mut Vec<u8>,
) -> Result<IdentifierKind, IdentifierFault> {
    let number = six_and_four(written)?;
    let sum = weighted(&number, [3, 2, 7, 6, 5, 4, 3, 2, 1, 0]);
    if !sum.is_multiple_of(11) {
        return Err(IdentifierFault::ControlDigit);
    }
    let [day, month, yy] = [0, 2, 4].map(|at| value(&number[at..at + 2]));
    let year = match number[9] {
        b'8' => 1800 + yy,
        b'9' => 1900 + yy,
        b'0' => 2000 + yy,
        _ => return Err(IdentifierFault::NotADate),
    };
    if let Some(day) = day.checked_sub(ENTITY) {
        is_day(year, month, day)?;
        return Err(IdentifierFault::NotAPerson);
    }
    is_born([year, month, day], latest)?;
    out.extend(number);
    Ok(IdentifierKind::of("kennitala"))
}
