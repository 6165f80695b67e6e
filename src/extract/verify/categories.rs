//! Categories with one dictionary in canonical order, whatever the file's were.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::UInt32Type;
use arrow_array::{Array, ArrayRef, DictionaryArray, StringArray, UInt32Array};
use rayon::prelude::*;

use super::super::labels::{canonical_labels, places};
use super::refuse;
use crate::error::Result;
use crate::plan::Column;
use crate::plan::nfc::is_composed;

/// The chunks with the canonical labels; a chunk whose labels are those
/// already, as in every Arrow file that kobling wrote, stays where it lies.
pub(super) fn canonical(column: &Column, chunks: &[ArrayRef]) -> Result<Vec<ArrayRef>> {
    let used: Vec<Vec<String>> = chunks.par_iter().map(used).collect::<Result<_>>()?;
    let mut labels: Vec<String> = used.into_iter().flatten().collect();
    labels.sort_unstable();
    labels.dedup();
    if !labels
        .iter()
        .all(|label| is_composed(label) && column.recipe().gives_label(label))
    {
        return Err(refuse("holds a label that the plan's steps do not give"));
    }
    let labels = canonical_labels(column, labels.into_iter());
    let values: ArrayRef = Arc::new(StringArray::from_iter_values(&labels));
    let place = places(&labels);
    let relabelled = chunks.par_iter().map(|chunk| {
        let dictionary = chunk.as_dictionary::<UInt32Type>();
        let old = dictionary.values().as_string::<i32>();
        let keys = match old.iter().flatten().eq(labels.iter().map(String::as_str)) {
            true => dictionary.keys().clone(),
            false => {
                let new = old.iter().flatten().map(|label| place.get(label).copied());
                let new: Vec<Option<u32>> = new.collect();
                let keys = dictionary.keys().iter();
                keys.map(|key| key.and_then(|key| new[key as usize]))
                    .collect::<UInt32Array>()
            }
        };
        DictionaryArray::try_new(keys, Arc::clone(&values))
            .map(|array| Arc::new(array) as ArrayRef)
            .map_err(|_| refuse("its dictionary does not fit its codes"))
    });
    relabelled.collect()
}

/// The labels that rows have. Parquet gives a column without values a label
/// that no row has.
fn used(chunk: &ArrayRef) -> Result<Vec<String>> {
    let dictionary = chunk.as_dictionary::<UInt32Type>();
    let values = dictionary.values().as_string::<i32>();
    if values.null_count() > 0 {
        return Err(refuse("its dictionary holds a missing label"));
    }
    let mut used = vec![false; values.len()];
    for key in dictionary.keys().iter().flatten() {
        used[key as usize] = true;
    }
    let used = values.iter().flatten().zip(used).filter(|(_, used)| *used);
    Ok(used.map(|(label, _)| label.to_owned()).collect())
}
