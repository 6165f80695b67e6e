//! What a plan says of a register's files, in words.

use std::fmt::Write as _;

use crate::plan::document::{DecimalSign, Encoding, FormatDocument, LastLine, ThousandsSign};

/// Writes a line on `format`, if it says anything.
pub(super) fn write(out: &mut String, format: &FormatDocument) -> std::fmt::Result {
    let mut words = Vec::new();
    if let Some(delimiter) = &format.delimiter {
        words.push(format!(
            "fields separated by `{}`",
            delimiter.escape_debug()
        ));
    }
    if let Some(decimal) = format.decimal {
        words.push(match decimal {
            DecimalSign::Point => "a decimal point".to_owned(),
            DecimalSign::Comma => "a decimal comma".to_owned(),
        });
    }
    if let Some(thousands) = format.thousands {
        let by = match thousands {
            ThousandsSign::Space => "spaces",
            ThousandsSign::Point => "points",
            ThousandsSign::Comma => "commas",
            ThousandsSign::Apostrophe => "apostrophes",
        };
        words.push(format!("thousands set apart by {by}"));
    }
    if let Some(encoding) = format.encoding {
        let name = match encoding {
            Encoding::Utf8 => "UTF-8",
            Encoding::Windows1252 => "Windows-1252",
            Encoding::Latin1 => "Latin-1",
        };
        words.push(format!("in {name}"));
    }
    if let Some(sheet) = &format.sheet {
        words.push(format!("the sheet `{}`", sheet.escape_debug()));
    }
    if let Some(row) = format.header_row {
        words.push(format!("names of columns in line {row}"));
    }
    if let Some(zone) = &format.time_zone {
        words.push(format!("days as they begin in {zone}"));
    }
    if format.last_line == LastLine::AsItIs {
        words.push("a last line without a line end is taken as it is".to_owned());
    }
    if words.is_empty() {
        return Ok(());
    }
    writeln!(out, "  its files: {}", words.join("; "))
}
