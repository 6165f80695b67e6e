//! Singletons who were none before, and what an earlier release discloses to whoever sees
//! that it still holds.
//!
//! What an earlier release published of the same rows stays known, and no later release can
//! undo it; so what a singleton could derive from it before is not counted against this
//! release. But of a table whose rows changed nobody knows which cells still have the same
//! rows, unless such a cell is published again. A person who moved within a total of three,
//! and is the only contributor to a part of it now, learns from the same three a month later
//! that two are in the rest: that person was no singleton then, and could not derive it. So
//! where a singleton was excused for what follows from such cells, the pattern is searched
//! once more as if they were not known, and the totals that would disclose that they still
//! hold are suppressed. The release suppresses what either pattern does, as an attacker who
//! sees fewer figures knows less.

use std::collections::BTreeSet;

use super::AuditRecord;
use super::cells::KnownCells;
use super::choose::suppressed;
use kobling_sdc::suppress::Status;

impl KnownCells {
    /// Removes from the `derivable` pairs of a singleton and a cell those that were so `before`.
    pub(super) fn excuse(
        &self,
        derivable: &mut BTreeSet<(usize, usize)>,
        before: &BTreeSet<(usize, usize)>,
    ) {
        let all = derivable.len();
        derivable.retain(|pair| !before.contains(pair));
        if derivable.len() < all {
            self.excused.set(true);
        }
    }

    /// The same cells to an attacker who does not know which cells of changed tables still
    /// hold, together with a `pattern` that excused singletons for what follows from them. None
    /// if it excused none.
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

/// Suppresses in a pattern also what another one suppresses.
pub(super) fn add(pattern: &mut [Status], other: &[Status]) {
    for (status, other) in pattern.iter_mut().zip(other) {
        if (*status, *other) == (Status::Safe, Status::Complementary) {
            *status = Status::Complementary;
        }
    }
}

/// Adds to a record what the second audit found, and what the `pattern` of both suppresses.
pub(super) fn note(record: &mut AuditRecord, again: &AuditRecord, pattern: &[Status]) {
    record.suppressed = suppressed(pattern);
    record.undecided += again.undecided;
    record.unasked_singletons = record.unasked_singletons.max(again.unasked_singletons);
    record.narrowest = [record.narrowest, again.narrowest]
        .into_iter()
        .flatten()
        .reduce(f64::min);
    record.fewest_values = [record.fewest_values, again.fewest_values]
        .into_iter()
        .flatten()
        .min();
}
