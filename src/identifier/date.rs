//! Days that a plan says are written otherwise than `yyyy-mm-dd`.

use super::{IdentifierFault, Raw};
use crate::plan::recipe::DateFormat;

/// What `raw` is where a plan says that days are written in `format`: text and whole
/// numbers become the day that they write, all else is left as it is.
pub(super) fn written<'a>(
    raw: Raw<'a>,
    format: Option<&DateFormat>,
) -> Result<Raw<'a>, IdentifierFault> {
    let Some(format) = format else {
        return Ok(raw);
    };
    let number;
    let text = match raw {
        Raw::Text(text) => text.trim(),
        // A number has no leading zero: 1021915 is 01021915.
        Raw::Integer(days @ 0..) => {
            number = format!("{days:08}");
            number.as_str()
        }
        raw => return Ok(raw),
    };
    if text.is_empty() {
        return Err(IdentifierFault::Missing);
    }
    let day = format.day(text).map_err(|_| IdentifierFault::NotADate)?;
    Ok(Raw::Day(day.days()))
}
