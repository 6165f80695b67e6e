//! Cells of a table about other rows, of the same rows or persons as sums of this release's.

use super::named::Named;
use super::split::{disclosed, least};
use crate::ledger::entry::{CellEntry, Fingerprint, TableEntry};
use crate::protect::history::further::{FurtherCell, FurtherFrom};
use crate::protect::history::padded::Pads;
use crate::table::{Accumulator, Place};

/// Those cells of a table about other rows that have `members`: inner cells of this release that
/// hold the same.
pub(super) fn same_cells(
    (table, quantity): (&TableEntry, usize),
    (release, pads): (u64, Pads<'_>),
    inner: &[(Place, Accumulator)],
    members: impl Fn(&CellEntry) -> Option<Vec<u32>>,
    mut named: Option<Named<'_>>,
) -> Vec<FurtherCell> {
    let is_filled = |at: &&u32| inner[**at as usize].1.persons > 0;
    let same_rows = |one: &[u32], other: &[u32]| {
        one.iter()
            .filter(is_filled)
            .eq(other.iter().filter(is_filled))
    };

    let populated = table
        .cells
        .iter()
        .filter(|cell| cell.rows != Fingerprint(0));
    let cells = populated.filter_map(|cell| {
        let published = disclosed(cell, quantity)?;
        let mut members = members(cell)?;
        members.sort_unstable();
        let members = match named.as_mut().and_then(|named| named.cells(cell)) {
            // What has its rows and not its names, nobody else knows to have its rows.
            Some(called) => same_rows(called, &members).then_some(called)?.to_vec(),
            None => members,
        };
        Some(FurtherCell {
            origin: FurtherFrom::Release(release),
            published,
            unsafe_sum: pads.sum_of(cell, quantity),
            least: least(cell, table.promise),
            promise: table.promise,
            inner: members.clone(),
            members: members.clone(),
            whole: Some(members.clone()),
            may_have_changed: true,
        })
    });
    cells.collect()
}
