//! Extracts and releases as files: Arrow IPC and Parquet, whole or not there.

use std::fmt;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use arrow_array::RecordBatch;
use arrow_buffer::Buffer;
use arrow_ipc::writer::FileWriter;
use arrow_schema::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;
use sha2::{Digest as _, Sha256};

use super::{Extract, Header, PSEUDONYM, verify};
use crate::error::{Error, ErrorKind, Result};
use crate::plan::{Date, Plan};
use crate::rows::ipc::ipc_batches;
use crate::rows::parquet::parquet_batches;
use crate::whole_file::{Readers, write_whole};

/// Rows of a record batch in a written file.
const BATCH_ROWS: usize = 1 << 20;

/// What a Parquet file begins with.
const PARQUET_MAGIC: &[u8] = b"PAR1";
const IPC_MAGIC: &[u8] = b"ARROW1";

/// SHA-256 of a file's bytes; safe to show.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct FileDigest([u8; 32]);

impl fmt::Display for FileDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for FileDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FileDigest({self})")
    }
}

impl FileDigest {
    fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl Extract {
    /// Writes the extract: as Parquet if `path` ends in `.parquet`, as Arrow IPC
    /// if it ends in `.arrow`. The file is readable by its owner only. A file
    /// that is there already is replaced, whole.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::File`] for another ending, or if it cannot be written;
    /// then there is no file.
    ///
    /// # Disclosure
    ///
    /// One of the two doors out of the process: to the linkage unit that the
    /// plan names.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let write: fn(&RecordBatch, &mut BufWriter<File>) -> Result<()> =
            match path.extension().and_then(|ending| ending.to_str()) {
                Some("arrow") => |batch, file| write_arrow(batch, file),
                Some("parquet") => |batch, file| write_parquet(batch, file),
                _ => {
                    let rule = "an extract is written as `.arrow` or `.parquet`";
                    return Err(Error::new(ErrorKind::File, rule).in_file(path));
                }
            };
        write_whole(path, Readers::Owner, |file| write(&self.batch, file))
    }

    /// Reads an extract into memory, and verifies all of it.
    ///
    /// What a file says is not trusted. It is refused if it is damaged or cut
    /// short; if it was made under another plan, for another project or in
    /// another epoch; if a column has another type than the plan declares; if
    /// rows are out of order, or a person has two where the plan says
    /// `rows = "one"`; if a value is none that the column's steps give; if its
    /// counts do not add up; if pseudonyms are not spread as those of a keyed
    /// hash are; and if its values are not those that its content digest is of.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Extract`] with the rule that it breaks, [`ErrorKind::File`]
    /// if it cannot be opened, [`ErrorKind::Permission`] if the plan may not
    /// run today.
    pub fn read(plan: &Plan, path: impl AsRef<Path>) -> Result<Self> {
        plan.may_run_on(Date::today())?;
        let path = path.as_ref();
        let read = || {
            let (schema, batches, digest) = read_table(path)?;
            let header = Header::read(&schema)?;
            let source = header.check(plan)?;
            let batch = verify::verified(&plan.sources()[source], &header, &schema, batches)
                .map_err(|error| error.in_source(&header.source))?;
            Ok(Self {
                plan: plan.clone(),
                source,
                header,
                batch,
                digest: Some(digest),
            })
        };
        read().map_err(|error: Error| error.in_file(path))
    }
}

/// The schema and rows of an Arrow IPC or Parquet file, and its digest.
///
/// # Errors
///
/// [`ErrorKind::Extract`] if it is neither, or damaged.
pub(crate) fn read_table(path: &Path) -> Result<(SchemaRef, Vec<RecordBatch>, FileDigest)> {
    let bytes = std::fs::read(path).map_err(|error| Error::file(path, "read the file", &error))?;
    let read = |kind| {
        let rule = format!("cannot be read as {kind}: it is damaged, cut short or compressed");
        move |error: Error| match error.kind() {
            ErrorKind::File => error,
            _ => Error::new(ErrorKind::Extract, rule).in_file(path),
        }
    };
    if bytes.starts_with(PARQUET_MAGIC) {
        let digest = FileDigest::of(&bytes);
        drop(bytes);
        let (schema, batches) = parquet_batches(path).map_err(read("Parquet"))?;
        Ok((schema, batches, digest))
    } else if bytes.starts_with(IPC_MAGIC) {
        let buffer = Buffer::from_vec(bytes);
        let bytes = buffer.clone();
        let (digest, table) = rayon::join(|| FileDigest::of(&bytes), || ipc_batches(buffer));
        let (schema, batches) = table.map_err(read("Arrow IPC"))?;
        Ok((schema, batches, digest))
    } else {
        let rule = "is neither an Arrow IPC nor a Parquet file";
        Err(Error::new(ErrorKind::Extract, rule).in_file(path))
    }
}

/// Writes a table as an Arrow IPC file.
pub(crate) fn write_arrow(batch: &RecordBatch, file: impl Write) -> Result<()> {
    let write = || {
        let mut writer = FileWriter::try_new(file, &batch.schema())?;
        for slice in slices(batch) {
            writer.write(&slice)?;
        }
        writer.finish()
    };
    write().map_err(|_| Error::new(ErrorKind::File, "cannot write the file as Arrow IPC"))
}

/// Writes a table as a Parquet file.
pub(crate) fn write_parquet(batch: &RecordBatch, file: impl Write + Send) -> Result<()> {
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        // Pseudonyms do not repeat enough for a dictionary to pay.
        .set_column_dictionary_enabled(ColumnPath::from(PSEUDONYM), false)
        .set_max_row_group_row_count(Some(BATCH_ROWS))
        .build();
    let write = || {
        let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties))?;
        for slice in slices(batch) {
            writer.write(&slice)?;
        }
        writer.close().map(drop)
    };
    let refuse = |_: parquet::errors::ParquetError| {
        Error::new(ErrorKind::File, "cannot write the file as Parquet")
    };
    write().map_err(refuse)
}

fn slices(batch: &RecordBatch) -> impl Iterator<Item = RecordBatch> + '_ {
    let rows = batch.num_rows();
    // A table without rows is still one batch: some readers want to see one.
    let starts = (0..rows.max(1)).step_by(BATCH_ROWS);
    starts.map(move |start| batch.slice(start, BATCH_ROWS.min(rows - start)))
}
