//! A table of Arrow in a file: as Arrow IPC or as Parquet, read and written.

use std::io::Write;
use std::path::Path;

use arrow_array::RecordBatch;
use arrow_buffer::Buffer;
use arrow_ipc::writer::FileWriter;
use arrow_schema::{Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;

use super::{Header, PSEUDONYM};
use crate::error::{Error, ErrorKind, Result};
use crate::mapped::{self, ReadOptions};
use crate::rows::format::ipc::ipc_batches;
use crate::rows::format::parquet::parquet_batches;

/// Rows of a row group in a Parquet file.
const ROW_GROUP_ROWS: usize = 1 << 20;

/// What a Parquet file begins with.
const PARQUET_MAGIC: &[u8] = b"PAR1";
pub(super) const IPC_MAGIC: &[u8] = b"ARROW1";

/// Rows that a byte of a Parquet file may hold, at most, where they are more
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
pub(crate) fn unwritten(format: &str, error: &(dyn std::error::Error + 'static)) -> Error {
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
