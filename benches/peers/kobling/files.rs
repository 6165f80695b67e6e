//! Registers and tables as files that the other tools read and write too.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, UInt32Type, UInt64Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_ipc::writer::FileWriter;
use arrow_schema::DataType;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use crate::Result;

/// Pieces as an uncompressed Arrow file.
pub(crate) fn write_arrow(path: &Path, pieces: impl Iterator<Item = RecordBatch>) -> Result<()> {
    let mut pieces = pieces.peekable();
    let schema = pieces.peek().ok_or("a register has rows")?.schema();
    let mut writer = FileWriter::try_new(BufWriter::new(File::create(path)?), &schema)?;
    for piece in pieces {
        writer.write(&piece)?;
    }
    Ok(writer.finish()?)
}

/// Pieces as a Parquet file, compressed as most tools do unasked.
pub(crate) fn write_parquet(path: &Path, pieces: impl Iterator<Item = RecordBatch>) -> Result<()> {
    let mut pieces = pieces.peekable();
    let schema = pieces.peek().ok_or("a register has rows")?.schema();
    let snappy = WriterProperties::builder().set_compression(Compression::SNAPPY);
    let mut writer = ArrowWriter::try_new(File::create(path)?, schema, Some(snappy.build()))?;
    for piece in pieces {
        writer.write(&piece)?;
    }
    writer.close()?;
    Ok(())
}

/// A released table as lines of comma-separated values, without its statuses.
///
/// A table with a suppressed value is refused: it could not be compared.
pub(crate) fn write_table(path: &Path, table: &RecordBatch) -> Result<()> {
    let schema = table.schema();
    let columns = schema.fields().iter().zip(table.columns());
    let columns = columns.filter(|(field, _)| !field.name().ends_with("_status"));
    let columns = columns.map(|(_, column)| column);
    let columns: Vec<&ArrayRef> = columns.collect();
    let mut out = BufWriter::new(File::create(path)?);
    for row in 0..table.num_rows() {
        let values: Result<Vec<String>> = columns.iter().map(|column| value(column, row)).collect();
        writeln!(out, "{}", values?.join(","))?;
    }
    Ok(out.flush()?)
}

fn value(column: &ArrayRef, row: usize) -> Result<String> {
    if column.is_null(row) {
        return Err("a value is suppressed, so the tables cannot be compared".into());
    }
    Ok(match column.data_type() {
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).to_string(),
        DataType::UInt64 => column.as_primitive::<UInt64Type>().value(row).to_string(),
        DataType::Dictionary(..) => {
            let labels = column.as_dictionary::<UInt32Type>();
            let label = labels.keys().value(row) as usize;
            labels.values().as_string::<i32>().value(label).to_owned()
        }
        _ => return Err("a column of a type that no case has".into()),
    })
}
