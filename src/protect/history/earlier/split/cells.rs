//! The cells of an earlier table: which finest ones they are the sums of, and what is disclosed
//! of them.

use std::collections::{BTreeSet, HashMap};

use crate::ledger::entry::{CellEntry, Coordinate, Figure, PromiseEntry, TableEntry};
use crate::protect::history::earlier::cut::category;

/// For each of so many cells the finest ones that it is the sum of, where for each finest one
/// it is known what it is part of.
pub(in crate::protect::history::earlier) fn finest_of(
    cells_of: &[Vec<u32>],
    cells: usize,
) -> Vec<Vec<u32>> {
    let mut finest_of: Vec<Vec<u32>> = vec![Vec::new(); cells];
    for (finest, cells) in (0..).zip(cells_of) {
        for cell in cells {
            finest_of[*cell as usize].push(finest);
        }
    }
    finest_of
}

/// What an earlier release discloses of a cell: its value, or that a primary rule
/// suppressed it. Of others it discloses nothing that needs protection.
pub(in crate::protect::history::earlier) fn disclosed(
    cell: &CellEntry,
    quantity: usize,
) -> Option<Option<i128>> {
    match cell.figures[quantity] {
        Figure::Published(value) => Some(Some(value)),
        Figure::Primary => Some(None),
        Figure::Complementary | Figure::Perturbed => None,
    }
}

/// How many persons a figure of the cell that is published and not zero says to be in it: of
/// fewer than the threshold none is, but in spite of the rules.
pub(in crate::protect::history::earlier) fn least(cell: &CellEntry, promise: PromiseEntry) -> u64 {
    let says = |figure: &Figure| matches!(figure, Figure::Published(value) if *value != 0);
    let persons = cell.persons.unwrap_or(0);
    match cell.figures.iter().any(says) {
        true if persons >= promise.min_persons => promise.min_persons,
        true => 1,
        false => 0,
    }
}

/// By dimension: 0 for its own categories, then its levels; none for a total.
type Grains = Vec<Option<usize>>;

/// By dimension.
type CategoryNames = Vec<Option<String>>;

/// For each finest cell of a table, the cells that it is part of.
pub(in crate::protect::history::earlier) fn cells_of(
    table: &TableEntry,
    finest: &[&CellEntry],
) -> Vec<Vec<u32>> {
    let mut groupings: BTreeSet<Grains> = BTreeSet::new();
    let mut places: HashMap<(Grains, CategoryNames), u32> = HashMap::new();
    for (number, cell) in table.cells.iter().enumerate() {
        let grains: Grains = cell.at.iter().map(Coordinate::grain).collect();
        let names = cell.at.iter().map(|at| category(at).cloned()).collect();
        groupings.insert(grains.clone());
        places.insert((grains, names), number as u32);
    }
    let part_of = |cell: &&CellEntry| {
        let cells = groupings.iter().filter_map(|grains| {
            let names = grains.iter().zip(&cell.at).zip(&table.dimensions);
            let names = names.map(|((grain, at), dimension)| {
                let own = category(at)?;
                match grain {
                    None => None,
                    Some(0) => Some(own.clone()),
                    Some(level) => dimension.levels[level - 1].of.get(own).cloned(),
                }
            });
            places.get(&(grains.clone(), names.collect())).copied()
        });
        cells.collect()
    };
    finest.iter().map(part_of).collect()
}
