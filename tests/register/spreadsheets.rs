//! Registers that are spreadsheets.

mod cells;
mod costs;
mod forge;
mod kinds;
mod sheets;

use crate::support::{change, column, file, key, refusal};
use arrow_array::Array as _;
use kobling::{Error, Extract, Plan, Result, Rows};

/// A plan of one source with one column `v`, which `recipe` declares, from files of
/// this `format`.
fn plan(recipe: &str, format: &str) -> Plan {
    column::change_plan(recipe, "", |text| {
        let rows = "rows = \"one\"\n";
        change(text, rows, &format!("{rows}format = {{ {format} }}\n"))
    })
}

fn extract(plan: &Plan, workbook: &[u8]) -> Result<Extract> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = file(folder.path(), "register.xlsx", workbook);
    let rows = Rows::open(plan, "reg", &[path])?;
    rows.identify()?.pseudonymise(&key(plan))
}

/// The values of column `v`, sorted; `-` is missing.
fn values(plan: &Plan, workbook: &[u8]) -> Result<Vec<String>> {
    let batch = extract(plan, workbook)?.to_batch();
    let column = batch.column_by_name("v").expect("the column");
    let mut values: Vec<String> = (0..column.len())
        .map(|row| column::text(&column.slice(row, 1)))
        .collect();
    values.sort();
    Ok(values)
}

/// Refused in this column and row, by a rule with these words, and with some help.
fn is_refused<T>(result: Result<T>, column: Option<&str>, row: Option<u64>, words: &str) -> Error {
    let error = refusal(result);
    assert_eq!((error.column(), error.row()), (column, row), "{error}");
    assert!(error.to_string().contains(words), "{error}");
    assert!(error.to_string().contains("register.xlsx"), "{error}");
    error
}
