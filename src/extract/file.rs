//! Extracts and releases as files: Arrow IPC and Parquet, whole or not there.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::ops::Range;
use std::path::Path;
use std::sync::OnceLock;

use arrow_array::RecordBatch;
use arrow_buffer::Buffer;
use arrow_ipc::writer::FileWriter;
use arrow_schema::{Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;

use super::parts::{read_parts, whole};
use super::window::{array_window, batch_of};
use super::{Extract, Header, PSEUDONYM, verify};
use crate::error::{Error, ErrorKind, Result};
use crate::mapped::{self, ReadOptions};
use crate::plan::Plan;
use crate::rows::ipc::ipc_batches;
use crate::rows::parquet::parquet_batches;
use crate::whole_file::{Kind, Prepared, prepare_whole};

/// Rows of a record batch in a written file.
pub(super) const BATCH_ROWS: usize = 1 << 18;

/// Rows of a row group in a Parquet file.
const ROW_GROUP_ROWS: usize = 1 << 20;

/// What a Parquet file begins with.
const PARQUET_MAGIC: &[u8] = b"PAR1";
pub(super) const IPC_MAGIC: &[u8] = b"ARROW1";

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
        self.prepare(path.as_ref())?.finish()
    }

    /// [`write`](Self::write), but never in the place of another file, not even
    /// of one that came there meanwhile: of two runs to one name one fails.
    ///
    /// # Errors
    ///
    /// Those of [`write`](Self::write), and if there is a file.
    ///
    /// # Disclosure
    ///
    /// As [`write`](Self::write).
    pub fn write_new(&self, path: impl AsRef<Path>) -> Result<()> {
        self.prepare(path.as_ref())?.finish_new()
    }

    /// The file, under another name beside `path`.
    fn prepare(&self, path: &Path) -> Result<Prepared> {
        let ending = path.extension().and_then(|ending| ending.to_str());
        let write = |file: &mut BufWriter<File>| {
            let schema = self.header.schema(self.source(), self.content());
            let batches = self.even_batches(&schema, 0..self.rows());
            match ending {
                Some("arrow") => write_arrow(&schema, batches, file),
                _ => write_parquet(&schema, batches, file),
            }
        };
        if !matches!(ending, Some("arrow" | "parquet")) {
            let rule = "an extract is written as `.arrow` or `.parquet`";
            return Err(Error::new(ErrorKind::File, rule).in_file(path));
        }
        prepare_whole(path, Kind::Extract, write)
    }

    /// Batches of [`BATCH_ROWS`] of these `rows`, however the extract is held: the same
    /// rows give the same bytes. If there are none they are still one batch, for
    /// some readers want to see one.
    pub(super) fn even_batches<'a>(
        &'a self,
        schema: &'a SchemaRef,
        rows: Range<usize>,
    ) -> impl Iterator<Item = RecordBatch> + 'a {
        let starts = self.keys().starts();
        let end = rows.end.max(rows.start + 1);
        (rows.start..end).step_by(BATCH_ROWS).map(move |start| {
            let range = start..rows.end.min(start + BATCH_ROWS);
            let columns = self.columns.iter();
            batch_of(
                schema,
                columns.map(|chunks| array_window(chunks, &starts, &range)),
            )
        })
    }

    /// Reads an extract, and verifies all of it.
    ///
    /// An Arrow file is mapped, not copied: its rows stay where they lie, and
    /// need no memory but the system's page cache. So it must not be written
    /// into, nor shortened, while the extract lives: the system ends the process
    /// that reads behind the end of a mapped file. To replace it, rename
    /// another file to its name, as [`write`](Self::write) does; or have it copied,
    /// by [`read_with`](Self::read_with).
    ///
    /// A folder of [parts](Self::write_parts) is read as the one extract that it is.
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
        Self::read_with(plan, path, &ReadOptions::new())
    }

    /// [`read`](Self::read), as `options` say: mapped, or copied into memory.
    ///
    /// # Errors
    ///
    /// Those of [`read`](Self::read); and of a file that is copied
    /// [`ErrorKind::File`] if it is shortened or grows meanwhile.
    pub fn read_with(plan: &Plan, path: impl AsRef<Path>, options: &ReadOptions) -> Result<Self> {
        plan.may_run()?;
        let path = path.as_ref();
        let read = || {
            let (schema, batches) = match path.is_dir() {
                true => read_parts(path, options)?,
                false => {
                    let (schema, batches, _) = read_table(path, options)?;
                    (schema, batches)
                }
            };
            Self::of_table(plan, &schema, &batches)
        };
        read().map_err(|error: Error| error.in_file(path))
    }

    /// The extract that a table says that it is, all of it verified.
    pub(super) fn of_table(
        plan: &Plan,
        schema: &SchemaRef,
        batches: &[RecordBatch],
    ) -> Result<Self> {
        if let Some((part, _)) = whole(schema)? {
            let rule = format!("is part {part} of an extract, and not all of it");
            let error = Error::new(ErrorKind::Extract, rule);
            return Err(error.help("give the folder that all its parts are in"));
        }
        let header = Header::read(schema)?;
        let source = header.check(plan)?;
        let declared = &plan.sources()[source];
        let (columns, content) = verify::verified(declared, &header, schema, batches)
            .map_err(|error| error.in_source(&header.source))?;
        Ok(Self {
            plan: plan.clone(),
            source,
            header,
            columns,
            content: OnceLock::from(content),
            spilled: None,
        })
    }
}

/// Rows that a byte of a Parquet file stands for, at most, where they are more
/// than few. A pseudonym is 16 bytes that nothing compresses, so a person would
/// need hundreds of rows that are all the same.
const MOST_ROWS_A_BYTE: u64 = 32;
const FEW_ROWS: u64 = 1 << 20;

/// The schema and rows of an Arrow IPC or Parquet file, and its bytes.
///
/// Arrow IPC is mapped if `options` say so, and its columns stay where they lie in
/// the file.
///
/// # Errors
///
/// [`ErrorKind::Extract`] if it is neither, or damaged.
pub(crate) fn read_table(
    path: &Path,
    options: &ReadOptions,
) -> Result<(SchemaRef, Vec<RecordBatch>, Buffer)> {
    // Opened once: what is said of the file is of the file that the rows are from.
    let file = mapped::open(path)?;
    let bytes = mapped::content(&file, path, options)?;
    let read = |kind| {
        let rule = format!("cannot be read as {kind}: it is damaged, cut short or compressed");
        move |error: Error| match error.kind() {
            ErrorKind::File | ErrorKind::Extract => error,
            _ => Error::new(ErrorKind::Extract, rule).in_file(path),
        }
    };
    let (schema, batches) = if bytes.starts_with(PARQUET_MAGIC) {
        // A few bytes may be millions of rows, so an extract's are counted first.
        let check = |schema: &Schema, rows: u64| match Header::rows_of(schema)? {
            Some(said) if said != rows => {
                let rule = format!("has {rows} rows; its header says {said}");
                Err(Error::new(ErrorKind::Extract, rule))
            }
            _ if rows > FEW_ROWS && rows / MOST_ROWS_A_BYTE > bytes.len() as u64 => {
                let rule = format!("claims {rows} rows, which it is too small for");
                Err(Error::new(ErrorKind::Extract, rule))
            }
            _ => Ok(()),
        };
        parquet_batches(&file, path, check).map_err(read("Parquet"))?
    } else if bytes.starts_with(IPC_MAGIC) {
        ipc_batches(bytes.clone()).map_err(read("Arrow IPC"))?
    } else {
        let rule = "is neither an Arrow IPC nor a Parquet file";
        return Err(Error::new(ErrorKind::Extract, rule).in_file(path));
    };
    Ok((schema, batches, bytes))
}

/// Writes a table as an Arrow IPC file.
pub(crate) fn write_arrow(
    schema: &SchemaRef,
    batches: impl IntoIterator<Item = RecordBatch>,
    file: impl Write,
) -> Result<()> {
    let write = || {
        let mut writer = FileWriter::try_new(file, schema)?;
        for batch in batches {
            writer.write(&batch)?;
        }
        writer.finish()
    };
    write().map_err(|error| unwritten("Arrow IPC", &error))
}

/// Writes a table as a Parquet file.
pub(crate) fn write_parquet(
    schema: &SchemaRef,
    batches: impl IntoIterator<Item = RecordBatch>,
    file: impl Write + Send,
) -> Result<()> {
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        // Pseudonyms do not repeat enough for a dictionary to pay.
        .set_column_dictionary_enabled(ColumnPath::from(PSEUDONYM), false)
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .build();
    let write = || {
        let mut writer = ArrowWriter::try_new(file, schema.clone(), Some(properties))?;
        for batch in batches {
            writer.write(&batch)?;
        }
        writer.close().map(drop)
    };
    write().map_err(|error: parquet::errors::ParquetError| unwritten("Parquet", &error))
}

/// Why a file was not written: what the system says, where it is that. Whatever
/// else the writers say may quote values.
fn unwritten(format: &str, error: &(dyn std::error::Error + 'static)) -> Error {
    let mut reasons = std::iter::successors(Some(error), |error| error.source());
    let reason = reasons.find_map(|reason| reason.downcast_ref::<std::io::Error>());
    let mut rule = format!("cannot write the file as {format}");
    if let Some(reason) = reason.filter(|reason| reason.raw_os_error().is_some()) {
        rule = format!("{rule}: {reason}");
    }
    Error::new(ErrorKind::File, rule)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Int64Array};

    use super::*;

    /// A disk on which there is no room.
    struct Full;

    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::Error::from_raw_os_error(28))
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_the_system_says_against_a_file_is_said() {
        let column: ArrayRef = Arc::new(Int64Array::from(vec![1, 2]));
        let batch = RecordBatch::try_from_iter([("n", column)]).expect("a batch");
        let full = std::io::Error::from_raw_os_error(28).to_string();
        let arrow = write_arrow(&batch.schema(), [batch.clone()], Full);
        let parquet = write_parquet(&batch.schema(), [batch.clone()], Full);
        for refused in [arrow, parquet] {
            let error = refused.expect_err("there is no room");
            assert!(error.rule().ends_with(&full), "{error}");
        }
    }
}
