//! Which lines of a block are published: one after the other, unless one gives a primary line away.
//!
//! The greedy choice of Ø. Langsrud, *Secondary Cell Suppression by Gaussian
//! Elimination: An Algorithm Suitable for Handling Issues with Zeros and
//! Singletons*, Privacy in Statistical Databases 2024. Let the published lines
//! not span a primary line p. A candidate c that makes them span it is, modulo
//! the published ones, a multiple of p; so it is enough to compare residuals.
//! Then c, too, stays outside the span of whatever is published later, for if it
//! came into it, so would p. So a complementary cell can never be derived, and
//! none could be published after all.
//!
//! That holds in any order, so two are tried, and that which suppresses fewer
//! lines is taken: the order of wanting, if it can be followed with little work,
//! and another one, which suppresses far fewer where few are unsafe (of a cube of
//! side 40, of which 3 in a thousand cells were, 519 in place of 2,633):
//!
//! 1. sums of several columns, from most to least wanted;
//! 2. single columns that are free then, from most to least wanted;
//! 3. single columns that the sums imply of the free ones: those of the fewest free
//!    ones first, and of equals from most to least wanted.
//!
//! The third kind are the cells of the least categories, as many as there are
//! sums that are no sums of others. An unsafe column stays hidden by those few of them
//! that it is part of, which hide others as well; in the order of wanting only
//! whatever small cells happen to be left last make long chains. And as nothing
//! published of the second kind changes which columns are solved, the tableau
//! stays sparse until the third.

use super::field::Field;
use super::insider::{self, Derivable};
use super::reduced::{Candidate, LineBlock};
use super::tableau::{ColumnState, Sum, Tableau};
use super::{Means, SuppressionRefusal, at_once};
use crate::watch::Work;

/// What was decided of a block's lines.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Decided {
    /// The first cells of the lines that must not be published together with its primary ones.
    pub(super) complementary: Vec<u32>,
    /// The first cells of those that are not published because the budget did not suffice to decide.
    pub(super) undecided: Vec<u32>,
}

impl Decided {
    fn suppressed(&self) -> usize {
        self.complementary.len() + self.undecided.len()
    }
}

/// Which of the block's candidates are published, and which are not.
pub(super) fn decided(
    block: &LineBlock,
    field: Field,
    means: Means<'_>,
) -> Result<Decided, SuppressionRefusal> {
    let begun = means.watch.report(Work::Searched(0));
    begun.map_err(SuppressionRefusal::cancelled)?;
    let all: Vec<&Candidate> = block.candidates.iter().collect();
    if at_once::disclose_nothing(block, &all, field, means) {
        return Ok(Decided::default());
    }
    let little = means.of_work(means.budget.work / 256);
    let as_wanted = match LineChoice::new(block, field, little).wanted_order(&all) {
        Err(SuppressionRefusal::Memory | SuppressionRefusal::Work) => None,
        as_wanted => Some(as_wanted?),
    };
    let fewer = LineChoice::new(block, field, means).sums_first(all);
    means.watch.go_on().map_err(SuppressionRefusal::cancelled)?;
    match as_wanted {
        None => fewer,
        Some(as_wanted) => Ok(fewer
            .ok()
            .filter(|fewer| fewer.suppressed() < as_wanted.suppressed())
            .unwrap_or(as_wanted)),
    }
}

struct LineChoice<'a> {
    block: &'a LineBlock,
    means: Means<'a>,
    tableau: Tableau,
    least: Least<'a>,
    /// What insiders can derive from the lines already published; none while these are solved.
    derivable: Option<Derivable>,
    decided: Decided,
}

impl<'a> LineChoice<'a> {
    fn new(block: &'a LineBlock, field: Field, means: Means<'a>) -> Self {
        Self {
            block,
            means,
            tableau: Tableau::new(field, block.least.len(), &block.primary),
            least: Least::new(block),
            derivable: None,
            decided: Decided::default(),
        }
    }

    /// Decides lines in their order.
    fn wanted_order(mut self, lines: &[&Candidate]) -> Result<Decided, SuppressionRefusal> {
        self.in_order(lines)?;
        Ok(self.decided)
    }

    /// Decides sums first, and what they imply last.
    fn sums_first(mut self, lines: Vec<&Candidate>) -> Result<Decided, SuppressionRefusal> {
        let is_sum = |line: &&Candidate| line.forced || line.columns.len() > 1;
        let (sums, cells): (Vec<_>, Vec<_>) = lines.into_iter().partition(is_sum);
        self.in_order(&sums)?;
        let is_free = |cell: &&Candidate| self.tableau.status(cell.columns[0]) == ColumnState::Free;
        let (free, implied): (Vec<_>, Vec<_>) = cells.into_iter().partition(is_free);
        for cell in free {
            self.decide(cell, Self::first)?;
        }
        self.implied(implied)?;
        Ok(self.decided)
    }

    fn in_order(&mut self, lines: &[&Candidate]) -> Result<(), SuppressionRefusal> {
        let together = at_once::together(self.block, lines, self.tableau.field, self.means);
        let (together, others) = lines.split_at(together);
        if !others.first().is_some_and(|first| first.out) {
            // Nor do those already published disclose anything, if they are among these.
            self.derivable = Some(Derivable::new());
        }
        for line in at_once::by_tables(self.block, together) {
            self.solve(&line.columns)?;
        }
        for line in others {
            self.decide(line, Self::first)?;
        }
        Ok(())
    }

    /// Decides single columns that sums imply of free ones; if the budget ends, none of what is left
    /// is published.
    fn implied(&mut self, mut cells: Vec<&Candidate>) -> Result<(), SuppressionRefusal> {
        cells.sort_by_key(|cell| self.tableau.unknowns(cell.columns[0]));
        for (at, cell) in cells.iter().enumerate() {
            match self.decide(cell, Self::sparsest) {
                Err(SuppressionRefusal::Memory | SuppressionRefusal::Work) => {
                    let left = cells[at..].iter();
                    let left = left.filter(|cell| self.tableau.unknowns(cell.columns[0]) > 0);
                    self.decided.undecided = left.map(|cell| cell.cell).collect();
                    return Ok(());
                }
                decided => decided?,
            }
        }
        Ok(())
    }

    /// The column to solve of a sum: the first one that will do, the same for all sums of a kind.
    fn first(&self, line: &Sum) -> usize {
        self.block.pivot(line, |_| 0)
    }

    /// The column to solve where sums are solved already: that which is in the fewest rows.
    fn sparsest(&self, line: &Sum) -> usize {
        self.block
            .pivot(line, |column| self.tableau.rows(column).len())
    }

    /// Publishes the line that is the sum of `columns`, which gives nothing away.
    fn solve(&mut self, columns: &[u32]) -> Result<(), SuppressionRefusal> {
        let line = self.tableau.residual(columns);
        if !line.is_empty() {
            let pivot = self.first(&line);
            self.tableau.check(&line, pivot, self.means)?;
            self.tableau.solve(&line, pivot);
        }
        Ok(())
    }

    /// Publishes a line, or counts it among the complementary ones.
    fn decide(
        &mut self,
        line: &Candidate,
        pivot: impl Fn(&Self, &Sum) -> usize,
    ) -> Result<(), SuppressionRefusal> {
        let reported = self.tableau.report(self.means.watch);
        reported.map_err(SuppressionRefusal::cancelled)?;
        if self.derivable.is_none() && !line.out {
            self.derivable = Some(insider::derivable(self.block, &mut self.tableau));
        }
        if !self.publish(&line.columns, pivot)? {
            if line.forced {
                let cell = line.cell as usize;
                return Err(SuppressionRefusal::Forced { cell });
            }
            self.decided.complementary.push(line.cell);
        }
        Ok(())
    }

    /// Publishes the line that is the sum of `columns`, and says so, unless it gives something away.
    fn publish(
        &mut self,
        columns: &[u32],
        pivot: impl Fn(&Self, &Sum) -> usize,
    ) -> Result<bool, SuppressionRefusal> {
        let line = self.tableau.residual(columns);
        if line.is_empty() {
            return Ok(true);
        }
        let pivot = pivot(self, &line);
        let (column, _) = line[pivot];
        if !self.least.allows(self.tableau.field, &line) || self.discloses(&line, column) {
            return Ok(false);
        }
        self.tableau.check(&line, pivot, self.means)?;
        let step = self.tableau.solve(&line, pivot);
        if let Some(derivable) = &self.derivable
            && insider::learn(self.block, &mut self.tableau, derivable, &step.changed)
        {
            self.tableau.undo(step);
            return Ok(false);
        }
        self.least.published(&line);
        Ok(true)
    }

    /// Whether some primary line is a multiple of `line`, and so in all of its columns.
    fn discloses(&self, line: &Sum, column: u32) -> bool {
        let rows = self.tableau.rows(column).iter().map(|&(row, _)| row);
        rows.take_while(|&row| (row as usize) < self.block.primary.len())
            .any(|row| self.tableau.is_proportional(row, line))
    }
}

/// The guard of cells at the least value that a suppressed cell can have.
///
/// Where zeros are published, each suppressed count is one at least: two
/// suppressed ones in a published sum of two are both known. So nothing
/// published may be a sum of only such cells, with weights of one sign. What
/// is published of them otherwise is differences, no two of which share a
/// column: then no combination of them has weights of one sign either.
struct Least<'a> {
    block: &'a LineBlock,
    used: Vec<bool>,
}

impl<'a> Least<'a> {
    fn new(block: &'a LineBlock) -> Self {
        let used = vec![false; block.least.len()];
        Self { block, used }
    }

    /// Whether the line of this residual may be published.
    fn allows(&self, field: Field, line: &Sum) -> bool {
        let columns = || line.iter().map(|&(column, _)| column as usize);
        if !columns().all(|column| self.block.least[column]) {
            return true;
        }
        let (_, first) = line[0];
        let opposite = field.negative(first);
        let is_difference = line.iter().any(|&(_, number)| number == opposite)
            && line
                .iter()
                .all(|&(_, number)| number == first || number == opposite);
        is_difference && !columns().any(|column| self.used[column])
    }

    fn published(&mut self, line: &Sum) {
        if line
            .iter()
            .all(|&(column, _)| self.block.least[column as usize])
        {
            for &(column, _) in line {
                self.used[column as usize] = true;
            }
        }
    }
}
