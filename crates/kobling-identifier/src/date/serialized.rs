//! A day in a document: text, or a date where the format has dates, as TOML does.

use std::fmt;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use toml_datetime::Datetime;

use super::Date;

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DateVisitor)
    }
}

struct DateVisitor;

impl DateVisitor {
    fn refuse<T, E: de::Error>() -> Result<T, E> {
        Err(E::custom("expected a date, such as 2026-01-31"))
    }
}

impl<'de> Visitor<'de> for DateVisitor {
    type Value = Date;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a date, such as 2026-01-31")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Date, E> {
        Date::parse(text).map_or_else(Self::refuse, Ok)
    }

    // What serde says of these by itself quotes them.

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Date, E> {
        Self::refuse()
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Date, E> {
        Self::refuse()
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Date, E> {
        Self::refuse()
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Date, E> {
        Self::refuse()
    }

    fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Date, A::Error> {
        // TOML hands over its dates as a one-entry map.
        let datetime = Datetime::deserialize(de::value::MapAccessDeserializer::new(map))?;
        match (datetime.date, datetime.time) {
            (Some(date), None) => Date::new(date.year as i16, date.month as i8, date.day as i8),
            _ => None,
        }
        .ok_or_else(|| de::Error::custom("expected a date without a time, such as 2026-01-31"))
    }
}

#[cfg(test)]
mod tests {
    use serde::de::IntoDeserializer;
    use serde::de::value::Error;

    use super::*;

    fn read<'de>(value: impl IntoDeserializer<'de, Error>) -> Result<Date, String> {
        Date::deserialize(value.into_deserializer()).map_err(|refused| refused.to_string())
    }

    #[test]
    fn a_day_is_text_and_nothing_else_is_quoted() {
        assert_eq!(read("2026-01-31").ok(), Date::new(2026, 1, 31));
        let refused = Err("expected a date, such as 2026-01-31".to_owned());
        for text in ["", "2026-02-31", "2026-1-31", "31.01.2026"] {
            assert_eq!(read(text), refused);
        }
        assert_eq!(read(20_260_131_i64), refused);
        assert_eq!(read(20_260_131_u64), refused);
        assert_eq!(read(2026.5), refused);
        assert_eq!(read(true), refused);
    }
}
