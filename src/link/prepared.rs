//! A slot of a table with what is needed of its extract, whole and in windows.

use std::collections::HashMap;

use super::Linkage;
use super::moved::Moved;
use super::rows::{SlotColumn, SlotRange, SlotRows};
use crate::column::condition::restrict;
use crate::column::stored::Stored;
use crate::column::{Index, Labels, NO_ORDINAL};
use crate::extract::PseudonymColumn;
use crate::plan::document::RowsPerPerson;
use crate::plan::table::{Condition, Slot};

/// A slot of a table with what is needed of its extract.
pub(crate) struct PreparedSlot<'a> {
    pub(crate) slot: &'a Slot,
    pub(super) keys: PseudonymColumn<'a>,
    /// Rows that the history moves.
    pub(super) moved: Option<&'a Moved>,
    /// Whether a person has at most one row in the extract.
    pub(super) one_row_each: bool,
    /// The source's columns that are needed, by their place; others are `None`.
    columns: Vec<Option<SlotColumn<'a>>>,
    /// Which of the slot's columns the table needs.
    pub(super) needed: Vec<bool>,
    on: Vec<OnColumn<'a>>,
}

/// A further column that must be equal in base and look-up.
struct OnColumn<'a> {
    base: SlotColumn<'a>,
    lookup: SlotColumn<'a>,
    /// From the look-up's codes to the base's, for categories.
    translation: Option<Vec<i64>>,
}

impl<'a> PreparedSlot<'a> {
    /// Of `linkage`, where `base` is the base; `needed` says which of the
    /// slot's columns the table needs. No other column is looked at, however
    /// many the extract has.
    pub(crate) fn new(
        linkage: &'a Linkage,
        slot: &'a Slot,
        base: &Slot,
        needed: Vec<bool>,
    ) -> Self {
        let extract = &linkage.extracts[slot.source];
        let mut wanted = vec![false; extract.source().columns().len()];
        for (column, _) in &slot.conditions {
            wanted[*column] = true;
        }
        for column in (0..needed.len()).filter(|column| needed[*column]) {
            match &slot.reduce {
                None => wanted[column] = true,
                Some(reduce) => {
                    let source = reduce.reductions[column].column;
                    for column in [source, reduce.order_by].into_iter().flatten() {
                        wanted[column] = true;
                    }
                }
            }
        }
        let columns = wanted.iter().enumerate();
        let on = slot.on.iter().map(|&(one, other)| {
            let base = linkage.column(base.source, one);
            let lookup = linkage.column(slot.source, other);
            let translation = translation(lookup.stored.labels(), base.stored.labels());
            OnColumn {
                base,
                lookup,
                translation,
            }
        });
        Self {
            slot,
            keys: extract.keys(),
            moved: linkage.moved[slot.source].as_ref(),
            one_row_each: extract.source().rows() == RowsPerPerson::One,
            columns: columns
                .map(|(place, wanted)| wanted.then(|| linkage.column(slot.source, place)))
                .collect(),
            on: on.collect(),
            needed,
        }
    }

    /// Whether a person has at most one row here, folded or not.
    pub(crate) fn one_row_a_person(&self) -> bool {
        self.one_row_each || self.slot.reduce.is_some()
    }

    /// The labels of one of the source's columns, if it is needed and a category.
    pub(crate) fn labels(&self, place: usize) -> Option<&Labels> {
        let column = self.columns[place].as_ref();
        column.map(|column| column.stored.labels())
    }

    /// The rows of `range`.
    pub(super) fn rows(&self, range: &'a SlotRange) -> SlotRows<'a> {
        SlotRows::new(&self.keys, self.moved, range)
    }

    /// The needed columns in `rows`.
    pub(super) fn window(&self, rows: &SlotRows<'_>) -> ColumnWindow {
        let columns = self.columns.iter();
        ColumnWindow(
            columns
                .map(|column| column.as_ref().map(|column| column.window(rows)))
                .collect(),
        )
    }

    /// The further columns to match on: of the base in those of `base` that
    /// `base_index` names, of the look-up in all of `rows`.
    pub(super) fn on(&self, base: &SlotRows<'_>, base_index: &Index, rows: &SlotRows<'_>) -> On {
        let pairs = self.on.iter().map(|on| {
            let base = ordinals(&on.base.window(base), base_index);
            let mut lookup = ordinals(&on.lookup.window(rows), &Index::All);
            if let Some(codes) = &on.translation {
                for ordinal in lookup.iter_mut().filter(|o| **o != NO_ORDINAL) {
                    *ordinal = codes[*ordinal as usize];
                }
            }
            (base, lookup)
        });
        On(pairs.collect())
    }
}

/// The ordinal that categories of `labels` have among `others`, which are
/// written alike but coded differently; `None` if they are no categories.
fn translation(labels: &Labels, others: &Labels) -> Option<Vec<i64>> {
    if labels.is_empty() && others.is_empty() {
        return None;
    }
    let places = others.iter().enumerate();
    let places: HashMap<&str, i64> = places
        .map(|(code, label)| (label.as_str(), code as i64))
        .collect();
    let codes = labels.iter().map(|label| places.get(label.as_str()));
    // A label that the other column does not have matches nothing there, as missing does.
    Some(
        codes
            .map(|code| code.copied().unwrap_or(NO_ORDINAL))
            .collect(),
    )
}

/// Stored values are within 18 digits, which ordinals hold.
fn ordinals(stored: &Stored, index: &Index) -> Vec<i64> {
    let values = stored.gather(index);
    let ordinal = |row| values.ordinal(row).unwrap_or(NO_ORDINAL);
    (0..values.len()).map(ordinal).collect()
}

/// The needed columns of an extract in some rows.
pub(super) struct ColumnWindow(Vec<Option<Stored>>);

impl ColumnWindow {
    /// # Panics
    ///
    /// If the column was not prepared.
    pub(super) fn column(&self, place: usize) -> &Stored {
        self.0[place]
            .as_ref()
            .expect("a column that the table needs is prepared")
    }

    /// Which of the `rows` rows of `index` satisfy the conditions; `None` if there are none.
    pub(super) fn holds(
        &self,
        conditions: &[(usize, Condition)],
        index: &Index,
        rows: usize,
    ) -> Option<Vec<bool>> {
        if conditions.is_empty() {
            return None;
        }
        let mut holds = vec![true; rows];
        for (column, condition) in conditions {
            restrict(condition, &self.column(*column).gather(index), &mut holds);
        }
        Some(holds)
    }
}

/// Further columns to match on: for each the base's and the look-up's values.
pub(super) struct On(Vec<(Vec<i64>, Vec<i64>)>);

impl On {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a base row and a row of the look-up have the same; a missing value matches nothing.
    pub(super) fn agree(&self, base_row: usize, row: usize) -> bool {
        let mut pairs = self.0.iter();
        pairs.all(|(base, lookup)| base[base_row] == lookup[row] && base[base_row] != NO_ORDINAL)
    }

    /// What a base row wants; `None` if it lacks a value.
    pub(super) fn wanted(&self, base_row: usize) -> Option<Vec<i64>> {
        let wanted: Vec<i64> = self.0.iter().map(|(base, _)| base[base_row]).collect();
        (!wanted.contains(&NO_ORDINAL)).then_some(wanted)
    }

    /// What a row of the look-up offers; `None` if it lacks a value.
    pub(super) fn offered(&self, row: usize) -> Option<Vec<i64>> {
        let offered: Vec<i64> = self.0.iter().map(|(_, lookup)| lookup[row]).collect();
        (!offered.contains(&NO_ORDINAL)).then_some(offered)
    }
}
