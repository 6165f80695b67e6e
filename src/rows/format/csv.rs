//! Delimited text with a header: the asked fields of each record, as text.
//!
//! A field becomes text just as it is written, an empty one the empty string; what
//! counts as missing is for the plan to say. Lines that are wholly empty are
//! no records, and are not counted. Records are split [strictly](records), so
//! that one file has one reading; how the file is written is pinned by the
//! plan, or [recognised](dialect) from its first lines.

mod dialect;
mod encoding;
mod fault;
mod records;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arrow_array::builder::StringBuilder;
use arrow_array::{ArrayRef, RecordBatch};
use flate2::read::MultiGzDecoder;

use super::{FileColumns, FileRequest, KnownBy, Opened, Opener, Packed, RegisterFormat};
use crate::error::{Error, ErrorKind, Result};
use crate::plan::document::{Encoding, LastLine};
use crate::plan::format::FileFormat;
use crate::rows::BATCH_ROWS;
use crate::rows::header::{self, Projection};
use crate::rows::readings::Readings;
use dialect::Dialect;
use encoding::{TextDecoder, Unreadable};
use fault::{QUOTE_HELP, at_fault};
use records::{Records, Stop};

/// Bytes of text after which a batch is closed early; an Arrow `Utf8` array holds at most 2³¹.
const BATCH_BYTES: usize = 1 << 26;

/// Bytes at the file's start that are looked at to recognise how it is written.
const START_BYTES: u64 = 1 << 20;

/// Further rows that are looked through for faults like the first, and how many are named.
const LOOKED_THROUGH: usize = 100_000;
const NAMED: usize = 3;

const UTF16_HELP: &str = "convert it with iconv -f utf-16 -t utf-8";
const ENCODING_HELP: &str = "name it in the source's format = { encoding = \"windows-1252\" }, \
                             \"latin-1\" or \"utf-8\", or convert the file with iconv";
const LAST_LINE_HELP: &str = "if the file is whole, end it with a line break (echo >> FILE), or write \
                              format = { last_line = \"as-it-is\" } under the source in the plan: \
                              then its extract and the release say so";

pub(super) static CSV: RegisterFormat = RegisterFormat {
    endings: &["csv"],
    known: KnownBy::Text,
    parts: |file| parts(file, false),
    columns: |file| columns(file, false),
};

/// Tabs are expected between fields.
pub(super) static TSV: RegisterFormat = RegisterFormat {
    endings: &["tsv"],
    known: KnownBy::Text,
    parts: |file| parts(file, true),
    columns: |file| columns(file, true),
};

/// The whole file.
fn parts(file: &FileRequest, tabs: bool) -> Result<Vec<Opener>> {
    open(file, tabs)?;
    Ok(vec![Box::new(move |file| open(file, tabs))])
}

fn open(file: &FileRequest, tabs: bool) -> Result<Opened> {
    let given = |name: &&str| file.partitions.iter().any(|p| p.name == **name);
    let names = file.columns.iter().map(String::as_str);
    let names: Vec<&str> = names.filter(|name| !given(name)).collect();
    let mut csv = Csv::open(&file.path, &file.declared, tabs, file.packed, &names)?;
    let projection = Projection::new(&file.columns, csv.names(), &file.partitions);
    let projection = projection.map_err(|error| csv.lacking(error, &names))?;
    let (delimiter, unended) = (csv.delimiter(), Arc::new(AtomicBool::new(false)));
    let fields = projection.fields().to_vec();
    let batches = csv.batches(fields, file.readings.clone(), Arc::clone(&unended));
    Ok(Opened {
        unended,
        delimiter: Some(delimiter),
        ..Opened::new(batches, projection)
    })
}

/// What the header names, without types.
fn columns(file: &FileRequest, tabs: bool) -> Result<FileColumns> {
    let csv = Csv::open(&file.path, &file.declared, tabs, file.packed, &[])?;
    header::check_shown(csv.names())?;
    Ok(csv
        .names()
        .iter()
        .map(|name| (name.clone(), None))
        .collect())
}

/// A file of delimited text whose header has been read.
struct Csv {
    path: Arc<Path>,
    records: Records<Box<dyn Read + Send>>,
    decoder: TextDecoder,
    dialect: Dialect,
    names: Vec<String>,
    /// How many fields a record has, once there was one.
    width: Option<usize>,
    packed: Option<Packed>,
    last_line: LastLine,
    unended: bool,
    /// Records read after the header.
    rows: u64,
}

impl Csv {
    /// Opens the file at `path` and reads its header: where `format` does not
    /// pin how it is written, by the columns `asked` for. `tabs` are expected
    /// first. It may be `packed`.
    fn open(
        path: &Arc<Path>,
        format: &FileFormat,
        tabs: bool,
        packed: Option<Packed>,
        asked: &[&str],
    ) -> Result<Self> {
        let unreadable = |error| Error::file(path, "read", &error);
        let mut file = File::open(path).map_err(unreadable)?;
        let last = match packed {
            None => last_byte(&mut file).map_err(unreadable)?,
            Some(_) => None,
        };
        let mut source: Box<dyn Read + Send> = match packed {
            None => Box::new(file),
            // A file may be several that were packed one by one.
            Some(Packed::Gzip) => Box::new(MultiGzDecoder::new(file)),
            Some(Packed::Zstd) => Box::new(zstd::Decoder::new(file).map_err(unreadable)?),
        };
        let mut start = Vec::new();
        let head = source.by_ref().take(START_BYTES).read_to_end(&mut start);
        head.map_err(|error| unread(path, packed, &error))?;
        if start.starts_with(b"\xff\xfe") || start.starts_with(b"\xfe\xff") {
            return Err(refuse("is UTF-16, not UTF-8").help(UTF16_HELP));
        }
        let mut encoding = format.encoding;
        if start.starts_with(b"\xef\xbb\xbf") {
            if encoding.is_some_and(|encoding| encoding != Encoding::Utf8) {
                let rule = "begins with the mark of UTF-8, and the plan names another encoding";
                return Err(refuse(rule).help("mend `encoding` of the source's `format`"));
            }
            encoding = Some(Encoding::Utf8);
            start.drain(..3);
        }
        let dialect = Dialect::of(&start, format, tabs, asked)?;
        start.drain(..dialect.header);
        let (delimiter, line_end) = (dialect.delimiter, dialect.line_end);
        let mut csv = Self {
            path: Arc::clone(path),
            records: Records::new(start, source, delimiter, line_end, dialect.line),
            decoder: TextDecoder::new(encoding),
            dialect,
            names: Vec::new(),
            width: None,
            packed,
            last_line: format.last_line,
            unended: false,
            rows: 0,
        };
        let read = csv.advance(None);
        if !read.map_err(|error| csv.with_elsewhere(error))? {
            return Err(refuse("is empty: not even a header"));
        }
        for place in 0..csv.records.len() {
            let name = csv.decoder.decode(csv.records.field(place), false);
            // What cannot be read is no name that is asked for.
            csv.names.push(name.unwrap_or("\u{fffd}").to_owned());
        }
        // Reported at once, where it can be, and not after hours.
        if last.is_some_and(|last| last != line_end) && format.last_line == LastLine::Whole {
            return Err(cut());
        }
        Ok(csv)
    }

    /// The names in the header.
    fn names(&self) -> &[String] {
        &self.names
    }

    /// The delimiter between fields.
    fn delimiter(&self) -> u8 {
        self.dialect.delimiter
    }

    /// `error`, if it says that the header lacks a column, with what the header has.
    fn lacking(&mut self, error: Error, asked: &[&str]) -> Error {
        if error.rule() != header::NO_COLUMN {
            return error;
        }
        if self.dialect.elsewhere.is_some() {
            return self.with_elsewhere(error);
        }
        // A header is known by a column that was looked for, and by nothing else: a
        // person's name looks like one too.
        let found = self.names.iter().any(|name| asked.contains(&name.as_str()));
        let are_names = found && header::look_like_names(&self.names);
        let between = dialect::words(self.delimiter());
        header::lacking(error, &self.names, Some(&between), are_names)
    }

    /// `error` of a header, with the line that has the names instead.
    fn with_elsewhere(&self, error: Error) -> Error {
        match self.dialect.elsewhere {
            None => error,
            Some(line) => error.help(format!(
                "line {line} has all columns: write format = {{ header_row = {line} }} \
                 under the source in the plan"
            )),
        }
    }

    /// The records that follow, as batches of `fields`. At the file's end,
    /// `readings` record how it was read; `unended` is set with the batch
    /// whose last record has no line end.
    fn batches(
        mut self,
        fields: Vec<usize>,
        readings: Readings,
        unended: Arc<AtomicBool>,
    ) -> impl Iterator<Item = Result<RecordBatch>> + Send {
        std::iter::from_fn(move || {
            let batch = self.batch(&fields).transpose();
            unended.store(self.unended, Ordering::Relaxed);
            if batch.is_none() {
                readings.file(self.words());
            }
            batch
        })
    }

    fn batch(&mut self, fields: &[usize]) -> Result<Option<RecordBatch>> {
        let mut columns: Vec<StringBuilder> = fields.iter().map(|_| StringBuilder::new()).collect();
        let (mut rows, mut bytes) = (0, 0);
        while rows < BATCH_ROWS && bytes < BATCH_BYTES {
            let width = self.width.unwrap_or(self.names.len());
            if !self.advance(Some(width))? {
                break;
            }
            self.rows += 1;
            if self.width != Some(self.records.len()) || self.width != Some(self.names.len()) {
                self.check_width()?;
            }
            let ascii = self.records.is_ascii();
            for (column, &field) in columns.iter_mut().zip(fields) {
                let text = self.decoder.decode(self.records.field(field), ascii);
                let text = text.map_err(|unreadable| {
                    let error = not_text(unreadable).in_column(&self.names[field]);
                    error.at_row(self.rows)
                })?;
                column.append_value(text);
                bytes += text.len();
            }
            rows += 1;
        }
        if rows == 0 {
            return Ok(None);
        }
        let columns = columns.iter_mut().zip(fields).map(|(column, &field)| {
            let column: ArrayRef = Arc::new(column.finish());
            (&self.names[field], column)
        });
        let batch = RecordBatch::try_from_iter(columns);
        Ok(Some(batch.map_err(|_| refuse("cannot be read as CSV"))?))
    }

    /// Refuses a record that has not as many fields as the first. That one has
    /// as many as the header; or one more or less, where what is too much is a
    /// delimiter behind the last field, in all records or none.
    #[cold]
    fn check_width(&mut self) -> Result<()> {
        let (has, header) = (self.records.len(), self.names.len());
        let ends_empty = self.records.ends_empty();
        let first = match self.names.last() {
            _ if has == header + 1 && ends_empty => has,
            Some(last) if has + 1 == header && last.is_empty() => has,
            _ => header,
        };
        let width = *self.width.get_or_insert(first);
        if has == width && (width <= header || ends_empty) {
            return Ok(());
        }
        let has = match has {
            1 => "1 field".to_owned(),
            has => format!("{has} fields"),
        };
        let line = self.records.line();
        let rule = if self.records.len() == width {
            "has text where the rows before have a delimiter behind the last field".to_owned()
        } else if width == header {
            format!("has {has}, the header has {header}")
        } else {
            format!("has {has}, the rows before have {width}")
        };
        let rule = format!("{rule} (line {line})");
        Err(refuse(rule).at_row(self.rows).help(QUOTE_HELP))
    }

    /// Reads the next record, of `width` fields if that is known; false at the
    /// end of the file.
    fn advance(&mut self, width: Option<usize>) -> Result<bool> {
        match self.records.advance(width) {
            Ok(read) => {
                if read && self.records.is_unended() {
                    if self.last_line == LastLine::Whole {
                        return Err(cut());
                    }
                    self.unended = true;
                }
                Ok(read)
            }
            Err(Stop::Io(error)) => Err(unread(&self.path, self.packed, &error)),
            Err(Stop::Fault(fault, line)) => {
                let more = match width {
                    Some(_) => self.more_faults(width),
                    None => Vec::new(),
                };
                let error = at_fault(fault, line, &more);
                Err(match width {
                    Some(_) => error.at_row(self.rows + 1),
                    None => error,
                })
            }
        }
    }

    /// Rows after the one at fault that are at fault too, and on which lines:
    /// whoever mends one wants to know of the others.
    #[cold]
    fn more_faults(&mut self, width: Option<usize>) -> Vec<(u64, u64)> {
        let mut more = Vec::new();
        let mut row = self.rows + 1;
        let mut at_fault = true;
        for _ in 0..LOOKED_THROUGH {
            if more.len() == NAMED || (at_fault && !self.records.pass_line()) {
                break;
            }
            row += 1;
            at_fault = match self.records.advance(width) {
                Ok(true) => false,
                Ok(false) | Err(Stop::Io(_)) => break,
                Err(Stop::Fault(_, line)) => {
                    more.push((row, line));
                    true
                }
            };
        }
        more
    }

    /// How the file was read.
    fn words(&self) -> String {
        let mut words = vec![format!(
            "fields separated by {}",
            dialect::words(self.dialect.delimiter)
        )];
        match self.decoder.encoding() {
            None => {}
            Some(Encoding::Utf8) => words.push("UTF-8".to_owned()),
            Some(Encoding::Windows1252) => words.push("Windows-1252".to_owned()),
            Some(Encoding::Latin1) => words.push("Latin-1".to_owned()),
        }
        match self.packed {
            None => {}
            Some(Packed::Gzip) => words.push("unpacked from gzip".to_owned()),
            Some(Packed::Zstd) => words.push("unpacked from zstd".to_owned()),
        }
        if self.dialect.line > 1 {
            words.push(format!("names of columns in line {}", self.dialect.line));
        }
        if self.dialect.line_end == b'\r' {
            words.push("lines that end in a carriage return".to_owned());
        }
        if self.width.is_some_and(|width| width > self.names.len()) {
            words.push("a delimiter behind the last field".to_owned());
        }
        if self.unended {
            words.push("a last line without a line end, taken as it is".to_owned());
        }
        words.join(", ")
    }
}

fn last_byte(file: &mut File) -> std::io::Result<Option<u8>> {
    if file.metadata()?.len() == 0 {
        return Ok(None);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    file.rewind()?;
    Ok(Some(last[0]))
}

/// The error of a file that could not be read on, or unpacked.
fn unread(path: &Path, packed: Option<Packed>, error: &std::io::Error) -> Error {
    match (packed, error.raw_os_error()) {
        (Some(_), None) => refuse("cannot be unpacked: it is damaged or cut short"),
        _ => Error::file(path, "read", error),
    }
}

fn refuse(rule: impl Into<String>) -> Error {
    Error::new(ErrorKind::Rows, rule)
}

fn cut() -> Error {
    refuse("its last line has no line end: the file may have been cut short").help(LAST_LINE_HELP)
}

fn not_text(unreadable: Unreadable) -> Error {
    match unreadable {
        Unreadable::Not(Encoding::Utf8) => refuse("is not UTF-8").help(ENCODING_HELP),
        Unreadable::Not(_) => refuse("is not Windows-1252").help(ENCODING_HELP),
        Unreadable::Unknown => {
            refuse("is neither UTF-8 nor letters of Windows-1252").help(ENCODING_HELP)
        }
        Unreadable::Mixed => {
            refuse("is of another encoding than the rows before").help(ENCODING_HELP)
        }
    }
}
