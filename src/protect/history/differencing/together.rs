//! The earlier tables that a table of this release is protected together with.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::{Columns, EarlierCell, Published};
use crate::protect::history::earlier::{all, all_rows, are_nested, rows_fingerprint};
use crate::protect::quantity::Quantity;
use crate::table::{Confidential, Table};

/// Earlier tables, by place among all earlier tables, of the rows of a table of this
/// release: what they published are further cells of the pattern that this one gets.
#[derive(Default)]
pub(in crate::protect) struct Together {
    tables: BTreeSet<usize>,
    /// Those of the same rows, whether or not all of their cuts are protected together: what
    /// both have in common is.
    same_rows: BTreeSet<usize>,
    /// The rows of each cell that the table has itself.
    cells: HashSet<u64>,
    /// Where among an earlier table's quantities one of the table is, unrevised.
    quantities: BTreeMap<(usize, Quantity), usize>,
}

impl Together {
    /// Those of which it is known by dimension what it is made from.
    pub(in crate::protect) fn of(
        published: &Published<'_>,
        table: &Table<Confidential>,
        origins: &[Columns],
    ) -> Self {
        let finest = &table.blocks[0].cells;
        let rows = all_rows(finest);
        let blocks = table.blocks.iter().flat_map(|block| &block.cells);
        let mut together = Self {
            cells: blocks.map(|(_, cell)| rows_fingerprint(cell)).collect(),
            ..Self::default()
        };
        for (place, earlier) in published.tables.iter().enumerate() {
            if earlier.population.0 == rows {
                together.same_rows.insert(place);
                if are_nested(earlier, table, origins) {
                    together.tables.insert(place);
                }
            }
        }
        if together.tables.is_empty() {
            return together;
        }
        let contributions = (0..table.contributions.len()).map(Quantity::Contribution);
        for quantity in [Quantity::Persons].into_iter().chain(contributions) {
            let whole = all(finest, quantity);
            let unrevised = together.tables.iter().filter_map(|place| {
                let mut quantities = published.tables[*place].quantities.iter();
                let at = quantities.position(|other| other.fingerprint.0 == whole)?;
                Some(((*place, quantity), at))
            });
            together.quantities.extend(unrevised);
        }
        together
    }

    /// Whether it is published by one of these tables.
    pub(super) fn has(&self, earlier: &EarlierCell) -> bool {
        self.has_table(earlier.table)
    }

    /// Whether it is one of these tables.
    pub(super) fn has_table(&self, table: usize) -> bool {
        self.tables.contains(&table)
    }

    /// Whether it is a table of the same rows.
    pub(super) fn has_rows_of(&self, table: usize) -> bool {
        self.same_rows.contains(&table)
    }

    /// Whether the table of this release has a cell of these rows.
    pub(super) fn has_cell(&self, rows: u64) -> bool {
        self.cells.contains(&rows)
    }

    /// Which of the earlier figures is of this quantity, if that is protected together.
    pub(super) fn figure(&self, earlier: &EarlierCell, quantity: Quantity) -> Option<usize> {
        self.quantities.get(&(earlier.table, quantity)).copied()
    }
}
