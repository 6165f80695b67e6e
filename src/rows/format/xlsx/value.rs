//! What a cell holds, of what a register is made of.
//!
//! Days are numbers in a spreadsheet, and only the form in which a cell is shown
//! makes a day of one. What is shown as no day of the calendar (1900-02-29, which a
//! spreadsheet has; 1900-01-00, which is its zero; a time of day; a duration) is
//! text here, as it is shown: a date cannot be made of it by accident, and a
//! number neither.

use std::borrow::Cow;

use calamine::{CellErrorType, DataRef, ExcelDateTime};

use crate::plan::Date;

const MILLISECONDS_A_DAY: i64 = 86_400_000;

/// Days from 1970-01-01 back to day 0 of a workbook: one that counts from 1900,
/// before and after the day that there never was, and one that counts from 1904.
/// A time that is rounded up to midnight is on the next day.
const ZERO_DAYS: [i64; 4] = [-25_569, -25_568, -24_107, -24_106];

/// What a cell holds.
pub(super) enum SheetValue<'a> {
    /// Nothing, or nothing but white space.
    Blank,
    Number(f64),
    Boolean(bool),
    /// Milliseconds since 1970-01-01, in no zone.
    Moment(i64),
    Text(Cow<'a, str>),
    /// An error, as it is shown.
    Error(&'static str),
    /// A formula for which no value was stored.
    Uncomputed,
}

impl<'a> SheetValue<'a> {
    pub(super) fn of(data: DataRef<'a>) -> Self {
        match data {
            DataRef::Empty => Self::Blank,
            DataRef::Int(integer) => Self::Number(integer as f64),
            DataRef::Float(number) if number.is_finite() => Self::Number(number),
            DataRef::Float(number) => Self::text(number.to_string()),
            DataRef::Bool(boolean) => Self::Boolean(boolean),
            DataRef::String(text) => Self::text(text),
            DataRef::SharedString(text) => Self::text(text),
            DataRef::DateTime(at) => Self::at(&at),
            DataRef::DateTimeIso(text) => {
                let at = text.parse::<jiff::civil::DateTime>().ok();
                at.and_then(Self::moment)
                    .unwrap_or_else(|| Self::text(text))
            }
            DataRef::DurationIso(text) => Self::text(text),
            DataRef::Error(error) => Self::Error(match error {
                CellErrorType::Div0 => "#DIV/0!",
                CellErrorType::NA => "#N/A",
                CellErrorType::Name => "#NAME?",
                CellErrorType::Null => "#NULL!",
                CellErrorType::Num => "#NUM!",
                CellErrorType::Ref => "#REF!",
                CellErrorType::Value => "#VALUE!",
                CellErrorType::GettingData => "#GETTING_DATA",
            }),
        }
    }

    fn text(text: impl Into<Cow<'a, str>>) -> Self {
        let text = text.into();
        match text.trim().is_empty() {
            true => Self::Blank,
            false => Self::Text(text),
        }
    }

    fn moment(at: jiff::civil::DateTime) -> Option<Self> {
        let date = at.date();
        let days = i64::from(Date::new(date.year(), date.month(), date.day())?.days());
        let time = at.time();
        let seconds = i64::from(time.hour()) * 3600
            + i64::from(time.minute()) * 60
            + i64::from(time.second());
        let milliseconds = seconds * 1000 + i64::from(time.millisecond());
        Some(Self::Moment(days * MILLISECONDS_A_DAY + milliseconds))
    }

    /// A number that is shown as a day, a time of day or a duration.
    fn at(at: &ExcelDateTime) -> Self {
        let number = at.as_f64();
        let (year, month, day, hour, minute, second, milliseconds) = at.to_ymd_hms_milli();
        let fraction = match milliseconds {
            0 => String::new(),
            some => format!(".{some:03}"),
        };
        if at.is_duration() {
            return Self::text(duration(number));
        }
        if number > 0.0 && number < 1.0 {
            return Self::text(format!("{hour:02}:{minute:02}:{second:02}{fraction}"));
        }
        let date = i16::try_from(year)
            .ok()
            .and_then(|year| Date::new(year, month as i8, day as i8));
        let Some(date) = date else {
            return Self::text(format!("{year:04}-{month:02}-{day:02}"));
        };
        let days = i64::from(date.days());
        // What lies outside the calendar is moved to its first or last day.
        if !(0.0..1e9).contains(&number) || !ZERO_DAYS.contains(&(days - number as i64)) {
            return Self::text("#####");
        }
        if year == 1899 {
            return Self::text("1900-01-00");
        }
        let seconds = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
        let milliseconds = seconds * 1000 + i64::from(milliseconds);
        Self::Moment(days * MILLISECONDS_A_DAY + milliseconds)
    }
}

/// A part of days as hours, minutes and seconds.
fn duration(days: f64) -> String {
    let milliseconds = (days.abs() * MILLISECONDS_A_DAY as f64).round();
    if milliseconds.is_nan() || milliseconds >= 1e15 {
        return "#####".to_owned();
    }
    let milliseconds = milliseconds as i64;
    let (seconds, rest) = (milliseconds / 1000, milliseconds % 1000);
    let sign = if days < 0.0 { "-" } else { "" };
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    let fraction = match rest {
        0 => String::new(),
        some => format!(".{some:03}"),
    };
    format!(
        "{sign}{hours:02}:{minutes:02}:{:02}{fraction}",
        seconds % 60
    )
}
