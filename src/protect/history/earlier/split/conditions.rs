//! Conditions of one release that are cells of the other, as cuts.

use super::Split;
use crate::ledger::entry::{CellEntry, TableEntry};
use crate::protect::history::earlier::conditions::{Condition, Held, conditions, margins};
use crate::protect::history::earlier::cut::Cut;
use crate::protect::history::earlier::rows_and_values;

/// Which of a population's inner cells have these rows, that hold this.
type ByRows<'a> = dyn Fn(Held) -> Option<Vec<u32>> + 'a;

/// The population's conditions, and its cells by what they hold.
pub(in crate::protect::history::earlier) type Conditions<'a> =
    (&'a dyn Fn() -> Vec<Condition>, &'a ByRows<'a>);

impl Split {
    /// Takes in the conditions of an earlier table that are cells of this release.
    pub(super) fn know_conditions(
        &mut self,
        (table, quantity): (&TableEntry, usize),
        finest: &[&CellEntry],
        by_rows: &ByRows<'_>,
    ) {
        let held = |cell: &&CellEntry| rows_and_values(cell.rows.0, cell.fingerprints[quantity].0);
        let whole = finest.iter().map(held).fold(0, u64::wrapping_add);
        for condition in conditions(table, finest, quantity) {
            // That an earlier table has it too says nothing of where it is in this release.
            let is_known = |cut: &Cut| cut.ordered.contains(&condition.category());
            if self.cuts[..self.own_cuts].iter().any(is_known) {
                continue;
            }
            if let Some(members) = by_rows(condition.held) {
                let has = self.of.iter().map(|of| members.contains(of));
                self.know(condition.cut(has, whole));
            }
        }
    }
}

/// The conditions of this release that are cells of an earlier table, whose `cuts` they are not.
pub(super) fn cuts_of_conditions(
    own: Vec<Condition>,
    (table, quantity): (&TableEntry, usize),
    finest: &[&CellEntry],
    cuts: &[Cut],
) -> Vec<Cut> {
    let is_known = |condition: &Condition| {
        let mut cuts = cuts.iter();
        cuts.any(|cut| cut.ordered.contains(&condition.category()))
    };
    let own: Vec<Condition> = own.into_iter().filter(|own| !is_known(own)).collect();
    if own.is_empty() {
        return Vec::new();
    }
    let margins = margins(table, finest, quantity);
    let held = |cell: &&CellEntry| rows_and_values(cell.rows.0, cell.fingerprints[quantity].0);
    let whole = finest.iter().map(held).fold(0, u64::wrapping_add);
    let cuts = own.into_iter().filter_map(|condition| {
        let members = margins.get(&condition.held)?;
        let has = (0..finest.len() as u32).map(|cell| members.contains(&cell));
        Some(condition.cut(has, whole))
    });
    cuts.collect()
}
