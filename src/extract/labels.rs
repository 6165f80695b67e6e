//! One set of labels for a column, in canonical order, whatever rows came first.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::{ArrayRef, StringArray};

use crate::column::{Labels, MISSING, Values};
use crate::plan::{Column, ColumnType};

/// All labels of a column, in canonical order; none if it is no category.
///
/// Every chunk shares the one array, by which Arrow knows that their codes
/// mean the same.
pub(super) struct ColumnLabels {
    pub(super) labels: Labels,
    pub(super) array: ArrayRef,
}

impl ColumnLabels {
    /// Of `column`, in whose rows `used` occur.
    pub(super) fn new<L: Into<String>>(column: &Column, used: impl Iterator<Item = L>) -> Self {
        let labels = match column.column_type() {
            ColumnType::Category => canonical_labels(column, used),
            _ => Vec::new(),
        };
        Self {
            array: Arc::new(StringArray::from_iter_values(&labels)),
            labels: labels.into(),
        }
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

/// The labels that `values` use, if they are categories.
pub(super) fn used(values: &Values) -> Vec<&str> {
    let Values::Codes { codes, labels } = values else {
        return Vec::new();
    };
    let mut seen = vec![false; labels.len()];
    for &code in codes.iter().filter(|code| **code != MISSING) {
        seen[code as usize] = true;
    }
    let seen = labels.iter().zip(seen).filter(|(_, seen)| *seen);
    seen.map(|(label, _)| label.as_str()).collect()
}

/// The labels of a column in their order: of bands as the plan lists them, of
/// other categories as text sorts.
fn label_order(column: &Column) -> Option<Vec<&str>> {
    let recipe = column.recipe();
    let bands = recipe.bands.as_ref()?;
    let names = bands.labels.iter().map(|label| recipe.cut(label));
    let mut order = Vec::new();
    for name in names.chain(recipe.absent.as_deref()) {
        if !order.contains(&name) {
            order.push(name);
        }
    }
    Some(order)
}
