//! The social security number of the United States.
//!
//! ```text
//! A A A - G G - S S S S
//! area    group  serial
//! ```
//!
//! It has no control digit, so a short text is not completed: a lost digit
//! could be anywhere. Only where the value came as a number must it be a
//! leading zero. What the Social Security Administration says it never
//! assigned is refused: area 000, 666 and the 900 series, group 00, serial
//! 0000 (Program Operations Manual System, RM 10201.035, "Invalid Social
//! Security Numbers"). That is no proof that any other number was assigned.

use crate::fault::IdentifierFault;
use crate::kind::IdentifierKind;
use crate::written::{Written, all_digits, padded};

const LEN: usize = 9;

/// Numbers that were printed as examples and used by thousands, and voided for
/// it or never assigned (Social Security Administration, "Social Security Cards
/// Issued by Woolworth").
const VOID: [&[u8; LEN]; 2] = [b"078051120", b"219099999"];

/// The 9 digits of a social security number.
pub(super) fn ssn(
    written: Written<'_>,
    out: &mut Vec<u8>,
) -> Result<IdentifierKind, IdentifierFault> {
    let number = match written {
        Written::Number(digits) => padded(digits, 1)?,
        Written::Text(
            &[a1, a2, a3, b'-', g1, g2, b'-', s1, s2, s3, s4]
            | &[a1, a2, a3, b' ', g1, g2, b' ', s1, s2, s3, s4],
        ) => [a1, a2, a3, g1, g2, s1, s2, s3, s4],
        Written::Text(digits) if all_digits(digits) => padded(digits, LEN)?,
        Written::Text(_) => return Err(IdentifierFault::WrongCharacters),
    };
    if !all_digits(&number) {
        return Err(IdentifierFault::WrongCharacters);
    }
    let (area, group, serial) = (&number[..3], &number[3..5], &number[5..]);
    let unassigned_area = matches!(area, b"000" | b"666" | [b'9', ..]);
    if unassigned_area || group == b"00" || serial == b"0000" || VOID.contains(&&number) {
        return Err(IdentifierFault::NeverIssued);
    }
    out.extend(number);
    Ok(IdentifierKind::of("ssn"))
}
