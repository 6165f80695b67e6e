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

use super::earlier::rows_fingerprint;
use crate::ledger::Entry;
use crate::ledger::entry::{CellEntry, Coordinate, TableEntry};
use crate::plan::table::{Grain, TablePlan};
use crate::table::{Accumulator, Confidential, Place, Table};

/// Where a cell stands, in any table: of each dimension that is not summed
/// over its name, the level's name if it is by one, and the category; by name.
type Address<'a> = Vec<(&'a str, Option<&'a str>, Option<String>)>;

/// What earlier releases published: by the base's source and the address, each
/// cell's number of persons and the fingerprint of its rows.
#[derive(Default)]
pub(super) struct Published<'a>(HashMap<(&'a str, Address<'a>), Vec<(u64, u64)>>);

impl<'a> Published<'a> {
    /// What the entries of a ledger published.
    pub(super) fn of(ledger: &'a [Entry]) -> Self {
        let mut published: HashMap<_, Vec<_>> = HashMap::new();
        for table in ledger.iter().flat_map(|entry| &entry.release.tables) {
            for cell in &table.cells {
                if let Some(persons) = cell.persons {
                    let address = (table.base.as_str(), earlier_address(table, cell));
                    let cells = published.entry(address).or_default();
                    cells.push((persons, cell.rows.0));
                }
            }
        }
        Self(published)
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
        let address = (plan.slots[0].name.as_str(), address(table, grouping, place));
        let earlier = self.0.get(&address).into_iter().flatten();
        let rows = rows_fingerprint(cell);
        let mut others = earlier.filter(|(_, other)| *other != rows);
        others.any(|(persons, _)| persons.abs_diff(cell.persons) < plan.protect.min_persons)
    }
}

fn earlier_address<'a>(table: &'a TableEntry, cell: &CellEntry) -> Address<'a> {
    let places = table.dimensions.iter().zip(&cell.at);
    let address = places.filter_map(|(dimension, at)| {
        let (level, category) = match at {
            Coordinate::Own(category) => (None, category),
            Coordinate::Level(level, category) => {
                (Some(dimension.levels[*level].name.as_str()), category)
            }
            Coordinate::Total => return None,
        };
        Some((dimension.name.as_str(), level, category.clone()))
    });
    by_name(address.collect())
}

fn address<'a>(table: &'a Table<Confidential>, grouping: &[Grain], place: &Place) -> Address<'a> {
    let places = table.dimensions.iter().zip(grouping).zip(place);
    let address = places.filter_map(|((dimension, grain), ordinal)| {
        let level = match grain {
            Grain::Own => None,
            Grain::Level(level) => Some(dimension.levels[*level].name.as_str()),
            Grain::Total => return None,
        };
        let category = dimension.category(*grain, *ordinal);
        Some((dimension.name.as_str(), level, category))
    });
    by_name(address.collect())
}

fn by_name(mut address: Address<'_>) -> Address<'_> {
    address.sort_unstable();
    address
}
