//! Differencing: a cell that was published before with nearly the same persons.
//!
//! A table that is released again a month later is safe in both releases, and
//! the difference is about those who came or went. Where an earlier release
//! has a cell of the same categories, of other rows and of about as many
//! persons, that difference is about fewer persons than the plan's threshold,
//! or about nobody knows how few, and the cell is unsafe (ESSnet handbook on
//! statistical disclosure control, 2nd edition, on disclosure by differencing).
//!
//! Cells of the same rows are another matter: they are protected together
//! (the room `earlier`).

use std::collections::HashMap;

use super::earlier::{MOST_SUMMED, rows_fingerprint};
use crate::ledger::Entry;
use crate::ledger::entry::{CellEntry, Coordinate, TableEntry};
use crate::plan::table::{Grain, TablePlan};
use crate::table::{Accumulator, Confidential, Place, Table};

/// Where a cell stands, in any table: the categories of the dimensions that are
/// not summed over, in their order. What a plan calls a dimension says nothing.
type Address = Vec<Option<String>>;

/// A number of persons, and the fingerprint of their rows.
type Persons = (u64, u64);

/// What earlier releases told: by the base's source and the address, each
/// cell's persons.
#[derive(Default)]
pub(super) struct Published<'a>(HashMap<(&'a str, Address), Vec<Persons>>);

impl<'a> Published<'a> {
    /// What the entries of a ledger told, totals of published parts included.
    pub(super) fn of(ledger: &'a [Entry]) -> Self {
        let mut published = Self::default();
        for table in ledger.iter().flat_map(|entry| &entry.release.tables) {
            for cell in &table.cells {
                if let Some(persons) = cell.persons {
                    let at = address(cell.at.iter().filter_map(category));
                    published.add(&table.base, at, (persons, cell.rows.0));
                }
            }
            published.add_totals(table);
        }
        published
    }

    fn add(&mut self, base: &'a str, address: Address, persons: Persons) {
        let cells = self.0.entry((base, address)).or_default();
        if !cells.contains(&persons) {
            cells.push(persons);
        }
    }

    /// Adds the totals of a table whose parts are all published: whoever has
    /// these has those. Where a person has several rows they are more than there are.
    fn add_totals(&mut self, table: &'a TableEntry) {
        let own = |at: &Coordinate| matches!(at, Coordinate::Own(_));
        let finest = table.cells.iter().filter(|cell| cell.at.iter().all(own));
        let finest: Vec<&CellEntry> = finest.collect();
        let margins = 1usize.checked_shl(table.dimensions.len() as u32);
        let margins = margins.filter(|margins| margins.saturating_mul(finest.len()) <= MOST_SUMMED);
        for margin in 0..margins.unwrap_or(0) {
            let mut totals: HashMap<Address, Option<Persons>> = HashMap::new();
            for cell in &finest {
                let kept = cell.at.iter().enumerate();
                let kept = kept.filter(|(dimension, _)| margin >> dimension & 1 == 1);
                let kept = address(kept.filter_map(|(_, at)| category(at)));
                let total = totals.entry(kept).or_insert(Some((0, 0)));
                *total = total.zip(cell.persons).map(|((persons, rows), more)| {
                    (persons.saturating_add(more), rows.wrapping_add(cell.rows.0))
                });
            }
            for (address, persons) in totals {
                if let Some(persons) = persons {
                    self.add(&table.base, address, persons);
                }
            }
        }
    }

    /// Whether a cell was published before with nearly the same persons.
    pub(super) fn nearly(
        &self,
        table: &Table<Confidential>,
        plan: &TablePlan,
        grouping: &[Grain],
        place: &Place,
        cell: &Accumulator,
    ) -> bool {
        if self.0.is_empty() {
            return false;
        }
        let places = table.dimensions.iter().zip(grouping).zip(place);
        let categories = places.filter_map(|((dimension, grain), ordinal)| match grain {
            Grain::Total => None,
            _ => Some(dimension.category(*grain, *ordinal)),
        });
        let address = (plan.slots[0].name.as_str(), address(categories));
        let earlier = self.0.get(&address).into_iter().flatten();
        let rows = rows_fingerprint(cell);
        let mut others = earlier.filter(|(_, other)| *other != rows);
        others.any(|(persons, _)| persons.abs_diff(cell.persons) < plan.protect.min_persons)
    }
}

fn category(at: &Coordinate) -> Option<Option<String>> {
    match at {
        Coordinate::Own(category) | Coordinate::Level(_, category) => Some(category.clone()),
        Coordinate::Total => None,
    }
}

fn address(categories: impl Iterator<Item = Option<String>>) -> Address {
    let mut address: Address = categories.collect();
    address.sort_unstable();
    address
}
