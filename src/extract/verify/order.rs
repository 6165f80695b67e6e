//! Rows ascend by pseudonym, then by the rest of the row; one row a person if
//! the plan says so. Blocks of rows are looked at side by side.

use arrow_array::ArrayRef;
use rayon::prelude::*;

use super::super::one_row_each;
use super::super::sort::compare_rest;
use super::super::window::{PseudonymColumn, array_window};
use super::refuse;
use crate::column::stored::Stored;
use crate::column::{Index, Values, no_labels};
use crate::error::Result;
use crate::plan::Source;

/// Rows that are looked at together.
const ROWS: usize = 1 << 16;

/// # Errors
///
/// The first row that is out of order.
pub(super) fn check(source: &Source, columns: &[Vec<ArrayRef>]) -> Result<()> {
    let keys = PseudonymColumn::of(&columns[0]);
    let blocks: Vec<usize> = (1..keys.len()).step_by(ROWS).collect();
    let refused = blocks.into_par_iter().find_map_first(|start| {
        let end = keys.len().min(start + ROWS);
        // Each row is compared with the one before it, also the block's first.
        check_block(source, columns, &keys, start - 1, end).err()
    });
    refused.map_or(Ok(()), Err)
}

fn check_block(
    source: &Source,
    columns: &[Vec<ArrayRef>],
    keys: &PseudonymColumn<'_>,
    start: usize,
    end: usize,
) -> Result<()> {
    let window = keys.window(&(start..end));
    let refused = |row: usize, rule: &str| Err(refuse(rule).at_row((start + row) as u64 + 1));
    let mut rest: Option<Vec<Values>> = None;
    for row in 1..window.len() {
        let (before, here) = (&window[row - 1], &window[row]);
        if here < before {
            return refused(row, "its rows are not sorted by pseudonym");
        }
        if here > before {
            continue;
        }
        if one_row_each(source) {
            let rule = "is of a person who has a row already, and the plan says rows = \"one\"";
            return refused(row, rule);
        }
        let rest = rest.get_or_insert_with(|| rest_of_row(source, columns, start, end));
        if compare_rest(rest, row as u32 - 1, row as u32).is_gt() {
            let rule = "its rows of one person are not sorted by their other columns";
            return refused(row, rule);
        }
    }
    Ok(())
}

/// The other columns in the rows from `start` to `end`.
fn rest_of_row(
    source: &Source,
    columns: &[Vec<ArrayRef>],
    start: usize,
    end: usize,
) -> Vec<Values> {
    let starts = PseudonymColumn::of(&columns[0]).starts();
    let declared = source.columns().iter().zip(&columns[1..]);
    let values = declared.map(|(column, chunks)| {
        let array = array_window(chunks, &starts, &(start..end));
        // Codes are in the order of labels; the labels themselves do not matter.
        Stored::with_labels(&array, column.column_type(), &no_labels()).gather(&Index::All)
    });
    values.collect()
}
