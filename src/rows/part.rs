//! Parts of a register's files, which can be read side by side.
//!
//! A part is as small as its format allows without reading twice: a row group
//! of a Parquet file, a whole CSV or Arrow IPC file, a sheet. All files are opened and
//! all columns found before the first row is read, so that a missing column in
//! the last file is reported in seconds and not after hours.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arrow_array::RecordBatch;

use super::BATCH_ROWS;
use super::folder;
use super::format::{BatchReader, FileRequest, Opener};
use super::header::Projection;
use super::readings::Readings;
use super::sheet::{SheetErrors, SheetRows, SheetSlice};
use super::stamp::Stamp;
use super::written::NumberNotation;
use crate::error::{Error, Result};
use crate::plan::format::FileFormat;

/// Rows of one file that can be read independently of other parts: a CSV
/// file, a row group of a Parquet file, an Arrow IPC file, a sheet of a workbook.
pub(crate) struct FilePart {
    file: FileRequest,
    /// What the file system said of the file when it was found.
    stamp: Stamp,
    opener: Opener,
}

/// Some rows of one file: only the asked columns, in the order asked for.
pub(crate) struct RawBatch {
    /// The rows. A column is nullable, and has the type that it has in the
    /// file; in CSV, and where a folder's name gives it, `Utf8`.
    pub(crate) batch: RecordBatch,
    /// The file they are in.
    pub(crate) file: Arc<Path>,
    /// The number of the first of them in the file, whose rows of data count from 1.
    pub(crate) first_row: u64,
    /// What the plan says of the register's files.
    pub(crate) declared: Arc<FileFormat>,
    /// Whether the last of them has no line end, and was taken as it is.
    pub(crate) unended: bool,
    /// The delimiter between the fields of their file, where it is delimited text.
    pub(super) delimiter: Option<u8>,
    /// Where they are in a sheet, if they are of one.
    pub(super) sheet: Option<SheetSlice>,
    pub(super) readings: Readings,
}

impl RawBatch {
    /// What to call the row `row`, which counts from 0 here: its number among the
    /// rows of data of its file, or its number in a sheet.
    pub(crate) fn row_number(&self, row: usize) -> u64 {
        let in_sheet = self.sheet.as_ref().and_then(|sheet| sheet.number(row));
        in_sheet.unwrap_or(self.first_row + row as u64)
    }

    /// The cells of the column `name` that are errors of a spreadsheet, if it has such.
    pub(crate) fn errors(&self, name: &str) -> Option<SheetErrors> {
        self.sheet.as_ref()?.errors(name)
    }

    /// What is known of numbers that are written as text.
    pub(crate) fn written(&self) -> NumberNotation {
        NumberNotation::new(&self.declared, self.delimiter, &self.readings)
    }
}

/// The parts of the files at `paths`, each yielding only `columns`, in that order.
///
/// A path is a file or a folder. Parts come in a fixed order: paths as given,
/// files below a folder sorted by the bytes of their paths, row groups as they
/// are in them. Below a folder, one called `name=value` gives a text column to the
/// files in it. `declared` is what the plan says of the files; `readings` records
/// how they are read.
///
/// # Errors
///
/// A path or file cannot be read, is of no format that is read, or is reached
/// twice; or a file lacks a column, has it twice, or has it in a type of which
/// no declared column can be made.
pub(crate) fn parts(
    paths: &[PathBuf],
    columns: &[String],
    declared: &Arc<FileFormat>,
    readings: &Readings,
) -> Result<Vec<FilePart>> {
    let columns: Arc<[String]> = Arc::from(columns);
    let mut parts = Vec::new();
    for found in folder::find(paths)? {
        let file = found.asked(&columns, declared, readings);
        let of_it = || {
            let stamp = Stamp::of(&file.path)?;
            let openers = (found.format.parts)(&file)?.into_iter();
            let part = |opener| FilePart {
                file: file.clone(),
                stamp,
                opener,
            };
            Ok(openers.map(part).collect::<Vec<_>>())
        };
        parts.extend(of_it().map_err(|error: Error| error.in_file(&found.path))?);
    }
    Ok(parts)
}

impl FilePart {
    /// Asks for no others than `columns`, which were asked for before.
    pub(super) fn ask_only(&mut self, columns: &Arc<[String]>) {
        self.file.columns = Arc::clone(columns);
    }

    /// The rows, in batches of at most [`BATCH_ROWS`]; after an error, none.
    ///
    /// The file is opened again, and its columns found again, but for a Parquet
    /// file, whose footer is the one that was read first. At the end it is the
    /// same file that [`parts`] looked at, or refused.
    ///
    /// # Errors
    ///
    /// Each batch: the file cannot be read, or is damaged or cut short, or was
    /// changed since [`parts`] looked at it; in text, a record is none by RFC
    /// 4180, or has not as many fields as the header, or an asked field is not
    /// of the file's encoding.
    pub(crate) fn read(self) -> impl Iterator<Item = Result<RawBatch>> + Send {
        let (batches, refused) = match self.open() {
            Ok(batches) => (Some(batches), None),
            Err(error) => (None, Some(Err(self.changed_or(error)))),
        };
        batches.into_iter().flatten().chain(refused)
    }

    /// That the file was changed, or `error` if it was not.
    fn changed_or(&self, error: Error) -> Error {
        let path = &self.file.path;
        self.stamp.check(path).err().unwrap_or(error).in_file(path)
    }

    fn open(&self) -> Result<Batches> {
        let opened = (self.opener)(&self.file)?;
        Ok(Batches {
            reader: Some(opened.batches),
            projection: opened.projection,
            file: Arc::clone(&self.file.path),
            stamp: self.stamp,
            declared: Arc::clone(&self.file.declared),
            next_row: opened.first_row,
            unended: opened.unended,
            delimiter: opened.delimiter,
            sheet: opened.sheet,
            readings: self.file.readings.clone(),
            rest: None,
        })
    }
}

/// The batches of a part: cut to size, numbered, and given the asked form.
struct Batches {
    /// `None` after an error, or at the end.
    reader: Option<BatchReader>,
    projection: Projection,
    file: Arc<Path>,
    stamp: Stamp,
    declared: Arc<FileFormat>,
    next_row: u64,
    /// Set by the reader of text, where a row that it gives has no line end.
    unended: Arc<AtomicBool>,
    delimiter: Option<u8>,
    sheet: Option<Arc<SheetRows>>,
    readings: Readings,
    /// What is left of a batch that was too long.
    rest: Option<RecordBatch>,
}

impl Batches {
    fn read(&mut self) -> Result<Option<RecordBatch>> {
        loop {
            let batch = match self.rest.take() {
                Some(rest) => rest,
                None => match self.reader.as_mut().and_then(Iterator::next).transpose()? {
                    Some(batch) => batch,
                    None => return Ok(None),
                },
            };
            let rows = batch.num_rows();
            if rows > BATCH_ROWS {
                self.rest = Some(batch.slice(BATCH_ROWS, rows - BATCH_ROWS));
            }
            if rows > 0 {
                let batch = batch.slice(0, rows.min(BATCH_ROWS));
                return self.projection.apply(&batch).map(Some);
            }
        }
    }
}

impl Iterator for Batches {
    type Item = Result<RawBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.read() {
            Ok(Some(batch)) => {
                let first_row = self.next_row;
                self.next_row = first_row.saturating_add(batch.num_rows() as u64);
                let file = Arc::clone(&self.file);
                Some(Ok(RawBatch {
                    batch,
                    file,
                    first_row,
                    declared: Arc::clone(&self.declared),
                    unended: self.unended.swap(false, Ordering::Relaxed),
                    delimiter: self.delimiter,
                    sheet: self.sheet.as_ref().map(|rows| SheetSlice {
                        rows: Arc::clone(rows),
                        start: (first_row - 1) as usize,
                    }),
                    readings: self.readings.clone(),
                }))
            }
            Ok(None) => {
                // The last byte was read; the file is asked once, as it is closed.
                drop(self.reader.take()?);
                let changed = self.stamp.check(&self.file).err()?;
                Some(Err(changed.in_file(&self.file)))
            }
            Err(error) => {
                self.reader = None;
                self.rest = None;
                // What is wrong with a file in the middle of a change is that.
                let error = self.stamp.check(&self.file).err().unwrap_or(error);
                Some(Err(error.in_file(&self.file)))
            }
        }
    }
}
