//! Days of the calendar: no identifier by themselves, but a part of a composite one.
//!
//! One spelling is read, that of ISO 8601 with dashes, since `01/02/2003` is
//! two days to two readers; or that which the plan names. A column of dates is
//! read as it is.

use std::io::Write as _;

use super::{IdentifierFault, IdentifierKind, Raw};
use crate::plan::Date;
use crate::plan::recipe::DateFormat;

/// The day that trimmed text writes as `yyyy-mm-dd`.
pub(super) fn date(text: &str, out: &mut Vec<u8>) -> Result<IdentifierKind, IdentifierFault> {
    let day = match Date::parse(text) {
        Some(day) => day,
        None if is_spelt(text.as_bytes()) => return Err(IdentifierFault::NotADate),
        None => return Err(IdentifierFault::WrongCharacters),
    };
    Ok(put(day, out))
}

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

/// The day that is so many days after 1970-01-01.
pub(super) fn day(days: i32, out: &mut Vec<u8>) -> Result<IdentifierKind, IdentifierFault> {
    let day = Date::from_days(days).ok_or(IdentifierFault::NotADate)?;
    Ok(put(day, out))
}

fn put(day: Date, out: &mut Vec<u8>) -> IdentifierKind {
    // Writing to a vector cannot fail.
    let _ = write!(out, "{day}");
    IdentifierKind::of("date")
}

/// Whether it has the spelling of a day, if not its meaning.
fn is_spelt(text: &[u8]) -> bool {
    let fits = |(at, byte): (usize, &u8)| match at {
        4 | 7 => *byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    text.len() == 10 && text.iter().enumerate().all(fits)
}
