//! The days that a synthetic population lives in, as days since 1 January 1970.
//!
//! From 1901 to 2099 every fourth year is a leap year, so the calendar is three
//! divisions; ten million births and what follows them need it often.

/// A day, counted from 1 January 1970, as Arrow counts them.
pub(super) type Day = i32;

/// Days in a year, about: for what is invented anyway.
pub(super) const YEAR: Day = 365;

/// Nobody is born earlier.
pub(super) const FIRST_DAY: Day = new_year(1915);

/// Nothing happens later.
pub(super) const LAST_DAY: Day = new_year(2026) - 1;

/// The days from 1 March 1900 to 1 January 1970.
const FROM_MARCH_1900: Day = 25_508;

/// The first day of a year from 1901 to 2099.
pub(super) const fn new_year(year: i32) -> Day {
    // 1969 is a year after a leap year.
    365 * (year - 1970) + (year - 1969).div_euclid(4)
}

/// The year of a day.
pub(super) fn year_of(day: Day) -> i32 {
    civil(day).0
}

/// The year, month and day of the month.
///
/// Years are counted from March, so that the leap day is their last
/// (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", 2021).
pub(super) fn civil(day: Day) -> (i32, i32, i32) {
    let days = day + FROM_MARCH_1900;
    let year = (4 * days + 3) / 1461;
    let day_of_year = days - 1461 * year / 4;
    let month = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * month + 2) / 5 + 1;
    match month {
        0..=9 => (1900 + year, month + 3, day_of_month),
        _ => (1901 + year, month - 9, day_of_month),
    }
}

#[cfg(test)]
mod tests {
    use super::{FIRST_DAY, LAST_DAY, civil, new_year};

    /// Compared with a calendar that does it properly.
    #[test]
    fn every_day_is_that_of_the_calendar() {
        let epoch = jiff::civil::date(1970, 1, 1);
        for day in FIRST_DAY - 400..=LAST_DAY + 400 {
            let date = epoch.saturating_add(jiff::Span::new().days(day));
            let expected = (
                i32::from(date.year()),
                i32::from(date.month()),
                i32::from(date.day()),
            );
            assert_eq!(civil(day), expected);
            if date.day_of_year() == 1 {
                assert_eq!(new_year(date.year().into()), day);
            }
        }
    }
}
