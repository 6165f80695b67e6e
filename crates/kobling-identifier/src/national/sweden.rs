//! The Swedish identity numbers: personnummer and samordningsnummer.
//!
//! ```text
//! Y Y Y Y M M D D - N N N C
//! │   date of birth │ │     └ control digit, by Luhn, of the ten digits from the year's last two on
//! │   (day + 60 in a│ └ birth number
//! │ samordningsnr.) └ `+` from the year in which the person turns 100
//! └ left out where ten digits are written
//! ```
//!
//! A personnummer is set by folkbokföringslagen (1991:481), § 18, which also
//! says when the dash becomes a plus; a samordningsnummer is what those get who
//! are not registered as residents (lagen (2022:1697) om samordningsnummer;
//! Skatteverket, brochures SKV 704 and SKV 707, and SKV M 2010:3 for the
//! centuries). Skatteverket's numbers for tests show that its month or day is 0
//! where it could not be proved, and that its day may be one that its month does not
//! have. Birth numbers are 001 to 999 (Skatteverket, Rättslig vägledning,
//! "Personnummer"): 000 is never issued. The law on the plus counts years, not days. So ten digits mean the latest year that is not after the reference
//! date's, or with a plus a century earlier.
//!
//! An interim number, with a letter first in the birth number, is given until
//! there is another, and replaced then: it cannot link, and is refused as such.
//! So is the number of an organisation, which has 20 or more for a month. The
//! control digit does not cover the century, and finds every other wrong digit.

use crate::date::Date;
use crate::digits::{is_born, value};
use crate::fault::IdentifierFault;
use crate::kind::IdentifierKind;
use crate::written::{Written, all_digits, padded};

/// What is added to the day in a samordningsnummer.
const COORDINATION: u32 = 60;

/// What the birth number of an interim number begins with.
const INTERIM: &[u8] = b"TRSUWXJKLMN";

/// A number as it is written: the year's first two digits may be left out.
struct WrittenParts {
    century: Option<u32>,
    ten: [u8; 10],
    plus: bool,
}

/// The 12 digits of a number that is read as of the day `on`, of somebody born by `born_by`.
pub(super) fn personnummer(
    written: Written<'_>,
    on: Date,
    born_by: Date,
    out: &mut Vec<u8>,
) -> Result<IdentifierKind, IdentifierFault> {
    let WrittenParts { century, ten, plus } = match written {
        Written::Number(digits) => numeric(digits)?,
        Written::Text(text) => textual(text)?,
    };
    if !fits_luhn(&ten) {
        return Err(IdentifierFault::ControlDigit);
    }
    let [yy, month, day] = [0, 2, 4].map(|at| value(&ten[at..at + 2]));
    if month >= 20 {
        return Err(IdentifierFault::NotAPerson);
    }
    let (this_year, yy) = (i32::from(on.year()), yy as i32);
    let latest = this_year - (this_year - yy).rem_euclid(100);
    let year = match century {
        Some(century) => century as i32 * 100 + yy,
        None if plus => latest - 100,
        None => latest,
    };
    // The plus of a full year has to be true as well.
    if !(1800..2100).contains(&year) || plus && year > this_year - 100 {
        return Err(IdentifierFault::NotADate);
    }
    let year = year.unsigned_abs();
    let kind = match day.checked_sub(COORDINATION) {
        // Any day that some month has goes with any month, and zeros with both.
        Some(0..=31) if month <= 12 => "samordningsnummer",
        Some(_) => return Err(IdentifierFault::NotADate),
        None => {
            is_born([year, month, day], born_by)?;
            "personnummer"
        }
    };
    if i64::from(year) > i64::from(born_by.year()) || ten[6..9] == *b"000" {
        return Err(IdentifierFault::NeverIssued);
    }
    // The year is of four digits, of which `ten` has two.
    out.extend([b'0' + (year / 1000) as u8, b'0' + (year / 100 % 10) as u8]);
    out.extend(ten);
    Ok(IdentifierKind::of(kind))
}

/// The digits of a numeric column. Of ten it may have lost the zeros of a year
/// and a month 00; twelve begin with none.
fn numeric(digits: &[u8]) -> Result<WrittenParts, IdentifierFault> {
    let (century, ten) = match *digits {
        [a, b, ref ten @ ..] if ten.len() == 10 => (Some(value(&[a, b])), ten),
        _ => (None, digits),
    };
    Ok(WrittenParts {
        century,
        ten: padded(ten, 6)?,
        plus: false,
    })
}

fn textual(text: &[u8]) -> Result<WrittenParts, IdentifierFault> {
    let (date, sign, last) = match text {
        &[ref date @ .., sign @ (b'-' | b'+' | b' '), a, b, c, d] => (date, sign, [a, b, c, d]),
        &[ref date @ .., a, b, c, d] => (date, b'-', [a, b, c, d]),
        digits if all_digits(digits) => return Err(IdentifierFault::WrongLength),
        _ => return Err(IdentifierFault::WrongCharacters),
    };
    let [first, rest @ ..] = last;
    let interim = INTERIM.contains(&first.to_ascii_uppercase());
    if !all_digits(date) || !all_digits(&rest) || !(first.is_ascii_digit() || interim) {
        return Err(IdentifierFault::WrongCharacters);
    }
    let (century, date) = match *date {
        [a, b, ref date @ ..] if date.len() == 6 => (Some(value(&[a, b])), date),
        ref date if date.len() == 6 => (None, date),
        _ => return Err(IdentifierFault::WrongLength),
    };
    if interim {
        return Err(IdentifierFault::Interim);
    }
    let mut ten = [first; 10];
    ten[..6].copy_from_slice(date);
    ten[6..].copy_from_slice(&last);
    Ok(WrittenParts {
        century,
        ten,
        plus: sign == b'+',
    })
}

/// Whether the last digit fits the others by Luhn's formula (ISO/IEC 7812-1, annex B).
fn fits_luhn(ten: &[u8; 10]) -> bool {
    let digits = ten.iter().map(|digit| u32::from(digit - b'0'));
    // Every other digit counts twice, and what comes to two digits by their sum.
    let sum: u32 = digits
        .enumerate()
        .map(|(at, digit)| match (at % 2, digit * 2) {
            (0, twice @ 10..) => twice - 9,
            (0, twice) => twice,
            _ => digit,
        })
        .sum();
    sum.is_multiple_of(10)
}
