//! Names are data: which categories a release names, which cells it lists, and what is refused.
//!
//! The law that a naive twin agrees is in `tests/laws.rs`, on random worlds;
//! here are levels, totals, code lists, tables that are protected together, and
//! a register every name of which is one person's.

mod canary;
mod code_lists;
mod listing;
mod merging;
mod microdata;

use std::collections::BTreeMap;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::{UInt32Type, UInt64Type};
use arrow_schema::DataType;
use kobling::{Plan, Release, Result};

use crate::support::{PROJECT, extract, key, release};

/// A plan of one register of people with these columns and tables.
pub(crate) fn plan_text(rows: &str, columns: &str, tables: &str) -> String {
    format!(
        "{PROJECT}
[source.people]
agency = 'An agency'
legal_basis = ['A law']
identifier = {{ column = 'nr', type = 'number' }}
rows = '{rows}'
[source.people.columns]
{columns}
{tables}"
    )
}

/// A table of numbers of persons, protected so.
pub(crate) fn table(name: &str, by: &str, more: &str, protect: &str) -> String {
    format!(
        "[table.{name}]
from = 'people'
by = [{by}]
sensitive = []
measures = [{{ persons = true }}]
{more}
protect = {{ {protect} }}
"
    )
}

/// The release of a register in a CSV text.
pub(crate) fn release_of(plan: &Plan, csv: &str) -> Result<Release> {
    release(plan, vec![extract(plan, &key(plan), "people", csv)?])
}

/// A register in which each of the rows is there as often as is said, each time of
/// another person.
pub(crate) fn register(header: &str, rows: &[(&str, u64)]) -> String {
    let mut csv = format!("nr,{header}\n");
    let mut nr = 0;
    for (row, times) in rows {
        for _ in 0..*times {
            nr += 1;
            csv += &format!("{nr},{row}\n");
        }
    }
    csv
}

/// The rows of a table: what is in its columns of text, and the number of
/// persons, if it is there.
pub(crate) fn rows(batch: &RecordBatch) -> BTreeMap<Vec<String>, Option<u64>> {
    let fields = batch.schema();
    let texts = fields.fields().iter().zip(batch.columns());
    let texts = texts.filter(|(field, _)| {
        let text = matches!(field.data_type(), DataType::Dictionary(..) | DataType::Utf8);
        text && !field.name().ends_with("_status")
    });
    let texts: Vec<_> = texts.map(|(_, column)| column).collect();
    let persons = batch.column_by_name("persons").unwrap();
    let persons = persons.as_primitive::<UInt64Type>();
    let row = |row: usize| {
        let texts = texts.iter().map(|column| {
            if column.is_null(row) {
                return "-".to_owned();
            }
            match column.data_type() {
                DataType::Utf8 => column.as_string::<i32>().value(row).to_owned(),
                _ => {
                    let codes = column.as_dictionary::<UInt32Type>();
                    let labels = codes.values().as_string::<i32>();
                    labels.value(codes.keys().value(row) as usize).to_owned()
                }
            }
        });
        let count = persons.iter().nth(row).flatten();
        (texts.collect::<Vec<String>>(), count)
    };
    let all: BTreeMap<_, _> = (0..batch.num_rows()).map(row).collect();
    assert_eq!(all.len(), batch.num_rows(), "a cell is there twice");
    all
}

/// The names of a table's rows by their one dimension, with their numbers.
pub(crate) fn counts(release: &Release, table: &str) -> Vec<(String, Option<u64>)> {
    let rows = rows(release.table(table).unwrap()).into_iter();
    rows.map(|(names, persons)| (names.join(" "), persons))
        .collect()
}
