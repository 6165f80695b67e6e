//! From hashed batches to one sorted table.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::UInt32Type;
use arrow_array::{
    Array, ArrayRef, DictionaryArray, FixedSizeBinaryArray, StringArray, UInt32Array,
};
use arrow_buffer::Buffer;
use arrow_ord::ord::{DynComparator, make_comparator};
use arrow_schema::{ArrowError, SortOptions};
use arrow_select::concat::concat;
use arrow_select::take::take;
use rayon::prelude::*;

use super::{label_order, one_row_each};
use crate::column::stored::{data_type, to_array};
use crate::column::{MISSING, Values};
use crate::error::{Error, ErrorKind, Result, counted};
use crate::plan::{Column, ColumnType, Source};
use crate::pseudonym::{Pseudonym, WIDTH};

/// Row numbers are 32 bits wide, and one of them means "nowhere".
const MOST_ROWS: usize = u32::MAX as usize - 1;

/// The sorted columns of `source`, the pseudonyms first: `hashed` and `columns` are by batch.
pub(super) fn sorted(
    source: &Source,
    hashed: Vec<Vec<Pseudonym>>,
    columns: Vec<Vec<Values>>,
) -> Result<Vec<ArrayRef>> {
    let rows: usize = hashed.iter().map(Vec::len).sum();
    if rows > MOST_ROWS {
        return Err(Error::new(
            ErrorKind::Rows,
            "an extract has at most 2^32 - 2 rows",
        ));
    }
    let columns: Vec<Plain> = source
        .columns()
        .iter()
        .enumerate()
        .map(|(place, column)| Plain::join(column, columns.iter().map(|batch| &batch[place])))
        .collect::<Result<_>>()?;
    let mut order: Vec<(Pseudonym, u32)> = Vec::with_capacity(rows);
    for key in hashed.into_iter().flatten() {
        order.push((key, order.len() as u32));
    }
    order.par_sort_unstable();
    if one_row_each(source) {
        let repeated = order
            .windows(2)
            .filter(|pair| pair[0].0 == pair[1].0)
            .count();
        if repeated > 0 {
            return Err(Error::new(
                ErrorKind::Rows,
                format!(
                    "has {} of persons who have a row already, and the plan says rows = \"one\"",
                    counted(repeated as u64, "row")
                ),
            )
            .help("say rows = \"many\", or clean the register"));
        }
    } else {
        let arrays = columns.iter().map(|column| &column.array);
        sort_runs(&mut order, &RowOrder::of(arrays)?);
    }
    let index: UInt32Array = order.iter().map(|(_, row)| *row).collect();
    let keys: Vec<u8> = order
        .par_iter()
        .flat_map_iter(|(key, _)| key.to_be_bytes())
        .collect();
    drop(order);
    let keys = FixedSizeBinaryArray::try_new(WIDTH as i32, Buffer::from_vec(keys), None);
    let mut arrays: Vec<ArrayRef> = vec![Arc::new(keys.map_err(internal)?)];
    let taken = columns.into_par_iter().map(|column| column.take(&index));
    arrays.extend(taken.collect::<Result<Vec<_>>>()?);
    Ok(arrays)
}

/// Sorts each person's rows by the rest of the row.
fn sort_runs(order: &mut [(Pseudonym, u32)], rest: &RowOrder) {
    for run in order.chunk_by_mut(|a, b| a.0 == b.0) {
        if run.len() > 1 {
            run.sort_unstable_by(|a, b| rest.compare(a.1 as usize, b.1 as usize));
        }
    }
}

/// Compares rows by all their columns; missing values first.
pub(super) struct RowOrder(Vec<DynComparator>);

impl RowOrder {
    pub(super) fn of<'a>(arrays: impl Iterator<Item = &'a ArrayRef>) -> Result<Self> {
        let options = SortOptions {
            descending: false,
            nulls_first: true,
        };
        let comparators = arrays.map(|array| make_comparator(array, array, options));
        Ok(Self(
            comparators.collect::<Result<_, _>>().map_err(internal)?,
        ))
    }

    pub(super) fn compare(&self, a: usize, b: usize) -> Ordering {
        let columns = self.0.iter().map(|compare| compare(a, b));
        columns.fold(Ordering::Equal, Ordering::then)
    }
}

/// A column with categories as bare codes, in the order of their labels.
struct Plain {
    array: ArrayRef,
    kind: ColumnType,
    labels: StringArray,
}

impl Plain {
    /// Joins the batches of a column, and gives categories one set of codes.
    fn join<'a>(
        column: &Column,
        batches: impl Iterator<Item = &'a Values> + Clone,
    ) -> Result<Self> {
        let kind = column.column_type();
        if kind != ColumnType::Category {
            let arrays: Vec<ArrayRef> = batches.map(|values| to_array(values, kind)).collect();
            return Ok(Self {
                array: join(&arrays, kind)?,
                kind,
                labels: StringArray::new_null(0),
            });
        }
        let codes = batches.filter_map(|values| match values {
            Values::Codes { codes, labels } => Some((codes, labels)),
            _ => None,
        });
        let labels = canonical_labels(
            column,
            codes
                .clone()
                .flat_map(|(codes, labels)| used(codes, labels)),
        );
        let place = places(&labels);
        let arrays: Vec<ArrayRef> = codes
            .map(|(codes, old)| {
                let new: Vec<Option<u32>> = old
                    .iter()
                    .map(|label| place.get(label.as_str()).copied())
                    .collect();
                let code = |code: &u32| match *code {
                    MISSING => None,
                    code => new[code as usize],
                };
                Arc::new(codes.iter().map(code).collect::<UInt32Array>()) as ArrayRef
            })
            .collect();
        let array = match arrays.is_empty() {
            true => Arc::new(UInt32Array::new_null(0)) as ArrayRef,
            false => concat_all(&arrays)?,
        };
        Ok(Self {
            array,
            kind,
            labels: StringArray::from_iter_values(&labels),
        })
    }

    fn take(self, index: &UInt32Array) -> Result<ArrayRef> {
        let array = take(&self.array, index, None).map_err(internal)?;
        Ok(match self.kind {
            ColumnType::Category => {
                let keys = array.as_primitive::<UInt32Type>().clone();
                Arc::new(DictionaryArray::try_new(keys, Arc::new(self.labels)).map_err(internal)?)
            }
            _ => array,
        })
    }
}

/// The labels of a column that occur, in canonical order.
pub(super) fn canonical_labels(
    column: &Column,
    labels: impl Iterator<Item = impl Into<String>>,
) -> Vec<String> {
    match label_order(column) {
        // All bands, used or not: which of them occur is in the codes.
        Some(order) => order.into_iter().map(str::to_owned).collect(),
        None => {
            let mut labels: Vec<String> = labels.map(Into::into).collect();
            labels.sort_unstable();
            labels.dedup();
            labels
        }
    }
}

/// The code of each label.
pub(super) fn places(labels: &[String]) -> HashMap<&str, u32> {
    let codes = labels.iter().enumerate();
    codes
        .map(|(code, label)| (label.as_str(), code as u32))
        .collect()
}

/// The labels that `codes` use.
fn used<'a>(codes: &'a [u32], labels: &'a [String]) -> impl Iterator<Item = &'a str> {
    let mut seen = vec![false; labels.len()];
    for &code in codes.iter().filter(|code| **code != MISSING) {
        seen[code as usize] = true;
    }
    labels
        .iter()
        .zip(seen)
        .filter(|(_, seen)| *seen)
        .map(|(label, _)| label.as_str())
}

fn join(arrays: &[ArrayRef], kind: ColumnType) -> Result<ArrayRef> {
    match arrays {
        [] => Ok(arrow_array::new_empty_array(&data_type(kind))),
        arrays => concat_all(arrays),
    }
}

pub(super) fn concat_all(arrays: &[ArrayRef]) -> Result<ArrayRef> {
    let arrays: Vec<&dyn Array> = arrays.iter().map(AsRef::as_ref).collect();
    concat(&arrays).map_err(internal)
}

/// Arrow refused what it was given; its message might quote values.
pub(super) fn internal(_: ArrowError) -> Error {
    Error::new(
        ErrorKind::Rows,
        "the columns cannot be put together as a table",
    )
}
