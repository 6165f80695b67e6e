//! The figures of one cell: what some of them say of a suppressed one.
//!
//! Rows are at least as many as persons, and there are none without persons; a mean
//! is a sum over a number; and of fewer than `min_persons` persons a sum is suppressed,
//! so one that is published says that there are as many, or nobody. So where a number is
//! suppressed, all else of the same cell must be too. More is suppressed then than each
//! quantity's pattern needs, which takes nothing from what the patterns prove.

use super::Suppression;
use crate::plan::table::Measure;
use crate::protect::Outcome;
use crate::protect::view::CellLocation;
use crate::table::Population;

impl Suppression<'_> {
    /// Suppresses, in every cell of the population's tables, what says something of
    /// another suppressed figure of the cell.
    pub(super) fn within_cells(&mut self, population: &Population) {
        for member in &population.members {
            let measures = &self.plan.tables()[member.table].measures;
            let blocks = self.tables[member.table].blocks.iter();
            for (block, outcomes) in blocks.zip(&mut self.outcomes[member.table]) {
                for outcomes in outcomes {
                    within(measures, block.measures(), outcomes);
                }
            }
        }
    }

    /// Whether nothing of the cell will be published, since a number in it is suppressed.
    pub(super) fn goes_with_number(&self, location: &CellLocation) -> bool {
        let measures = &self.plan.tables()[location.table].measures;
        let published = self.tables[location.table].blocks[location.block].measures();
        let outcomes = &self.outcomes[location.table][location.block][location.cell];
        hides_a_number(measures, published, outcomes)
    }
}

fn hides_a_number(measures: &[Measure], published: &[usize], outcomes: &[Outcome]) -> bool {
    let suppressed = |at: &usize| outcomes[*at].value().is_none();
    let is_count = |at: &usize| measures[*at].what.is_count();
    published.iter().any(|at| is_count(at) && suppressed(at))
}

/// `published` are the measures, by place, that the cell has a figure of.
fn within(measures: &[Measure], published: &[usize], outcomes: &mut [Outcome]) {
    if !hides_a_number(measures, published, outcomes) {
        return;
    }
    for at in published {
        if matches!(outcomes[*at], Outcome::Safe(_)) {
            outcomes[*at] = Outcome::Complementary;
        }
    }
}
