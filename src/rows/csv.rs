//! CSV (RFC 4180) with a header: the asked fields of each record, as text.
//!
//! A field becomes text just as it stands, an empty one the empty string; what
//! counts as missing is for the plan to say. Lines that are wholly empty are
//! no records, and are not counted. The dialect is fixed (quotes are `"`,
//! doubled inside a field) but for the delimiter, so that one file has one
//! reading.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use ::csv::{ByteRecord, Reader, ReaderBuilder};
use arrow_array::builder::StringBuilder;
use arrow_array::{ArrayRef, RecordBatch};

use super::part::BATCH_ROWS;
use crate::error::{Error, ErrorKind, Result};

/// Bytes of one record at most. Beyond them a quote was left open, and the
/// rest of the file would be gathered in memory as one field.
const RECORD_BYTES: u64 = 1 << 26;

/// Bytes of text after which a batch is closed early; an Arrow `Utf8` array holds at most 2³¹.
const BATCH_BYTES: usize = 1 << 26;

/// Bytes at the file's start that are looked at to tell the delimiter.
const START_BYTES: u64 = 1 << 16;

/// Put after the file's last byte; see [`Ended`].
const END: &[u8] = b"\nx";

const UTF8_HELP: &str = "convert it, for example with iconv -f latin1 -t utf8";

/// A CSV file whose header has been read.
pub(super) struct Csv {
    path: Arc<Path>,
    reader: Reader<Ended>,
    record: ByteRecord,
    names: Vec<String>,
    /// Records read after the header.
    rows: u64,
}

impl Csv {
    /// Opens the file at `path` and reads its header. Without a `delimiter` it
    /// is a comma, or a semicolon where the header has semicolons and no comma.
    pub(super) fn open(path: &Arc<Path>, delimiter: Option<u8>) -> Result<Self> {
        let unreadable = |error| Error::file(path, "read", &error);
        let mut file = File::open(path).map_err(unreadable)?;
        let mut start = Vec::new();
        let head = file.by_ref().take(START_BYTES).read_to_end(&mut start);
        head.map_err(unreadable)?;
        if start.starts_with(b"\xff\xfe") || start.starts_with(b"\xfe\xff") {
            return Err(
                refuse("is UTF-16, not UTF-8").help("convert it with iconv -f utf16 -t utf8")
            );
        }
        let mark = if start.starts_with(b"\xef\xbb\xbf") {
            3
        } else {
            0
        };
        file.seek(SeekFrom::Start(mark)).map_err(unreadable)?;
        let reader = ReaderBuilder::new()
            .delimiter(delimiter.unwrap_or_else(|| guess_delimiter(&start)))
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(1 << 16)
            .from_reader(Ended::new(file));
        let mut csv = Self {
            path: Arc::clone(path),
            reader,
            record: ByteRecord::new(),
            names: Vec::new(),
            rows: 0,
        };
        if !csv.advance()? {
            return Err(refuse("is empty: not even a header"));
        }
        for name in &csv.record {
            let name = str::from_utf8(name)
                .map_err(|_| refuse("its header is not UTF-8").help(UTF8_HELP))?;
            csv.names.push(name.to_owned());
        }
        Ok(csv)
    }

    /// The names in the header.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// The records that follow, as batches of `fields`.
    pub(super) fn batches(
        mut self,
        fields: Vec<usize>,
    ) -> impl Iterator<Item = Result<RecordBatch>> + Send {
        std::iter::from_fn(move || self.batch(&fields).transpose())
    }

    fn batch(&mut self, fields: &[usize]) -> Result<Option<RecordBatch>> {
        let mut columns: Vec<StringBuilder> = fields.iter().map(|_| StringBuilder::new()).collect();
        let (mut rows, mut bytes) = (0, 0);
        while rows < BATCH_ROWS && bytes < BATCH_BYTES {
            if !self
                .advance()
                .map_err(|error| error.at_row(self.rows + 1))?
            {
                break;
            }
            self.rows += 1;
            if self.record.len() != self.names.len() {
                let (has, header) = (self.record.len(), self.names.len());
                let rule = format!("has {}, the header has {header}", fields_word(has));
                return Err(refuse(rule).at_row(self.rows));
            }
            for (column, &field) in columns.iter_mut().zip(fields) {
                let text = str::from_utf8(&self.record[field]).map_err(|_| {
                    let error = refuse("is not UTF-8").help(UTF8_HELP);
                    error.in_column(&self.names[field]).at_row(self.rows)
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

    /// Reads the next record; false at the end of the file.
    fn advance(&mut self) -> Result<bool> {
        let read = self.reader.read_byte_record(&mut self.record);
        let taken = self.reader.position().byte();
        let source = self.reader.get_mut();
        let too_long = source.allowance == 0;
        source.allowance = RECORD_BYTES;
        let at_end = source.length.is_some_and(|length| taken > length + 1);
        match read {
            Ok(true) if !at_end => Ok(true),
            Ok(true) if self.record.len() == 1 && &self.record[0] == b"x" => Ok(false),
            Ok(true) => Err(refuse(
                "a quoted field is not closed before the end of the file",
            )),
            Ok(false) => Ok(false),
            Err(_) if too_long => Err(refuse("is longer than 64 MiB: a quote may be left open")),
            Err(error) => Err(match error.into_kind() {
                ::csv::ErrorKind::Io(error) => Error::file(&self.path, "read", &error),
                _ => refuse("cannot be read as CSV"),
            }),
        }
    }
}

fn refuse(rule: impl Into<String>) -> Error {
    Error::new(ErrorKind::Rows, rule)
}

fn fields_word(count: usize) -> String {
    match count {
        1 => "1 field".to_owned(),
        _ => format!("{count} fields"),
    }
}

/// A semicolon if the first line holds one, and no comma, outside quotes; else a comma.
fn guess_delimiter(start: &[u8]) -> u8 {
    let (mut quoted, mut semicolon) = (false, false);
    for byte in start {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            b',' if !quoted => return b',',
            b';' if !quoted => semicolon = true,
            _ => {}
        }
    }
    if semicolon { b';' } else { b',' }
}

/// A file with one more record, [`END`], after its end.
///
/// The `csv` crate closes an open quote at the end of a file without a word,
/// and all rows after a stray quote would vanish into one field. With a known
/// record put last the two cases differ: it comes out as it is, or as the tail
/// of the field that swallowed it. Its line break ends a last line that has
/// none, and is an empty line, no record, after one that has.
struct Ended {
    file: File,
    /// Bytes read from the file so far.
    read: u64,
    /// The file's length in bytes, once its end is reached.
    length: Option<u64>,
    /// Bytes of [`END`] handed out.
    ended: usize,
    /// Bytes that may still be read before a record must have ended.
    allowance: u64,
}

impl Ended {
    fn new(file: File) -> Self {
        Self {
            file,
            read: 0,
            length: None,
            ended: 0,
            allowance: RECORD_BYTES,
        }
    }
}

impl Read for Ended {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.length.is_none() {
            if self.allowance == 0 {
                return Err(io::ErrorKind::InvalidData.into());
            }
            let count = self.file.read(buffer)?;
            self.read += count as u64;
            self.allowance = self.allowance.saturating_sub(count as u64);
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            self.length = Some(self.read);
        }
        let mut rest = &END[self.ended..];
        let count = rest.read(buffer)?;
        self.ended += count;
        Ok(count)
    }
}
