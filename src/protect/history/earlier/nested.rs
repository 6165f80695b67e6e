//! Whether an earlier table of the same rows is protected together with one of this release.
//!
//! Where both cut a column, and each category of the one cut is several of the other's,
//! the cells of the one are sums of the other's, and are protected as such. Where neither
//! is coarser, it is not known which persons the two have in common.

use std::collections::BTreeSet;

use super::coarser::coarser;
use super::cut::{Cut, cut, own};
use super::rows_fingerprint;
use crate::ledger::entry::{CellEntry, Coordinate, Origin, TableEntry};
use crate::table::{Confidential, Table};

/// Whether of any two cuts of the same column one is coarser; `origins` has by dimension
/// of `table` what it is made from. Levels are made from the categories themselves.
pub(in crate::protect) fn are_nested(
    earlier: &TableEntry,
    table: &Table<Confidential>,
    origins: &[BTreeSet<Origin>],
) -> bool {
    let is_own = |at: &Coordinate| matches!(at, Coordinate::Own(_));
    let finest = earlier.cells.iter();
    let finest: Vec<&CellEntry> = finest.filter(|cell| cell.at.iter().all(is_own)).collect();
    let dimensions = earlier.dimensions.iter().enumerate();
    let mut pairs = dimensions.flat_map(|(old, dimension)| {
        let new = origins.iter().enumerate();
        let new = new.filter(|(_, origins)| !origins.is_disjoint(&dimension.origins));
        new.map(move |(new, _)| (old, new))
    });
    pairs.all(|(old, new)| {
        let old = cut(&finest, |cell| own(cell, old), |cell| cell.rows.0);
        let cells = table.blocks[0].cells.iter();
        let cells = cells.map(|(place, cell)| (place[new], rows_fingerprint(cell)));
        is_nested(&old, &Cut::new(cells, |_| None))
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
