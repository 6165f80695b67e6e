//! One range of pseudonyms, merged: for each base row, where each look-up's row is.

use std::ops::Range;

use super::reduce::{Reduced, reduce};
use crate::column::condition::restrict;
use crate::column::stored::Stored;
use crate::column::{NO_ORDINAL, NOWHERE, Values};
use crate::error::Result;
use crate::extract::{Extract, Keys};
use crate::plan::document::Need;
use crate::plan::table::Slot;

/// A slot of a table with what is needed of its extract.
pub(crate) struct Prepared<'a> {
    pub(crate) slot: &'a Slot,
    pub(crate) keys: Keys<'a>,
    /// The source's columns that the table needs, by their place; others are `None`.
    pub(crate) columns: Vec<Option<Stored>>,
    /// Further columns to match on.
    on: Vec<On>,
}

/// A further column that must be equal in base and look-up.
struct On {
    base: Stored,
    lookup: Stored,
    /// From the look-up's codes to the base's, for categories.
    translation: Option<Vec<i64>>,
}

impl On {
    fn base(&self, row: usize) -> i64 {
        self.base.ordinal(row)
    }

    fn lookup(&self, row: usize) -> i64 {
        let ordinal = self.lookup.ordinal(row);
        match &self.translation {
            Some(codes) if ordinal != NO_ORDINAL => codes[ordinal as usize],
            _ => ordinal,
        }
    }
}

impl<'a> Prepared<'a> {
    /// `base` is the base's extract, `extract` the slot's own.
    pub(crate) fn new(slot: &'a Slot, base: &Extract, extract: &'a Extract) -> Self {
        let mut needed = vec![false; extract.source().columns().len()];
        for (column, _) in &slot.conditions {
            needed[*column] = true;
        }
        match &slot.reduce {
            None => needed.fill(true),
            Some(reduce) => {
                let columns = reduce.reductions.iter().map(|reduction| reduction.column);
                for column in columns.chain([reduce.order_by]).flatten() {
                    needed[column] = true;
                }
            }
        }
        let columns = needed.iter().enumerate();
        let on = slot.on.iter().map(|&(one, other)| {
            let (base, lookup) = (base.column(one), extract.column(other));
            let translation = lookup.translation(&base);
            On {
                base,
                lookup,
                translation,
            }
        });
        Self {
            slot,
            keys: extract.keys(),
            columns: columns
                .map(|(i, needed)| needed.then(|| extract.column(i)))
                .collect(),
            on: on.collect(),
        }
    }

    /// Which rows of `range` satisfy the slot's conditions.
    pub(super) fn holds(&self, range: &Range<usize>) -> Vec<bool> {
        let mut holds = vec![true; range.len()];
        let index: Vec<u32> = match self.slot.conditions.is_empty() {
            true => Vec::new(),
            false => range.clone().map(|row| row as u32).collect(),
        };
        for (column, condition) in &self.slot.conditions {
            if let Some(stored) = &self.columns[*column] {
                restrict(condition, &stored.gather(&index), &mut holds);
            }
        }
        holds
    }

    /// What a look-up's row must be equal to in the base's, beside the person.
    pub(super) fn lookup_on(&self, row: usize, on: &mut Vec<i64>) {
        on.clear();
        on.extend(self.on.iter().map(|on| on.lookup(row)));
    }

    fn base_on(&self, row: usize, on: &mut Vec<i64>) {
        on.clear();
        on.extend(self.on.iter().map(|on| on.base(row)));
    }
}

/// A range of pseudonyms, merged.
pub(crate) struct Merged {
    /// For each base row its person's number in this range, ascending.
    pub(crate) persons: Vec<u32>,
    /// For each slot, its values and which of them each base row has.
    pub(crate) slots: Vec<MergedSlot>,
    /// Which base rows are kept: those with a match in every look-up that needs one.
    pub(crate) kept: Vec<bool>,
}

/// One slot's part in a merged range.
pub(crate) struct MergedSlot {
    /// For each base row, the row of the extract or of what it was reduced to;
    /// or [`NOWHERE`].
    pub(crate) index: Vec<u32>,
    /// What the extract's rows were reduced to, if they were.
    reduced: Option<Vec<Values>>,
}

impl MergedSlot {
    /// A column of the slot for each base row.
    pub(crate) fn gather(&self, prepared: &Prepared<'_>, column: usize) -> Values {
        match &self.reduced {
            Some(columns) => columns[column].gather(&self.index),
            None => prepared.columns[column]
                .as_ref()
                .expect("all columns of an unreduced slot are prepared")
                .gather(&self.index),
        }
    }
}

/// Merges one range: `ranges` has the rows of each of `slots`, the base first.
///
/// # Errors
///
/// A reduced sum that is too large to be held exactly.
pub(crate) fn merge(slots: &[Prepared<'_>], ranges: &[Range<usize>]) -> Result<Merged> {
    let (base, lookups) = slots.split_first().expect("a table has a base");
    let base_rows = merge_base(base, &ranges[0])?;
    let mut merged = Merged {
        kept: vec![true; base_rows.persons.len()],
        persons: base_rows.persons,
        slots: vec![base_rows.slot],
    };
    for (lookup, range) in lookups.iter().zip(&ranges[1..]) {
        let slot = merge_lookup(lookup, range, &base_rows.keys, base_rows.rows.as_deref())?;
        if lookup.slot.need == Need::Required {
            for (kept, index) in merged.kept.iter_mut().zip(&slot.index) {
                *kept &= *index != NOWHERE;
            }
        }
        merged.slots.push(slot);
    }
    Ok(merged)
}

struct BaseRows {
    keys: Vec<u128>,
    /// Rows in the extract, unless they were reduced.
    rows: Option<Vec<u32>>,
    persons: Vec<u32>,
    slot: MergedSlot,
}

fn merge_base(base: &Prepared<'_>, range: &Range<usize>) -> Result<BaseRows> {
    if base.slot.reduce.is_some() {
        let Reduced { keys, columns, .. } = reduce(base, range, None)?;
        let count = keys.len() as u32;
        return Ok(BaseRows {
            keys,
            rows: None,
            persons: (0..count).collect(),
            slot: MergedSlot {
                index: (0..count).collect(),
                reduced: Some(columns),
            },
        });
    }
    let holds = base.holds(range);
    let rows: Vec<u32> = range
        .clone()
        .zip(holds)
        .filter(|(_, holds)| *holds)
        .map(|(row, _)| row as u32)
        .collect();
    let keys: Vec<u128> = rows
        .iter()
        .map(|&row| base.keys.get(row as usize))
        .collect();
    let mut person = 0;
    let mut persons = Vec::with_capacity(rows.len());
    for (at, key) in keys.iter().enumerate() {
        if at > 0 && *key != keys[at - 1] {
            person += 1;
        }
        persons.push(person);
    }
    Ok(BaseRows {
        keys,
        persons,
        slot: MergedSlot {
            index: rows.clone(),
            reduced: None,
        },
        rows: Some(rows),
    })
}

fn merge_lookup(
    lookup: &Prepared<'_>,
    range: &Range<usize>,
    base_keys: &[u128],
    base_rows: Option<&[u32]>,
) -> Result<MergedSlot> {
    if lookup.slot.reduce.is_some() {
        let reduced = reduce(lookup, range, Some(base_keys))?;
        let index = find(lookup, base_keys, base_rows, &reduced.keys, |group, on| {
            on.extend_from_slice(&reduced.on[group]);
        });
        return Ok(MergedSlot {
            index,
            reduced: Some(reduced.columns),
        });
    }
    let holds = lookup.holds(range);
    let rows: Vec<usize> = range
        .clone()
        .zip(holds)
        .filter(|(_, holds)| *holds)
        .map(|(row, _)| row)
        .collect();
    let keys: Vec<u128> = rows.iter().map(|&row| lookup.keys.get(row)).collect();
    let mut index = find(lookup, base_keys, base_rows, &keys, |at, on| {
        lookup.lookup_on(rows[at], on);
    });
    for index in index.iter_mut().filter(|index| **index != NOWHERE) {
        *index = rows[*index as usize] as u32;
    }
    Ok(MergedSlot {
        index,
        reduced: None,
    })
}

/// For each base row, which of the look-up's ascending `keys` it matches, with
/// equal further columns: both lists are walked once.
fn find(
    lookup: &Prepared<'_>,
    base_keys: &[u128],
    base_rows: Option<&[u32]>,
    keys: &[u128],
    on_of: impl Fn(usize, &mut Vec<i64>),
) -> Vec<u32> {
    let mut index = Vec::with_capacity(base_keys.len());
    let mut at = 0;
    let mut run = 0;
    let (mut wanted, mut found) = (Vec::new(), Vec::new());
    for (base, &key) in base_keys.iter().enumerate() {
        while at < keys.len() && keys[at] < key {
            at += 1;
        }
        if lookup.on.is_empty() {
            let matches = at < keys.len() && keys[at] == key;
            index.push(if matches { at as u32 } else { NOWHERE });
            continue;
        }
        // The plan's checks allow `on` only where the base is not reduced.
        let row = base_rows.map_or(base, |rows| rows[base] as usize);
        lookup.base_on(row, &mut wanted);
        if base == 0 || key != base_keys[base - 1] {
            run = keys[at..].iter().take_while(|other| **other == key).count();
        }
        // A run is one row, or groups that ascend by `on`.
        let mut compare = |candidate: usize| {
            found.clear();
            on_of(candidate, &mut found);
            found.cmp(&wanted)
        };
        let (mut low, mut high) = (at, at + run);
        while low < high {
            let middle = low.midpoint(high);
            match compare(middle).is_lt() {
                true => low = middle + 1,
                false => high = middle,
            }
        }
        let matches = low < at + run && compare(low).is_eq() && !wanted.contains(&NO_ORDINAL);
        index.push(if matches { low as u32 } else { NOWHERE });
    }
    index
}
