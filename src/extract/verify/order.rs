//! Rows ascend by pseudonym, then by the rest of the row; one row a person if
//! the plan says so. Blocks of rows are looked at side by side.

use std::sync::Arc;

use std::cmp::Ordering;

use arrow_array::ArrayRef;
use arrow_array::cast::AsArray;
use arrow_array::types::UInt32Type;
use arrow_ord::ord::{DynComparator, make_comparator};
use arrow_schema::{ArrowError, DataType, SortOptions};
use rayon::prelude::*;

use super::super::one_row_each;
use super::super::window::{Keys, array_window};
use super::refuse;
use crate::error::{Error, Result};
use crate::plan::Source;

/// Rows that are looked at together.
const ROWS: usize = 1 << 16;

/// # Errors
///
/// The first row that is out of order.
pub(super) fn check(source: &Source, columns: &[Vec<ArrayRef>]) -> Result<()> {
    let keys = Keys::of(&columns[0]);
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
    keys: &Keys<'_>,
    start: usize,
    end: usize,
) -> Result<()> {
    let window = keys.window(&(start..end));
    let refused = |row: usize, rule: &str| Err(refuse(rule).at_row((start + row) as u64 + 1));
    let mut rest: Option<RowOrder> = None;
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
        let order = match &rest {
            Some(order) => order,
            None => rest.insert(rest_of_row(columns, keys, start, end)?),
        };
        if order.compare(row - 1, row).is_gt() {
            let rule = "its rows of one person are not sorted by their other columns";
            return refused(row, rule);
        }
    }
    Ok(())
}

fn rest_of_row(
    columns: &[Vec<ArrayRef>],
    keys: &Keys<'_>,
    start: usize,
    end: usize,
) -> Result<RowOrder> {
    let starts = keys.starts();
    let columns = columns[1..].iter();
    let arrays = columns.map(|chunks| bare(&array_window(chunks, &starts, &(start..end))));
    RowOrder::of(arrays.collect::<Vec<_>>().iter())
}

/// A category's codes; other columns as they are.
fn bare(array: &ArrayRef) -> ArrayRef {
    match array.data_type() {
        DataType::Dictionary(_, _) => Arc::new(array.as_dictionary::<UInt32Type>().keys().clone()),
        _ => array.clone(),
    }
}

/// Compares rows by all their columns; missing values first.
struct RowOrder(Vec<DynComparator>);

impl RowOrder {
    fn of<'a>(arrays: impl Iterator<Item = &'a ArrayRef>) -> Result<Self> {
        let options = SortOptions {
            descending: false,
            nulls_first: true,
        };
        let comparators = arrays.map(|array| make_comparator(array, array, options));
        Ok(Self(
            comparators.collect::<Result<_, _>>().map_err(internal)?,
        ))
    }

    fn compare(&self, a: usize, b: usize) -> Ordering {
        let columns = self.0.iter().map(|compare| compare(a, b));
        columns.fold(Ordering::Equal, Ordering::then)
    }
}

/// Arrow refused what it was given; its message might quote values.
fn internal(_: ArrowError) -> Error {
    refuse("its columns cannot be compared")
}
