//! What a plan wants to be kept, where something has to be suppressed.

use super::Suppression;
use crate::protect::view::RecipientView;

/// How many times as much as others a figure is worth that a plan prefers: as much as some
/// dozens of others, so that these are suppressed in its place, and not all of a table for one.
const PREFERRED: f64 = 64.0;

impl Suppression<'_> {
    /// By cell of a view, how many times as much as its value says it is worth to a reader.
    pub(super) fn weights(&self, view: &RecipientView) -> Vec<f64> {
        let own = view.locations.iter().map(|location| {
            let grouping = &self.tables[location.table].blocks[location.block].grouping;
            match self.plan.tables()[location.table].prefers(grouping) {
                true => PREFERRED,
                false => 1.0,
            }
        });
        let further = view.further.iter().map(|_| 1.0);
        own.chain(further).collect()
    }
}
