//! Several rows of a person folded to one, for the person and for each value of `on`.
//!
//! A person's rows are adjacent; so folding needs no table of
//! persons. Which rows belong together is found first, for all columns; then
//! each column is folded by itself.

mod fold;

use std::collections::HashMap;

use super::prepared::{ColumnWindow, On, PreparedSlot};
use crate::column::{Index, NOWHERE, Values};
use crate::error::Result;
use crate::extract::PseudonymBytes;
use crate::plan::table::Reduce;

/// A look-up that was reduced.
pub(super) struct ReducedLookup {
    /// For each base row which of the folded rows, or [`NOWHERE`].
    pub(super) index: Vec<u32>,
    /// The slot's columns, where the table needs them.
    pub(super) columns: Vec<Option<Values>>,
}

/// Rows of a window that are folded together. No group is empty.
struct FoldGroups {
    /// The rows, group by group; `None` if groups are runs of the window itself.
    rows: Option<Vec<u32>>,
    /// Where each group begins and ends, in `rows` or in the window.
    runs: Vec<(u32, u32)>,
}

impl FoldGroups {
    /// Groups of listed rows, none yet.
    fn listed() -> Self {
        Self {
            rows: Some(Vec::new()),
            runs: Vec::new(),
        }
    }

    /// Makes a group of `rows`, if there are any; its number, or [`NOWHERE`].
    fn add(&mut self, rows: impl Iterator<Item = u32>) -> u32 {
        let listed = self.rows.get_or_insert_default();
        let from = listed.len() as u32;
        listed.extend(rows);
        let to = listed.len() as u32;
        if from == to {
            return NOWHERE;
        }
        self.runs.push((from, to));
        self.runs.len() as u32 - 1
    }
}

/// Folds all of a window, whose pseudonyms are `keys`: the persons that have a
/// row, ascending, and the slot's columns for them.
///
/// # Errors
///
/// [`ErrorKind::Overflow`](crate::ErrorKind::Overflow) if a sum is too large
/// to be held exactly.
pub(super) fn reduce_all(
    base: &PreparedSlot<'_>,
    window: &ColumnWindow,
    keys: &[PseudonymBytes],
) -> Result<(Vec<PseudonymBytes>, Vec<Option<Values>>)> {
    let holds = window.holds(&base.slot.conditions, &Index::All, keys.len());
    let mut first = 0;
    let runs = keys.chunk_by(|a, b| a == b).map(|run| {
        let from = first;
        first += run.len() as u32;
        (from, first)
    });
    let Some(holds) = holds else {
        let groups = FoldGroups {
            rows: None,
            runs: runs.collect(),
        };
        let persons = groups.runs.iter().map(|(from, _)| keys[*from as usize]);
        return Ok((persons.collect(), fold_columns(base, window, &groups)?));
    };
    let mut groups = FoldGroups::listed();
    let mut persons = Vec::new();
    for (from, to) in runs {
        if groups.add((from..to).filter(|row| holds[*row as usize])) != NOWHERE {
            persons.push(keys[from as usize]);
        }
    }
    Ok((persons, fold_columns(base, window, &groups)?))
}

/// Folds what a window holds of the persons of the base: `found` has, for each
/// base row, the first of its person's rows, or [`NOWHERE`].
///
/// # Errors
///
/// As [`reduce_all`].
pub(super) fn reduce_for(
    lookup: &PreparedSlot<'_>,
    window: &ColumnWindow,
    keys: &[PseudonymBytes],
    found: Vec<u32>,
    base_keys: &[PseudonymBytes],
    on: &On,
) -> Result<ReducedLookup> {
    let same_as_before = |row: usize| row > 0 && base_keys[row] == base_keys[row - 1];
    let runs = runs(keys, &found);
    if on.is_empty() && lookup.slot.conditions.is_empty() {
        let mut number = NOWHERE;
        let index = found.iter().enumerate().map(|(row, &first)| match first {
            NOWHERE => NOWHERE,
            _ => {
                // A person's first base row is the next group.
                number = number.wrapping_add(u32::from(!same_as_before(row)));
                number
            }
        });
        return Ok(ReducedLookup {
            index: index.collect(),
            columns: fold_columns(lookup, window, &FoldGroups { rows: None, runs })?,
        });
    }
    let rows: Vec<u32> = runs.iter().flat_map(|(from, to)| *from..*to).collect();
    let count = rows.len();
    let holds = window.holds(&lookup.slot.conditions, &Index::Rows(rows), count);
    let mut holds = holds.as_deref().unwrap_or(&[]).iter();
    let mut all_hold = || holds.next().copied().unwrap_or(true);
    let mut runs = runs.into_iter();
    let mut groups = FoldGroups::listed();
    let mut index = Vec::with_capacity(found.len());
    // The groups of the present person, by `on`.
    let mut by_on: HashMap<Vec<i64>, u32> = HashMap::new();
    for (row, &first) in found.iter().enumerate() {
        if first == NOWHERE {
            index.push(NOWHERE);
            continue;
        }
        if on.is_empty() {
            index.push(match same_as_before(row) {
                true => index[row - 1],
                false => {
                    let (from, to) = runs.next().expect("a run for each person that was found");
                    groups.add((from..to).filter(|_| all_hold()))
                }
            });
            continue;
        }
        if !same_as_before(row) {
            let (from, to) = runs.next().expect("a run for each person that was found");
            let kept = (from..to).filter(|_| all_hold());
            by_on.clear();
            let offered = kept.filter_map(|row| Some((on.offered(row as usize)?, row)));
            let mut offered: Vec<(Vec<i64>, u32)> = offered.collect();
            offered.sort_unstable();
            for group in offered.chunk_by(|a, b| a.0 == b.0) {
                let number = groups.add(group.iter().map(|(_, row)| *row));
                by_on.insert(group[0].0.clone(), number);
            }
        }
        let group = on.wanted(row).and_then(|wanted| by_on.get(&wanted));
        index.push(group.copied().unwrap_or(NOWHERE));
    }
    Ok(ReducedLookup {
        index,
        columns: fold_columns(lookup, window, &groups)?,
    })
}

/// The rows of each person that was found: from, to. A person is found once
/// for each of its base rows, and listed once.
fn runs(keys: &[PseudonymBytes], found: &[u32]) -> Vec<(u32, u32)> {
    let mut runs: Vec<(u32, u32)> = Vec::with_capacity(found.len());
    let mut before = NOWHERE;
    for &first in found {
        if first == NOWHERE || first == before {
            continue;
        }
        before = first;
        let key = &keys[first as usize];
        let mut end = first as usize + 1;
        while keys.get(end) == Some(key) {
            end += 1;
        }
        runs.push((first, end as u32));
    }
    runs
}

fn fold_columns(
    prepared: &PreparedSlot<'_>,
    window: &ColumnWindow,
    groups: &FoldGroups,
) -> Result<Vec<Option<Values>>> {
    let plan: &Reduce = prepared
        .slot
        .reduce
        .as_ref()
        .expect("a slot that is reduced");
    let columns = plan.reductions.iter().zip(&prepared.slot.columns);
    let columns = columns.zip(&prepared.needed);
    let folded = columns.map(|((reduction, (name, _)), needed)| match needed {
        false => Ok(None),
        true => fold::fold(window, plan, *reduction, groups)
            .map(Some)
            .map_err(|error| error.in_source(&prepared.slot.name).in_column(name)),
    });
    folded.collect()
}
