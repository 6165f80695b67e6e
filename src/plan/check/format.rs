//! Checks of what a plan says of a register's files.

use crate::plan::document::{DecimalSign, FormatDocument, ThousandsSign};
use crate::plan::finding::{Collector, Path};
use crate::plan::format::FileFormat;
use crate::plan::zone::Zone;

/// Lines above a header, at most.
const MOST_HEADER_ROW: u32 = 1000;

/// Checks `document`.
pub(super) fn check(
    document: &FormatDocument,
    path: &Path,
    findings: &mut Collector,
) -> FileFormat {
    if let Some(delimiter) = &document.delimiter
        && FileFormat::delimiter(delimiter).is_none()
    {
        findings
            .add(&path.at("delimiter"), "is no delimiter of fields")
            .help("delimiter = \";\", \",\", \"|\" or \"tab\": one character of ASCII, no letter, digit or quote");
    }
    let same = matches!(
        (document.decimal, document.thousands),
        (Some(DecimalSign::Point), Some(ThousandsSign::Point))
            | (Some(DecimalSign::Comma), Some(ThousandsSign::Comma))
    );
    if same {
        findings
            .add(&path.at("thousands"), "is the decimal sign too")
            .help("decimal = \",\" with thousands = \".\", or the reverse");
    }
    if document
        .header_row
        .is_some_and(|row| !(1..=MOST_HEADER_ROW).contains(&row))
    {
        findings
            .add(
                &path.at("header_row"),
                format!("is no line from 1 to {MOST_HEADER_ROW}"),
            )
            .help("the line with the names of the columns; the first is 1");
    }
    if document
        .sheet
        .as_ref()
        .is_some_and(|sheet| sheet.trim().is_empty())
    {
        findings
            .add(&path.at("sheet"), "is no name of a sheet")
            .help("the name at the foot of the spreadsheet: sheet = \"Ark1\"");
    }
    if let Some(zone) = &document.time_zone
        && Zone::find(zone).is_none()
    {
        findings
            .add(&path.at("time_zone"), "is no name of a time zone")
            .help("a name of the IANA time zone database: time_zone = \"Europe/Oslo\"");
    }
    FileFormat::of(document)
}
