//! Which individual numbers go with which years of birth, and the calendar.
//!
//! A number holds two digits of the year. Its individual number gives the
//! century by the series that numbers were issued from; a date is one of the
//! calendar if it is in some century that a series allows.

use crate::date::Date;

/// Individual numbers that persons born in some years have, each from and to.
pub struct Series {
    /// The least and the greatest individual number.
    pub individuals: (u32, u32),
    /// The first and the last year of birth.
    pub years: (u32, u32),
}

const fn series(individuals: (u32, u32), years: (u32, u32)) -> Series {
    Series { individuals, years }
}

/// Those of fødselsnumre (forskrift om folkeregistrering § 2-2).
pub const FNR: [Series; 4] = [
    series((500, 749), (1854, 1899)),
    series((0, 499), (1900, 1999)),
    series((900, 999), (1940, 1999)),
    series((500, 999), (2000, 2039)),
];

/// Those of D-numbers, as extended on 2021-11-16. Of persons born from 1858 on no
/// number issued before became invalid, but some mean another century now.
pub const DNR: [Series; 5] = [
    series((500, 599), (1858, 1899)),
    series((0, 199), (1900, 1939)),
    series((0, 499), (1940, 1999)),
    series((600, 999), (1940, 1999)),
    series((200, 999), (2000, 2039)),
];

/// Those of both from 2032, when the individual number gives no century any
/// more (Skatteetaten, "Nytt fødselsnummer fra 2032"): any, for every person
/// who may be in a register then.
pub(super) const FROM_2032: [Series; 1] = [series((0, 999), (1854, 2099))];

/// The years that a two-digit year may mean.
pub(super) const CENTURIES: [u32; 3] = [1800, 1900, 2000];

impl Series {
    /// Whether a person born in `year` may have this individual number.
    pub(super) const fn has(&self, individual: u32, year: u32) -> bool {
        self.individuals.0 <= individual
            && individual <= self.individuals.1
            && self.years.0 <= year
            && year <= self.years.1
    }
}

/// Whether a day, a month and a two-digit year are in the calendar by `latest`,
/// in some century that `series` allow for the individual number.
pub(super) fn has_date(
    series: &[Series],
    individual: u32,
    [day, month, year]: [u32; 3],
    latest: Date,
) -> bool {
    let latest = [
        latest.year().unsigned_abs().into(),
        latest.month() as u32,
        latest.day() as u32,
    ];
    let mut years = CENTURIES.iter().map(|century| century + year);
    years.any(|year| {
        series.iter().any(|series| series.has(individual, year))
            && (1..=days_in(month, year)).contains(&day)
            && [year, month, day] <= latest
    })
}

/// The days of a month in the Gregorian calendar; none for a month that there is not.
fn days_in(month: u32, year: u32) -> u32 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => 0,
    }
}

/// Whether the year has a 29 February.
pub(super) const fn is_leap(year: u32) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}
