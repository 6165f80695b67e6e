//! The Finnish personal identity code (henkilötunnus).
//!
//! ```text
//! D D M M Y Y  S  I I I  C
//! date of birth│  │      └ control character: the nine digits modulus 31
//!              │  └ individual number, 002 to 899
//!              └ sign of the century, and since 2023 part of what distinguishes persons
//! ```
//!
//! Signs are `+` for the 1800s; `-`, `Y`, `X`, `W`, `V`, `U` for the 1900s;
//! `A` to `F` for the 2000s (Government Decree on the Population Information
//! System, 128/2010, as in force since 1 January 2023; Digital and Population
//! Data Services Agency, "The personal identity code"). Two codes that differ
//! in the sign only are two persons, so it stays in the canonical form. The
//! control character finds every single wrong digit and every swap of two
//! neighbouring ones; it does not cover the sign.
//!
//! Individual numbers from 900 are in no population register. They are what
//! authorities test with (Kela, "Kanta client test service etiquette"; Suomi.fi,
//! "Test tools in the e-Identification test environment"), and count as
//! synthetic. Hospitals have also made them up for patients whose code they did
//! not know; those mean one person in one hospital only, and do not link either.

use crate::date::Date;
use crate::digits::{is_born, value};
use crate::fault::IdentifierFault;
use crate::kind::IdentifierKind;
use crate::written::all_digits;

/// The control characters, by the remainder of a division by 31.
const CONTROL: &[u8; 31] = b"0123456789ABCDEFHJKLMNPRSTUVWXY";

/// The 11 characters of a personal identity code, in upper case.
pub(super) fn hetu(
    text: &str,
    latest: Date,
    out: &mut Vec<u8>,
) -> Result<IdentifierKind, IdentifierFault> {
    let code: [u8; 11] = match text.as_bytes().try_into() {
        Ok(code) => code,
        Err(_) if text.is_ascii() => return Err(IdentifierFault::WrongLength),
        Err(_) => return Err(IdentifierFault::WrongCharacters),
    };
    let code = code.map(|byte| byte.to_ascii_uppercase());
    let [d1, d2, m1, m2, y1, y2, sign, i1, i2, i3, control] = code;
    let digits = [d1, d2, m1, m2, y1, y2, i1, i2, i3];
    let century = match sign {
        b'+' => 1800,
        b'-' | b'U'..=b'Y' => 1900,
        b'A'..=b'F' => 2000,
        _ => return Err(IdentifierFault::WrongCharacters),
    };
    if !all_digits(&digits) || !CONTROL.contains(&control) {
        return Err(IdentifierFault::WrongCharacters);
    }
    if CONTROL[value(&digits) as usize % CONTROL.len()] != control {
        return Err(IdentifierFault::ControlDigit);
    }
    let [day, month, year] = [[d1, d2], [m1, m2], [y1, y2]].map(|two| value(&two));
    is_born([century + year, month, day], latest)?;
    let kind = match value(&[i1, i2, i3]) {
        0 | 1 => return Err(IdentifierFault::NeverIssued),
        2..900 => IdentifierKind::of("hetu"),
        _ => IdentifierKind::synthetic("hetu-900-series"),
    };
    out.extend(code);
    Ok(kind)
}
