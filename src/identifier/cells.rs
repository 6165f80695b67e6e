//! The cells of a batch that a plan's columns are read from, and errors that say where they are.

use super::composite::RefusedPart;
use crate::column::condition::restrict_raw;
use crate::column::read::read;
use crate::column::{ValueCounts, Values};
use crate::error::{Error, ErrorKind, Result};
use crate::plan::{Column, IdentifierType, Source};
use crate::rows::cell::ColumnCells;
use crate::rows::instant::as_days;
use crate::rows::part::RawBatch;

/// The values of a declared column in the rows `kept`, and what became of them.
pub(super) fn read_column(
    column: &Column,
    raw: &RawBatch,
    kept: &[usize],
) -> Result<(Values, ValueCounts)> {
    read(column.recipe(), &cells(raw, column.from())?, kept).map_err(|refused| {
        let help = refused.help();
        let error = Error::new(ErrorKind::Rows, refused.rule);
        let error = help.into_iter().fold(error, Error::help);
        place(error, raw, column.from(), kept[refused.row])
    })
}

/// Why a run stops at an identifier that does not fit.
pub(super) fn refused(unfit: &RefusedPart<'_>) -> Error {
    let (kind, reason) = (unfit.part.rule.kind(), unfit.reason);
    let rule = format!("is no {kind} ({reason}), and the plan says invalid = \"fail\"");
    let error = Error::new(ErrorKind::Identifier, rule);
    match kind {
        IdentifierType::Date if unfit.part.format.is_none() => {
            error.help("if it is written otherwise than YYYY-MM-DD, say so: format = \"YYYYMMDD\", next to its type")
        }
        _ => error,
    }
}

/// For each row whether the plan keeps it.
pub(super) fn wanted(source: &Source, raw: &RawBatch) -> Result<Vec<bool>> {
    let mut holds = vec![true; raw.batch.num_rows()];
    for condition in source.keep() {
        let cells = cells(raw, &condition.column)?;
        let made = source.columns().iter();
        let made = made.filter(|column| column.from() == condition.column);
        let recipes: Vec<_> = made.map(|column| column.recipe()).collect();
        restrict_raw(condition, &recipes, &cells, &mut holds).map_err(|refused| {
            let error = Error::new(ErrorKind::Rows, refused.rule);
            place(error, raw, &condition.column, refused.row)
        })?;
    }
    Ok(holds)
}

/// The column `name` of `raw`.
pub(super) fn cells(raw: &RawBatch, name: &str) -> Result<ColumnCells> {
    let placed = |error: Error| error.in_file(&raw.file).in_column(name);
    let refused = || {
        let rule = "is of a type, or holds numbers of a size, that registers are not read from";
        placed(Error::new(ErrorKind::Rows, rule))
    };
    let column = raw.batch.column_by_name(name).ok_or_else(refused)?;
    let column = as_days(column, &raw.declared).map_err(placed)?;
    let cells = ColumnCells::of(&column).ok_or_else(refused)?;
    let cells = cells.with_errors(raw.errors(name));
    Ok(cells.written_as(raw.written()))
}

/// `error`, with where it is: `row` counts from 0 in the batch.
pub(super) fn place(error: Error, raw: &RawBatch, column: &str, row: usize) -> Error {
    error
        .in_file(&raw.file)
        .in_column(column)
        .at_row(raw.row_number(row))
}
