//! The figures of one cell: what some of them say of a suppressed one.
//!
//! Rows are at least as many as persons, and there are none without persons; a mean
//! is a sum over a number. So where one of them is suppressed, others of the same
//! cell must be too. More is suppressed then than each quantity's pattern needs,
//! which takes nothing from what the patterns prove.

use super::super::Outcome;
use super::Work;
use crate::plan::table::{Measure, What};
use crate::table::Population;

impl Work<'_> {
    /// Suppresses, in every cell of the population's tables, what says something of
    /// another suppressed figure of the cell.
    pub(super) fn within_cells(&mut self, population: &Population) {
        for member in &population.members {
            let measures = &self.plan.tables()[member.table].measures;
            let blocks = self.tables[member.table].blocks.iter();
            for (block, outcomes) in blocks.zip(&mut self.outcomes[member.table]) {
                let cells = block.cells.iter().zip(outcomes).enumerate();
                for (at, ((_, cell), outcomes)) in cells {
                    if !block.is_hidden(at) {
                        within(measures, block.measures(), cell.persons == 0, outcomes);
                    }
                }
            }
        }
    }
}

/// `own` are the cell's measures among those of its table: counts with a condition
/// have cells of their own.
fn within(measures: &[Measure], own: &[usize], is_empty: bool, outcomes: &mut [Outcome]) {
    let is_count = |measure: &Measure| matches!(measure.what, What::Persons | What::Rows);
    let suppressed =
        |outcome: &Outcome| matches!(outcome, Outcome::Primary(_) | Outcome::Complementary);
    let mut counts = own.iter();
    if !counts.any(|at| is_count(&measures[*at]) && suppressed(&outcomes[*at])) {
        return;
    }
    for at in own {
        let (measure, outcome) = (&measures[*at], &mut outcomes[*at]);
        // Of an empty cell, that a sum is zero or a mean is of nothing.
        let says = is_count(measure) || matches!(measure.what, What::Mean { .. }) || is_empty;
        if says && matches!(outcome, Outcome::Safe(_)) {
            *outcome = Outcome::Complementary;
        }
    }
}
