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

use super::field::Field;
use super::insider::{self, Told};
use super::reduced::Block;
use super::tableau::{Sum, Tableau};
use super::{Budget, Refusal, at_once};

/// The cells of the block's lines that must not be published beside its primary lines.
pub(super) fn complementary(
    block: &Block,
    field: Field,
    budget: Budget,
) -> Result<Vec<u32>, Refusal> {
    let together = at_once::together(block, field, budget);
    if together == block.candidates.len() {
        return Ok(Vec::new());
    }
    let others = &block.candidates[together..];
    let mut choice = Choice {
        block,
        budget,
        tableau: Tableau::new(field, block.least.len(), &block.primary),
        least: Least::new(block),
        told: (!others.first().is_some_and(|first| first.out)).then(Told::new),
    };
    for candidate in at_once::shortest_first(block, together) {
        choice.solve(&candidate.columns)?;
    }
    let mut complementary = Vec::new();
    for candidate in others {
        if choice.told.is_none() && !candidate.out {
            choice.told = Some(insider::told(block, &mut choice.tableau));
        }
        if !choice.publish(&candidate.columns)? {
            match candidate.forced {
                true => {
                    return Err(Refusal::Forced {
                        cell: candidate.cell as usize,
                    });
                }
                false => complementary.push(candidate.cell),
            }
        }
    }
    Ok(complementary)
}

struct Choice<'a> {
    block: &'a Block,
    budget: Budget,
    tableau: Tableau,
    least: Least<'a>,
    /// What insiders can tell by the lines that are out; none while these are solved.
    told: Option<Told>,
}

impl Choice<'_> {
    /// Publishes the line that is the sum of `columns`, which gives nothing away.
    fn solve(&mut self, columns: &[u32]) -> Result<(), Refusal> {
        let line = self.tableau.residual(columns);
        if !line.is_empty() {
            let pivot = self.block.pivot(&line);
            self.tableau.check(&line, pivot, self.budget)?;
            self.tableau.solve(&line, pivot);
        }
        Ok(())
    }

    /// Publishes the line that is the sum of `columns`, and says so, unless it gives something away.
    fn publish(&mut self, columns: &[u32]) -> Result<bool, Refusal> {
        let line = self.tableau.residual(columns);
        if line.is_empty() {
            return Ok(true);
        }
        let pivot = self.block.pivot(&line);
        let (column, _) = line[pivot];
        if !self.least.allows(self.tableau.field, &line) || self.gives_away(&line, column) {
            return Ok(false);
        }
        self.tableau.check(&line, pivot, self.budget)?;
        let step = self.tableau.solve(&line, pivot);
        if let Some(told) = &self.told
            && insider::learn(self.block, &mut self.tableau, told, &step.changed)
        {
            self.tableau.undo(step);
            return Ok(false);
        }
        self.least.published(&line);
        Ok(true)
    }

    /// Whether some primary line is a multiple of `line`, and so in all of its columns.
    fn gives_away(&self, line: &Sum, column: u32) -> bool {
        let rows = self.tableau.rows(column).iter().map(|&(row, _)| row);
        rows.take_while(|&row| (row as usize) < self.block.primary.len())
            .any(|row| self.tableau.is_proportional(row, line))
    }
}

/// The guard of cells at the least value that a suppressed cell can have.
///
/// Where noughts are published, each suppressed count is one at least: two
/// suppressed ones in a published sum of two are both known. So nothing
/// published may be a sum of such cells alone, with weights of one sign. What
/// is published of them otherwise is differences, no two of which share a
/// column: then no combination of them has weights of one sign either.
struct Least<'a> {
    block: &'a Block,
    used: Vec<bool>,
}

impl<'a> Least<'a> {
    fn new(block: &'a Block) -> Self {
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
