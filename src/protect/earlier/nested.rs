//! Whether an earlier table of the same rows is protected together with one of this release.
//!
//! Where both cut a column, and each category of the one cut is several of the other's,
//! the cells of the one are sums of the other's, and are protected as such. Where neither
//! is coarser, it is not known which persons the two have in common.

use std::collections::BTreeSet;

use super::coarser::coarser;
use super::cut::{Cut, cuts_by};
use super::rows_fingerprint;
use crate::column::NO_ORDINAL;
use crate::ledger::entry::{CellEntry, Coordinate, Origin, TableEntry};
use crate::plan::table::Grain;
use crate::table::{Confidential, Table};

/// Whether of any two cuts of the same column one is coarser; `origins` has by dimension
/// of `table` what it is made from.
pub(in crate::protect) fn are_nested(
    earlier: &TableEntry,
    table: &Table<Confidential>,
    origins: &[BTreeSet<Origin>],
) -> bool {
    let own = |at: &Coordinate| matches!(at, Coordinate::Own(_));
    let finest = earlier.cells.iter();
    let finest: Vec<&CellEntry> = finest.filter(|cell| cell.at.iter().all(own)).collect();
    let dimensions = earlier.dimensions.iter().enumerate();
    let mut pairs = dimensions.flat_map(|(old, dimension)| {
        let new = origins.iter().enumerate();
        let new = new.filter(|(_, origins)| !origins.is_disjoint(&dimension.origins));
        new.map(move |(new, _)| (old, new))
    });
    pairs.all(|(old, new)| {
        let old = cuts_by(earlier, old, &finest, |cell| cell.rows.0);
        let new = own_cuts(table, new);
        let mut each = old
            .iter()
            .flat_map(|old| new.iter().map(move |new| (old, new)));
        each.all(|(old, new)| is_nested(old, new))
    })
}

fn is_nested(one: &Cut, other: &Cut) -> bool {
    let (set, other_set) = (one.set(), other.set());
    set.len() < 2
        || other_set.len() < 2
        || set == other_set
        || coarser(&one.ordered, &other_set).is_some()
        || coarser(&other.ordered, &set).is_some()
}

/// How a table cuts its rows by a dimension and its levels.
fn own_cuts(table: &Table<Confidential>, at: usize) -> Vec<Cut> {
    let dimension = &table.dimensions[at];
    let levels = (0..dimension.levels.len()).map(Grain::Level);
    let grains = [Grain::Own].into_iter().chain(levels);
    let cuts = grains.map(|grain| {
        let cells = table.blocks[0].cells.iter().map(|(place, cell)| {
            let category = dimension.at(grain, place[at]).unwrap_or(NO_ORDINAL);
            (category, rows_fingerprint(cell))
        });
        Cut::new(cells, |ordinal| dimension.category(grain, *ordinal))
    });
    cuts.collect()
}
