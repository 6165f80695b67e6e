//! Points in time to the second, as manifests and ledgers have them.

use std::fmt;
use std::str::FromStr;

use super::Date;
use crate::error::{Error, ErrorKind, Result};

/// A second in universal time, of the years 0001–9999.
///
/// It is written as manifests and ledgers have it, and read so.
///
/// # Examples
///
/// ```
/// use kobling::plan::{Date, Timestamp};
///
/// # fn main() -> kobling::Result<()> {
/// let time: Timestamp = "2026-11-29T06:53:00Z".parse()?;
/// assert_eq!(time.date(), Date::new(2026, 11, 29).unwrap());
/// assert_eq!(Timestamp::from_unix(time.unix()), Some(time));
/// // A day is its first second.
/// assert_eq!(Timestamp::from(time.date()).to_string(), "2026-11-29T00:00:00Z");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    /// Since the beginning of 1970.
    seconds: i64,
}

const A_DAY: i64 = 86_400;

impl Timestamp {
    /// Now, by the clock of this machine.
    pub fn now() -> Self {
        let seconds = jiff::Timestamp::now().as_second();
        Self { seconds }
    }

    /// So many seconds after the beginning of 1970, leap seconds not counted; `None` if
    /// that is not in the years that there are.
    pub fn from_unix(seconds: i64) -> Option<Self> {
        let time = Self { seconds };
        time.day().map(|_| time)
    }

    /// Seconds since the beginning of 1970, leap seconds not counted.
    pub fn unix(self) -> i64 {
        self.seconds
    }

    /// The day that it is on, in universal time.
    pub fn date(self) -> Date {
        self.day().unwrap_or(Date::MOST)
    }

    /// `None` of a second that was not [looked at](Self::from_unix) yet.
    fn day(self) -> Option<Date> {
        let days = self.seconds.div_euclid(A_DAY);
        days.try_into().ok().and_then(Date::from_days)
    }
}

impl From<Date> for Timestamp {
    /// The first second of the day, in universal time.
    fn from(date: Date) -> Self {
        let seconds = i64::from(date.days()) * A_DAY;
        Self { seconds }
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let second = self.seconds.rem_euclid(A_DAY);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(f, "{}T{hour:02}:{minute:02}:{second:02}Z", self.date())
    }
}

impl FromStr for Timestamp {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let read = || {
            let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
            let mut parts = time.splitn(3, ':');
            let mut part = |below: i64| {
                let part = parts.next()?;
                let is_written = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
                let part: i64 = part.parse().ok().filter(|_| is_written)?;
                (part < below).then_some(part)
            };
            let (hour, minute, second) = (part(24)?, part(60)?, part(60)?);
            let day = Self::from(Date::parse(date)?).seconds;
            let seconds = day + hour * 3600 + minute * 60 + second;
            Some(Self { seconds })
        };
        read().ok_or_else(|| {
            let rule = "a point in time is written as 2026-11-29T06:53:00Z, in universal time";
            Error::new(ErrorKind::Plan, rule)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_seconds_go_into_each_other() {
        for (year, month, day) in [(1, 1, 1), (1969, 12, 31), (1970, 1, 1), (9999, 12, 31)] {
            let date = Date::new(year, month, day).expect("a day");
            let first = Timestamp::from(date);
            assert_eq!(first.date(), date);
            let last = Timestamp::from_unix(first.unix() + 86_399).expect("it is there");
            assert_eq!(last.date(), date);
            assert!(last.to_string().ends_with("T23:59:59Z"), "{last}");
            assert_eq!(last.to_string().parse(), Ok(last));
            assert_eq!(first.to_string().parse(), Ok(first));
        }
        let most = Timestamp::from(Date::MOST).unix() + 86_399;
        for none in [most + 1, -63_000_000_000, i64::MAX, i64::MIN] {
            assert_eq!(Timestamp::from_unix(none), None);
        }
        for wrong in [
            "",
            "2026-11-29",
            "2026-11-29T06:53:00",
            "2026-11-29T06:53Z",
            "2026-11-29T24:00:00Z",
            "2026-11-29T06:53:60Z",
            "2026-11-29T06:53:+1Z",
            "2026-13-29T06:53:00Z",
        ] {
            assert!(wrong.parse::<Timestamp>().is_err(), "{wrong}");
        }
    }
}
