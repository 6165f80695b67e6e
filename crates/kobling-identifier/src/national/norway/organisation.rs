//! The Norwegian organisation number (organisasjonsnummer).
//!
//! Nine digits, the last a control digit of modulus 11 with the weights 3, 2,
//! 7, 6, 5, 4, 3, 2 (Brønnøysund Register Centre, "Construction of the
//! Norwegian organization number"). They begin with 8 or 9, so no leading zero
//! can be lost. All repeated digits fit the control digit, 888888888 and
//! 999999999 too; no entity in the register has these.

use super::control::remainder;
use super::writing;
use crate::digits::is_varied;
use crate::fault::IdentifierFault;
use crate::kind::IdentifierKind;
use crate::written::Written;

const LEN: usize = 9;

/// The weights of all digits.
const WEIGHTS: [u32; LEN] = [3, 2, 7, 6, 5, 4, 3, 2, 1];

/// The 9 digits of an organisation number.
pub(in super::super) fn orgnr(
    written: Written<'_>,
    out: &mut Vec<u8>,
) -> Result<IdentifierKind, IdentifierFault> {
    let number: [u8; LEN] = writing::digits(written, LEN)?;
    let digits = number.map(|digit| u32::from(digit - b'0'));
    if remainder(&digits, &WEIGHTS) != 0 {
        return Err(IdentifierFault::ControlDigit);
    }
    if !matches!(number[0], b'8' | b'9') {
        return Err(IdentifierFault::NeverIssued);
    }
    is_varied(&number)?;
    out.extend(number);
    Ok(IdentifierKind::of("orgnr"))
}
