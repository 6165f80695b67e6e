//! How a file of delimited text is written: recognised from its first lines.
//!
//! The delimiter is the one with which the header has all columns that are
//! asked for: a header of several fields has a name between two delimiters of
//! one kind only, so at most one does. What the plan pins is not taken from the
//! file, and a first line `sep=;`, as spreadsheets write it, says it too.

use super::encoding::TextDecoder;
use super::records::split_first;
use crate::error::Result;
use crate::plan::format::FileFormat;

/// The delimiters that are recognised from a file.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Lines in which names of columns are looked for, so that an error can say where they are.
const LOOKED_THROUGH: usize = 40;

/// How a file of delimited text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dialect {
    pub(super) delimiter: u8,
    pub(super) line_end: u8,
    /// Where the header begins, in bytes, and on which line, counted from 1.
    pub(super) header: usize,
    pub(super) line: u64,
    /// Another line that has all columns that are asked for, where the header has not.
    pub(super) elsewhere: Option<u64>,
}

impl Dialect {
    /// Recognises it from the beginning of a file, `start`: as far as `format` does
    /// not pin it, by the columns `asked` for.
    pub(super) fn of(
        start: &[u8],
        format: &FileFormat,
        tabs: bool,
        asked: &[&str],
    ) -> Result<Self> {
        let line_end = line_end(start);
        let mut lines = Lines::new(start, line_end);
        let said = lines.clone().next().and_then(|line| separator(line.text));
        let wanted = match (format.header_row, said) {
            (Some(row), _) => u64::from(row),
            (None, Some(_)) => 2,
            (None, None) => 1,
        };
        let header = lines.find(|line| line.number == wanted);
        let Some(header) = header else {
            let rule = match (wanted, start.is_empty()) {
                (1, _) | (_, true) => "is empty: not even a header".to_owned(),
                (row, false) => format!("has no line {row}, where the names of columns should be"),
            };
            return Err(super::refuse(rule));
        };
        if let (Some(pinned), Some(said)) = (format.delimiter, said)
            && pinned != said
        {
            let rule = format!(
                "its first line names {} as its delimiter, the plan {}",
                words(said),
                words(pinned)
            );
            return Err(super::refuse(rule).help("mend `delimiter` of the source's `format`"));
        }
        let dialect = |delimiter| Self {
            delimiter,
            line_end,
            header: header.start,
            line: header.number,
            elsewhere: None,
        };
        let pinned = format.delimiter.or(said);
        let found = |delimiter: &u8, text: &[u8]| -> usize {
            let names = names(text, *delimiter, line_end, format);
            asked
                .iter()
                .filter(|name| names.iter().any(|n| n == *name))
                .count()
        };
        let candidates = match (pinned, tabs) {
            (Some(pinned), _) => vec![pinned],
            (None, true) => vec![b'\t', b',', b';', b'|'],
            (None, false) => DELIMITERS.to_vec(),
        };
        let rest = &start[header.start..];
        let all = candidates.iter().find(|d| found(d, rest) == asked.len());
        // Where nothing is asked for, what parts the header most is its delimiter.
        if let Some(&delimiter) = all.filter(|_| !asked.is_empty()) {
            return Ok(dialect(delimiter));
        }
        // No reading has them all, and the error that comes of it is about the best one.
        let fields = |delimiter: u8| split_first(rest, delimiter, line_end).map_or(0, |f| f.len());
        let best = candidates
            .iter()
            .rev()
            .max_by_key(|d| (found(d, rest), fields(**d)));
        let mut others = Lines::new(start, line_end).take(LOOKED_THROUGH);
        let elsewhere = others.find(|line| {
            let all = |d: &u8| found(d, &start[line.start..]) == asked.len();
            let filled = !line.text.trim_ascii().is_empty();
            filled && line.number != header.number && candidates.iter().any(all)
        });
        let best = best.copied().unwrap_or(b',');
        Ok(Self {
            elsewhere: elsewhere.map(|line| line.number),
            ..dialect(best)
        })
    }
}

/// The byte that ends lines: a line feed, unless the first line ends in a lone carriage return.
fn line_end(start: &[u8]) -> u8 {
    let first = start.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
    match first.map(|at| &start[at..]) {
        Some([b'\r', next, ..]) if *next != b'\n' => b'\r',
        Some([b'\r']) => b'\r',
        _ => b'\n',
    }
}

/// The names in the header at the start of `text`; none that cannot be read.
fn names(text: &[u8], delimiter: u8, line_end: u8, format: &FileFormat) -> Vec<String> {
    let mut decoder = TextDecoder::new(format.encoding);
    let fields = split_first(text, delimiter, line_end).unwrap_or_default();
    let decoded = fields.iter().filter_map(|field| {
        let name = decoder.decode(field, field.is_ascii());
        name.ok().map(str::to_owned)
    });
    decoded.collect()
}

/// A delimiter that the first line names.
fn separator(line: &[u8]) -> Option<u8> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let quoted = line
        .strip_prefix(b"\"")
        .and_then(|line| line.strip_suffix(b"\""));
    let line = quoted.unwrap_or(line);
    let (key, value) = line.split_at_checked(4)?;
    let named = str::from_utf8(value).ok().and_then(FileFormat::delimiter);
    key.eq_ignore_ascii_case(b"sep=").then_some(named)?
}

/// A delimiter, in words.
pub(super) fn words(delimiter: u8) -> String {
    match delimiter {
        b',' => "commas".to_owned(),
        b';' => "semicolons".to_owned(),
        b'\t' => "tabs".to_owned(),
        b'|' => "vertical bars".to_owned(),
        b' ' => "spaces".to_owned(),
        other => format!("`{}`", char::from(other)),
    }
}

/// The lines of a text, whatever they hold.
#[derive(Clone)]
struct Lines<'a> {
    text: &'a [u8],
    line_end: u8,
    next: usize,
    number: u64,
}

struct TextLine<'a> {
    text: &'a [u8],
    start: usize,
    number: u64,
}

impl<'a> Lines<'a> {
    fn new(text: &'a [u8], line_end: u8) -> Self {
        Self {
            text,
            line_end,
            next: 0,
            number: 0,
        }
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = TextLine<'a>;

    fn next(&mut self) -> Option<TextLine<'a>> {
        let start = self.next;
        let rest = self.text.get(start..).filter(|rest| !rest.is_empty())?;
        let length = rest.iter().position(|&byte| byte == self.line_end);
        let length = length.unwrap_or(rest.len());
        self.next = start + length + 1;
        self.number += 1;
        Some(TextLine {
            text: &rest[..length],
            start,
            number: self.number,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_may_name_the_delimiter() {
        for (line, delimiter) in [
            (&b"sep=;"[..], Some(b';')),
            (b"SEP=\t\r", Some(b'\t')),
            (b"\"sep=,\"", Some(b',')),
            (b"sep=", None),
            (b"sep=x", None),
            (b"sep=;;", None),
            (b"separate;", None),
        ] {
            assert_eq!(separator(line), delimiter, "{line:?}");
        }
    }
}
