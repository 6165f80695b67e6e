//! The Lithuanian personal code (asmens kodas).
//!
//! Eleven digits, built and controlled as [Estonia's](super::estonia), with 1 to
//! 6 for the century and sex. Where the first digit is 9, as it is in
//! exceptional cases, the next six need not be a date; such a code is reported by
//! its kind.

use super::estonia::{controlled, has_date};
use crate::date::Date;
use crate::fault::IdentifierFault;
use crate::kind::IdentifierKind;
use crate::written::Written;

/// The 11 digits of a personal code.
pub(super) fn asmens_kodas(
    written: Written<'_>,
    latest: Date,
    out: &mut Vec<u8>,
) -> Result<IdentifierKind, IdentifierFault> {
    let number = controlled(written)?;
    let kind = match number[0] {
        b'9' => "asmens-kodas-without-date",
        _ => has_date(&number, b'6', latest).map(|()| "asmens-kodas")?,
    };
    out.extend(number);
    Ok(IdentifierKind::of(kind))
}
