//! Conditions of counts that are several dimensions of another release together.
//!
//! Who is below 30 and sick is one category of a count with two conditions, and in a table by
//! sickness with a count of those below 30 it is a cell; in one by bands of age it is a few
//! neighbouring ones. No dimension of the one cuts the rows as the other's does; but cells have
//! the same rows, and are known by them.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;

use super::cut::{Cut, CutDimension, own};
use super::{fingerprint, rows_and_values, rows_fingerprint};
use crate::ledger::entry::{CellEntry, TableEntry};
use crate::protect::history::totals::{MOST_IN_RUNS, MOST_SUMMED, totals};
use crate::protect::quantity::Quantity;
use crate::table::{Accumulator, Confidential, Place, Population, Table};

/// The fingerprints of some rows, and of what they hold of a quantity.
pub(super) type Held = (u64, u64);

/// Those who satisfy a condition, or who do not.
pub(super) struct Condition {
    pub(super) held: Held,
    dimension: CutDimension,
}

impl Condition {
    /// By what cuts know it.
    pub(super) fn category(&self) -> u64 {
        rows_and_values(self.held.0, self.held.1)
    }

    /// The cut that separates those cells of so many that it has from the others, which
    /// together are `whole`.
    pub(super) fn cut(self, has: impl Iterator<Item = bool>, whole: u64) -> Cut {
        let (holds, rest) = (self.category(), whole.wrapping_sub(self.category()));
        let has: Vec<bool> = has.collect();
        let name = |has: &bool| Some(has.to_string());
        Cut {
            of: has
                .iter()
                .map(|has| if *has { holds } else { rest })
                .collect(),
            names: has.iter().map(name).collect(),
            ordered: vec![rest, holds],
            dimension: self.dimension,
        }
    }
}

fn add(held: &mut Held, (rows, values): Held) {
    held.0 = held.0.wrapping_add(rows);
    held.1 = held.1.wrapping_add(values);
}

/// The conditions of a population's tables, and what two of a table distinguish together.
pub(super) fn own_conditions(
    population: &Population,
    tables: &[Table<Confidential>],
    quantity: Quantity,
    inner: &[(Place, Accumulator)],
) -> Vec<Condition> {
    let mut conditions = Vec::new();
    for member in &population.members {
        let dimensions = &tables[member.table].dimensions;
        let hidden = (0..dimensions.len()).filter(|at| dimensions[*at].hidden);
        for group in one_or_two(hidden) {
            let cells = inner.iter().map(|(place, cell)| {
                let category = group.iter().map(|at| member.ordinal(*at, place));
                let held = (rows_fingerprint(cell), fingerprint(cell, quantity));
                (category.collect::<Vec<i64>>(), held)
            });
            let by = group.iter().map(|at| CutDimension {
                name: dimensions[*at].name.clone(),
                origins: member.origins[*at].clone(),
            });
            conditions.extend(of_categories(cells, by.collect()));
        }
    }
    in_order(conditions)
}

/// The conditions of an earlier table, and what two of them distinguish together.
pub(super) fn conditions(
    table: &TableEntry,
    finest: &[&CellEntry],
    quantity: usize,
) -> Vec<Condition> {
    let dimensions = &table.dimensions;
    let hidden = (0..dimensions.len()).filter(|at| dimensions[*at].hidden);
    let each = one_or_two(hidden).into_iter().flat_map(|group| {
        let cells = finest.iter().map(|cell| {
            let category = group.iter().map(|at| own(cell, *at));
            let held = (cell.rows.0, cell.fingerprints[quantity].0);
            (category.collect::<Vec<Option<String>>>(), held)
        });
        let by = group.iter().map(|at| CutDimension {
            name: dimensions[*at].name.clone(),
            origins: dimensions[*at].origins.clone(),
        });
        of_categories(cells, by.collect())
    });
    in_order(each.collect())
}

/// Each by itself, and every two.
fn one_or_two(dimensions: impl Iterator<Item = usize> + Clone) -> Vec<Vec<usize>> {
    let pairs = dimensions.clone().flat_map(|one| {
        let others = dimensions.clone().filter(move |other| *other > one);
        others.map(move |other| vec![one, other])
    });
    let alone = dimensions.clone().map(|one| vec![one]);
    alone.chain(pairs).collect()
}

/// Those in each category of these dimensions together.
fn of_categories<C: Eq + Hash>(
    cells: impl Iterator<Item = (C, Held)>,
    by: Vec<CutDimension>,
) -> Vec<Condition> {
    let mut categories: HashMap<C, Held> = HashMap::new();
    for (category, held) in cells {
        add(categories.entry(category).or_default(), held);
    }
    let conditions = categories.into_values().map(|held| Condition {
        held,
        dimension: CutDimension::together(by.iter()),
    });
    conditions.collect()
}

/// In an order that does not depend on how they were found.
fn in_order(mut conditions: Vec<Condition>) -> Vec<Condition> {
    conditions.sort_by_key(|condition| condition.held);
    conditions.dedup_by_key(|condition| condition.held);
    conditions.retain(|condition| condition.held.0 != 0);
    conditions
}

/// By what they hold, the cells of a table's margins over any dimensions, as finest cells.
/// Nothing where there are too many.
pub(super) fn margins(
    table: &TableEntry,
    finest: &[&CellEntry],
    quantity: usize,
) -> HashMap<Held, BTreeSet<u32>> {
    let mut found: HashMap<Held, BTreeSet<u32>> = HashMap::new();
    let dimensions = table.dimensions.len();
    let margins = 1usize.checked_shl(dimensions as u32).unwrap_or(usize::MAX);
    if finest.len().saturating_mul(margins) > MOST_SUMMED {
        return found;
    }
    for margin in 0..margins {
        let mut cells: HashMap<Vec<Option<String>>, (Held, BTreeSet<u32>)> = HashMap::new();
        for (number, cell) in (0..).zip(finest) {
            let kept = (0..dimensions).filter(|at| margin >> at & 1 == 1);
            let (held, members) = cells
                .entry(kept.map(|at| own(cell, at)).collect())
                .or_default();
            add(held, (cell.rows.0, cell.fingerprints[quantity].0));
            members.insert(number);
        }
        for (held, members) in cells.into_values() {
            found.entry(held).or_insert(members);
        }
    }
    let mut numbers: Vec<HashMap<Option<String>, i64>> = vec![HashMap::new(); dimensions];
    let cells = finest.iter().map(|cell| {
        let at = numbers.iter_mut().enumerate().map(|(at, numbers)| {
            // Tables list categories in their order.
            let next = numbers.len() as i64;
            *numbers.entry(own(cell, at)).or_insert(next)
        });
        (at.collect(), (cell.rows.0, cell.fingerprints[quantity].0))
    });
    for (held, members) in runs(cells.collect()) {
        found
            .entry(held)
            .or_insert_with(|| members.into_iter().collect());
    }
    found
}

/// By what they hold, the sums of a population's `inner` cells over neighbouring categories.
pub(super) fn own_runs(
    inner: &[(Place, Accumulator)],
    quantity: Quantity,
) -> HashMap<Held, Vec<u32>> {
    let cells = inner.iter().map(|(place, cell)| {
        let held = (rows_fingerprint(cell), fingerprint(cell, quantity));
        (place.to_vec(), held)
    });
    runs(cells.collect())
}

/// What some cells hold together, and which they are.
type Sum = (Held, Vec<u32>);

/// A cell, by dimension where it is.
type PlacedSum = (Vec<i64>, Option<Sum>);

/// By what they hold, the sums of cells, of each of which it is known where it is, over
/// neighbouring categories. Nothing where there are too many.
fn runs(cells: Vec<(Vec<i64>, Held)>) -> HashMap<Held, Vec<u32>> {
    let dimensions = cells.first().map_or(0, |(at, _)| at.len());
    let margins = 1usize.checked_shl(dimensions as u32).unwrap_or(usize::MAX);
    let mut found = HashMap::new();
    if cells.len().saturating_mul(margins) > MOST_IN_RUNS {
        return found;
    }
    let cells = (0..).zip(cells);
    let cells = cells.map(|(number, (at, held))| (at, Some((held, vec![number]))));
    let cells: Vec<PlacedSum> = cells.collect();
    let added = |mut one: Sum, other: &Sum| {
        add(&mut one.0, other.0);
        one.1.extend(&other.1);
        Some(one)
    };
    totals(&cells, added, |total| {
        if total.at.contains(&None) {
            let (held, members) = total.sum;
            found.entry(held).or_insert(members);
        }
    });
    found
}
