//! Parquet files: row groups, of the asked fields or of all.
//!
//! A row group is the unit of reading: it can be decoded without the others.
//! What the footer claims about places, lengths and row counts is checked
//! against the file first, and the number of rows that came out against the
//! number that was claimed: a short answer would be a wrong one. Footer and page
//! headers are looked through before they are decoded, so that a file costs
//! no more than its size (`thrift`, `pages`).

mod dictionary;
mod pages;
mod thrift;

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::sync::Arc;

use ::parquet::arrow::ProjectionMask;
use ::parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use ::parquet::basic::Type as PhysicalType;
use arrow_array::RecordBatch;
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};

use super::{FileRequest, KnownBy, Opened, Opener, RegisterFormat, typed};
use crate::error::{Error, ErrorKind, Result};
use crate::rows::BATCH_ROWS;
use crate::rows::decode::guarded;

pub(super) static PARQUET: RegisterFormat = RegisterFormat {
    endings: &["parquet"],
    // An encrypted one is recognised, to be refused as such.
    known: KnownBy::Start(|start| start.starts_with(MAGIC) || start.starts_with(ENCRYPTED)),
    parts,
    columns: |file| Ok(typed(Parquet::open(&file.path)?.schema())),
};

/// The row groups, by the footer that is read now.
fn parts(file: &FileRequest) -> Result<Vec<Opener>> {
    let parquet = Parquet::open(&file.path)?;
    file.project(parquet.schema())?;
    let mut parts: Vec<Opener> = Vec::new();
    let mut first_row = 1;
    for (group, rows) in parquet.row_groups().into_iter().enumerate() {
        let parquet = parquet.clone();
        parts.push(Box::new(move |file| {
            let projection = file.project(parquet.schema())?;
            let batches = parquet.batches(&file.path, group, Some(projection.fields()))?;
            Ok(Opened {
                first_row,
                ..Opened::new(batches, projection)
            })
        }));
        first_row += rows;
    }
    Ok(parts)
}

/// The footer of a Parquet file, read and checked.
#[derive(Clone)]
struct Parquet {
    metadata: ArrowReaderMetadata,
}

impl Parquet {
    /// Reads the footer of the file at `path`.
    fn open(path: &Path) -> Result<Self> {
        Self::of(open(path)?, path)
    }

    fn of(mut file: File, path: &Path) -> Result<Self> {
        let unreadable = |error| Error::file(path, "read", &error);
        let length = file.metadata().map_err(unreadable)?.len();
        check_footer(&mut file, length, path)?;
        guarded(AssertUnwindSafe(|| {
            let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new());
            let metadata = in_universal_time(metadata.map_err(|_| damaged())?)?;
            check(&metadata, length)?;
            Ok(Self { metadata })
        }))
    }

    /// The file's schema.
    fn schema(&self) -> &SchemaRef {
        self.metadata.schema()
    }

    /// The number of rows in each row group.
    fn row_groups(&self) -> Vec<u64> {
        let groups = self.metadata.metadata().row_groups().iter();
        groups
            .map(|group| group.num_rows().unsigned_abs())
            .collect()
    }

    /// The batches of row group `group` of the file at `path`: their `fields` (ascending), or all.
    fn batches(
        &self,
        path: &Path,
        group: usize,
        fields: Option<&[usize]>,
    ) -> Result<impl Iterator<Item = Result<RecordBatch>> + Send + use<>> {
        self.batches_of(open(path)?, path, group, fields)
    }

    fn batches_of(
        &self,
        file: File,
        path: &Path,
        group: usize,
        fields: Option<&[usize]>,
    ) -> Result<impl Iterator<Item = Result<RecordBatch>> + Send + use<>> {
        let metadata = &self.metadata;
        let mask = match fields {
            Some(fields) => {
                ProjectionMask::roots(metadata.parquet_schema(), fields.iter().copied())
            }
            None => ProjectionMask::all(),
        };
        let mut left = self.row_groups().get(group).copied().ok_or_else(damaged)?;
        let metadata = self.in_proportion(&Arc::new(again(&file, path)?), path, group, &mask)?;
        let mut reader = guarded(AssertUnwindSafe(|| {
            let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata);
            let reader = reader.with_row_groups(vec![group]).with_projection(mask);
            reader
                .with_batch_size(BATCH_ROWS)
                .build()
                .map_err(|_| damaged())
        }))?;
        Ok(std::iter::from_fn(move || {
            let next = guarded(AssertUnwindSafe(|| {
                let Some(batch) = reader.next().transpose().map_err(|_| damaged())? else {
                    return if left == 0 { Ok(None) } else { Err(damaged()) };
                };
                left = left
                    .checked_sub(batch.num_rows() as u64)
                    .ok_or_else(damaged)?;
                Ok(Some(batch))
            }));
            next.transpose()
        }))
    }
}

impl Parquet {
    /// The metadata to read row group `group` by, once its headers are looked
    /// through. A column with a long text that many rows may share has it read
    /// where it lies, and not copied for each of them.
    fn in_proportion(
        &self,
        file: &Arc<File>,
        path: &Path,
        group: usize,
        mask: &ProjectionMask,
    ) -> Result<ArrowReaderMetadata> {
        let metadata = &self.metadata;
        let group = metadata.metadata().row_group(group);
        let rows = usize::try_from(group.num_rows()).map_err(|_| damaged())?;
        let mut fields: Vec<_> = metadata.schema().fields().iter().cloned().collect();
        let mut is_changed = false;
        for (leaf, chunk) in group.columns().iter().enumerate() {
            if !mask.leaf_included(leaf) {
                continue;
            }
            let (start, size) = chunk.byte_range();
            let checked = pages::check(&mut file.as_ref(), start..start + size);
            checked.map_err(|refused| match refused {
                pages::UndecodedPages::Damaged => damaged(),
                pages::UndecodedPages::Io(error) => Error::file(path, "read", &error),
            })?;
            let field = &mut fields[metadata.parquet_schema().get_column_root_idx(leaf)];
            let in_place = match field.data_type() {
                DataType::Utf8 | DataType::LargeUtf8 => DataType::Utf8View,
                DataType::Binary | DataType::LargeBinary => DataType::BinaryView,
                _ => continue,
            };
            let longest = guarded(AssertUnwindSafe(|| dictionary::longest(file, chunk, rows)))?;
            let longest = longest.unwrap_or(0);
            if longest > MOST_TEXT {
                let rule = format!("holds a text of more than {} KiB", MOST_TEXT >> 10);
                return Err(Error::new(ErrorKind::Rows, rule).in_column(field.name()));
            }
            if longest.saturating_mul(rows.min(BATCH_ROWS)) > MOST_COPIED {
                *field = Arc::new(Field::clone(field).with_data_type(in_place));
                is_changed = true;
            }
        }
        if !is_changed {
            return Ok(metadata.clone());
        }
        let schema = Schema::new(fields).with_metadata(metadata.schema().metadata().clone());
        let options = ArrowReaderOptions::new().with_schema(Arc::new(schema));
        ArrowReaderMetadata::try_new(Arc::clone(metadata.metadata()), options)
            .map_err(|_| damaged())
    }
}

/// Bytes of the longest text that a dictionary may have, and how many of a
/// column's texts are copied for one batch.
const MOST_TEXT: usize = 64 << 10;
const MOST_COPIED: usize = 256 << 20;

/// All record batches of the Parquet `file`, fully validated, and its schema;
/// `path` is where it was opened. Before a page is decoded, `check` sees the schema and how many
/// rows the footer claims.
///
/// # Errors
///
/// What `check` refuses, or the file cannot be read, or is damaged or cut short.
pub(crate) fn parquet_batches(
    open: &File,
    path: &Path,
    check: impl Fn(&Schema, u64) -> Result<()>,
) -> Result<(SchemaRef, Vec<RecordBatch>)> {
    let read = || {
        let file = Parquet::of(again(open, path)?, path)?;
        let rows = file
            .row_groups()
            .iter()
            .fold(0, |sum: u64, rows| sum.saturating_add(*rows));
        check(file.schema(), rows)?;
        let mut batches = Vec::new();
        for group in 0..file.row_groups().len() {
            for batch in file.batches_of(again(open, path)?, path, group, None)? {
                batches.push(batch?);
            }
        }
        Ok((SchemaRef::clone(file.schema()), batches))
    };
    read().map_err(|error: Error| error.in_file(path))
}

fn open(path: &Path) -> Result<File> {
    File::open(path).map_err(|error| Error::file(path, "read", &error))
}

/// The same file once more. The two have one place to read at, so one is read
/// when the other is not.
fn again(file: &File, path: &Path) -> Result<File> {
    let file = file.try_clone();
    file.map_err(|error| Error::file(path, "read", &error))
}

/// The last bytes of a file: the length of its footer, and the magic, which
/// is another where the footer is encrypted.
const TRAILER: u64 = 8;
const MAGIC: &[u8] = b"PAR1";
const ENCRYPTED: &[u8] = b"PARE";

/// Looks through the footer, before it is decoded.
fn check_footer(file: &mut File, length: u64, path: &Path) -> Result<()> {
    let unreadable = |error| Error::file(path, "read", &error);
    let mut read = |start: u64, length: u64| {
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(start)).map_err(unreadable)?;
        let mut part = Read::by_ref(file).take(length);
        part.read_to_end(&mut bytes).map_err(unreadable)?;
        Ok::<_, Error>(bytes)
    };
    let start = length.checked_sub(TRAILER).ok_or_else(damaged)?;
    let trailer = read(start, TRAILER)?;
    let (size, magic) = trailer.split_first_chunk().ok_or_else(damaged)?;
    if magic == ENCRYPTED {
        return Err(encrypted());
    }
    let size = u64::from(u32::from_le_bytes(*size));
    if magic != MAGIC || size > start {
        return Err(damaged());
    }
    let footer = thrift::footer(&read(start - size, size)?);
    match footer.map_err(|_| damaged())? {
        thrift::Footer::Plain => Ok(()),
        thrift::Footer::ColumnsEncrypted => Err(encrypted()),
    }
}

/// Has points in time of 96 bits (`INT96`) read as universal time, in which
/// most are written, unless the file states a zone: so no day is read from them
/// before somebody says where. Seconds in 64 bits hold all of them.
fn in_universal_time(metadata: ArrowReaderMetadata) -> Result<ArrowReaderMetadata> {
    let roots = metadata.parquet_schema().root_schema().get_fields();
    let is_int96 = |at: usize| {
        let root = roots.get(at).filter(|root| root.is_primitive());
        root.is_some_and(|root| root.get_physical_type() == PhysicalType::INT96)
    };
    let schema = metadata.schema();
    if !(0..schema.fields().len()).any(is_int96) {
        return Ok(metadata);
    }
    let fields = schema.fields().iter().enumerate().map(|(at, field)| {
        let DataType::Timestamp(_, zone) = field.data_type() else {
            return Arc::clone(field);
        };
        if !is_int96(at) {
            return Arc::clone(field);
        }
        let zone = zone.clone().unwrap_or_else(|| "UTC".into());
        let seconds = DataType::Timestamp(TimeUnit::Second, Some(zone));
        Arc::new(Field::clone(field).with_data_type(seconds))
    });
    let fields: Vec<_> = fields.collect();
    let schema = Arc::new(Schema::new(fields).with_metadata(schema.metadata().clone()));
    let options = ArrowReaderOptions::new().with_schema(schema);
    ArrowReaderMetadata::try_new(Arc::clone(metadata.metadata()), options).map_err(|_| damaged())
}

/// Refuses a footer that contradicts itself or the file's `length`, before
/// the decoder allocates what it claims.
fn check(metadata: &ArrowReaderMetadata, length: u64) -> Result<()> {
    let metadata = metadata.metadata();
    let mut rows: i64 = 0;
    for group in metadata.row_groups() {
        if group.num_rows() < 0 {
            return Err(damaged());
        }
        rows = rows.checked_add(group.num_rows()).ok_or_else(damaged)?;
        for column in group.columns() {
            let (start, size) = column.byte_range();
            if start.checked_add(size).is_none_or(|end| end > length) {
                return Err(damaged());
            }
        }
    }
    // The decoder sizes its batches by the file's total.
    if rows != metadata.file_metadata().num_rows() {
        return Err(damaged());
    }
    Ok(())
}

fn encrypted() -> Error {
    let rule = "is encrypted, which is not read";
    Error::new(ErrorKind::Rows, rule).help("decrypt it where it was written")
}

fn damaged() -> Error {
    let rule = "cannot be read as Parquet: it is damaged or cut short";
    Error::new(ErrorKind::Rows, rule)
}
