//! Raw columns of a Parquet file, for tests that count by themselves.

use std::fs::File;
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

/// Columns of all rows as text; whole floats without a fraction.
pub(crate) fn columns(path: &Path, names: &[&str]) -> Vec<Vec<Option<String>>> {
    let file = File::open(path).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file)
        .unwrap()
        .build()
        .unwrap();
    let mut rows = Vec::new();
    for batch in reader {
        let batch: RecordBatch = batch.unwrap();
        let columns: Vec<_> = names
            .iter()
            .map(|name| batch.column_by_name(name).unwrap().clone())
            .collect();
        for row in 0..batch.num_rows() {
            rows.push(columns.iter().map(|column| text(column, row)).collect());
        }
    }
    rows
}

fn text(column: &dyn Array, row: usize) -> Option<String> {
    if column.is_null(row) {
        return None;
    }
    Some(match column.data_type() {
        DataType::Utf8 => column.as_string::<i32>().value(row).to_owned(),
        DataType::LargeUtf8 => column.as_string::<i64>().value(row).to_owned(),
        DataType::Float64 => column.as_primitive::<Float64Type>().value(row).to_string(),
        other => panic!("a column of type {other} is not read here"),
    })
}
