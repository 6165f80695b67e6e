//! Records of delimited text, split strictly by RFC 4180, section 2.
//!
//! What the RFC does not allow has as many readings as there are programs, and
//! one of them loses rows: a quote that nobody closed takes the lines up to the
//! next quote into its field. So it is refused, with the row and the line:
//! text after a closing quote, a quote inside a field that does not begin with
//! one, a lone carriage return (or, where those end lines, a lone line feed).
//! A quoted field may hold line breaks; but where each line of such a record
//! has as many fields as a record has, there are two readings, and none is taken.
//!
//! Three liberties are taken, each with one reading: lines end in LF as well as
//! in CRLF, wholly empty lines are passed over, and a field `="…"`, as programs
//! guard digits from spreadsheets, is the text between its quotes.

use std::io::{self, Read};

/// Bytes of one record at most. Beyond them a quote was left open, and the
/// rest of the file would be gathered in memory as one field.
const RECORD_BYTES: usize = 1 << 26;

/// Bytes that are asked for at a time, and the size of the buffer at first.
const BUFFER_BYTES: usize = 1 << 18;

/// Of a byte: it ends a run of plain ones outside quotes.
const OUTSIDE: u8 = 1;
/// Of a byte: it ends a run of plain ones between quotes.
const BETWEEN: u8 = 2;

/// Why text is no record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RecordFault {
    /// A closing quote is followed by something else than the field's end.
    TextAfterQuote,
    /// The same, where the quote was opened on a line before, the number of
    /// lines further up.
    ClosedElsewhere(u64),
    /// A quote is inside a field that does not begin with one.
    QuoteInside,
    /// A quoted field is not closed before the end of the file.
    Open,
    /// A carriage return without a line feed.
    LoneReturn,
    /// A line feed where lines end in a carriage return.
    LoneFeed,
    /// A byte 0.
    Nul,
    /// The record is longer than [`RECORD_BYTES`].
    TooLong,
    /// Its lines could each be a record.
    TwoReadings,
}

/// Why there is no next record.
#[derive(Debug)]
pub(super) enum Stop {
    /// The text is at fault, on this line, counted from 1.
    Fault(RecordFault, u64),
    /// The file cannot be read.
    Io(io::Error),
}

/// A field of a record, by where it is in the record's text.
#[derive(Debug, Clone, Copy)]
struct FieldSpan {
    start: u32,
    end: u32,
    quoted: bool,
    /// Whether it holds doubled quotes.
    doubled: bool,
}

/// What was found of one record.
struct FoundRecord {
    /// Bytes up to and with its line end.
    length: usize,
    /// Line breaks between quotes.
    breaks: u64,
    /// Whether the file ended where the line end should be.
    unended: bool,
}

/// Text that is split into records, one after another.
pub(super) struct Records<R> {
    source: R,
    buffer: Vec<u8>,
    /// Where the unread text begins and ends in the buffer.
    start: usize,
    end: usize,
    /// Whether the source has no more.
    drained: bool,
    line_end: u8,
    delimiter: u8,
    class: Box<[u8; 256]>,
    /// The line on which the next record begins, and the present one.
    next_line: u64,
    line: u64,
    /// Where the present record begins in the buffer, and its fields.
    record: usize,
    fields: Vec<FieldSpan>,
    unended: bool,
    /// Whether all that is in the buffer is ASCII, where somebody wants to know.
    ascii: bool,
    /// For a field with doubled quotes.
    single: Vec<u8>,
}

impl<R: Read> Records<R> {
    /// Records of `begun` and what `source` has after it. The first of them is
    /// on line `line`.
    pub(super) fn new(begun: Vec<u8>, source: R, delimiter: u8, line_end: u8, line: u64) -> Self {
        let mut class = Box::new([0; 256]);
        class[usize::from(delimiter)] |= OUTSIDE;
        class[usize::from(b'\r')] |= OUTSIDE;
        class[usize::from(b'\n')] |= OUTSIDE;
        class[0] |= OUTSIDE | BETWEEN;
        class[usize::from(b'"')] |= OUTSIDE | BETWEEN;
        class[usize::from(line_end)] |= BETWEEN;
        Self {
            source,
            start: 0,
            end: begun.len(),
            ascii: begun.is_ascii(),
            buffer: begun,
            drained: false,
            line_end,
            delimiter,
            class,
            next_line: line,
            line,
            record: 0,
            fields: Vec::new(),
            unended: false,
            single: Vec::new(),
        }
    }

    /// Reads the next record; false at the end of the text.
    pub(super) fn advance(&mut self, width: Option<usize>) -> Result<bool, Stop> {
        loop {
            let text = &self.buffer[self.start..self.end];
            if text.is_empty() && self.drained {
                return Ok(false);
            }
            let found = scan(
                text,
                self.drained,
                self.delimiter,
                self.line_end,
                &self.class,
                &mut self.fields,
            );
            match found {
                Ok(Some(found)) => {
                    let line = self.next_line;
                    self.record = self.start;
                    self.line = line;
                    self.start += found.length;
                    self.next_line += found.breaks + 1;
                    self.unended = found.unended;
                    if self.fields.is_empty() {
                        continue;
                    }
                    if found.breaks > 0 {
                        let text = &self.buffer[self.record..self.start];
                        if two_readings(text, self.delimiter, self.line_end, width) {
                            self.start = self.record;
                            self.next_line = line;
                            return Err(Stop::Fault(RecordFault::TwoReadings, line));
                        }
                    }
                    return Ok(true);
                }
                Ok(None) if text.len() >= RECORD_BYTES => {
                    return Err(Stop::Fault(RecordFault::TooLong, self.next_line));
                }
                Ok(None) => self.fill().map_err(Stop::Io)?,
                Err((fault, breaks)) => return Err(Stop::Fault(fault, self.next_line + breaks)),
            }
        }
    }

    /// Reads more behind the unread text, which moves to the buffer's start.
    #[cold]
    fn fill(&mut self) -> io::Result<()> {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        if self.buffer.len() - self.end < BUFFER_BYTES / 2 {
            let size = (2 * self.buffer.len()).max(BUFFER_BYTES);
            self.buffer.resize(size, 0);
        }
        // To the brim: a record that is not whole is looked through again, and a
        // source that gives little at a time would have that done too often.
        while self.end < self.buffer.len() && !self.drained {
            match self.source.read(&mut self.buffer[self.end..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => {
                    let count = read?;
                    self.drained = count == 0;
                    self.end += count;
                }
            }
        }
        self.ascii = self.buffer[..self.end].is_ascii();
        Ok(())
    }

    /// How many fields the present record has.
    pub(super) fn len(&self) -> usize {
        self.fields.len()
    }

    /// The field at `place` of the present record.
    #[inline]
    pub(super) fn field(&mut self, place: usize) -> &[u8] {
        let field = self.fields[place];
        let [start, end] = [field.start, field.end].map(|at| self.record + at as usize);
        let text = &self.buffer[start..end];
        if !field.doubled {
            return text;
        }
        self.single.clear();
        let mut rest = text;
        while let Some(at) = rest.iter().position(|&byte| byte == b'"') {
            self.single.extend_from_slice(&rest[..=at]);
            rest = &rest[at + 2..];
        }
        self.single.extend_from_slice(rest);
        guarded(&self.single).unwrap_or(&self.single)
    }

    /// The line on which the present record begins.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// Whether the last field of the present record is empty and not quoted.
    pub(super) fn ends_empty(&self) -> bool {
        let last = self.fields.last();
        last.is_some_and(|field| field.start == field.end && !field.quoted)
    }

    /// Whether all that is in the buffer is ASCII.
    pub(super) fn is_ascii(&self) -> bool {
        self.ascii
    }

    /// Whether the present record ends the file, and has no line end.
    pub(super) fn is_unended(&self) -> bool {
        self.unended
    }

    /// Passes over the line at which reading stopped.
    pub(super) fn pass_line(&mut self) -> bool {
        let rest = &self.buffer[self.start..self.end];
        let Some(at) = rest.iter().position(|&byte| byte == self.line_end) else {
            return false;
        };
        self.start += at + 1;
        self.next_line += 1;
        self.start < self.end
    }
}

/// The text between the quotes of `="…"`, where that is all of `field`.
fn guarded(field: &[u8]) -> Option<&[u8]> {
    let inside = field.strip_prefix(b"=\"")?.strip_suffix(b"\"")?;
    (!inside.contains(&b'"')).then_some(inside)
}

/// Splits the first record of `text` into `fields`: none for an empty line.
/// Nothing if the record does not end in `text`, and the text is not `whole`.
///
/// # Errors
///
/// The fault, and how many lines after the record's first it is on.
fn scan(
    text: &[u8],
    whole: bool,
    delimiter: u8,
    line_end: u8,
    class: &[u8; 256],
    fields: &mut Vec<FieldSpan>,
) -> Result<Option<FoundRecord>, (RecordFault, u64)> {
    fields.clear();
    let run = |mut at: usize, kind: u8| {
        while let Some(&byte) = text.get(at) {
            if class[usize::from(byte)] & kind != 0 {
                break;
            }
            at += 1;
        }
        at
    };
    let found = |length: usize, breaks: u64, unended: bool| {
        Ok(Some(FoundRecord {
            length,
            breaks,
            unended,
        }))
    };
    let mut breaks = 0;
    let mut at = 0;
    loop {
        let start = at;
        let first = text.get(start);
        let guard = first == Some(&b'=') && text.get(start + 1) == Some(&b'"');
        let (end, quoted) = if first == Some(&b'"') || guard {
            let opened = breaks;
            let from = start + 1 + usize::from(guard);
            let mut doubled = false;
            at = from;
            let closing = loop {
                at = run(at, BETWEEN);
                match text.get(at) {
                    None if whole => return Err((RecordFault::Open, opened)),
                    None => return Ok(None),
                    Some(0) => return Err((RecordFault::Nul, breaks)),
                    Some(b'"') => match text.get(at + 1) {
                        None if !whole => return Ok(None),
                        Some(b'"') => {
                            doubled = true;
                            at += 2;
                        }
                        _ => break at,
                    },
                    Some(_) => {
                        breaks += 1;
                        at += 1;
                    }
                }
            };
            at = closing + 1;
            let ends = match text.get(at) {
                None => true,
                Some(&byte) if byte == delimiter || byte == line_end => true,
                Some(b'\r') => match text.get(at + 1) {
                    None if !whole => return Ok(None),
                    next => next == Some(&b'\n'),
                },
                Some(_) => false,
            };
            if !ends {
                return Err(match breaks - opened {
                    0 => (RecordFault::TextAfterQuote, opened),
                    lines => (RecordFault::ClosedElsewhere(lines), opened),
                });
            }
            let inside = &text[from..closing];
            if guard
                && (doubled
                    || inside
                        .iter()
                        .any(|b| [delimiter, line_end, b'\r'].contains(b)))
            {
                return Err((RecordFault::QuoteInside, opened));
            }
            fields.push(FieldSpan {
                start: from as u32,
                end: closing as u32,
                quoted: true,
                doubled,
            });
            (at, true)
        } else {
            at = run(start, OUTSIDE);
            (at, false)
        };
        let byte = text.get(end).copied();
        if byte.is_none() && !whole {
            return Ok(None);
        }
        // An empty line is no record.
        let empty = !quoted && fields.is_empty() && end == start;
        let is_field = !empty || byte == Some(delimiter);
        if !quoted && is_field {
            fields.push(FieldSpan {
                start: start as u32,
                end: end as u32,
                quoted,
                doubled: false,
            });
        }
        at = end + 1;
        match byte {
            None => return found(end, breaks, !fields.is_empty()),
            Some(byte) if byte == delimiter => {}
            Some(byte) if byte == line_end => return found(at, breaks, false),
            Some(b'\r') => match text.get(at) {
                Some(b'\n') => return found(at + 1, breaks, false),
                None if !whole => return Ok(None),
                _ => return Err((RecordFault::LoneReturn, breaks)),
            },
            Some(b'\n') => return Err((RecordFault::LoneFeed, breaks)),
            Some(0) => return Err((RecordFault::Nul, breaks)),
            Some(_) => return Err((RecordFault::QuoteInside, breaks)),
        }
    }
}

/// Whether each line of `record`, which has several, could be a record of
/// `width` fields, if quotes meant nothing.
fn two_readings(record: &[u8], delimiter: u8, line_end: u8, width: Option<usize>) -> bool {
    let Some(width) = width.filter(|width| *width > 1) else {
        return false;
    };
    let record = record.strip_suffix(&[line_end]).unwrap_or(record);
    let mut lines = record.split(|&byte| byte == line_end);
    lines.all(|line| line.iter().filter(|&&byte| byte == delimiter).count() == width - 1)
}

/// The fields of the first record of `text`, which may go on after it; nothing
/// if they cannot be found.
pub(super) fn split_first(text: &[u8], delimiter: u8, line_end: u8) -> Option<Vec<Vec<u8>>> {
    let mut records = Records::new(Vec::new(), text, delimiter, line_end, 1);
    let read = records.advance(None).ok()?;
    let fields = (0..records.len()).map(|place| records.field(place).to_vec());
    read.then(|| fields.collect())
}
