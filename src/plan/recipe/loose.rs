//! Dates as databases and spreadsheets write them: with a time of day that says
//! nothing, and without leading zeros.

use super::{DateFormat, Piece};
use crate::plan::Date;

/// Why text that may be a date gives no day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoDay {
    /// It is no date in the format.
    Form,
    /// It has a time of day that is not midnight.
    TimeOfDay,
    /// It has a time of day in a zone.
    Zone,
}

impl NoDay {
    /// The rule that the text breaks.
    pub(crate) fn rule(self) -> &'static str {
        match self {
            Self::Form => "is not a date in the plan's format",
            Self::TimeOfDay => "has a time of day that is not midnight, and is no day by itself",
            Self::Zone => {
                "is a time in a zone of its own, and which day that is depends on where one is"
            }
        }
    }
}

/// What is written behind a date.
enum Time {
    Midnight,
    Other,
    InAZone,
    None,
}

impl DateFormat {
    /// The day that `text` writes in this format, where a month or a day between
    /// other signs may lack its leading zero, and midnight may follow it.
    ///
    /// # Errors
    ///
    /// Why it gives no day.
    pub(super) fn loosely(&self, text: &str) -> Result<Date, NoDay> {
        let (mut year, mut month, mut day) = (0, 0, 0);
        let mut rest = text.as_bytes();
        for (at, piece) in self.0.iter().enumerate() {
            let literal = |piece: Option<&Piece>| !matches!(piece, Some(p) if !matches!(p, Piece::Literal(_)));
            let unpadded = literal(at.checked_sub(1).and_then(|before| self.0.get(before)))
                && literal(self.0.get(at + 1));
            let (value, length) = match piece {
                Piece::Literal(byte) => {
                    rest = rest.strip_prefix(&[*byte]).ok_or(NoDay::Form)?;
                    continue;
                }
                Piece::Year => number(rest, 4, 4),
                Piece::Month | Piece::Day => number(rest, if unpadded { 1 } else { 2 }, 2),
            }
            .ok_or(NoDay::Form)?;
            rest = &rest[length..];
            match piece {
                Piece::Year => year = value,
                Piece::Month => month = value,
                _ => day = value,
            }
        }
        let date = Date::new(year, month as i8, day as i8).ok_or(NoDay::Form)?;
        match time(rest) {
            Time::Midnight => Ok(date),
            Time::Other => Err(NoDay::TimeOfDay),
            Time::InAZone => Err(NoDay::Zone),
            Time::None if rest.is_empty() => Ok(date),
            Time::None => Err(NoDay::Form),
        }
    }
}

/// The number of `least` to `most` digits that `text` begins with, and how many they are.
fn number(text: &[u8], least: usize, most: usize) -> Option<(i16, usize)> {
    let digits = text
        .iter()
        .take(most)
        .take_while(|byte| byte.is_ascii_digit());
    let length = digits.count();
    let value = text[..length]
        .iter()
        .fold(0, |value, digit| 10 * value + i16::from(digit - b'0'));
    (length >= least).then_some((value, length))
}

/// Which time `text` is: `T00:00:00.000`, ` 0:00`, ` 12:00:00 AM`.
fn time(text: &[u8]) -> Time {
    let Some(clock) = text.strip_prefix(b"T").or(text.strip_prefix(b" ")) else {
        return Time::None;
    };
    let mut rest = clock.trim_ascii_start();
    let mut parts = [0; 3];
    let mut count = 0;
    for (at, part) in parts.iter_mut().enumerate() {
        let Some((value, length)) = number(rest, if at == 0 { 1 } else { 2 }, 2) else {
            return Time::None;
        };
        (*part, rest, count) = (value, &rest[length..], at + 1);
        match rest.strip_prefix(b":") {
            Some(after) if at < 2 => rest = after,
            _ => break,
        }
    }
    if count < 2 {
        return Time::None;
    }
    let mut fraction = false;
    if let Some(after) = rest.strip_prefix(b".").or(rest.strip_prefix(b",")) {
        let digits = after
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        fraction = after[..digits].iter().any(|digit| *digit != b'0');
        rest = &after[digits..];
    }
    rest = rest.trim_ascii_start();
    let [hour, minute, second] = parts;
    let (hour, rest) = match rest
        .first_chunk()
        .map(|two: &[u8; 2]| two.map(|byte| byte.to_ascii_uppercase()))
    {
        // Noon is 12 PM, and midnight 12 AM.
        Some([b'A', b'M']) if hour <= 12 => (hour % 12, &rest[2..]),
        Some([b'P', b'M']) if hour <= 12 => (hour % 12 + 12, &rest[2..]),
        _ => (hour, rest),
    };
    match rest {
        [] if (hour, minute, second, fraction) == (0, 0, 0, false) => Time::Midnight,
        [] => Time::Other,
        [b'Z' | b'z' | b'+' | b'-', ..] => Time::InAZone,
        _ => Time::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn midnight_and_lacking_zeros_are_read() {
        let read = |format: &str, text: &str| {
            let format = DateFormat::parse(format).expect("a format");
            format.day(text).map(|date| date.to_string())
        };
        let day = Ok("2020-01-02".to_owned());
        for (format, text) in [
            ("YYYY-MM-DD", "2020-01-02"),
            ("YYYY-MM-DD", "2020-01-02 00:00:00"),
            ("YYYY-MM-DD", "2020-01-02T00:00:00"),
            ("YYYY-MM-DD", "2020-01-02T00:00:00.000000"),
            ("YYYY-MM-DD", "2020-01-02 00:00"),
            ("YYYY-MM-DD", "2020-1-2"),
            ("DD.MM.YYYY", "2.1.2020"),
            ("DD.MM.YYYY", "02.1.2020 0:00:00"),
            ("MM/DD/YYYY", "1/2/2020 12:00:00 AM"),
            ("YYYYMMDD", "20200102 00:00:00"),
        ] {
            assert_eq!(read(format, text), day, "{text}");
        }
        for text in [
            "2020-01-02 00:00:01",
            "2020-01-02T12:00",
            "2020-01-02 12:00:00 PM",
            "2020-01-02 00:00:00.5",
        ] {
            assert_eq!(read("YYYY-MM-DD", text), Err(NoDay::TimeOfDay), "{text}");
        }
        for text in ["2020-01-02T00:00:00Z", "2020-01-02 00:00:00+01:00"] {
            assert_eq!(read("YYYY-MM-DD", text), Err(NoDay::Zone), "{text}");
        }
        for (format, text) in [
            ("YYYYMMDD", "2020112"),
            ("DD.MM.YYYY", "1.1.20"),
            ("DD.MM.YYYY", "001.1.2020"),
            ("DD.MM.YYYY", ".1.2020"),
            ("YYYY-MM-DD", "2020-02-30"),
            ("YYYY-MM-DD", "2020-01-02 "),
            ("YYYY-MM-DD", "2020-01-02 00"),
            ("YYYY-MM-DD", "2020-01-02x"),
        ] {
            assert_eq!(read(format, text), Err(NoDay::Form), "{text}");
        }
    }
}
