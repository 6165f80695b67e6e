//! A table of a release as CSV, which a spreadsheet may open.
//!
//! A spreadsheet runs a cell as a formula if its text begins like one, whether
//! the cell is quoted or not; and names of categories come from registers, where
//! anybody may have written anything. Whatever a CSV parser reads back, Excel and
//! LibreOffice read too, so no way of writing `=1+1` is safe there and still
//! comes back as `=1+1`. It is written as `'=1+1`: a spreadsheet shows it, polars,
//! pandas and DuckDB all read `'=1+1`, and the one rule of how to get the text
//! back is that of [`guarded`]. The Arrow and Parquet files have all names as they are.
//!
//! Not guarded are numbers, also those below zero, and names that have nothing but digits
//! and what is written between them, such as the code `-9` and the band `-10–9`: a spreadsheet
//! may subtract or divide them, and shows another number then, but there is nothing in them
//! that could be called or fetched.

use std::borrow::Cow;
use std::io::Write;
use std::path::Path;

use arrow_array::RecordBatch;
use arrow_schema::DataType;

use super::text::text;
use crate::error::{Error, ErrorKind, Result};

/// What is put before a text that a spreadsheet might run.
const GUARD: char = '\'';

/// Writes a released table as CSV.
pub(super) fn write_csv(batch: &RecordBatch, file: impl Write) -> Result<()> {
    let write = || -> std::result::Result<(), csv::Error> {
        let mut writer = csv::Writer::from_writer(file);
        let schema = batch.schema();
        for field in schema.fields() {
            writer.write_field(guarded(field.name()).as_bytes())?;
        }
        writer.write_record(None::<&[u8]>)?;
        for row in 0..batch.num_rows() {
            for column in batch.columns() {
                let text = text(column, row);
                match column.data_type() {
                    DataType::Utf8 | DataType::Dictionary(_, _) => {
                        writer.write_field(guarded(&text).as_bytes())?;
                    }
                    _ => writer.write_field(text)?,
                }
            }
            writer.write_record(None::<&[u8]>)?;
        }
        writer.flush()?;
        Ok(())
    };
    write().map_err(|error| match error.into_kind() {
        csv::ErrorKind::Io(error) => Error::file(Path::new(""), "write the file as CSV", &error),
        _ => Error::new(ErrorKind::File, "cannot write the file as CSV"),
    })
}

/// The text with an apostrophe before it, if a spreadsheet might run it.
///
/// That is so where it begins with one of `=`, `+`, `-`, `@` (or their full-width
/// forms), perhaps behind white space, control characters, quotation marks and
/// apostrophes, or with a tab or a line break; unless it is nothing but numbers.
/// Apostrophes before are among what is looked past, so the text comes back as it
/// was if one apostrophe is taken from the front of each text that is guarded and
/// begins with one, and is nowhere ambiguous.
fn guarded(text: &str) -> Cow<'_, str> {
    match begins_as_formula(text) && !is_numbers(text) {
        true => Cow::Owned(format!("{GUARD}{text}")),
        false => Cow::Borrowed(text),
    }
}

fn begins_as_formula(text: &str) -> bool {
    const BLANK: [char; 6] = ['"', GUARD, '\u{200B}', '\u{200E}', '\u{200F}', '\u{FEFF}'];
    let blank = |c: char| c.is_whitespace() || c.is_control() || BLANK.contains(&c);
    let begins = text.trim_start_matches(blank).chars().next();
    let inner = text.trim_start_matches(GUARD);
    inner.starts_with(['\t', '\r', '\n'])
        || matches!(
            begins,
            Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠')
        )
}

/// Whether it is digits and what is written between them, perhaps behind a minus; or a number
/// with a plus before it.
fn is_numbers(text: &str) -> bool {
    const BETWEEN: [char; 7] = ['.', ',', ' ', '\u{2013}', '-', ':', '/'];
    let is_digit = |c: char| c.is_ascii_digit();
    match text.strip_prefix('+') {
        Some(digits) => {
            let (whole, rest) = digits.split_once(['.', ',']).unwrap_or((digits, "0"));
            let all = |part: &str| !part.is_empty() && part.chars().all(is_digit);
            all(whole) && all(rest)
        }
        None => text.chars().all(|c| is_digit(c) || BETWEEN.contains(&c)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The text that was guarded, of what is read back.
    fn unguarded(read: &str) -> &str {
        match read.strip_prefix(GUARD) {
            Some(text) if begins_as_formula(text) && !is_numbers(text) => text,
            _ => read,
        }
    }

    #[test]
    fn what_a_spreadsheet_would_run_is_guarded() {
        for text in [
            "=1+1",
            "+A1",
            "-A1",
            "-1+1",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "\tx",
            "\nx",
            " =1",
            "\"=1",
            "\" =1",
            "'=1",
            "\u{FEFF}=1",
            "\u{A0}=1",
            "＝1+1",
            "-a",
            "+",
            "+1-2",
            "-1*2",
            "-1\t2",
            "-2(1)",
            "=",
            "=1",
        ] {
            assert_eq!(guarded(text), format!("'{text}"), "{text:?}");
        }
        for text in [
            "",
            "a",
            "a=1",
            "'s-Gravenhage",
            "-9",
            "+47",
            "-1.5",
            "-1,5",
            "–9",
            "-10–9",
            "-10--5",
            "-1 000,50",
            "-1.2.3",
            "-1/2",
            "-0:30",
            "-",
            "\"a\"",
            " a",
            "0301",
            "20-34",
            "'",
            "''",
            "safe",
        ] {
            assert_eq!(guarded(text), text, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_guarded_text_can_be_recognised_and_read_back(text in "[-=+@'\" \t\r\na1.,–:/]{0,6}") {
            let written = guarded(&text);
            prop_assert_eq!(unguarded(&written), text.as_str());
        }
    }
}
