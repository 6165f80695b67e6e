//! Populations: which tables are about the same rows.
//!
//! Two tables about the same rows are two views of one finer table, by the
//! dimensions of both. What one suppresses the other may disclose; so they
//! are protected together, on the cells of that finer table, which nobody
//! publishes.

mod class;
mod joint;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashSet};

pub(super) use class::Class;

use super::names::Renamed;
use super::{Accumulator, Confidential, Contribution, Dimension, Place, Table};
use crate::plan::table::{Grain, Origin, TablePlan};

/// Tables about the same rows.
pub(crate) struct Population {
    pub(crate) members: Vec<Member>,
    /// The table by the dimensions of all members, if there are several.
    pub(crate) joint: Option<Table<Confidential>>,
    /// Whether a person has at most one row, so that persons add up and their
    /// number is that of rows.
    pub(crate) one_row_each: bool,
    /// Groups of dimensions of the inner cells that are made from the same thing: not
    /// all combinations of their categories can be.
    related: Vec<Vec<usize>>,
    /// By contribution, the dimensions of the inner cells that are made from what it is.
    tied: Vec<Vec<usize>>,
    /// By contribution, whether it is known of a person in a cell what it is at least, or at most.
    bounded: Vec<bool>,
}

/// A table of a population.
pub(crate) struct Member {
    /// Its place among the plan's tables.
    pub(crate) table: usize,
    /// For each of its dimensions, the place among those of all members.
    pub(crate) dimensions: Vec<usize>,
    /// For each of its dimensions, what it is made from.
    pub(crate) origins: Vec<BTreeSet<Origin>>,
    /// For each of its dimensions, in which of its categories nobody has a value, and of what.
    pub(crate) lacking: Vec<Option<(i64, Origin)>>,
    /// For each of its dimensions, what the categories of inner cells are in it.
    categories: Vec<Renamed>,
    /// For each of its contributions, the place among those of all members.
    pub(crate) contributions: Vec<usize>,
}

impl Member {
    /// The ordinal that an inner cell's place has in one of the table's dimensions.
    pub(crate) fn ordinal(&self, dimension: usize, inner: &[i64]) -> i64 {
        self.category(dimension, inner[self.dimensions[dimension]])
    }

    /// The ordinal that one of an inner cell's has in one of the table's dimensions.
    pub(crate) fn category(&self, dimension: usize, ordinal: i64) -> i64 {
        self.categories[dimension].ordinal(ordinal)
    }

    /// The finest place in the table of an inner cell's place.
    pub(crate) fn place(&self, inner: &[i64]) -> Vec<i64> {
        let dimensions = 0..self.dimensions.len();
        dimensions.map(|at| self.ordinal(at, inner)).collect()
    }
}

/// What the list of names discloses of a number of persons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NameFloor {
    /// Inner cells of the population, ascending.
    pub(crate) inner: Vec<u32>,
    /// At least so many persons are in them together.
    pub(crate) persons: u64,
}

impl Population {
    /// What the names disclose that its tables list: of a category that the plan does
    /// not declare that as many persons have it as the table's threshold is, and
    /// of rare ones together, or of missing values, that somebody has.
    ///
    /// # Disclosure
    ///
    /// A recipient knows all of it: that a name is listed says so.
    pub(crate) fn known_from_names(
        &self,
        tables: &[Table<Confidential>],
        plans: &[TablePlan],
    ) -> Vec<NameFloor> {
        let inner = self.inner_cells(tables);
        let mut floors = Vec::new();
        for member in &self.members {
            let enough = plans[member.table].protect.min_persons;
            let dimensions = tables[member.table].dimensions.iter().enumerate();
            for (at, dimension) in dimensions {
                for grain in grains(dimension) {
                    let mut cells: BTreeMap<i64, Vec<u32>> = BTreeMap::new();
                    for (cell, (place, _)) in inner.iter().enumerate() {
                        let ordinal = dimension.at(grain, member.ordinal(at, place));
                        if let Ok(ordinal) = ordinal {
                            cells.entry(ordinal).or_default().push(cell as u32);
                        }
                    }
                    let bounds = cells.into_iter().filter_map(|(ordinal, inner)| {
                        let persons = dimension.least_listed(grain, ordinal, enough)?;
                        Some(NameFloor { inner, persons })
                    });
                    floors.extend(bounds);
                }
            }
        }
        floors
    }

    /// Of each inner cell, whether everybody may know that nobody can be in it: of the
    /// categories of dimensions that are made from the same thing, nobody has these; or it is
    /// in a category for what the plan does not list, and there is nothing else.
    pub(crate) fn impossible(&self, tables: &[Table<Confidential>]) -> Vec<bool> {
        let inner = self.inner_cells(tables);
        let mut impossible = vec![false; inner.len()];
        for group in &self.related {
            mark_without(inner, group, |cell| cell.persons > 0, &mut impossible);
        }
        for member in &self.members {
            for (at, dimension) in tables[member.table].dimensions.iter().enumerate() {
                let empty = grains(dimension).filter_map(|grain| {
                    let empty = dimension.known_empty(grain);
                    (!empty.is_empty()).then_some((grain, empty))
                });
                for (grain, empty) in empty {
                    for ((place, _), impossible) in inner.iter().zip(&mut impossible) {
                        let ordinal = dimension.at(grain, member.ordinal(at, place));
                        *impossible |= ordinal.is_ok_and(|ordinal| empty.contains(&ordinal));
                    }
                }
            }
        }
        impossible
    }

    /// Of each inner cell, whether everybody may know that nobody in it can contribute:
    /// in these categories of what the contribution is made from, nobody does.
    pub(crate) fn without(&self, tables: &[Table<Confidential>], contribution: usize) -> Vec<bool> {
        let inner = self.inner_cells(tables);
        let mut without = self.impossible(tables);
        let group = &self.tied[contribution];
        if !group.is_empty() {
            let contributes = |cell: &Accumulator| cell.totals[contribution].contributors > 0;
            mark_without(inner, group, contributes, &mut without);
        }
        without
    }

    /// The dimensions of the inner cells that are made from what a contribution is.
    pub(crate) fn tied(&self, contribution: usize) -> &[usize] {
        &self.tied[contribution]
    }

    /// Whether a contribution is the number of rows.
    pub(crate) fn is_rows(&self, tables: &[Table<Confidential>], contribution: usize) -> bool {
        let table = self.joint.as_ref();
        let table = table.unwrap_or_else(|| &tables[self.members[0].table]);
        table.contributions[contribution] == Contribution::Rows
    }

    /// Whether it is known of a person in a cell how much it contributes at least, or at
    /// most: by the categories of the cell, or since it is a number of rows.
    pub(crate) fn is_bounded(&self, contribution: usize) -> bool {
        self.bounded[contribution]
    }

    /// Groups of dimensions of the inner cells that are made from the same thing: not
    /// all combinations of their categories can be.
    pub(crate) fn related(&self) -> &[Vec<usize>] {
        &self.related
    }

    fn inner_cells<'a>(&'a self, tables: &'a [Table<Confidential>]) -> &'a [(Place, Accumulator)] {
        let table = self.joint.as_ref();
        let table = table.unwrap_or_else(|| &tables[self.members[0].table]);
        &table.blocks[0].cells
    }
}

/// A dimension's own categories, and its levels.
fn grains(dimension: &Dimension) -> impl Iterator<Item = Grain> {
    let levels = (0..dimension.levels.len()).map(Grain::Level);
    std::iter::once(Grain::Own).chain(levels)
}

/// Marks the cells of such categories of the dimensions in `group` as no cell has for
/// which it holds.
fn mark_without(
    inner: &[(Place, Accumulator)],
    group: &[usize],
    holds: impl Fn(&Accumulator) -> bool,
    marks: &mut [bool],
) {
    let categories =
        |place: &Place| -> Vec<i64> { group.iter().map(|dimension| place[*dimension]).collect() };
    let holding = inner.iter().filter(|(_, cell)| holds(cell));
    let known: HashSet<Vec<i64>> = holding.map(|(place, _)| categories(place)).collect();
    for ((place, _), mark) in inner.iter().zip(marks) {
        *mark |= !known.contains(&categories(place));
    }
}
