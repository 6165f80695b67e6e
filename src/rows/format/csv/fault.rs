//! Faults of delimited text in words: what is wrong, on which lines, and what to do.

use super::records::RecordFault;
use super::refuse;
use crate::error::Error;

pub(super) const QUOTE_HELP: &str = "in RFC 4180, a field that holds a quote, a delimiter or a \
                                     line break is put between quotes, and each quote in it is \
                                     doubled";

/// The error of a `fault` on `line`, where rows behind it are at fault too.
pub(super) fn at_fault(fault: RecordFault, line: u64, more: &[(u64, u64)]) -> Error {
    let (rule, help) = match fault {
        RecordFault::TextAfterQuote => (
            format!("has text after a closing quote (line {line})"),
            QUOTE_HELP,
        ),
        RecordFault::ClosedElsewhere(lines) => (
            format!(
                "has a quote (line {line}) that is not closed before another row (line {})",
                line + lines
            ),
            QUOTE_HELP,
        ),
        RecordFault::QuoteInside => (
            format!("has a quote inside a field that does not begin with one (line {line})"),
            QUOTE_HELP,
        ),
        RecordFault::Open => (
            format!(
                "has a quoted field (line {line}) that is not closed before the end of the file"
            ),
            QUOTE_HELP,
        ),
        RecordFault::LoneReturn => (
            format!("has a carriage return without a line feed (line {line})"),
            "end lines in LF or CRLF, all alike, and put fields that hold one between quotes",
        ),
        RecordFault::LoneFeed => (
            format!("has a line feed, where other lines end in a carriage return (line {line})"),
            "end lines in LF or CRLF, all alike, and put fields that hold one between quotes",
        ),
        RecordFault::Nul => (
            format!("holds a byte of zero (line {line}), which no text does"),
            "if it is UTF-16, convert it with iconv -f utf-16le -t utf-8; else it is damaged",
        ),
        RecordFault::TooLong => (
            format!("is longer than 64 MiB (line {line}): a quote may be left open"),
            QUOTE_HELP,
        ),
        RecordFault::TwoReadings => (
            format!(
                "is one row or several (line {line}): a quoted field holds line breaks, \
                 and each line has as many fields as a row"
            ),
            "if the quotes are no mistake, take the line breaks out of the field; else double them",
        ),
    };
    let more: Vec<String> = more
        .iter()
        .map(|(row, line)| format!("row {row} (line {line})"))
        .collect();
    let rule = match more.as_slice() {
        [] => rule,
        [rest @ .., last] if !rest.is_empty() => {
            format!("{rule}; as have {} and {last}", rest.join(", "))
        }
        more => format!("{rule}; as has {}", more[0]),
    };
    refuse(rule).help(help)
}
