//! Rows as CSV (RFC 4180): what is in a synthetic register needs no quotes.

use std::fmt::Write as _;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int32Type, Int64Type};
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, Schema};

use super::calendar::civil;

/// The names of the columns.
pub(super) fn header(schema: &Schema) -> Vec<u8> {
    let names: Vec<&str> = schema
        .fields()
        .iter()
        .map(|one| one.name().as_str())
        .collect();
    (names.join(",") + "\n").into_bytes()
}

/// The rows, each with its line break; missing is empty.
pub(super) fn rows(batch: &RecordBatch) -> Vec<u8> {
    let mut out = String::with_capacity(batch.num_rows() * 48);
    for row in 0..batch.num_rows() {
        for (at, column) in batch.columns().iter().enumerate() {
            if at > 0 {
                out.push(',');
            }
            if !column.is_null(row) {
                push(&mut out, column, row);
            }
        }
        out.push('\n');
    }
    out.into_bytes()
}

fn push(out: &mut String, column: &dyn Array, row: usize) {
    // Writing to a String cannot fail.
    let _ = match column.data_type() {
        DataType::Date32 => {
            let (year, month, day) = civil(column.as_primitive::<Date32Type>().value(row));
            write!(out, "{year:04}-{month:02}-{day:02}")
        }
        DataType::Int32 => write!(out, "{}", column.as_primitive::<Int32Type>().value(row)),
        DataType::Int64 => write!(out, "{}", column.as_primitive::<Int64Type>().value(row)),
        DataType::Boolean => write!(out, "{}", column.as_boolean().value(row)),
        // The registers' other type is text.
        _ => out.write_str(column.as_string::<i32>().value(row)),
    };
}
