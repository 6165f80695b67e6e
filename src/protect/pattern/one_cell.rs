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
                for ((_, cell), outcomes) in block.cells.iter().zip(outcomes) {
                    within(measures, cell.persons == 0, outcomes);
                }
            }
        }
    }
}

fn within(measures: &[Measure], is_empty: bool, outcomes: &mut [Outcome]) {
    let is_count = |measure: &Measure| matches!(measure.what, What::Persons | What::Rows);
    let suppressed =
        |outcome: &Outcome| matches!(outcome, Outcome::Primary(_) | Outcome::Complementary);
    let mut counts = measures.iter().zip(outcomes.iter());
    if !counts.any(|(measure, outcome)| is_count(measure) && suppressed(outcome)) {
        return;
    }
    for (measure, outcome) in measures.iter().zip(outcomes) {
        // Of an empty cell, that a sum is zero or a mean is of nothing.
        let says = is_count(measure) || matches!(measure.what, What::Mean { .. }) || is_empty;
        if says && matches!(outcome, Outcome::Safe(_)) {
            *outcome = Outcome::Complementary;
        }
    }
}
