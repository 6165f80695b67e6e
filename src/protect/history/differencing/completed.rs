//! What an earlier release suppressed, derived from something else: a total that nobody
//! published, or that nobody is in a cell.
//!
//! Whoever has a total, and all its parts but one, has that one too.
//!
//! Where all rows are the same as then, earlier cells are parts of the pattern itself. Where
//! somebody came or went elsewhere, they are not; and a total of rows that are the same is
//! not published as long as one of the parts that are suppressed is unsafe. Totals are those
//! over any dimensions, of declared levels, and of neighbouring categories in smaller tables.
//!
//! That nobody is in a cell is unsafe where it says that all of a group are in another one.
//! Of nobody there are no rows to know the cell by; so where such a cell was unsafe once, one
//! of the same categories that nobody is in stays so, whatever a later plan calls sensitive.

use std::collections::{HashMap, HashSet};

use super::{Address, Together, category, finest};
use crate::ledger::entry::{CellEntry, Coordinate, Figure, Fingerprint, TableEntry};
use crate::protect::history::totals::{MOST_IN_RUNS, MOST_SUMMED, totals};

/// The totals of earlier tables that have an unsafe part, by the fingerprint of their rows.
#[derive(Default)]
pub(super) struct Completed {
    of: HashMap<u64, Vec<UnsafeTotal>>,
    /// The ledger's entry with an unsafe cell of nobody, by its categories.
    empty: HashMap<Address, u64>,
}

struct UnsafeTotal {
    /// The number of the ledger's entry.
    entry: u64,
    /// The table's place among all that were published.
    table: usize,
    /// For each quantity that has an unsafe part, what the total holds.
    holds: Vec<Option<u64>>,
    /// The rows of the unsafe parts.
    parts: HashSet<u64>,
    /// Whether it is over neighbouring categories.
    is_run: bool,
}

/// The cells that a total is the sum of.
type Parts<'a> = Vec<&'a CellEntry>;

/// A dimension as a total has it: its categories, those of a level, or none.
#[derive(Clone, Copy)]
enum CompletedGrain {
    Own,
    Level(usize),
    Total,
}

impl Completed {
    /// Adds the totals of a table. Those of tables with very many are left out.
    pub(super) fn add(&mut self, table: &TableEntry, (entry, place): (u64, usize)) {
        let is_unsafe = |cell: &&CellEntry| cell.figures.contains(&Figure::Primary);
        for cell in table.cells.iter().filter(is_unsafe) {
            if cell.rows.0 == 0 {
                let mut address: Address = cell.at.iter().filter_map(category).collect();
                address.sort_unstable();
                self.empty.entry(address).or_insert(entry);
            }
        }
        for (summed, cells) in finest(table) {
            if !cells.iter().any(is_unsafe) {
                continue;
            }
            let groupings = groupings(table, &summed);
            if groupings.len().saturating_mul(cells.len()) > MOST_SUMMED {
                continue;
            }
            for grouping in groupings {
                self.add_totals(table, (entry, place), &grouping, &cells);
            }
            let margins = 1usize.checked_shl(table.dimensions.len() as u32);
            if margins.is_some_and(|all| all.saturating_mul(cells.len()) <= MOST_IN_RUNS) {
                self.add_runs(table, (entry, place), (&summed, &cells));
            }
        }
    }

    /// Adds the sums of neighbouring categories, as of bands of an age.
    fn add_runs(
        &mut self,
        table: &TableEntry,
        from: (u64, usize),
        (summed, finest): (&[bool], &[&CellEntry]),
    ) {
        let dimensions = (0..summed.len()).filter(|dimension| !summed[*dimension]);
        let dimensions: Vec<usize> = dimensions.collect();
        // Tables list categories in their order.
        let mut numbers: Vec<HashMap<&Coordinate, u32>> = vec![HashMap::new(); dimensions.len()];
        let cells = finest.iter().map(|cell| {
            let at = dimensions.iter().zip(&mut numbers).map(|(at, numbers)| {
                let next = numbers.len() as u32;
                *numbers.entry(&cell.at[*at]).or_insert(next)
            });
            (at.collect(), Some(vec![*cell]))
        });
        let cells: Vec<(Vec<u32>, Option<Parts<'_>>)> = cells.collect();
        totals(&cells, together, |total| {
            if total.at.contains(&None) {
                self.add_total(table, from, &total.sum, true);
            }
        });
    }

    fn add_totals(
        &mut self,
        table: &TableEntry,
        from: (u64, usize),
        grouping: &[CompletedGrain],
        finest: &[&CellEntry],
    ) {
        let mut sums: HashMap<Vec<Option<&String>>, Parts<'_>> = HashMap::new();
        for cell in finest {
            let own = |at: usize| match &cell.at[at] {
                Coordinate::Own(name) => name.as_ref(),
                Coordinate::Level(..) | Coordinate::Total => None,
            };
            let names = grouping.iter().enumerate().map(|(at, grain)| match grain {
                CompletedGrain::Own => own(at),
                CompletedGrain::Level(level) => {
                    own(at).and_then(|own| table.dimensions[at].levels[*level].of.get(own))
                }
                CompletedGrain::Total => None,
            });
            sums.entry(names.collect()).or_default().push(cell);
        }
        for parts in sums.into_values().filter(|parts| parts.len() > 1) {
            self.add_total(table, from, &parts, false);
        }
    }

    /// Adds the total of some cells of a table, if one of them is unsafe.
    fn add_total(
        &mut self,
        table: &TableEntry,
        (entry, place): (u64, usize),
        parts: &[&CellEntry],
        is_run: bool,
    ) {
        let is_unsafe = |cell: &&&CellEntry| cell.figures.contains(&Figure::Primary);
        let unsafe_parts: HashSet<u64> = parts
            .iter()
            .filter(is_unsafe)
            .map(|cell| cell.rows.0)
            .collect();
        if unsafe_parts.is_empty() {
            return;
        }
        let holds = (0..table.quantities.len()).map(|at| {
            let mut figures = parts.iter().map(|cell| cell.figures[at]);
            let any = figures.any(|figure| figure == Figure::Primary);
            any.then(|| sum(parts.iter().map(|cell| cell.fingerprints[at])))
        });
        let total = UnsafeTotal {
            entry,
            table: place,
            holds: holds.collect(),
            parts: unsafe_parts,
            is_run,
        };
        let rows = sum(parts.iter().map(|cell| cell.rows));
        self.of.entry(rows).or_default().push(total);
    }

    /// The ledger's entry in which a cell of nobody was unsafe that has these categories.
    pub(super) fn by_nobody(&self, categories: &Address) -> Option<u64> {
        self.empty.get(categories).copied()
    }

    /// The ledger's entry with an unsafe figure that would be disclosed together with one of
    /// these rows which `holds` so much of a quantity. Not where the table protects the unsafe
    /// parts itself: together with the earlier one, or as cells of its own.
    pub(super) fn by(&self, rows: u64, holds: u64, together: &Together) -> Option<u64> {
        let totals = self.of.get(&rows).into_iter().flatten();
        // Of the same rows, edges that both tables have are part of the pattern.
        let in_pattern = |total: &&UnsafeTotal| {
            together.has_table(total.table) || total.is_run && together.has_rows_of(total.table)
        };
        let mut totals = totals.filter(|total| !in_pattern(total));
        let earlier = totals.find(|total| {
            let has_parts = total.parts.iter().all(|rows| together.has_cell(*rows));
            total.holds.contains(&Some(holds)) && !has_parts
        });
        earlier.map(|total| total.entry)
    }
}

/// All of both.
fn together<'a>(mut one: Parts<'a>, other: &Parts<'a>) -> Option<Parts<'a>> {
    one.extend(other);
    Some(one)
}

/// The fingerprint of what all have together.
fn sum(fingerprints: impl Iterator<Item = Fingerprint>) -> u64 {
    fingerprints.fold(0, |sum, own| sum.wrapping_add(own.0))
}

/// All ways to sum up a table's cells over dimensions or to levels of them, where those
/// that are `summed` are totals anyway; but for the way that sums up nothing.
fn groupings(table: &TableEntry, summed: &[bool]) -> Vec<Vec<CompletedGrain>> {
    let mut groupings: Vec<Vec<CompletedGrain>> = vec![Vec::new()];
    for (dimension, summed) in table.dimensions.iter().zip(summed) {
        let levels = (0..dimension.levels.len()).map(CompletedGrain::Level);
        let grains: Vec<CompletedGrain> = match summed {
            true => vec![CompletedGrain::Total],
            false => [CompletedGrain::Own, CompletedGrain::Total]
                .into_iter()
                .chain(levels)
                .collect(),
        };
        if groupings.len().saturating_mul(grains.len()) > MOST_SUMMED {
            return Vec::new();
        }
        let longer = groupings.into_iter().flat_map(|grouping| {
            grains.iter().map(move |grain| {
                let mut longer = grouping.clone();
                longer.push(*grain);
                longer
            })
        });
        groupings = longer.collect();
    }
    // The first one sums up nothing.
    groupings.remove(0);
    groupings
}
