//! The figures of one cell: what some of them say of a suppressed one.
//!
//! Rows are at least as many as persons, and there are none without persons; a mean
//! is a sum over a number. So where one of them is suppressed, others of the same
//! cell must be too. More is suppressed then than each quantity's pattern needs,
//! which takes nothing from what the patterns prove.

use super::Work;
use crate::plan::table::Measure;
use crate::protect::Outcome;
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
                    within(measures, block.measures(), cell.persons == 0, outcomes);
                }
            }
        }
    }
}

/// `published` are the measures, by place, that the cell has a figure of.
fn within(measures: &[Measure], published: &[usize], is_empty: bool, outcomes: &mut [Outcome]) {
    let suppressed = |at: &usize| outcomes[*at].value().is_none();
    let is_count = |at: &usize| measures[*at].what.is_count();
    if !published.iter().any(|at| is_count(at) && suppressed(at)) {
        return;
    }
    for at in published {
        // Of an empty cell, that a sum is zero or a mean is of nothing.
        let says = is_count(at) || measures[*at].what.is_mean() || is_empty;
        if says && matches!(outcomes[*at], Outcome::Safe(_)) {
            outcomes[*at] = Outcome::Complementary;
        }
    }
}
