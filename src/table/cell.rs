//! What a cell adds up: persons, rows, and for each contribution its total and
//! its largest contributors.
//!
//! Everything here is exact and can be merged in any order: counts and sums
//! are integers, and the largest of two lists are the largest of both. That is
//! why the result does not depend on how the work was split.

use crate::error::{Error, ErrorKind, Result};
use crate::plan::table::Operand;

/// What persons contribute to a measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Contribution {
    /// Their number of rows.
    Rows,
    /// A column's values.
    Values(Operand),
}

/// The figures of one confidential cell.
#[derive(Clone, PartialEq, Eq)]
pub struct Accumulator {
    /// Distinct persons.
    pub(crate) persons: u64,
    /// Rows of the base.
    pub(crate) rows: u64,
    /// By contribution.
    pub(crate) totals: Vec<Total>,
}

/// What is known of one contribution in a cell.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Total {
    pub(crate) sum: i128,
    /// Rows with a value.
    pub(crate) rows: u64,
    /// Distinct persons with a value: the contributors.
    pub(crate) contributors: u64,
    /// The largest contributions, each of one person.
    pub(crate) top: Top,
    /// Whether a person contributes less than nothing.
    pub(crate) negative: bool,
}

/// The few largest contributions, descending.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Top {
    depth: usize,
    values: Vec<i128>,
}

impl Top {
    fn new(depth: usize) -> Self {
        Self {
            depth,
            values: Vec::new(),
        }
    }

    fn add(&mut self, value: i128) {
        if self.values.len() == self.depth && self.values.last().is_some_and(|&last| value <= last)
        {
            return;
        }
        let at = self.values.partition_point(|&other| other >= value);
        self.values.insert(at, value);
        self.values.truncate(self.depth);
    }

    /// The `n` largest, or as many as there are.
    pub(crate) fn largest(&self, n: usize) -> &[i128] {
        &self.values[..n.min(self.values.len())]
    }
}

/// What one person has in one cell.
#[derive(Debug, Clone, Default)]
pub(super) struct PersonTotal {
    pub(super) rows: u64,
    /// By contribution: the sum over rows with a value, and how many those are.
    pub(super) values: Vec<(i128, u64)>,
}

impl PersonTotal {
    pub(super) fn reset(&mut self, contributions: usize) {
        self.rows = 0;
        self.values.clear();
        self.values.resize(contributions, (0, 0));
    }
}

impl Accumulator {
    /// An empty cell that keeps the `depth` largest contributors.
    pub(super) fn new(contributions: usize, depth: usize) -> Self {
        let total = Total {
            sum: 0,
            rows: 0,
            contributors: 0,
            top: Top::new(depth),
            negative: false,
        };
        Self {
            persons: 0,
            rows: 0,
            totals: vec![total; contributions],
        }
    }

    /// Adds one person. Contributions are added up per person before they
    /// come here, so that rules act on persons.
    pub(super) fn add(&mut self, person: &PersonTotal) -> Result<()> {
        self.persons += 1;
        self.rows += person.rows;
        for (total, &(sum, rows)) in self.totals.iter_mut().zip(&person.values) {
            if rows > 0 {
                total.sum = plus(total.sum, sum)?;
                total.rows += rows;
                total.contributors += 1;
                total.top.add(sum);
                total.negative |= sum < 0;
            }
        }
        Ok(())
    }

    /// Adds the cell of other persons.
    pub(super) fn merge(&mut self, other: &Self) -> Result<()> {
        self.persons += other.persons;
        self.rows += other.rows;
        for (total, other) in self.totals.iter_mut().zip(&other.totals) {
            total.sum = plus(total.sum, other.sum)?;
            total.rows += other.rows;
            total.contributors += other.contributors;
            total.negative |= other.negative;
            for &value in &other.top.values {
                total.top.add(value);
            }
        }
        Ok(())
    }
}

/// The sum, or a refusal: figures are exact or not there.
pub(super) fn plus(a: i128, b: i128) -> Result<i128> {
    a.checked_add(b)
        .ok_or_else(|| Error::new(ErrorKind::Overflow, "a sum is too large to be held exactly"))
}
