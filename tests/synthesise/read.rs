//! Registers as rows of text, made once for all tests.

use std::sync::LazyLock;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Date32Type, Int32Type, Int64Type};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use kobling::synthesise::{Rates, Register, SyntheticPopulation};

/// A row: its values as text, empty where there is none.
pub(crate) type Row = Vec<String>;

/// More than one block.
pub(crate) const PERSONS: u64 = 140_000;

/// High, so that every mistake is made often.
pub(crate) const RATES: Rates = Rates {
    missing: 0.02,
    mistyped: 0.03,
    swapped: 0.01,
    zero_lost: 0.1,
    borrowed: 0.02,
};

/// All registers of one population.
pub(crate) struct Registers(Vec<Vec<Row>>);

impl Registers {
    pub(crate) fn of(&self, register: Register) -> &[Row] {
        &self.0[register as usize]
    }
}

pub(crate) static MADE: LazyLock<Registers> = LazyLock::new(|| {
    let population = SyntheticPopulation::new(PERSONS, 7).unwrap();
    let population = population.with_rates(RATES).unwrap();
    let rows = |register| rows(&population.register(register).unwrap());
    Registers(Register::ALL.into_iter().map(rows).collect())
});

pub(crate) fn rows(batches: &[RecordBatch]) -> Vec<Row> {
    let rows = batches.iter().flat_map(|batch| {
        (0..batch.num_rows()).map(|row| {
            let columns = batch.columns().iter();
            columns.map(|column| text(column, row)).collect()
        })
    });
    rows.collect()
}

fn text(column: &dyn Array, row: usize) -> String {
    if column.is_null(row) {
        return String::new();
    }
    match column.data_type() {
        DataType::Utf8 => column.as_string::<i32>().value(row).to_owned(),
        DataType::Date32 => {
            let days = column.as_primitive::<Date32Type>().value(row);
            let epoch = jiff::civil::date(1970, 1, 1);
            (epoch + jiff::Span::new().days(days)).to_string()
        }
        DataType::Int32 => column.as_primitive::<Int32Type>().value(row).to_string(),
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).to_string(),
        DataType::Boolean => column.as_boolean().value(row).to_string(),
        other => panic!("a register has no column of type {other}"),
    }
}
