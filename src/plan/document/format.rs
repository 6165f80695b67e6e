//! How a register's files are written, where they do not say it themselves.

use serde::{Deserialize, Serialize};

/// How a register's files are written.
///
/// ```toml
/// [source.tax]
/// format = { delimiter = ";", decimal = ",", encoding = "windows-1252", header_row = 3 }
/// ```
///
/// Each key is optional. Where a key is not given and the file has only one reading,
/// that reading is taken; a file with two readings is refused. Where a key is given,
/// a file that is written in another way is refused.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct FormatDocument {
    /// The delimiter between two fields of delimited text: one character of
    /// ASCII, such as `;`, or `tab`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<String>,
    /// The decimal sign of numbers that are written as text: `.` or `,`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decimal: Option<DecimalSign>,
    /// What groups the digits of such numbers by three. A space means a
    /// plain, a non-breaking or a thin one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thousands: Option<ThousandsSign>,
    /// The encoding of delimited text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<Encoding>,
    /// The line of delimited text, or the row of a spreadsheet, that holds the names
    /// of the columns, counted from 1. What is above it is skipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header_row: Option<u32>,
    /// The sheet of a workbook (`.xlsx`) that is the register, by its name. It may be
    /// left out where only one has cells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// The time zone in which the register's days begin, by its name in the
    /// IANA time zone database, such as `Europe/Oslo`: for days that are written
    /// as points in time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// What becomes of delimited text whose last line has no line end.
    #[serde(default, skip_serializing_if = "LastLine::is_whole")]
    pub last_line: LastLine,
}

impl FormatDocument {
    /// Whether it says nothing: then it is not part of the plan's canonical form.
    pub(super) fn says_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// The sign before the decimals of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum DecimalSign {
    /// `1234.50`
    #[serde(rename = ".")]
    Point,
    /// `1234,50`
    #[serde(rename = ",")]
    Comma,
}

/// What groups the digits of a number by three.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ThousandsSign {
    /// `1 234`: a plain, a non-breaking (U+00A0, U+202F) or a thin (U+2009) space.
    #[serde(rename = " ")]
    Space,
    /// `1.234`
    #[serde(rename = ".")]
    Point,
    /// `1,234`
    #[serde(rename = ",")]
    Comma,
    /// `1'234`
    #[serde(rename = "'")]
    Apostrophe,
}

/// How characters are written as bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Encoding {
    /// UTF-8 (RFC 3629).
    #[serde(rename = "utf-8")]
    Utf8,
    /// Windows code page 1252, as Microsoft's programs in Western Europe write
    /// ([WHATWG Encoding Standard](https://encoding.spec.whatwg.org/#windows-1252)).
    #[serde(rename = "windows-1252")]
    Windows1252,
    /// ISO 8859-1.
    #[serde(rename = "latin-1", alias = "iso-8859-1")]
    Latin1,
}

/// What becomes of delimited text whose last line has no line end: many programs
/// write it so, and so does a copy that was cut short.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum LastLine {
    /// The file is refused.
    #[default]
    Whole,
    /// The line is taken as it is, and the extract and the release say so.
    AsItIs,
}

impl LastLine {
    fn is_whole(&self) -> bool {
        *self == Self::Whole
    }
}
