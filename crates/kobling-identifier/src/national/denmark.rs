//! The Danish personal number (CPR-nummer).
//!
//! ```text
//! D D M M Y Y - S S S S
//! date of birth │     └ once a control digit, modulus 11
//!               └ serial number, whose first digit gives the century
//! ```
//!
//! Since 1 October 2007 numbers are given that the control digit does not fit,
//! for on some days of birth the others have run out; the register's office asks
//! everyone to take them (CPR-kontoret, "Personnumre uden kontrolciffer
//! (modulus 11 kontrol)"). So the control is reported by the kind that a number is
//! counted under, and refuses nothing; but 1111111111, the one repeated digit with
//! a date, is of a day on which none ran out. Centuries are by the table in
//! "Personnummeret i CPR-systemet", of the same office.
//!
//! A replacement number (erstatningspersonnummer), whose day is 60 more, is
//! made up by whoever needs one, for one register only: in another register it is
//! another person's. It is refused as interim.

use crate::date::Date;
use crate::digits::{is_born, is_day, is_varied, six_and_four, value, weighted};
use crate::fault::IdentifierFault;
use crate::kind::IdentifierKind;
use crate::written::Written;

/// What is added to the day in a replacement number.
const REPLACEMENT: u32 = 60;

/// The 10 digits of a personal number.
pub(super) fn cpr(
    written: Written<'_>,
    latest: Date,
    out: &mut Vec<u8>,
) -> Result<IdentifierKind, IdentifierFault> {
    let number = six_and_four(written)?;
    let [day, month, yy] = [0, 2, 4].map(|at| value(&number[at..at + 2]));
    let century = match (number[6], yy) {
        (b'0'..=b'3', _) | (b'4' | b'9', 37..) => 1900,
        (b'5'..=b'8', 58..) => 1800,
        _ => 2000,
    };
    if let Some(day) = day.checked_sub(REPLACEMENT) {
        is_day(century + yy, month, day)?;
        return Err(IdentifierFault::Interim);
    }
    is_born([century + yy, month, day], latest)?;
    is_varied(&number)?;
    out.extend(number);
    let sum = weighted(&number, [4, 3, 2, 7, 6, 5, 4, 3, 2, 1]);
    Ok(IdentifierKind::of(match sum.is_multiple_of(11) {
        true => "cpr",
        false => "cpr-without-control",
    }))
}
