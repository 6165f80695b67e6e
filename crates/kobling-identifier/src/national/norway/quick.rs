//! Whether 11 bytes are a number that a rule accepts: a few look-ups, and no
//! branch that the digits would decide.
//!
//! Each pair of digits looks up what it adds to the two weighted sums and which
//! dates it still allows. Nearly every row of a register is judged here. What
//! is refused here may still be accepted by the long way: FH-numbers, months
//! with 40 or 65 added, and first control digits as issued from 2032.

use super::LEN;
use super::control::{FIRST_WEIGHTS, SECOND_WEIGHTS};
use super::series::{CENTURIES, DNR, FNR, Series, is_leap};
use crate::rule::{FnrKind, IdentifierRule, Synthetic};

/// What of a rule these look-ups can judge.
///
/// # Examples
///
/// ```
/// use kobling_identifier::norway::Quick;
/// use kobling_identifier::{Date, IdentifierRule, IdentifierType};
///
/// let rule = IdentifierRule::new(IdentifierType::NoFnr, Date::new(2026, 1, 1).unwrap());
/// let quick = Quick::of(rule);
/// assert!(quick.takes(b"01010100131"));
/// assert_eq!(quick.number(1_010_100_131), Some(*b"01010100131"));
/// // What is overlooked, or wrong, the rule decides.
/// assert!(!quick.takes(b"010101-0013"));
/// ```
#[derive(Clone, Copy)]
pub struct Quick {
    /// The dates that the rule allows.
    dates: u64,
    /// The lowest bit is set where months as they are count, the next where
    /// those with 80 added do.
    months: u64,
    /// The first two-digit year of this century in which somebody may be born
    /// too late, and how many such years there are.
    late: u64,
    years: u64,
}

impl Quick {
    /// What can be judged so under `rule`.
    pub fn of(rule: IdentifierRule) -> Self {
        // Later days of the last year itself are left to the long way too.
        let late = u32::from(rule.latest.year().unsigned_abs()).saturating_sub(2000);
        let late = late.min(END);
        let given = |kind, dates| if rule.kinds.has(kind) { dates } else { 0 };
        Self {
            dates: given(FnrKind::Fnr, ALL << FNR_DATES) | given(FnrKind::Dnr, ALL << DNR_DATES),
            late: late.into(),
            years: (END - late).into(),
            months: match rule.synthetic {
                Synthetic::Forbid => 0b01,
                Synthetic::Allow => 0b11,
                Synthetic::Only => 0b10,
            },
        }
    }

    /// Whether the bytes are the digits of a number that the rule accepts; may overlook one.
    #[inline]
    pub fn takes(self, number: &[u8; LEN]) -> bool {
        let [d1, d2, m1, m2, y1, y2, i1, i2, i3, k1, k2] = *number;
        let eight = u64::from_le_bytes([d1, d2, m1, m2, y1, y2, i1, i2]);
        let four = u32::from_le_bytes([i2, i3, k1, k2]);
        self.judge(eight ^ ZEROS, four ^ ZEROS as u32)
    }

    /// The digits of a whole number, if they are of a number that the rule accepts; may overlook one.
    #[inline]
    pub fn number(self, value: u64) -> Option<[u8; LEN]> {
        // The day is at least 01, so one leading zero at most can be lost.
        if !(1_000_000_000..100_000_000_000).contains(&value) {
            return None;
        }
        let eight = eight_digits(value / 1000);
        let (i3, k) = (value % 1000 / 100, value % 100);
        let four = (eight >> 56 | i3 << 8 | (k / 10) << 16 | (k % 10) << 24) as u32;
        self.judge(eight, four).then(|| {
            let mut number = [0; LEN];
            number[..8].copy_from_slice(&(eight | ZEROS).to_le_bytes());
            number[7..].copy_from_slice(&(four | ZEROS as u32).to_le_bytes());
            number
        })
    }

    /// Judges the first eight digits and the last four, the first digit lowest, a byte each.
    #[inline]
    fn judge(self, eight: u64, four: u32) -> bool {
        // 0x76 takes 10 and more, but not 9, to the top bit of a byte.
        let stray = (eight | eight.wrapping_add(0x7676_7676_7676_7676)) & 0x8080_8080_8080_8080
            | u64::from((four | four.wrapping_add(0x7676_7676)) & 0x8080_8080);

        // The number that each pair makes, in 16 bits each.
        let every_other = |shift: u32| eight >> shift & 0x00ff_00ff_00ff_00ff;
        let pairs = every_other(0).wrapping_mul(10).wrapping_add(every_other(8));
        let look_up = |pair: usize| PAIRS[pair][(pairs >> (16 * pair)) as usize % ROOM];
        let [day, month, year, century] = [look_up(0), look_up(1), look_up(2), look_up(3)];
        let yy = pairs >> 32 & 0xffff;
        let [_, i3, k1, k2] = four.to_le_bytes().map(u64::from);
        let rest = PAIRS[4][(i3 * 10 + k1) as usize % ROOM];

        // The sums' remainders come to 59 at most; what overflows is the dates.
        let pairs = [day, month, year, century, rest].into_iter();
        let sums = pairs.fold(k2 << SECOND, u64::wrapping_add);
        let fits = MULTIPLES >> (sums & 63) & MULTIPLES >> (sums >> SECOND & 63) & 1;
        let wanted = self.months >> (sums >> TEST_MONTH & 1) & 1;
        // Who has such a number is born in this century, if not in the one before.
        let is_late = yy.wrapping_sub(self.late) < self.years;
        let allowed = if is_late {
            self.dates & BEFORE_2000
        } else {
            self.dates
        };
        let dates = day & month & year & century & allowed;
        (stray == 0) & (fits & wanted == 1) & (dates != 0)
    }
}

/// A digit zero in each byte.
const ZEROS: u64 = 0x3030_3030_3030_3030;

/// The eight digits of `value`, which has no more, the first lowest: halved three
/// times, all parts at once (D. Lemire, "Converting integers to fix-digit
/// representations quickly", 2021).
#[inline]
fn eight_digits(value: u64) -> u64 {
    // Two parts of 32 bits, then four of 16, then eight of 8. The products
    // divide by 100 below 10,000, and by 10 below 100, exactly.
    let fours = (value / 10_000) | ((value % 10_000) << 32);
    let hundreds = ((fours * 10_486) >> 20) & 0x0000_007f_0000_007f;
    let twos = hundreds | ((fours - 100 * hundreds) << 16);
    let tens = ((twos * 103) >> 10) & 0x000f_000f_000f_000f;
    tens | ((twos - 10 * tens) << 8)
}

/// The bits whose number 11 divides, as far as 63.
const MULTIPLES: u64 = 1 | 1 << 11 | 1 << 22 | 1 << 33 | 1 << 44 | 1 << 55;

// Where what a pair says is stored. Lowest are its parts of the first and the
// second weighted sum, less multiples of 11; then whether it is a month with 80
// added. Above is a bit for each kind of date in each range of individual
// numbers that it is at home in: those of fødselsnumre, and those of D-numbers.
const SECOND: u32 = 6;
const TEST_MONTH: u32 = 12;
const FNR_DATES: u32 = 16;
const DNR_DATES: u32 = FNR_DATES + 24;

/// Room for each pair of digits, and a power of two, so that no pair is out of bounds.
const ROOM: usize = 128;

/// What each pair of digits, up to the first control digit, says by itself.
static PAIRS: [[u64; ROOM]; 5] = {
    let mut pairs = [[0; ROOM]; 5];
    let mut pair = 0;
    while pair < 100 {
        let says = [day(pair), month(pair), year(pair), individuals(pair), 0];
        let mut place = 0;
        while place < 5 {
            pairs[place][pair as usize] = says[place]
                | part_of(&SECOND_WEIGHTS, place, pair) << SECOND
                | part_of(&FIRST_WEIGHTS, place, pair);
            place += 1;
        }
        pair += 1;
    }
    pairs
};

const fn part_of(weights: &[u32; LEN], place: usize, pair: u32) -> u64 {
    ((weights[2 * place] * (pair / 10) + weights[2 * place + 1] * (pair % 10)) % 11) as u64
}

// The kinds of dates: a month may lack a day of the second to the fourth kind.
const TO_28: u64 = 1;
const LEAP_DAY: u64 = 2;
const TO_30: u64 = 4;
const THE_31: u64 = 8;
const COMMON: u64 = TO_28 | TO_30 | THE_31;

/// Where the ranges of individual numbers begin that no series divides, by their first two digits.
const RANGES: [u32; 6] = [0, 20, 50, 60, 75, 90];

/// A kind of date in every range.
const EVERY_RANGE: u64 = 0x11_1111;

/// Every kind of date in every range.
const ALL: u64 = 0xff_ffff;

const fn day(pair: u32) -> u64 {
    let day = if pair > 40 { pair - 40 } else { pair };
    let kinds = match day {
        1..=28 => TO_28,
        29 => LEAP_DAY | TO_30,
        30 => TO_30,
        31 => THE_31,
        _ => 0,
    };
    (EVERY_RANGE * kinds) << if pair > 40 { DNR_DATES } else { FNR_DATES }
}

const fn month(pair: u32) -> u64 {
    let (month, test) = if pair > 80 { (pair - 80, 1) } else { (pair, 0) };
    let kinds = match month {
        2 => TO_28 | LEAP_DAY,
        4 | 6 | 9 | 11 => TO_28 | TO_30,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => COMMON,
        _ => 0,
    };
    (EVERY_RANGE * kinds) << FNR_DATES | (EVERY_RANGE * kinds) << DNR_DATES | test << TEST_MONTH
}

/// The first two digits of an individual number: the range that it is in.
const fn individuals(pair: u32) -> u64 {
    let mut range = RANGES.len() - 1;
    while RANGES[range] > pair {
        range -= 1;
    }
    let dates = 0xf << (4 * range);
    dates << FNR_DATES | dates << DNR_DATES
}

const fn year(pair: u32) -> u64 {
    dates(&FNR, pair) << FNR_DATES | dates(&DNR, pair) << DNR_DATES
}

/// The first two-digit year in which nobody of this century has a number.
const END: u32 = 40;

/// Every kind of date in the ranges of individual numbers that persons born from
/// 1900 to 1939 have, and none born from 2000 on: those below 500 of
/// fødselsnumre, and those below 200 of D-numbers.
const BEFORE_2000: u64 = 0xff << FNR_DATES | 0xf << DNR_DATES;

/// The kinds of dates that a two-digit year has, in each range of individual numbers.
const fn dates(series: &[Series], year: u32) -> u64 {
    let mut dates = 0;
    let mut range = 0;
    while range < RANGES.len() {
        let mut century = 0;
        while century < CENTURIES.len() {
            let full = CENTURIES[century] + year;
            let mut place = 0;
            while place < series.len() {
                if series[place].has(RANGES[range] * 10, full) {
                    let leap = if is_leap(full) { LEAP_DAY } else { 0 };
                    dates |= (COMMON | leap) << (4 * range);
                }
                place += 1;
            }
            century += 1;
        }
        range += 1;
    }
    dates
}
