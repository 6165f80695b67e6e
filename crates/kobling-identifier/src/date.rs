//! Days of the calendar.

#[cfg(feature = "serde")]
mod serialized;

use std::fmt;
use std::str::FromStr;

use crate::error::Error;

/// A day of the Gregorian calendar, years 0001–9999.
///
/// # Examples
///
/// ```
/// use kobling_identifier::Date;
///
/// let day: Date = "2026-11-29".parse().unwrap();
/// assert_eq!(Some(day), Date::new(2026, 11, 29));
/// assert_eq!(Date::from_days(day.days()), Some(day));
/// assert_eq!(Date::new(2026, 2, 29), None);
/// assert_eq!(
///     "29.11.2026".parse::<Date>().unwrap_err().rule(),
///     "a day is written as 2026-11-29"
/// );
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(jiff::civil::Date);

impl Date {
    /// The day, if there is one.
    pub fn new(year: i16, month: i8, day: i8) -> Option<Self> {
        (year >= 1)
            .then(|| jiff::civil::Date::new(year, month, day).ok())
            .flatten()
            .map(Self)
    }

    /// Today, in universal time, by the clock of this machine.
    pub fn today() -> Self {
        Self(
            jiff::tz::Offset::UTC
                .to_datetime(jiff::Timestamp::now())
                .date(),
        )
    }

    /// The day that `text` writes as `2026-11-29`, if it does.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '-');
        let mut part = |length| {
            parts
                .next()
                .filter(|p: &&str| p.len() == length && p.bytes().all(|b| b.is_ascii_digit()))
                .and_then(|p| p.parse::<i16>().ok())
        };
        let (year, month, day) = (part(4)?, part(2)?, part(2)?);
        Self::new(year, month as i8, day as i8)
    }

    /// Days since 1970-01-01.
    pub fn days(self) -> i32 {
        let epoch = jiff::civil::date(1970, 1, 1);
        (self.0 - epoch).get_days()
    }

    /// The day so many days after 1970-01-01, if it is in the years that there are.
    pub fn from_days(days: i32) -> Option<Self> {
        let epoch = jiff::civil::date(1970, 1, 1);
        let span = jiff::Span::new().try_days(days).ok()?;
        epoch
            .checked_add(span)
            .ok()
            .filter(|d| d.year() >= 1)
            .map(Self)
    }

    /// Its year, from 1 to 9999.
    pub fn year(self) -> i16 {
        self.0.year()
    }

    /// Its month, from 1 to 12.
    pub fn month(self) -> i8 {
        self.0.month()
    }

    /// Its day of the month, from 1 to 31.
    pub fn day(self) -> i8 {
        self.0.day()
    }

    /// The last day there is.
    pub const MOST: Self = Self(jiff::civil::Date::MAX);

    /// Whether it is the first day of its month.
    pub fn is_first_of_month(self) -> bool {
        self.0.day() == 1
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:04}-{:02}-{:02}",
            self.0.year(),
            self.0.month(),
            self.0.day()
        )
    }
}

impl FromStr for Date {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text).ok_or_else(|| {
            let rule = "a day is written as 2026-11-29";
            Error::new(rule)
        })
    }
}
