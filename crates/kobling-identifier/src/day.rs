//! Days of the calendar: no identifier by themselves, but a part of a composite one.
//!
//! One spelling is read, that of ISO 8601 with dashes, since `01/02/2003` is
//! two days to two readers.

use std::io::Write as _;

use crate::date::Date;
use crate::fault::IdentifierFault;
use crate::kind::IdentifierKind;

/// The day that trimmed text writes as `yyyy-mm-dd`.
pub(super) fn date(text: &str, out: &mut Vec<u8>) -> Result<IdentifierKind, IdentifierFault> {
    let day = match Date::parse(text) {
        Some(day) => day,
        None if is_spelt(text.as_bytes()) => return Err(IdentifierFault::NotADate),
        None => return Err(IdentifierFault::WrongCharacters),
    };
    Ok(put(day, out))
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
