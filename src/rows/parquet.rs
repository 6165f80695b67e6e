//! Parquet files: row groups, of the asked fields or of all.
//!
//! A row group is the unit of reading: it can be decoded without the others.
//! What the footer claims about places, lengths and row counts is checked
//! against the file first, and the number of rows that came out against the
//! number that was claimed: a short answer would be a wrong one.

use std::fs::File;
use std::panic::AssertUnwindSafe;
use std::path::Path;

use ::parquet::arrow::ProjectionMask;
use ::parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

use super::decode::guarded;
use super::part::BATCH_ROWS;
use crate::error::{Error, ErrorKind, Result};

/// The footer of a Parquet file, read and checked.
#[derive(Clone)]
pub(super) struct Parquet {
    metadata: ArrowReaderMetadata,
}

impl Parquet {
    /// Reads the footer of the file at `path`.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = open(path)?;
        guarded(AssertUnwindSafe(|| {
            let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new());
            let metadata = metadata.map_err(|_| damaged())?;
            let length = file
                .metadata()
                .map_err(|error| Error::file(path, "read", &error))?
                .len();
            check(&metadata, length)?;
            Ok(Self { metadata })
        }))
    }

    /// The file's schema.
    pub(super) fn schema(&self) -> &SchemaRef {
        self.metadata.schema()
    }

    /// The number of rows in each row group.
    pub(super) fn row_groups(&self) -> Vec<u64> {
        let groups = self.metadata.metadata().row_groups().iter();
        groups
            .map(|group| group.num_rows().unsigned_abs())
            .collect()
    }

    /// The batches of row group `group` of the file at `path`: their `fields` (ascending), or all.
    pub(super) fn batches(
        &self,
        path: &Path,
        group: usize,
        fields: Option<&[usize]>,
    ) -> Result<impl Iterator<Item = Result<RecordBatch>> + Send + use<>> {
        let file = open(path)?;
        let metadata = self.metadata.clone();
        let mask = match fields {
            Some(fields) => {
                ProjectionMask::roots(metadata.parquet_schema(), fields.iter().copied())
            }
            None => ProjectionMask::all(),
        };
        let mut left = self.row_groups().get(group).copied().ok_or_else(damaged)?;
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

/// All record batches of the Parquet file at `path`, fully validated, and its schema.
///
/// # Errors
///
/// The file cannot be opened, or is damaged or cut short.
pub(crate) fn parquet_batches(path: &Path) -> Result<(SchemaRef, Vec<RecordBatch>)> {
    let read = || {
        let file = Parquet::open(path)?;
        let mut batches = Vec::new();
        for group in 0..file.row_groups().len() {
            for batch in file.batches(path, group, None)? {
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

fn damaged() -> Error {
    let rule = "cannot be read as Parquet: it is damaged or cut short";
    Error::new(ErrorKind::Rows, rule)
}
