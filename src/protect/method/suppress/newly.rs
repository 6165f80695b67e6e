//! Who is a singleton now, and what an earlier release says to whoever sees that it holds.
//!
//! What an earlier release published of the same rows stays known, and no later release can
//! undo it; so what a singleton could compute from it is left to that person. But of a table
//! whose rows changed nobody knows which cells are still of the same rows, unless such a
//! cell is published again: who moved within a total of three, and is the only one in a part
//! of it now, learns from the same three a month later that two are in the rest. That person
//! was no singleton then, and could not tell. So where somebody was left what follows from
//! such cells, the pattern is looked for once more as if they were not known: the totals
//! that say that they hold are suppressed. Both patterns together are the release's, as
//! whoever sees less knows less.

use std::collections::BTreeSet;

use super::AuditRecord;
use super::cells::Cells;
use kobling_sdc::suppress::Status;

impl Cells {
    /// Without those of the `told` pairs of a singleton and a cell that were known `before`.
    pub(super) fn excuse(
        &self,
        told: &mut BTreeSet<(usize, usize)>,
        before: &BTreeSet<(usize, usize)>,
    ) {
        let all = told.len();
        told.retain(|pair| !before.contains(pair));
        if told.len() < all {
            self.excused.set(true);
        }
    }

    /// The same cells to somebody who does not know which cells of changed tables hold, beside
    /// a pattern that left it to singletons what follows from them. None if it left nothing.
    pub(super) fn as_of_now(&self, pattern: &[Status]) -> Option<Self> {
        if !self.excused.get() || !self.may_have_changed.contains(&true) {
            return None;
        }
        let mut cells = self.clone();
        cells.excused.set(false);
        for (cell, status) in pattern.iter().enumerate() {
            let is_unknown = cells.may_have_changed[cell];
            if is_unknown || *status == Status::Complementary {
                cells.forced[cell] = false;
                cells.out[cell] = false;
                cells.hidden[cell] = true;
                cells.withheld[cell] = true;
            }
        }
        Some(cells)
    }
}

/// Suppresses in a pattern what another one does.
pub(super) fn add(pattern: &mut [Status], other: &[Status]) {
    for (status, other) in pattern.iter_mut().zip(other) {
        if (*status, *other) == (Status::Safe, Status::Complementary) {
            *status = Status::Complementary;
        }
    }
}

/// Notes what the second audit found, and what the pattern of both suppresses.
pub(super) fn note(record: &mut AuditRecord, again: &AuditRecord, pattern: &[Status]) {
    let suppressed = |status: &&Status| matches!(status, Status::Primary | Status::Complementary);
    record.suppressed = pattern.iter().filter(suppressed).count();
    record.undecided += again.undecided;
    record.narrowest = [record.narrowest, again.narrowest]
        .into_iter()
        .flatten()
        .reduce(f64::min);
    record.fewest_values = [record.fewest_values, again.fewest_values]
        .into_iter()
        .flatten()
        .min();
}
