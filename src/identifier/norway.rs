//! The Norwegian national identity number (fødselsnummer).
//!
//! ```text
//! D D M M Y Y   I I I   K K
//! date of birth  │       └ two control digits, modulus 11
//!                └ individual number, which tells the century
//! ```
//!
//! The control digits find every single wrong digit and every swap of two
//! neighbours (E. S. Selmer, "Personnummerering i Norge: litt anvendt tallteori
//! og psykologi", Nordisk Matematisk Tidskrift 12, 1964), so a value that
//! passes them is hardly ever a slip of the pen; hence a leading zero that a
//! numeric column lost may be restored. D-numbers, auxiliary numbers and
//! synthetic test numbers pass the control digits too, but carry no calendar
//! date. The numbers issued from 2032, with a relaxed first control digit, are
//! not recognised.

use super::canonical::{Written, all_digits, padded};
use super::{Invalid, Kind};

const LEN: usize = 11;

/// The weights of the digits up to and with the first control digit.
const FIRST_WEIGHTS: [u32; LEN] = [3, 7, 6, 1, 8, 9, 4, 5, 2, 1, 0];

/// The weights of all digits.
const SECOND_WEIGHTS: [u32; LEN] = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1];

/// The 11 digits of an ordinary fødselsnummer.
pub(super) fn fnr(written: Written<'_>, out: &mut Vec<u8>) -> Result<Kind, Invalid> {
    let number = match written {
        Written::Text(&[ref date @ .., b' ', a, b, c, d, e]) if date.len() == 6 => {
            let mut joined = [a; LEN];
            joined[..6].copy_from_slice(date);
            joined[6..].copy_from_slice(&[a, b, c, d, e]);
            joined
        }
        // The day is at least 01, so one leading zero at most can be lost.
        Written::Text(digits) | Written::Number(digits) if all_digits(digits) => {
            padded(digits, LEN - 1)?
        }
        _ => return Err(Invalid::WrongCharacters),
    };
    if !all_digits(&number) {
        return Err(Invalid::WrongCharacters);
    }

    let digits = number.map(|digit| u32::from(digit - b'0'));
    let fits = |weights| weighted(&digits, weights).is_multiple_of(11);
    if !fits(&FIRST_WEIGHTS) || !fits(&SECOND_WEIGHTS) {
        return Err(Invalid::ControlDigit);
    }
    if !has_date(&digits) {
        return Err(Invalid::NotADate);
    }
    out.extend(number);
    Ok(Kind::of("fnr"))
}

/// Whether the bytes are the digits of an ordinary fødselsnummer: [`fnr`] without
/// a reason, and without a branch that the digits would decide.
///
/// Each pair of digits looks up what it adds to the two weighted sums and which
/// dates it still allows.
#[inline]
pub(super) fn is_fnr(number: &[u8; LEN]) -> bool {
    let [d1, d2, m1, m2, y1, y2, i1, i2, i3, k1, k2] = *number;
    let eight = u64::from_le_bytes([d1, d2, m1, m2, y1, y2, i1, i2]) ^ 0x3030_3030_3030_3030;
    let four = u32::from_le_bytes([i2, i3, k1, k2]) ^ 0x3030_3030;
    // 0x76 takes 10 and more, but not 9, to the top bit of a byte.
    let stray = (eight | eight.wrapping_add(0x7676_7676_7676_7676)) & 0x8080_8080_8080_8080
        | u64::from((four | four.wrapping_add(0x7676_7676)) & 0x8080_8080);

    // The number that each pair makes, in 16 bits each.
    let every_other = |shift: u32| eight >> shift & 0x00ff_00ff_00ff_00ff;
    let pairs = every_other(0).wrapping_mul(10).wrapping_add(every_other(8));
    let look_up = |pair: usize| PAIRS[pair][usize::from((pairs >> (16 * pair)) as u8)];
    let [day, month, year, century] = [look_up(0), look_up(1), look_up(2), look_up(3)];
    let [_, i3, k1, k2] = four.to_le_bytes().map(u32::from);
    let rest = PAIRS[4][usize::from((i3 * 10 + k1) as u8)];

    // The sums' remainders come to 59 at most; what overflows is the dates.
    let pairs = [day, month, year, century, rest].into_iter();
    let sums = pairs.fold(k2 << 8, u32::wrapping_add);
    let fits = MULTIPLES >> (sums & 63) & MULTIPLES >> (sums >> 8 & 63) & 1;
    let dates = (day & month & year & century) >> 16;
    (stray == 0) & (fits == 1) & (dates != 0)
}

/// The bits whose number 11 divides, as far as 63.
const MULTIPLES: u64 = 1 | 1 << 11 | 1 << 22 | 1 << 33 | 1 << 44 | 1 << 55;

/// What each pair of digits, up to the first control digit, says by itself.
///
/// Lowest are its parts of the two weighted sums, less multiples of 11, in 8
/// bits each. In the upper half is a bit for each kind of date, in each of four
/// ranges of individual numbers, that the pair is at home in.
static PAIRS: [[u32; 256]; 5] = {
    let mut pairs = [[0; 256]; 5];
    let mut pair = 0;
    while pair < 100 {
        let dates = [day(pair), month(pair), year(pair), individuals(pair), 0];
        let mut place = 0;
        while place < 5 {
            pairs[place][pair as usize] = dates[place] << 16
                | part_of(&SECOND_WEIGHTS, place, pair) << 8
                | part_of(&FIRST_WEIGHTS, place, pair);
            place += 1;
        }
        pair += 1;
    }
    pairs
};

const fn part_of(weights: &[u32; LEN], place: usize, pair: u32) -> u32 {
    (weights[2 * place] * (pair / 10) + weights[2 * place + 1] * (pair % 10)) % 11
}

// The kinds of dates: a month may lack a day of the second to the fourth kind.
const TO_28: u32 = 1;
const LEAP_DAY: u32 = 2;
const TO_30: u32 = 4;
const THE_31: u32 = 8;
const COMMON: u32 = TO_28 | TO_30 | THE_31;

/// A kind of date in every range of individual numbers.
const EVERY_RANGE: u32 = 0x1111;

const fn day(day: u32) -> u32 {
    EVERY_RANGE
        * match day {
            1..=28 => TO_28,
            29 => LEAP_DAY | TO_30,
            30 => TO_30,
            31 => THE_31,
            _ => 0,
        }
}

const fn month(month: u32) -> u32 {
    EVERY_RANGE
        * match month {
            2 => TO_28 | LEAP_DAY,
            4 | 6 | 9 | 11 => TO_28 | TO_30,
            1 | 3 | 5 | 7 | 8 | 10 | 12 => COMMON,
            _ => 0,
        }
}

/// The first two digits of an individual number: in the range 0–499, 500–749, 750–899 or 900–999.
const fn individuals(tens: u32) -> u32 {
    match tens {
        0..=49 => 0x000f,
        50..=74 => 0x00f0,
        75..=89 => 0x0f00,
        _ => 0xf000,
    }
}

/// The last two digits of a year, in the century that each range gives them.
const fn year(year: u32) -> u32 {
    let dates = if year.is_multiple_of(4) {
        COMMON | LEAP_DAY
    } else {
        COMMON
    };
    // Of the years 00, 2000 was a leap year and 1900 was not.
    let nineteen = if year == 0 { COMMON } else { dates };
    nineteen
        | match year {
            0..40 => dates << 4 | dates << 8 | dates << 12,
            40..54 => dates << 12,
            _ => dates << 4 | dates << 12,
        }
}

/// The weighted sum of the digits, as far as there are weights.
fn weighted(digits: &[u32; LEN], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(d, w)| d * w).sum()
}

/// Whether the first six digits are a day of the calendar in the century that the next three tell.
fn has_date(&[d1, d2, m1, m2, y1, y2, i1, i2, i3, ..]: &[u32; LEN]) -> bool {
    let (day, month, year) = (d1 * 10 + d2, m1 * 10 + m2, y1 * 10 + y2);
    let individual = i1 * 100 + i2 * 10 + i3;
    let year = match individual {
        0..=499 => 1900 + year,
        500..=749 if year >= 54 => 1800 + year,
        900..=999 if year >= 40 => 1900 + year,
        500..=999 if year < 40 => 2000 + year,
        _ => return false,
    };
    (1..=days_in(month, year)).contains(&day)
}

/// The days of a month in the Gregorian calendar; none for a month that there is not.
fn days_in(month: u32, year: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    }
}
